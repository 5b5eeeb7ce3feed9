"""Losses: functions of predictions and targets that return one loss for each element or item.

`aggregate` makes a scalar of it, `catalogue` lists them all. Targets have the shape of the predictions;
nothing is broadcast. Integers count as float64, or adopt the float dtype that they meet.

>>> import symloss as sl
>>> p, t = sl.vector("p", "N"), sl.vector("t", "N")
>>> print(sl.grad(aggregate(squared_error(p, t)), p))
(2/N)(p − t)
"""

from .adversarial import gradient_penalty, wgan_critic, wgan_generator, wgan_gp
from .aggregation import aggregate, align_targets, loss_set
from .catalogue import Catalogue, catalogue_of
from .classification import (
    binary_crossentropy,
    binary_crossentropy_logits,
    categorical_crossentropy,
    focal_loss,
    smoothed_softmax_crossentropy,
    softmax_crossentropy,
)
from .contrastive import cosine_distance, info_nce, nce_loss, triplet_loss
from .divergence import js_divergence, kl_divergence
from .factors import fgmm_vae
from .likelihood import gaussian_kl, gaussian_nll, multivariate_gaussian_nll, poisson_nll, poisson_nll_log
from .margin import binary_hinge_loss, hinge_loss, multiclass_hinge_loss
from .metrics import (
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    classification_error,
    clustering_accuracy,
    explained_variance,
)
from .overlap import dice_loss, tversky_loss
from .penalties import sparse_l1, sparse_l2, structural_damping
from .ranking import cox_loss, listmle, listnet
from .regression import absolute_error, huber_loss, log_cosh, quantile_loss, squared_error
from .variational import log_responsibilities, vae, vae_bernoulli, vae_bernoulli_logits, vae_comp_gmm, vae_gmm

__all__ = [
    "aggregate",
    "align_targets",
    "catalogue",
    "log_responsibilities",
    "loss_set",
    "squared_error",
    "absolute_error",
    "huber_loss",
    "log_cosh",
    "quantile_loss",
    "poisson_nll",
    "poisson_nll_log",
    "gaussian_nll",
    "multivariate_gaussian_nll",
    "gaussian_kl",
    "binary_crossentropy",
    "binary_crossentropy_logits",
    "categorical_crossentropy",
    "softmax_crossentropy",
    "smoothed_softmax_crossentropy",
    "focal_loss",
    "kl_divergence",
    "js_divergence",
    "hinge_loss",
    "binary_hinge_loss",
    "multiclass_hinge_loss",
    "dice_loss",
    "tversky_loss",
    "cosine_distance",
    "triplet_loss",
    "info_nce",
    "nce_loss",
    "listnet",
    "listmle",
    "cox_loss",
    "vae_bernoulli",
    "vae_bernoulli_logits",
    "vae",
    "vae_gmm",
    "vae_comp_gmm",
    "fgmm_vae",
    "wgan_critic",
    "wgan_generator",
    "gradient_penalty",
    "wgan_gp",
    "sparse_l1",
    "sparse_l2",
    "structural_damping",
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "classification_error",
    "clustering_accuracy",
    "explained_variance",
]


def catalogue() -> Catalogue:
    """Every loss with its formula (LaTeX), its reduction and its source, as its docstring states them.

    >>> print(catalogue()[0])
    squared_error: The square of the error, without a factor 1/2.
        (p - t)^{2}
        elementwise; Gauss, Theoria combinationis observationum erroribus minimis obnoxiae (1823).
    """
    return catalogue_of(globals()[name] for name in __all__[5:])
