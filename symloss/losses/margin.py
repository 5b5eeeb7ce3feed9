"""Losses that ask for a margin between the classes."""

from __future__ import annotations

from typing import Any

from ..core.expr import Expr
from ..ops.logistic import logit
from ..ops.margins import margin
from ..ops.order import relu
from .arguments import classified, label_of_row, of_probabilities, paired, positive


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


def binary_hinge_loss(
    predictions: Expr, targets: Expr, delta: Any = 1, log_odds: bool = True, binary: bool = True
) -> Expr:
    r"""Penalty for scores on the wrong side of the margin, for targets 0 and 1.

    .. math:: \max(0, \delta - (2 t - 1) p)

    The choice where `hinge_loss` is meant and targets are 0 and 1. In the unit of the scores. Probabilities
    (``log_odds=False``) become their log-odds first; of a certain one the loss is 0 or infinite and its slope
    undefined, so that scores are to be preferred.

    Parameters
    ----------
    predictions : Expr, any shape
        Scores, any real number; without `log_odds`, probabilities in [0, 1].
    targets : Expr, shape of `predictions`
        Labels in {0, 1}; without `binary`, in {-1, +1}.
    delta : float or Expr, ()
        Margin, > 0.
    log_odds, binary : bool
        What the predictions and the targets are.

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
    p, t = paired("binary_hinge_loss", predictions, targets)
    delta = positive("binary_hinge_loss", "delta", delta, p.dtype)
    loss = relu(delta - (2 * t - 1 if binary else t) * (p if log_odds else logit(p)))
    return of_probabilities(loss, *([t] if binary else []), *([] if log_odds else [p]))


def multiclass_hinge_loss(predictions: Expr, targets: Expr, delta: Any = 1) -> Expr:
    r"""Penalty for a score that does not exceed all others by the margin.

    .. math:: \max(0, \delta - \operatorname{margin}(\mathbf{p}, t))

    The choice for several classes when only the decision matters; for probabilities take
    `softmax_crossentropy`. The margin is the score of the class less the largest of the others. In the unit
    of the scores. The best ones among the other classes share the slope, and at the margin it is halved. A
    single class costs nothing.

    Parameters
    ----------
    predictions : Expr, (..., C)
        Scores, any real number.
    targets : Expr, (..., C) or integers (...)
        One-hot rows, or labels in [0, C).
    delta : float or Expr, ()
        Margin, > 0.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or if labels do not have one axis less than the scores.
    DTypeError
        If labels are not integers.
    LabelRangeError
        At the call, if a label is outside [0, C). Likewise if a row is not one-hot.
    DomainError
        If `delta` is not a finite number > 0, or an expression of integers.

    References
    ----------
    Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector machines (2001).
    """
    p, t = classified("multiclass_hinge_loss", predictions, targets)
    delta = positive("multiclass_hinge_loss", "delta", delta, p.dtype)
    label = t if t.ndim < p.ndim else label_of_row(t)
    return relu(delta - margin(p, label))
