"""Penalties on what happens inside a network, whatever its targets are."""

from __future__ import annotations

from typing import Any

from ..core.dtypes import to_float
from ..core.expr import Expr
from ..core.leaves import lift
from ..ops.conditions import stop_gradient
from ..ops.family import cast
from .arguments import NOT_NEGATIVE, fitting, positive


def sparse_l1(activations: Expr, weight: Any = 1, target: Any = 0) -> Expr:
    r"""A weight times the distance of an activation from its target.

    .. math:: w \, \lvert a - t \rvert

    In the unit of the activations. The choice for activations that shall be exactly at the target, mostly 0,
    but for a few. The slope at the target is 0.

    Parameters
    ----------
    activations : Expr, any shape
        Outputs of a layer, any real number.
    weight : float or Expr, ()
        What the penalty counts, >= 0.
    target : Expr or number that broadcasts to the shape of `activations`
        Where nothing is to pay.

    Returns
    -------
    Expr, shape of `activations`
        Elementwise: one penalty for each activation; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If `target` does not broadcast to the activations, or `weight` is not a scalar.
    DomainError
        If `weight` is not a finite number >= 0, or an expression of integers.

    References
    ----------
    Tibshirani, Regression shrinkage and selection via the lasso, Journal of the Royal Statistical Society B
    58 (1996).
    """
    a, w = _weighed("sparse_l1", activations, weight)
    loss: Expr = w * abs(a - fitting("sparse_l1", "targets", target, a))
    return loss


def sparse_l2(activations: Expr, weight: Any = 1, target: Any = 0) -> Expr:
    r"""Half a weight times the squared distance of an activation from its target.

    .. math:: \frac{w (a - t)^{2}}{2}

    In the squared unit of the activations. The choice for activations that shall be small, or near a target,
    without being pressed to it as by `sparse_l1`.

    Parameters
    ----------
    activations : Expr, any shape
        Outputs of a layer, any real number.
    weight : float or Expr, ()
        What the penalty counts, >= 0.
    target : Expr or number that broadcasts to the shape of `activations`
        Where nothing is to pay.

    Returns
    -------
    Expr, shape of `activations`
        Elementwise: one penalty for each activation; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If `target` does not broadcast to the activations, or `weight` is not a scalar.
    DomainError
        If `weight` is not a finite number >= 0, or an expression of integers.

    References
    ----------
    Hoerl and Kennard, Ridge regression: biased estimation for nonorthogonal problems, Technometrics 12
    (1970).
    """
    a, w = _weighed("sparse_l2", activations, weight)
    loss: Expr = w * (a - fitting("sparse_l2", "targets", target, a)) ** 2 / 2
    return loss


def structural_damping(activations: Expr, weight: Any = 1) -> Expr:
    r"""Nothing, with no slope, and with the curvature `weight` in each activation.

    .. math:: \frac{w (a - \operatorname{stop}(a))^{2}}{2}

    In the squared unit of the activations. The choice for second-order training of recurrent networks: it
    keeps a step from changing the activations, and alters neither the loss nor its gradient.

    Parameters
    ----------
    activations : Expr, any shape
        Outputs of a layer, any real number.
    weight : float or Expr, ()
        The curvature, >= 0; a shared variable follows an optimiser's damping.

    Returns
    -------
    Expr, shape of `activations`
        Elementwise: 0 for each activation; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If `weight` is not a scalar.
    DomainError
        If `weight` is not a finite number >= 0, or an expression of integers.

    References
    ----------
    Martens and Sutskever, Learning recurrent neural networks with Hessian-free optimization, ICML (2011).
    """
    a, w = _weighed("structural_damping", activations, weight)
    loss: Expr = w * (a - stop_gradient(a)) ** 2 / 2
    return loss


def _weighed(call: str, activations: Expr, weight: Any) -> tuple[Expr, Any]:
    (a,) = lift(call, activations)
    a = cast(a, to_float(a.dtype))
    return a, positive(call, "weight", weight, a.dtype, NOT_NEGATIVE)
