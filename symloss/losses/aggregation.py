"""What is done with losses: reducing one to a scalar, adding several, and aligning what they compare."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from ..core import shapes
from ..core.dtypes import FLOAT64, to_float
from ..core.errors import DomainError, GraphError, ShapeError, did_you_mean, message
from ..core.expr import Expr, signature
from ..core.leaves import constant_of, lift, size_of
from ..ops.along import sum_
from ..ops.arithmetic import add, eq, logical_and, logical_not
from ..ops.axes import broadcast_to, expand_dims
from ..ops.conditions import where
from ..ops.family import cast
from ..ops.order import isfinite, maximum
from .arguments import fitting

_MODES = ("mean", "normalized_sum", "sum")
_EMPTY = ("nan", "zero")


def aggregate(loss: Expr, weights: Any = None, mode: str = "mean", empty: str = "nan") -> Expr:
    r"""The mean or sum of a loss, with weights if there are any.

    .. math:: \frac{1}{n} \sum_i w_i \ell_i
        \qquad \sum_i w_i \ell_i
        \qquad \frac{\sum_i w_i \ell_i}{\sum_i w_i}

    What has weight 0 contributes nothing, not even NaN: ``weights=logical_not(isnan(targets))`` leaves out
    missing targets, from the mean over all ("mean") or over those that are known ("normalized_sum").
    `aggregate(loss)` is ``loss.mean()``.

    Parameters
    ----------
    loss : Expr, any shape
        What is reduced.
    weights : Expr, array or number, optional
        Weights >= 0 that broadcast to the shape of `loss`.
    mode : {"mean", "sum", "normalized_sum"}
        Whether the weighted sum is divided by the number of elements n, by nothing, or by the sum of the
        weights, each counted as often as it is broadcast.
    empty : {"nan", "zero"}
        What the result is where there is nothing to divide by, as there are no elements, or weights that sum
        to 0: NaN, or 0 with slopes of 0.

    Returns
    -------
    Expr, ()
        The sum of no elements is 0.

    Raises
    ------
    DomainError
        If `mode` is none of the three, or `empty` none of the two.
    GraphError
        If "normalized_sum" has no weights.
    ShapeError
        If the weights do not broadcast to the shape of `loss`.
    """
    (loss,) = lift("aggregate", loss)
    _check_option("mode", mode, _MODES)
    _check_option("empty", empty, _EMPTY)
    if weights is None:
        return _unweighted(loss, mode, empty == "zero")
    weights = fitting("aggregate", "weights", weights, loss)
    total = where(logical_and(eq(weights, 0), logical_not(isfinite(loss))), 0, weights * loss)
    if mode != "normalized_sum":
        return _unweighted(total, mode, empty == "zero")
    size = broadcast_to(weights, loss.shape).sum()
    mean: Expr = total.sum() / size
    return where(eq(size, 0), 0, mean) if empty == "zero" else mean


def _check_option(name: str, chosen: Any, choices: Sequence[str]) -> None:
    if chosen not in choices:
        wrong = f"{name} must be one of {', '.join(choices)}, got {chosen!r}"
        close = did_you_mean(str(chosen), choices)
        raise DomainError(message("aggregate()", wrong, close if close.startswith("did") else ""))


def _unweighted(loss: Expr, mode: str, zero: bool) -> Expr:
    if mode == "normalized_sum":
        raise GraphError(
            message("aggregate()", "normalized sums require weights", "pass weights, or mode='mean'")
        )
    if mode == "sum":
        return loss.sum()
    return _mean_or_zero(loss) if zero else loss.mean()


def _mean_or_zero(loss: Expr) -> Expr:
    """The mean, and 0 of no elements."""
    count = shapes.product(loss.shape)
    if isinstance(count, int) and count:
        return loss.mean()
    total = sum_(cast(loss, to_float(loss.dtype)))
    mean: Expr = total / maximum(size_of(count, total.dtype), 1)
    return mean


def loss_set(losses: Sequence[Expr]) -> Expr:
    r"""The sum of several losses, each summed over all axes of an item first.

    .. math:: \sum_m \sum_j \ell_{m,i,j}

    A loss for each element and one for each item add up to one for each item, the leading axis.

    Parameters
    ----------
    losses : sequence of Expr, (N, ...)
        What is added.

    Returns
    -------
    Expr, (N,)
        One loss for each item; 0 if there are no losses.

    Raises
    ------
    ShapeError
        If a loss is a scalar, or their numbers of items differ.
    """
    items = [sum_(_listed(loss), axis=tuple(range(1, loss.ndim))) for loss in lift("loss_set", *losses)]
    for other in items[1:]:
        if not shapes.same_shape(items[0].shape, other.shape):
            wrong = "the numbers of items differ"
            mend = "each loss has one leading axis of items"
            raise ShapeError(message(signature("loss_set", *lift("loss_set", *losses)), wrong, mend))
    return functools.reduce(add, items) if items else constant_of(0, FLOAT64)


def _listed(loss: Expr) -> Expr:
    if loss.ndim == 0:
        wrong = "a scalar has no items"
        raise ShapeError(message(signature("loss_set", loss), wrong, "add scalars with +"))
    return loss


def align_targets(predictions: Expr, targets: Expr) -> tuple[Expr, Expr]:
    r"""Predictions and targets of one shape, where one is a column and the other a vector.

    .. math:: (N, 1), (N,) \to (N, 1), (N, 1)

    A loss refuses such a pair, which would broadcast to (N, N). A matrix whose number of columns is open
    counts as a column, and must be one at the call.

    Parameters
    ----------
    predictions, targets : Expr
        Any shapes; others than a matrix and a vector are left as they are.

    Returns
    -------
    tuple of Expr
        Both, the vector as a column.

    Raises
    ------
    GraphError
        If an argument is no expression, number or array.
    """
    p, t = lift("align_targets", predictions, targets)
    if _column(p) and t.ndim == 1:
        return p, expand_dims(t, -1)
    if _column(t) and p.ndim == 1:
        return expand_dims(p, -1), t
    return p, t


def _column(x: Expr) -> bool:
    return x.ndim == 2 and (x.shape[1] == 1 or shapes.is_open(x.shape[1]))
