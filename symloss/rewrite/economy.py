"""Economy: compiled formulas written with parts that are computed once, and in fewer passes over memory."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.expr import Expr, apply
from ..core.walk import rebuild, topological
from ..ops.labels import ONE_HOT, PICK
from ..ops.likelihood import SOFTMAX_MINUS, SOFTMAX_TOTAL_MINUS
from ..ops.parts import EXPONENTIALS, LOG_SHARES, LOG_SOFTMAX_AT, LOG_TOTAL, SHARES, SOFTMAX_MINUS_ONE_HOT
from ..ops.softmax_family import LOG_SOFTMAX, LOGSUMEXP, SOFTMAX

OF_ONE_AXIS = {LOGSUMEXP: LOG_TOTAL, LOG_SOFTMAX: LOG_SHARES, SOFTMAX: SHARES} | {
    op: op for op in (SOFTMAX_MINUS, SOFTMAX_TOTAL_MINUS, LOG_SOFTMAX_AT, SOFTMAX_MINUS_ONE_HOT)
}
"""Each member of the softmax family, and the one that takes exponentials as its last argument."""


def economical(roots: Sequence[Expr]) -> list[Expr]:
    """The same values with less work."""
    return share_exponentials(rebuild(roots, _at_labels))


def _at_labels(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """Entries at labels, without the array of all entries or of the one-hot rows."""
    new = node.with_args(args)
    if node.op is PICK and args[0].op is LOG_SOFTMAX and _axis(args[0]) == _last(args[0]):
        return apply(LOG_SOFTMAX_AT, args[0].args[0], args[1])
    if node.op is SOFTMAX_MINUS and args[1].op is ONE_HOT and _axis(new) == _last(new):
        return apply(SOFTMAX_MINUS_ONE_HOT, args[0], args[1].args[0])
    return new


def _last(node: Expr) -> tuple[int, ...]:
    return (node.args[0].ndim - 1,)


def _axis(node: Expr) -> tuple[int, ...]:
    axis: tuple[int, ...] = node.params.get("axis", _last(node))
    return axis


def share_exponentials(roots: Sequence[Expr]) -> list[Expr]:
    """The members of the softmax family that have the same scores, with exponentials that they share."""
    members: dict[tuple[Expr, tuple[int, ...]], set[Expr]] = {}
    for node in topological(roots):
        if node.op in OF_ONE_AXIS and len(_axis(node)) == 1:
            members.setdefault((node.args[0], _axis(node)), set()).add(node)
    shared = {node for group in members.values() if len(group) > 1 for node in group}

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node not in shared:
            return node.with_args(args)
        parts = apply(EXPONENTIALS, args[0], axis=_axis(node))
        return apply(OF_ONE_AXIS[node.op], *args, parts, **node.params)

    return rebuild(roots, change) if shared else list(roots)
