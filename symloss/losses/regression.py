"""Losses for real-valued targets; every function returns one loss for each element."""

from __future__ import annotations

from typing import Any

from ..core.expr import Expr
from ..ops.conditions import where
from ..ops.exponential import log
from ..ops.order import maximum
from ..ops.trigonometric import cosh
from .arguments import BETWEEN, paired, positive


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


def absolute_error(predictions: Expr, targets: Expr) -> Expr:
    r"""The distance between prediction and target.

    .. math:: \lvert p - t \rvert

    The choice for errors with heavy tails: the median minimises it, and an outlier counts no more than its
    sign. The slope at 0 is 0; for one that is continuous take `huber_loss`. In the unit of the targets.

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
    Laplace, Mémoire sur la probabilité des causes par les évènements (1774).
    """
    p, t = paired("absolute_error", predictions, targets)
    return abs(p - t)


def log_cosh(predictions: Expr, targets: Expr) -> Expr:
    r"""Half the squared error near the target, and the distance less log 2 far from it.

    .. math:: \log(\cosh(p - t))

    The choice for outliers where second derivatives are wanted everywhere: as `huber_loss` with `delta` 1,
    and smooth. It neither overflows for large errors nor vanishes for small ones. In the unit of the targets,
    in which the transition is at 1.

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
    Green, Bayesian reconstructions from emission tomography data, IEEE Transactions on Medical Imaging 9
    (1990).
    """
    p, t = paired("log_cosh", predictions, targets)
    return log(cosh(p - t))


def quantile_loss(predictions: Expr, targets: Expr, tau: Any = 0.5) -> Expr:
    r"""Distance that weighs predictions below the target by tau, and those above it by 1 - tau.

    .. math:: \max(\tau (t - p), (\tau - 1) (t - p))

    The choice when a quantile is to be predicted rather than the mean: the quantile `tau` minimises it. With
    1/2 it is half of `absolute_error`. The slope at 0 is the mean of both sides, 1/2 - `tau`. In the unit of
    the targets.

    Parameters
    ----------
    predictions : Expr, any shape
        Any real number.
    targets : Expr, shape of `predictions`
        Any real number.
    tau : float or Expr, ()
        The quantile, in (0, 1).

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each prediction; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or if `tau` is not a scalar.
    DomainError
        If `tau` is outside (0, 1), or an expression of integers.

    References
    ----------
    Koenker and Bassett, Regression quantiles, Econometrica 46 (1978).
    """
    p, t = paired("quantile_loss", predictions, targets)
    tau = positive("quantile_loss", "tau", tau, p.dtype, BETWEEN)
    return maximum(tau * (t - p), (tau - 1) * (t - p))
