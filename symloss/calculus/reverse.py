"""The reverse sweep: cotangents flow from the root to the arguments, each node visited once."""

from __future__ import annotations

from collections.abc import Sequence

from ..core import shapes
from ..core.dtypes import is_float
from ..core.errors import GradientError, InternalError, message
from ..core.expr import Expr
from ..core.walk import topological
from ..ops.normal import by_labels
from ..rewrite.normalise import Normaliser


def pull_back(root: Expr, cotangent: Expr, wrt: Sequence[Expr], normal: Normaliser) -> list[Expr | None]:
    """The cotangents of `wrt` (normal forms in the graph of `root`); None where nothing flows.

    `cotangent` may have extra leading axes; the results then have them too.
    """
    extra = cotangent.ndim - root.ndim
    order = topological([root], stop=frozenset(wrt).__contains__)
    needed = _leading_to(order, wrt)
    parts: dict[Expr, list[Expr]] = {root: [cotangent]}
    totals: dict[Expr, Expr] = {}
    for node in reversed(order):
        if node not in parts or node not in needed:
            continue
        g = totals[node] = _total(parts.pop(node), normal)
        if node in wrt:
            continue
        for position, arg in enumerate(node.args):
            if arg in needed:
                flow = _flow(node, position, g, normal)
                if flow is not None:
                    parts.setdefault(arg, []).append(unbroadcast(flow, arg, extra, normal))
    return [totals.get(w) for w in wrt]


def _leading_to(order: Sequence[Expr], wrt: Sequence[Expr]) -> set[Expr]:
    """The nodes that depend on `wrt` through floating-point values."""
    needed = set(wrt)
    for node in order:
        if is_float(node.dtype) and any(arg in needed for arg in node.args):
            needed.add(node)
    return needed


def _total(parts: list[Expr], normal: Normaliser) -> Expr:
    return parts[0] if len(parts) == 1 else normal.sum([1] * len(parts), parts)


def _flow(node: Expr, position: int, g: Expr, normal: Normaliser) -> Expr | None:
    """The cotangent of one argument: the rule of the operation, in normal form."""
    if node.op.derivative is None:
        why = node.op.undifferentiable or "no rule is stated"
        wrong = f"{node.op.name} has no derivative: {why}"
        raise GradientError(message("grad()", wrong, "wrap it in stop_gradient() to treat it as constant"))
    rule = node.op.derivative(position)
    if rule is None:
        return None
    return normal(rule(g, node, *node.args))


def unbroadcast(g: Expr, arg: Expr, extra: int, normal: Normaliser) -> Expr:
    """`g` summed over the axes along which `arg` was repeated."""
    shape = g.shape[extra:]
    if shapes.same_shape(shape, arg.shape):
        return g
    lead = len(shape) - arg.ndim
    if lead < 0:
        raise InternalError(message("grad()", f"a cotangent of shape {shapes.show(g.shape)} is too small"))
    axes = list(range(g.ndim))
    out: list[object] = list(axes[:extra])
    for k, size in enumerate(arg.shape):
        axis = extra + lead + k
        out.append(("one", axis) if size == 1 and g.shape[axis] != 1 else axis)
    return normal(by_labels([(g, axes)], out))
