"""Losses that ask for a margin between the classes."""

from __future__ import annotations

from typing import Any

from ..core.expr import Expr
from ..ops.order import relu
from .arguments import paired, positive


def hinge_loss(predictions: Expr, targets: Expr, delta: Any = 1) -> Expr:
    r"""Penalty for scores on the wrong side of the margin.

    .. math:: \max(0, \delta - t \, p)

    The choice for two classes when only the decision matters: examples beyond the margin count nothing, so
    few examples carry the solution. For probabilities take `binary_crossentropy_logits`. In the unit of the
    scores. The slope at the margin is half of the one inside.

    Parameters
    ----------
    predictions : Expr, any shape
        Scores, any real number.
    targets : Expr, shape of `predictions`
        Labels in {-1, +1}; a label 0 is not converted and costs `delta`.
    delta : float or Expr, ()
        Margin, > 0.

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each score; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or if `delta` is not a scalar.
    DomainError
        If `delta` is not a finite number > 0, or an expression of integers.

    References
    ----------
    Cortes and Vapnik, Support-vector networks, Machine Learning 20 (1995).
    """
    p, t = paired("hinge_loss", predictions, targets)
    delta = positive("hinge_loss", "delta", delta, p.dtype)
    return relu(delta - t * p)
