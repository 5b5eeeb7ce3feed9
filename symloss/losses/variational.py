"""Negative evidence lower bounds of variational autoencoders, in nats."""

from __future__ import annotations

from typing import Any

from ..core.expr import Expr
from ..core.leaves import lift
from ..ops.along import sum_
from ..ops.axes import expand_dims
from ..ops.exponential import exp
from ..ops.likelihood import weighted
from ..ops.softmax_family import log_softmax
from .arguments import fitting, paired, with_last_axis
from .classification import binary_crossentropy, binary_crossentropy_logits
from .likelihood import gaussian_kl, gaussian_nll, normal_kl, surprise


def vae_bernoulli(
    predictions: Expr, targets: Expr, q_mean: Expr, q_logvar: Expr, prior_mean: Any = 0, prior_logvar: Any = 0
) -> Expr:
    r"""Negative evidence lower bound of a variational autoencoder of yes and no, from probabilities.

    .. math::

        \sum (-\mathbf{t} \odot \log(\mathbf{p}) - (1 - \mathbf{t}) \odot \log(1 - \mathbf{p})) + \frac{\sum
        (e^{\mathbf{v}} + \mathbf{m}^{2} - 1 - \mathbf{v})}{2}

    In nats. The choice when probabilities are all there is; from scores, `vae_bernoulli_logits` is accurate
    where this one has no digits left. Nothing is clipped.

    Parameters
    ----------
    predictions : Expr, (..., D)
        The probabilities of yes that were decoded, in [0, 1].
    targets : Expr, (..., D)
        What was encoded, in [0, 1].
    q_mean, q_logvar : Expr, (..., K)
        Mean and log-variance of the posterior of the latent variables.
    prior_mean, prior_logvar : Expr or number that broadcasts to (..., K)
        Those of the prior.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes of predictions and targets differ, or those of the posterior, or if the prior does not
        broadcast to them.

    References
    ----------
    Kingma and Welling, Auto-encoding variational Bayes, ICLR (2014).
    """
    cost = binary_crossentropy(predictions, targets)
    code = gaussian_kl(q_mean, q_logvar, prior_mean, prior_logvar)
    return sum_(with_last_axis("vae_bernoulli", cost), axis=-1) + code


def vae_bernoulli_logits(
    predictions: Expr, targets: Expr, q_mean: Expr, q_logvar: Expr, prior_mean: Any = 0, prior_logvar: Any = 0
) -> Expr:
    r"""Negative evidence lower bound of a variational autoencoder of yes and no, from scores.

    .. math::

        \sum (\operatorname{softplus}(\mathbf{z}) - \mathbf{t} \odot \mathbf{z}) + \frac{\sum (e^{\mathbf{v}}
        + \mathbf{m}^{2} - 1 - \mathbf{v})}{2}

    In nats. The choice for black and white images and other data in [0, 1]; for real numbers take `vae`.

    Parameters
    ----------
    predictions : Expr, (..., D)
        The logits of yes that were decoded, any real number or infinity.
    targets : Expr, (..., D)
        What was encoded, in [0, 1].
    q_mean, q_logvar : Expr, (..., K)
        Mean and log-variance of the posterior of the latent variables.
    prior_mean, prior_logvar : Expr or number that broadcasts to (..., K)
        Those of the prior.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes of predictions and targets differ, or those of the posterior, or if the prior does not
        broadcast to them.

    References
    ----------
    Kingma and Welling, Auto-encoding variational Bayes, ICLR (2014).
    """
    cost = binary_crossentropy_logits(predictions, targets)
    code = gaussian_kl(q_mean, q_logvar, prior_mean, prior_logvar)
    return sum_(with_last_axis("vae_bernoulli_logits", cost), axis=-1) + code


def vae(
    predictions: Expr,
    targets: Expr,
    q_mean: Expr,
    q_logvar: Expr,
    prior_mean: Any = 0,
    prior_logvar: Any = 0,
    logvar: Any = 0,
) -> Expr:
    r"""Negative evidence lower bound of a variational autoencoder of real numbers.

    .. math::

        \sum \frac{\log(6.283185307179586) + \left(\mathbf{s} + \left((\mathbf{t} - \mathbf{p}) \odot
        e^{\frac{-\mathbf{s}}{2}}\right)^{2}\right)}{2} + \frac{\sum (e^{\mathbf{v}} + \mathbf{m}^{2} - 1 -
        \mathbf{v})}{2}

    In nats, with the constant D log(2 pi)/2. The choice for data with normal noise. For data that fall into
    clusters take `vae_gmm`.

    Parameters
    ----------
    predictions, targets : Expr, (..., D)
        What was decoded, and what was encoded; any real number.
    q_mean, q_logvar : Expr, (..., K)
        Mean and log-variance of the posterior of the latent variables.
    prior_mean, prior_logvar : Expr or number that broadcasts to (..., K)
        Those of the prior.
    logvar : Expr or number that broadcasts to (..., D)
        Log-variance of the noise.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes of predictions and targets differ, or those of the posterior, or if a variance does not
        broadcast to them.

    References
    ----------
    Kingma and Welling, Auto-encoding variational Bayes, ICLR (2014).
    """
    cost = gaussian_nll(predictions, targets, logvar)
    code = gaussian_kl(q_mean, q_logvar, prior_mean, prior_logvar)
    return sum_(with_last_axis("vae", cost), axis=-1) + code


def vae_gmm(
    predictions: Expr,
    targets: Expr,
    z: Expr,
    q_mean: Expr,
    q_logvar: Expr,
    mean: Expr,
    logvar: Expr,
    logits: Expr,
    x_logvar: Any = 0,
) -> Expr:
    r"""Negative evidence lower bound of a variational autoencoder whose prior is a mixture of clusters.

    .. math::

        \frac{\sum \left(\mathbf{s} + \left((\mathbf{t} - \mathbf{p}) \odot
        e^{\frac{-\mathbf{s}}{2}}\right)^{2}\right)}{2} + \sum \left(e^{\mathbf{u}} \odot \frac{\sum_{k}
        \left(e^{\mathbf{v} - V} + \left((\mathbf{m} - M) \odot e^{\frac{-V}{2}}\right)^{2} - 1 + V -
        \mathbf{v}\right)}{2} + e^{\mathbf{u}} \odot \mathbf{u} - e^{\mathbf{u}} \odot
        \operatorname{log\,softmax}(\mathbf{q})\right) \quad \text{where } \mathbf{u} =
        \operatorname{log\,softmax}\left(\mathbf{q} - \frac{\sum_{k} \left(V + \left((M - \mathbf{z}) \odot
        e^{\frac{-V}{2}}\right)^{2}\right)}{2}\right)

    In nats, without the constant D log(2 pi)/2. The choice for data that fall into clusters, which are found
    along with the code; `log_responsibilities` tells the cluster.

    Parameters
    ----------
    predictions, targets : Expr, (..., D)
        What was decoded, and what was encoded; any real number.
    z : Expr, (..., K)
        A sample of the posterior, or its mean.
    q_mean, q_logvar : Expr, (..., K)
        Mean and log-variance of the posterior of the latent variables.
    mean, logvar : Expr, (C, K)
        Means and log-variances of the clusters.
    logits : Expr, (C,)
        Scores of the clusters; their softmax are the prior probabilities.
    x_logvar : Expr or number that broadcasts to (..., D)
        Log-variance of the noise.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If shapes that are stated as equal differ.

    References
    ----------
    Jiang et al., Variational deep embedding: an unsupervised and generative approach to clustering (2017).
    """
    x = _reconstruction("vae_gmm", predictions, targets, x_logvar)
    return x + _mixture_cost("vae_gmm", z, q_mean, q_logvar, mean, logvar, logits)


def vae_comp_gmm(
    predictions: Expr,
    targets: Expr,
    z: Expr,
    q_mean: Expr,
    q_logvar: Expr,
    mean: Expr,
    logvar: Expr,
    logits: Expr,
    x_logvar: Any = 0,
) -> Expr:
    r"""Negative evidence lower bound of an autoencoder whose code has pieces, each with clusters of its own.

    .. math::

        \frac{\sum \left(\mathbf{s} + \left((\mathbf{t} - \mathbf{p}) \odot
        e^{\frac{-\mathbf{s}}{2}}\right)^{2}\right)}{2} + \sum \sum_{c} \left(e^{C} \odot \frac{\sum_{k}
        \left(e^{D - A} + \left(({M}_{[{:}, \text{None}, {:}]} - B) \odot e^{\frac{-A}{2}}\right)^{2} - 1 + A
        - D\right)}{2} + e^{C} \odot C - e^{C} \odot \operatorname{log\,softmax}(Q)\right) \quad \text{where }
        C = \operatorname{log\,softmax}\left(Q - \frac{\sum_{k} \left(A + \left((B - {Z}_{[{:}, \text{None},
        {:}]}) \odot e^{\frac{-A}{2}}\right)^{2}\right)}{2}\right), \; D = {V}_{[{:}, \text{None}, {:}]}

    In nats, without the constant D log(2 pi)/2. The choice for data of several independent parts that each
    fall into clusters; with one piece it is `vae_gmm`.

    Parameters
    ----------
    predictions, targets : Expr, (..., D)
        What was decoded, and what was encoded; any real number.
    z, q_mean, q_logvar : Expr, (..., I, K)
        A sample of the posterior or its mean, its mean and its log-variance, for each piece.
    mean, logvar : Expr, (I, C, K)
        Means and log-variances of the clusters of each piece.
    logits : Expr, (I, C)
        Scores of the clusters; their softmax are the prior probabilities.
    x_logvar : Expr or number that broadcasts to (..., D)
        Log-variance of the noise.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If shapes that are stated as equal differ.

    References
    ----------
    Jiang et al., Variational deep embedding: an unsupervised and generative approach to clustering (2017).
    """
    x = _reconstruction("vae_comp_gmm", predictions, targets, x_logvar)
    pieces = _mixture_cost("vae_comp_gmm", z, q_mean, q_logvar, mean, logvar, logits)
    return x + sum_(with_last_axis("vae_comp_gmm", pieces), axis=-1)


def log_responsibilities(z: Expr, mean: Expr, logvar: Expr, logits: Expr) -> Expr:
    r"""The logarithms of the probabilities with which each cluster has made a code.

    .. math:: \log \gamma_c = \log \pi_c + \log N(z; \mu_c, e^{v_c}) - \log \sum_k \pi_k N(z; \mu_k, e^{v_k})

    Parameters
    ----------
    z : Expr, (..., K)
        Codes.
    mean, logvar : Expr, (C, K) or (..., C, K)
        Means and log-variances of the clusters.
    logits : Expr, (C,) or (..., C)
        Scores of the clusters; their softmax are the prior probabilities.

    Returns
    -------
    Expr, (..., C)
        Each row of their exponentials sums to 1.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    """
    z, mean, logvar, logits = lift("log_responsibilities", z, mean, logvar, logits)
    code = expand_dims(with_last_axis("log_responsibilities", z), -2)
    return log_softmax(logits - sum_(surprise(code, mean, logvar), axis=-1) / 2)


def _mixture_cost(
    call: str, z: Expr, q_mean: Expr, q_logvar: Expr, mean: Expr, logvar: Expr, logits: Expr
) -> Expr:
    """The divergence of posterior and responsibilities from a mixture, summed over its clusters."""
    z, m, v = paired(call, z, q_mean, q_logvar)
    mean, logvar = paired(call, mean, logvar)
    log_share = log_responsibilities(z, mean, logvar, logits)
    share = exp(log_share)
    kl = normal_kl(expand_dims(m, -2), expand_dims(v, -2), mean, logvar)
    return sum_(share * kl + weighted(share, log_share) - weighted(share, log_softmax(logits)), axis=-1)


def _reconstruction(call: str, predictions: Expr, targets: Expr, logvar: Any) -> Expr:
    """Negative log-likelihood of what was encoded, without its constant."""
    p, t = paired(call, predictions, targets)
    return sum_(surprise(with_last_axis(call, p), t, fitting(call, "log-variances", logvar, p)), axis=-1) / 2
