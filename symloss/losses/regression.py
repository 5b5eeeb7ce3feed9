"""Losses for real-valued targets; every function returns one loss for each element."""

from __future__ import annotations

from typing import Any

from ..core.expr import Expr
from ..ops.conditions import where
from .arguments import paired, positive


def squared_error(predictions: Expr, targets: Expr) -> Expr:
    r"""The square of the error, without a factor 1/2.

    .. math:: (p - t)^{2}

    The choice for errors that are normally distributed with one variance: the mean minimises it. A single
    outlier can dominate it; then take `huber_loss`. In the squared unit of the targets.

    Parameters
    ----------
    predictions : Expr, any shape
        Any real number.
    targets : Expr, shape of `predictions`
        Any real number.

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each prediction; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.

    References
    ----------
    Gauss, Theoria combinationis observationum erroribus minimis obnoxiae (1823).
    """
    p, t = paired("squared_error", predictions, targets)
    return (p - t) ** 2


def huber_loss(predictions: Expr, targets: Expr, delta: Any = 1) -> Expr:
    r"""Half the squared error up to the distance `delta`, and linear beyond it.

    .. math::

        \begin{cases} \frac{(p - t)^{2}}{2} & \text{if } u \leq \delta \\
        \delta \left(u - \frac{\delta}{2}\right) & \text{otherwise} \end{cases}
        \quad \text{where } u = \lvert p - t \rvert

    The choice for measurements with outliers: an error counts at most with the slope `delta`. The factor 1/2
    makes value and slope continuous at `delta`. In the squared unit of the targets.

    Parameters
    ----------
    predictions : Expr, any shape
        Any real number.
    targets : Expr, shape of `predictions`
        Any real number.
    delta : float or Expr, ()
        The distance up to which an error counts as small, > 0; in the unit of the targets.

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each prediction; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or if `delta` is not a scalar.
    DomainError
        If `delta` is not a finite number > 0, or an expression of integers.

    References
    ----------
    Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35 (1964).
    """
    p, t = paired("huber_loss", predictions, targets)
    delta = positive("huber_loss", "delta", delta, p.dtype)
    distance = abs(p - t)
    beyond = distance - delta / 2
    loss: Expr = where(distance <= delta, (p - t) ** 2 / 2, beyond if delta == 1 else delta * beyond)
    return loss
