"""Losses with the names and protocol of numpy-ml: objects with `loss` and `grad`, of arrays, targets first.

``from numpy_ml.neural_nets.losses import ...`` becomes ``from symloss.compat.numpy_ml import ...``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import losses, ops
from ..calculus.gradient import grad
from ..core.errors import DomainError, message
from ..core.expr import Expr
from .arrays import at_arrays
from .critics import WGAN_GPLoss as WGAN_GPLoss
from .noise import NCELoss as NCELoss
from .objective import ObjectiveBase as ObjectiveBase


class SquaredError(ObjectiveBase):
    """Half the sum of all squared errors; other than in numpy-ml, shapes must be equal."""

    @staticmethod
    def loss(y: Any, y_pred: Any) -> Any:
        """``sum((y_pred - y)**2) / 2``."""
        return at_arrays(_squared, y, y_pred)

    @staticmethod
    def grad(y: Any, y_pred: Any, z: Any = None, act_fn: Any = None) -> Any:
        """Gradient in `y_pred`, or, given `z` with ``y_pred = act_fn(z)``, in `z`.

        `act_fn` has a method `grad` of arrays, or is an activation of symloss.
        """
        slope = at_arrays(_squared_slope, y, y_pred)
        if act_fn is None:
            return slope
        return slope * (act_fn.grad(z) if hasattr(act_fn, "grad") else at_arrays(_slope, act_fn, z))


class CrossEntropy(ObjectiveBase):
    """Crossentropy of probabilities, summed over all rows; targets are rows or integer labels.

    Other than in numpy-ml, nothing is added to a probability: the loss is 0 where a certain prediction is
    right and infinite where it is wrong. Soft targets are taken, and rows may weigh more or less than 1.
    """

    @staticmethod
    def loss(y: Any, y_pred: Any) -> Any:
        """``-sum(y log(y_pred))``."""
        return at_arrays(_crossentropy, *_probable(y, y_pred))

    @staticmethod
    def grad(y: Any, y_pred: Any) -> Any:
        """Gradient in the logits whose softmax `y_pred` is: ``sum(y) y_pred - y`` for each row."""
        return at_arrays(_crossentropy_slope, *_probable(y, y_pred))


class VAELoss(ObjectiveBase):
    """Negative evidence lower bound of a variational autoencoder of yes and no, the mean over all items.

    Other than in numpy-ml, probabilities are not clipped: value and gradient belong together up to 0 and 1.
    """

    @staticmethod
    def loss(y: Any, y_pred: Any, t_mean: Any, t_log_var: Any) -> Any:
        """The loss of decoded probabilities, and of the mean and log-variance of the code."""
        return at_arrays(_vae, y, y_pred, t_mean, t_log_var)

    @staticmethod
    def grad(y: Any, y_pred: Any, t_mean: Any, t_log_var: Any) -> Any:
        """Gradients in the probabilities, the log-variance and the mean, in this order."""
        return at_arrays(_vae_slopes, y, y_pred, t_mean, t_log_var)


def _squared(y: Expr, y_pred: Expr) -> Expr:
    return ops.sum(losses.squared_error(y_pred, y)) / 2


def _squared_slope(y: Expr, y_pred: Expr) -> Any:
    return grad(_squared(y, y_pred), y_pred)


def _slope(act_fn: Any, z: Expr) -> Any:
    return grad(ops.sum(act_fn(z)), z)


def _crossentropy(y: Expr, y_pred: Expr) -> Expr:
    return ops.sum(losses.categorical_crossentropy(y_pred, y))


def _crossentropy_slope(y: Expr, y_pred: Expr) -> Any:
    logits = ops.log(y_pred)
    return grad(ops.sum(losses.softmax_crossentropy(logits, y)), logits)


def _probable(y: Any, y_pred: Any) -> list[Any]:
    """Targets and predictions, if they are probabilities; integer labels are checked with the loss."""
    y, p = np.asarray(y), np.asarray(y_pred)
    for what, x in (("y_pred", p), ("y", y))[: 1 if y.ndim < p.ndim else 2]:
        if not np.all((x >= 0) & (x <= 1)):
            raise DomainError(message("CrossEntropy()", f"{what} has entries outside [0, 1]", "scale it"))
    near = np.sqrt(np.finfo(p.dtype if p.dtype.kind == "f" else float).eps)
    if not np.allclose(np.sum(p, axis=-1), 1, atol=near):
        raise DomainError(message("CrossEntropy()", "rows of y_pred do not sum to 1", "use softmax()"))
    return [y, p]


def _vae(y: Expr, y_pred: Expr, t_mean: Expr, t_log_var: Expr) -> Expr:
    return losses.aggregate(losses.vae_bernoulli(y_pred, y, t_mean, t_log_var))


def _vae_slopes(y: Expr, y_pred: Expr, t_mean: Expr, t_log_var: Expr) -> Any:
    return grad(_vae(y, y_pred, t_mean, t_log_var), [y_pred, t_log_var, t_mean])
