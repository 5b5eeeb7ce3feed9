"""From one loss for each element or item to a scalar."""

from __future__ import annotations

from typing import Any

from ..core.errors import DomainError, GraphError, did_you_mean, message
from ..core.expr import Expr
from ..core.leaves import lift
from ..ops.arithmetic import eq, logical_and, logical_not
from ..ops.axes import broadcast_to
from ..ops.conditions import where
from ..ops.order import isfinite
from .arguments import fitting

_MODES = ("mean", "normalized_sum", "sum")


def aggregate(loss: Expr, weights: Any = None, mode: str = "mean") -> Expr:
    r"""The mean or sum of a loss, with weights if there are any.

    .. math:: \frac{1}{n} \sum_i w_i \ell_i
        \qquad \sum_i w_i \ell_i
        \qquad \frac{\sum_i w_i \ell_i}{\sum_i w_i}

    What has weight 0 contributes nothing, not even NaN. `aggregate(loss)` is ``loss.mean()``.

    Parameters
    ----------
    loss : Expr, any shape
        What is reduced.
    weights : Expr, array or number, optional
        Weights >= 0 that broadcast to the shape of `loss`.
    mode : {"mean", "sum", "normalized_sum"}
        Whether the weighted sum is divided by the number of elements n, by nothing, or by the sum of the
        weights, each counted as often as it is broadcast.

    Returns
    -------
    Expr, ()
        NaN where there is nothing to divide by: for the mean of no elements, or weights that sum to 0.

    Raises
    ------
    DomainError
        If `mode` is none of the three.
    GraphError
        If "normalized_sum" has no weights.
    ShapeError
        If the weights do not broadcast to the shape of `loss`.
    """
    (loss,) = lift("aggregate", loss)
    if mode not in _MODES:
        wrong = f"mode must be one of {', '.join(_MODES)}, got {mode!r}"
        close = did_you_mean(str(mode), _MODES)
        raise DomainError(message("aggregate()", wrong, close if close.startswith("did") else ""))
    if weights is None:
        return _unweighted(loss, mode)
    weights = fitting("aggregate", "weights", weights, loss)
    total = where(logical_and(eq(weights, 0), logical_not(isfinite(loss))), 0, weights * loss)
    if mode == "mean":
        return total.mean()
    if mode == "sum":
        return total.sum()
    return total.sum() / broadcast_to(weights, loss.shape).sum()


def _unweighted(loss: Expr, mode: str) -> Expr:
    if mode == "normalized_sum":
        raise GraphError(
            message("aggregate()", "normalized sums require weights", "pass weights, or mode='mean'")
        )
    return loss.mean() if mode == "mean" else loss.sum()
