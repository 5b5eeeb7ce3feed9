"""Objectives and nonlinearities with the names and signatures of Lasagne, of expressions or arrays.

``from lasagne.objectives import ...`` becomes ``from symloss.compat.lasagne import ...``, and
``import lasagne`` becomes ``import symloss.compat.lasagne as lasagne``.
Every loss stays elementwise or per item until `aggregate`.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

from .. import losses, ops
from .. import nonlinearities as activations
from ..core.errors import DTypeError, message
from ..core.expr import Expr, signature
from ..core.leaves import lift
from .arrays import also_on_arrays
from .rectifiers import SELU as SELU
from .rectifiers import LeakyRectify as LeakyRectify
from .rectifiers import ScaledTanH as ScaledTanH
from .rectifiers import elu as elu


@also_on_arrays
def align_targets(predictions: Any, targets: Any) -> Any:
    """Predictions and targets of one shape, where one is a column (n, 1) and the other a vector (n,).

    Other than in Lasagne, either may be the column, and a matrix of unknown width may turn out to be one.
    """
    return losses.align_targets(predictions, targets)


@also_on_arrays
def binary_crossentropy(predictions: Any, targets: Any) -> Any:
    """Elementwise ``-t log p - (1 - t) log(1 - p)``.

    Other than in Lasagne, a certain prediction that is right costs 0, not NaN, with a finite slope.
    """
    return losses.binary_crossentropy(*losses.align_targets(predictions, targets))


@also_on_arrays
def categorical_crossentropy(predictions: Any, targets: Any) -> Any:
    """For each item ``-sum(t log p)``; targets are rows or integer labels.

    Other than in Lasagne, a class of target 0 and probability 0 contributes 0, not NaN, and a label outside
    the classes is refused at the call rather than counted from the end.
    """
    return losses.categorical_crossentropy(*_ranked("categorical_crossentropy", predictions, targets))


@also_on_arrays
def squared_error(a: Any, b: Any) -> Any:
    """Elementwise ``(a - b)**2``, without a factor 1/2."""
    return losses.squared_error(*losses.align_targets(a, b))


@also_on_arrays
def aggregate(loss: Any, weights: Any = None, mode: str = "mean") -> Any:
    """A scalar: the "mean", the "sum" or the "normalized_sum" of a loss, weighted if there are weights.

    Other than in Lasagne, what has weight 0 contributes nothing, not even NaN, and "normalized_sum" counts a
    weight as often as it is broadcast.
    """
    return losses.aggregate(loss, weights, mode)


@also_on_arrays
def _binary_hinge(predictions: Any, targets: Any, delta: Any, log_odds: bool, binary: bool) -> Any:
    aligned = losses.align_targets(predictions, targets)
    return losses.binary_hinge_loss(*aligned, delta, log_odds, binary)


def binary_hinge_loss(
    predictions: Any, targets: Any, delta: Any = 1, log_odds: bool | None = None, binary: bool = True
) -> Any:
    """Elementwise ``max(0, delta - t s)``, for scores s (or probabilities) and targets 0 and 1 (or -1 and 1).

    Other than in Lasagne, leaving `log_odds` out means True, with a FutureWarning that is no exception; a
    certain probability that is right costs 0, not NaN.
    """
    if log_odds is None:
        wrong = "binary_hinge_loss(): log_odds is not given: True is taken; say which of both you mean"
        warnings.warn(wrong, FutureWarning, stacklevel=2)
    return _binary_hinge(predictions, targets, delta, log_odds is None or log_odds, binary)


@also_on_arrays
def multiclass_hinge_loss(predictions: Any, targets: Any, delta: Any = 1) -> Any:
    """For each item ``max(0, max of the other scores - score of the target + delta)``.

    Other than in Lasagne, runners-up that tie share the slope, rows that are not one-hot and labels outside
    the classes are refused, and a single class costs 0.
    """
    return losses.multiclass_hinge_loss(*_ranked("multiclass_hinge_loss", predictions, targets), delta)


@also_on_arrays
def huber_loss(predictions: Any, targets: Any, delta: Any = 1) -> Any:
    """Elementwise half the square of an error up to `delta`, and linear beyond.

    Other than in Lasagne, the slope of an infinite error is `delta`, not NaN, and `delta` must be positive.
    """
    return losses.huber_loss(*losses.align_targets(predictions, targets), delta)


@also_on_arrays
def binary_accuracy(predictions: Any, targets: Any, threshold: Any = 0.5) -> Any:
    """Elementwise whether ``p >= threshold`` is what the target says; a gradient of it is refused."""
    return losses.binary_accuracy(*losses.align_targets(predictions, targets), threshold)


@also_on_arrays
def categorical_accuracy(predictions: Any, targets: Any, top_k: int = 1) -> Any:
    """For each item whether the target is among the `top_k` highest scores; a gradient of it is refused.

    Other than in Lasagne, of equal scores the lowest class comes first for every `top_k`, which must be at
    least 1.
    """
    return losses.categorical_accuracy(*_ranked("categorical_accuracy", predictions, targets), top_k)


def _ranked(call: str, predictions: Any, targets: Any) -> tuple[Expr, Expr]:
    """Rows of scores, and rows or labels; Lasagne raises a TypeError for other ranks."""
    p, t = lift(call, predictions, targets)
    if t.ndim not in (p.ndim, p.ndim - 1):
        wrong = f"rank mismatch: targets of rank {t.ndim} for predictions of rank {p.ndim}"
        raise DTypeError(message(signature(call, p, t), wrong, "give a label, or a row, for each row"))
    return p, t


sigmoid = also_on_arrays(activations.logistic)
softmax = also_on_arrays(activations.softmax)
tanh = also_on_arrays(activations.tanh)
rectify = also_on_arrays(activations.relu)
softplus = also_on_arrays(ops.softplus)
linear = identity = also_on_arrays(activations.linear)
selu = SELU(1.0507009873554805, 1.6732632423543772)
leaky_rectify, very_leaky_rectify = LeakyRectify(0.01), LeakyRectify(1 / 3)
objectives = nonlinearities = sys.modules[__name__]
