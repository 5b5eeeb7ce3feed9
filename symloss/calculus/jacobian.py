"""Jacobians and Hessians in closed form: Kronecker's delta is pulled back, and the algebra uses it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.expr import Expr
from ..ops.constants import full
from ..ops.family import cast
from ..ops.normal import by_labels, delta
from ..rewrite.facts import Facts, facts_of
from .requests import check_connected, check_formula, targets_of
from .variation import Variation


def jacobian(expr: Expr, wrt: Any, assume: Sequence[Expr] = ()) -> Any:
    r"""All derivatives of an expression, as one formula.

    .. math:: J_{i \dots j \dots} = \frac{\partial e_{i \dots}}{\partial x_{j \dots}}

    Parameters
    ----------
    expr : Expr, any shape
        What is differentiated.
    wrt : Expr or sequence of Expr
        Variables, or any expressions of the graph of `expr`.
    assume : sequence of Expr
        Facts that may be used, such as ``sl.eq(sl.sum(y, axis="K"), 1)``.

    Returns
    -------
    Expr of shape ``expr.shape + wrt.shape``, or a list of them if `wrt` is a sequence

    Raises
    ------
    GradientError
        If `expr` or `wrt` is not of floating point, if a derivative does not exist, or if `wrt` is not
        part of the graph.
    """
    call = "jacobian()"
    check_formula(call, "expression", expr)
    assumed = facts_of(call, assume)
    found = [_jacobian(call, expr, target, assumed) for target in targets_of(call, wrt)]
    return found if isinstance(wrt, list | tuple) else found[0]


def _jacobian(call: str, expr: Expr, target: Expr, assumed: Facts) -> Expr:
    varied = Variation(call, [expr], [target], assumed)
    (pulled,) = varied.pulled(varied.roots[0], varied.normal(identity(expr)), varied.points)
    return _written(varied, pulled, [(expr, target)], expr.shape + target.shape)


def hessian(loss: Expr, wrt: Any, wrt2: Any = None, assume: Sequence[Expr] = ()) -> Any:
    r"""The second derivatives of a scalar loss, as one formula.

    .. math:: H_{i \dots j \dots} = \frac{\partial^2 L}{\partial x_{i \dots} \partial y_{j \dots}}

    Parameters
    ----------
    loss : Expr, ()
        What is differentiated twice.
    wrt : Expr or sequence of Expr
        Variables, or any expressions of the graph of `loss`.
    wrt2 : Expr or sequence of Expr, optional
        What the second derivative is taken in; the same as `wrt` if it is not given.
    assume : sequence of Expr
        Facts that may be used, such as ``sl.eq(sl.sum(y, axis="K"), 1)``.

    Returns
    -------
    Expr of shape ``wrt.shape + wrt2.shape``
        A list of lists of them if `wrt` is a sequence, by rows; one list if only `wrt2` is.

    Raises
    ------
    GradientError
        If `loss` is not a floating-point scalar, if a derivative does not exist, or if `wrt` is not
        of floating point or not part of the graph.
    """
    call = "hessian()"
    check_formula(call, "loss", loss, scalar=True)
    assumed = facts_of(call, assume)
    wrt2 = wrt if wrt2 is None else wrt2
    rows, columns = targets_of(call, wrt), targets_of(call, wrt2)
    found: Any = [[_hessian(call, loss, x, y, assumed) for y in columns] for x in rows]
    if not isinstance(wrt2, list | tuple):
        found = [row[0] for row in found]
    return found if isinstance(wrt, list | tuple) else found[0]


def _hessian(call: str, loss: Expr, x: Expr, y: Expr, assumed: Facts) -> Expr:
    varied = Variation(call, [loss], [x, y], assumed)
    first, second = varied.points
    (slope,) = varied.pulled(varied.roots[0], None, [first])
    pulled = None
    if slope is not None:
        (pulled,) = varied.pulled(slope, varied.normal(identity(x)), [second])
    return _written(varied, pulled, [(loss, x), (loss, y)], x.shape + y.shape)


def _written(
    varied: Variation, pulled: Expr | None, pairs: list[tuple[Expr, Expr]], shape: tuple[Any, ...]
) -> Expr:
    """A result as a formula; zeros where everything cancels, an error where nothing is connected."""
    if pulled is not None:
        return cast(varied.written([pulled])[0], pairs[-1][1].dtype)
    for formula, target in pairs:
        check_connected(varied.call, formula, "expression" if formula.ndim else "loss", target)
    return full(shape, 0, pairs[-1][1].dtype)


def identity(e: Expr) -> Expr:
    """The derivative of an expression in itself: a product of deltas, one for each axis."""
    left, right = [("left", k) for k in range(e.ndim)], [("right", k) for k in range(e.ndim)]
    deltas = [(delta(size, e.dtype), [left[k], right[k]]) for k, size in enumerate(e.shape)]
    return by_labels(deltas, [*left, *right], dtype=e.dtype)
