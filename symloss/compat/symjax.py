"""Losses with the names, signatures and argument orders of SymJAX, of expressions or arrays.

``from symjax.nn import losses`` becomes ``from symloss.compat import symjax as losses``.
Targets come first in some functions and second in others, as there.
"""

from __future__ import annotations

from typing import Any

from .. import losses, ops
from ..core.leaves import lift
from ..losses.arguments import labelled, paired
from ..losses.likelihood import log_two_pi
from .arrays import also_on_arrays
from .distributions import KL as KL
from .distributions import Categorical as Categorical
from .distributions import Normal as Normal


@also_on_arrays
def huber(targets: Any, predictions: Any, delta: Any = 1.0) -> Any:
    """Elementwise Huber loss; other than in SymJAX, `delta` must be positive."""
    return losses.huber_loss(predictions, targets, delta)


@also_on_arrays
def explained_variance(y: Any, ypred: Any, axis: Any = None, epsilon: float = 1e-6) -> Any:
    """One minus the variance of the errors in the unit of that of `y`: a score, 1 at best.

    Other than in SymJAX, `epsilon` is not used: it would bias the score of small numbers. Of a constant `y`
    the score is 1 if the errors are constant as well, else 0.
    """
    return losses.explained_variance(ypred, y, axis)


@also_on_arrays
def vae(
    x: Any, x_hat: Any, q_mean: Any, q_cov: Any, z_mean: Any = None, z_cov: Any = None, x_cov: Any = None
) -> Any:
    """For each item the negative evidence lower bound; `q_cov`, `z_cov` and `x_cov` are variances.

    Other than in SymJAX, the divergence is that of the posterior q from the prior z rather than the reverse,
    nothing is added to a variance, and the prior broadcasts from one number for each latent variable.
    """
    z_logvar, x_logvar = (0 if cov is None else ops.log(cov) for cov in (z_cov, x_cov))
    z = 0 if z_mean is None else z_mean
    return losses.vae(x_hat, x, q_mean, ops.log(q_cov), z, z_logvar, x_logvar)


@also_on_arrays
def vae_gmm(
    x: Any, x_hat: Any, z_mu: Any, z_logvar: Any, mu: Any, logvar: Any, logpi: Any,
    logvar_x: Any = 0.0, eps: float = 1e-8,
) -> Any:  # fmt: skip
    """Loss (N,), expected log-likelihood of data and clusters (N,), and responsibilities (N, C).

    Other than in SymJAX, the prior of a cluster counts once in the responsibilities, which are those of
    `z_mu`, and `logpi` needs no normalisation. `eps` is not used, as there.
    """
    loss = losses.vae_gmm(x_hat, x, z_mu, z_mu, z_logvar, mu, logvar, logpi, logvar_x)
    share = ops.exp(losses.log_responsibilities(z_mu, mu, logvar, logpi))
    pixels = losses.gaussian_nll(x_hat, x, logvar_x)
    prior = ops.sum(share * ops.log_softmax(logpi), axis=-1)
    return loss, prior - ops.sum(pixels - log_two_pi(pixels) / 2, axis=-1), share


@also_on_arrays
def vae_comp_gmm(
    x: Any, x_hat: Any, z_mu: Any, z_logvar: Any, mu: Any, logvar: Any, logpi: Any,
    logvar_x: Any = 0.0, eps: float = 1e-8,
) -> Any:  # fmt: skip
    """For each item the loss of a code (N, I, K) of pieces with clusters (I, C, K) and `logpi` (I, C).

    Other than in SymJAX, an error of the reconstruction costs rather than pays, with its factor 1/2 and with
    `logvar_x`, and the prior of a cluster counts once.
    """
    return losses.vae_comp_gmm(x_hat, x, z_mu, z_mu, z_logvar, mu, logvar, logpi, logvar_x)


@also_on_arrays
def FGMM_VAE(
    x: Any, x_rec: Any, x_logvar: Any, z_logvar: Any, q_mu: Any, q_logvar: Any, mu: Any, q_loggamma: Any,
    q_logeta: Any, logpi: Any, logpia: Any, mode: str = "bernoulli", eps: float = 1e-5,
) -> Any:  # fmt: skip
    """For each item the loss of a code that is a sum of factors; in another `mode`, exactly one is present.

    Other than in SymJAX, factors meet in the same latent variable; `eps` is neither needed nor used.
    """
    arrays = (x_rec, x, q_mu, q_logvar, q_loggamma, q_logeta, mu, logpi, logpia, x_logvar, z_logvar)
    return losses.fgmm_vae(*arrays, bernoulli=mode == "bernoulli")


@also_on_arrays
def sparse_softmax_crossentropy_logits(p: Any, q: Any) -> Any:
    """Softmax crossentropy of integer labels `p`, counted from 0, and logits `q`.

    Other than in SymJAX, a label outside the classes is refused, and logits may have any number of axes.
    """
    return losses.softmax_crossentropy(*labelled("sparse_softmax_crossentropy_logits", q, p))


@also_on_arrays
def softmax_crossentropy_logits(p: Any, q: Any) -> Any:
    """Softmax crossentropy of rows of targets `p` and logits `q`.

    Other than in SymJAX, a class of target 0 and score minus infinity contributes 0, not NaN.
    """
    return losses.softmax_crossentropy(*paired("softmax_crossentropy_logits", q, p))


@also_on_arrays
def sparse_sigmoid_crossentropy_logits(labels: Any, logits: Any) -> Any:
    """Elementwise crossentropy of yes or no; other than in SymJAX, 0 for a right logit of infinity."""
    return losses.binary_crossentropy_logits(logits, labels)


@also_on_arrays
def hinge_loss(predictions: Any, targets: Any, delta: Any = 1) -> Any:
    """Elementwise ``max(0, delta - t p)`` for targets -1 and 1."""
    return losses.hinge_loss(predictions, targets, delta)


@also_on_arrays
def multiclass_hinge_loss(predictions: Any, targets: Any, delta: Any = 1) -> Any:
    """For each item ``max(0, max of the other scores - score of the target + delta)``; SymJAX's fails."""
    return losses.multiclass_hinge_loss(predictions, targets, delta)


@also_on_arrays
def squared_differences(x: Any, y: Any) -> Any:
    """Elementwise ``(x - y)**2``; other than in SymJAX, only a scalar is broadcast."""
    x, y = lift("squared_differences", x, y)
    return losses.squared_error(x, y) if x.ndim and y.ndim else (x - y) ** 2


@also_on_arrays
def accuracy(targets: Any, predictions: Any) -> Any:
    """The share of labels that the predictions, labels or rows of scores, meet; lengths must agree."""
    return losses.accuracy(predictions, targets)


@also_on_arrays
def clustering_accuracy(labels: Any, predictions: Any, n_clusters: Any, n_labels: Any = None) -> Any:
    """The share of items whose label is the most frequent one of their cluster.

    Other than in SymJAX, there may be more labels than clusters, `n_labels`, and none is lost: what is
    outside its range is refused.
    """
    return losses.clustering_accuracy(predictions, labels, n_clusters, n_labels)
