"""Products of Jacobians and Hessians with directions, without the matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.expr import Expr
from ..core.walk import substitute, topological
from ..ops.constants import zeros_like
from ..ops.family import cast
from ..rewrite.facts import facts_of
from .requests import check_connected, check_formula, directions, targets_of
from .variation import Variation, point


def vjp(expr: Expr, wrt: Any, cotangent: Any, assume: Sequence[Expr] = ()) -> Any:
    r"""A direction pulled back: the transposed Jacobian times a cotangent. `Lop` is the same.

    .. math:: \sum_i \bar{e}_i \frac{\partial e_i}{\partial x_j}

    Parameters
    ----------
    expr : Expr, any shape
        What is differentiated.
    wrt : Expr or sequence of Expr
        Variables, or any expressions of the graph of `expr`.
    cotangent : Expr, array or number, shape of `expr`
        One weight for each element of `expr`; it is held constant.
    assume : sequence of Expr
        Facts that may be used.

    Returns
    -------
    Expr of the shape of `wrt`, or a list of them if `wrt` is a sequence

    Raises
    ------
    ShapeError
        If the cotangent does not have the shape of `expr`.
    GradientError
        If a derivative does not exist, or `wrt` is not part of the graph.
    """
    call = "vjp()"
    check_formula(call, "expression", expr)
    targets = targets_of(call, wrt)
    (given,) = directions(call, "cotangent", cotangent, [expr], several=False)
    found = []
    for target in targets:
        varied = Variation(call, [expr], [target], facts_of(call, assume))
        pulled = varied.pulled(varied.roots[0], varied.read(given), varied.points)
        found.append(_result(varied, pulled[0], expr, target, target))
    return found if isinstance(wrt, list | tuple) else found[0]


def jvp(expr: Expr, wrt: Any, tangent: Any, assume: Sequence[Expr] = ()) -> Expr:
    r"""The derivative along a direction: the Jacobian times a tangent. `Rop` is the same.

    .. math:: \sum_j \frac{\partial e_i}{\partial x_j} \dot{x}_j

    Parameters
    ----------
    expr : Expr, any shape
        What is differentiated.
    wrt : Expr or sequence of Expr
        Variables, or any expressions of the graph of `expr`.
    tangent : Expr, array or number, shape of `wrt`, or a sequence of them
        The direction in which `wrt` moves; it is held constant.
    assume : sequence of Expr
        Facts that may be used.

    Returns
    -------
    Expr of the shape of `expr`

    Raises
    ------
    ShapeError
        If a tangent does not have the shape of its target.
    GradientError
        If a derivative does not exist, or `wrt` is not part of the graph.
    """
    call = "jvp()"
    check_formula(call, "expression", expr)
    targets = targets_of(call, wrt)
    tangents = directions(call, "tangent", tangent, targets, isinstance(wrt, list | tuple))
    varied = Variation(call, [expr], targets, facts_of(call, assume))
    weight = point(expr, "weight")
    pulled = varied.pulled(varied.roots[0], weight, varied.points)
    moved = [
        varied.pulled(g, varied.read(t), [weight])[0]
        for g, t in zip(pulled, tangents, strict=True)
        if g is not None
    ]
    return _result(varied, varied.total(moved), expr, expr, *targets)


def hvp(loss: Expr, wrt: Any, v: Any, assume: Sequence[Expr] = ()) -> Any:
    r"""The Hessian of a scalar loss times a vector; no matrix is built.

    .. math:: \sum_j \frac{\partial^2 L}{\partial x_i \partial x_j} v_j

    Parameters
    ----------
    loss : Expr, ()
        What is differentiated twice.
    wrt : Expr or sequence of Expr
        Variables, or any expressions of the graph of `loss`.
    v : Expr, array or number, shape of `wrt`, or a sequence of them
        The vector; it is held constant.
    assume : sequence of Expr
        Facts that may be used.

    Returns
    -------
    Expr of the shape of `wrt`, or a list of them if `wrt` is a sequence

    Raises
    ------
    ShapeError
        If `v` does not have the shape of `wrt`.
    GradientError
        If `loss` is not a scalar, a derivative does not exist, or `wrt` is not part of the graph.
    """
    call = "hvp()"
    check_formula(call, "loss", loss, scalar=True)
    targets = targets_of(call, wrt)
    given = directions(call, "vector", v, targets, isinstance(wrt, list | tuple))
    varied = Variation(call, [loss], targets, facts_of(call, assume))
    held = [point(target, "along") for target in targets]
    slopes = varied.pulled(varied.roots[0], None, varied.points)
    curved = [
        varied.pulled(g, along, varied.points) for g, along in zip(slopes, held, strict=True) if g is not None
    ]
    there = {along: varied.read(d) for along, d in zip(held, given, strict=True)}
    found = []
    for k, target in enumerate(targets):
        total = varied.total(row[k] for row in curved)
        total = total if total is None else varied.normal(substitute([total], there)[0])
        found.append(_result(varied, total, loss, target, target))
    return found if isinstance(wrt, list | tuple) else found[0]


def ggnvp(loss: Expr, outputs: Any, wrt: Any, v: Any, assume: Sequence[Expr] = ()) -> Any:
    r"""The Gauss-Newton matrix of a loss times a vector: the curvature of the loss in the outputs alone.

    .. math:: J^\top H_L J v

    Positive semidefinite where the loss is convex in the outputs; equal to `hvp` where these are linear.

    Parameters
    ----------
    loss : Expr, ()
        A scalar function of `outputs`.
    outputs : Expr or sequence of Expr
        Parts of the graph of `loss`, such as logits, that depend on `wrt`: each on some of it.
    wrt : Expr or sequence of Expr
        Variables, or any expressions of the graph of `outputs`.
    v : Expr, array or number, shape of `wrt`, or a sequence of them
        The vector; it is held constant.
    assume : sequence of Expr
        Facts that may be used.

    Returns
    -------
    Expr of the shape of `wrt`, or a list of them if `wrt` is a sequence

    Raises
    ------
    ShapeError
        If `v` does not have the shape of `wrt`.
    GradientError
        If `loss` is not a scalar, a derivative does not exist, or a part is not in the graph.

    References
    ----------
    Schraudolph, Fast curvature matrix-vector products, Neural Computation 14 (2002).
    """
    ends = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    moved = [jvp(end, wrt, v, assume) for end in ends]
    curved = hvp(loss, ends, moved, assume)
    inside = [set(topological([end])) for end in ends]
    found = []
    for target in targets_of("ggnvp()", wrt):
        near = [k for k in range(len(ends)) if target in inside[k]] or [0]
        parts = [vjp(ends[k], target, curved[k], assume) for k in near]
        found.append(sum(parts[1:], parts[0]))
    return found if isinstance(wrt, list | tuple) else found[0]


def _result(varied: Variation, total: Expr | None, formula: Expr, like: Expr, *targets: Expr) -> Expr:
    """A result as a formula; zeros where everything cancels, an error where nothing is connected."""
    if total is not None:
        return cast(varied.written([total])[0], like.dtype)
    for target in targets:
        check_connected(varied.call, formula, "expression" if formula.ndim else "loss", target)
    return zeros_like(like)
