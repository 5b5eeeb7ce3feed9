"""The reverse sweep: cotangents flow from the root to the arguments, each node visited once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..core import shapes
from ..core.dtypes import is_float
from ..core.errors import GradientError, GraphError, kind, message, place
from ..core.expr import Expr, describe
from ..core.op import Rule
from ..core.walk import topological
from ..ops.normal import by_labels
from ..rewrite.normalise import Normaliser


class Flow(NamedTuple):
    """What one node passes to one of its arguments: `rule` as its record states it, `value` simplified."""

    node: Expr
    position: int
    cotangent: Expr
    rule: Expr
    value: Expr

    @property
    def arg(self) -> Expr:
        """Where it flows to."""
        return self.node.args[self.position]


def pull_back(
    root: Expr,
    cotangent: Expr,
    wrt: Sequence[Expr],
    normal: Normaliser,
    call: str = "grad()",
    record: list[Flow] | None = None,
) -> list[Expr | None]:
    """The cotangents of `wrt` (normal forms in the graph of `root`); None where nothing flows.

    `cotangent` may have extra leading axes; the results then have them too. `record` takes every flow.
    """
    extra = cotangent.ndim - root.ndim
    targets = frozenset(wrt)
    order = topological([root], stop=targets.__contains__)
    needed, blocked = _leading_to(order, wrt)
    parts: dict[Expr, list[Expr]] = {root: [cotangent]}
    totals: dict[Expr, Expr] = {}
    for node in reversed(order):
        if not parts.get(node) or node not in needed:
            continue
        g = totals[node] = _total(parts.pop(node), normal)
        if node in targets:
            continue
        for position, arg in enumerate(node.args):
            if arg in needed:
                flows = _flow(node, position, g, normal, call, extra)
                parts.setdefault(arg, []).extend(flow.value for flow in flows)
                if record is not None:
                    record += flows
            elif arg in blocked and _flows(node, position):
                raise _no_derivative(blocked[arg], normal, call)
    return [totals.get(w) for w in wrt]


def _leading_to(order: Sequence[Expr], wrt: Sequence[Expr]) -> tuple[set[Expr], dict[Expr, Expr]]:
    """The nodes that depend on `wrt`, and those that do so without a derivative, with who is to blame."""
    needed, blocked = set(wrt), dict[Expr, Expr]()
    for node in order:
        through = [arg for i, arg in enumerate(node.args) if _flows(node, i)]
        reached = any(arg in needed for arg in through)
        culprit = next((blocked[arg] for arg in through if arg in blocked), node if reached else None)
        if not is_float(node.dtype) and culprit is not None:
            blocked[node] = culprit
        elif reached or any(arg in blocked for arg in through):
            needed.add(node)
    return needed, blocked


def _flows(node: Expr, position: int) -> bool:
    """Whether a cotangent flows to an argument, or would if there were a derivative."""
    return node.op.derivative is None or node.op.derivative(position) is not None


def _total(parts: list[Expr], normal: Normaliser) -> Expr:
    return parts[0] if len(parts) == 1 else normal.sum([1] * len(parts), parts)


def _flow(node: Expr, position: int, g: Expr, normal: Normaliser, call: str, extra: int) -> list[Flow]:
    """What flows to one argument: the rule of the operation, summed where the argument was repeated."""
    if node.op.derivative is None:
        raise _no_derivative(node, normal, call)
    rule = node.op.derivative(position)
    if rule is None:
        return []
    stated = _by_rule(rule, g, node, position, call)
    value = normal(stated)
    if value is not stated:
        # each flow is read once
        normal.memo.pop(stated)
    if value.shape[extra:] != node.args[position].shape:
        _check_flow(value, node, position, extra, call)
        labels = _unrepeated(value, node.args[position], extra)
        if labels is not None:
            axes = range(value.ndim)
            stated, value = by_labels([(stated, axes)], labels), normal(by_labels([(value, axes)], labels))
    return [Flow(node, position, g, stated, value)]


def _no_derivative(node: Expr, normal: Normaliser, call: str) -> GradientError:
    written = normal.origin.get(node, node)
    stated = "no rule is stated" if is_float(node.dtype) else f"its dtype is {node.dtype.name}"
    why = node.op.undifferentiable or stated
    wrong = f"{describe(written)}, built at {place(written.site)}, has no derivative, as {why}"
    return GradientError(message(call, wrong, "wrap it in stop_gradient() to treat it as constant"))


def _by_rule(rule: Rule, g: Expr, node: Expr, position: int, call: str) -> Expr:
    """What a rule gives, which the user may have written, so that nothing is taken for granted."""
    where = f"{call}, derivative of {node.op.name} in argument {position}"
    try:
        flow: Any = rule(g, node, *node.args)
    except TypeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise
        wrong = f"the rule does not take g, z and {len(node.args)} arguments"
        raise GraphError(message(where, wrong, "write it as lambda g, z, x, …: …")) from error
    if not isinstance(flow, Expr) or not is_float(flow.dtype):
        found = flow.dtype.name if isinstance(flow, Expr) else kind(flow)
        raise GraphError(message(where, f"the rule gave {found}", "return a tensor of a float dtype"))
    return flow


def _check_flow(flow: Expr, node: Expr, position: int, extra: int, call: str) -> None:
    """Refuse a cotangent whose shape is neither the argument's nor one that it broadcasts to."""
    shape, wanted = flow.shape[extra:], node.args[position].shape
    behind = shape[max(len(shape) - len(wanted), 0) :]
    most = max(len(wanted), node.ndim)
    if (
        len(wanted) == len(behind)
        and len(shape) <= most
        and all(n == 1 or shapes.same(m, n) for m, n in zip(behind, wanted, strict=True))
    ):
        return
    where = f"{call}, derivative of {node.op.name} in argument {position}"
    wrong = f"the rule gave shape {shapes.show(shape)}, expected {shapes.show(wanted)}"
    raise GraphError(message(where, wrong, "return the shape of the argument or of the result"))


def _unrepeated(g: Expr, arg: Expr, extra: int) -> list[object] | None:
    """The labels of the axes of `g` to keep when it is summed where `arg` was repeated; None if nowhere."""
    shape = g.shape[extra:]
    if shapes.same_shape(shape, arg.shape):
        return None
    lead = len(shape) - arg.ndim
    out: list[object] = list(range(extra))
    for k, size in enumerate(arg.shape):
        axis = extra + lead + k
        out.append(("one", axis) if size == 1 and g.shape[axis] != 1 else axis)
    return out
