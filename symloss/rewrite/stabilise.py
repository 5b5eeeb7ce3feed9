"""Stability: written formulas with the parts that would overflow, cancel or vanish rewritten."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.expr import Expr
from ..core.op import OPS
from ..core.walk import rebuild, topological
from ..ops.arithmetic import negative
from ..ops.family import cast
from .books import stability
from .economy import economical
from .normalise import Normaliser
from .present import present
from .widening import in_single, is_half

_MOST_ROUNDS = 8
NEGATIVE = OPS[negative.__name__]


def stabilise(roots: Sequence[Expr]) -> list[Expr]:
    """The same formulas, each node in which a rule fires being replaced; the rest stays as it was written.

    What several parts have in common is then computed once.
    """
    normal = Normaliser(rules=stability(), faithful=True)
    fired: set[Expr] = set()
    met: list[Expr] = []

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if not node.args:
            met.append(node)
        before = len(normal.trace)
        form = normal(node)
        if len(normal.trace) == before and node not in fired:
            new = _tidied(node.with_args(args))
            normal.origin.setdefault(form, new)
            return new
        fired.add(node)
        # most formulas are left as they are, and need no ranks
        for leaf in met:
            normal.rank(leaf)
        met.clear()
        new = normal.origin[form] = present([form], normal)[0]
        return new

    half = is_half(roots)
    current = in_single(roots) if half else list(roots)
    for _ in range(_MOST_ROUNDS):
        found = len(normal.trace)
        current = rebuild(current, change)
        if len(normal.trace) == found and not (fired and fired.intersection(topological(current))):
            break
    current = economical(current)
    return [cast(e, root.dtype) for e, root in zip(current, roots, strict=True)] if half else current


def _tidied(node: Expr) -> Expr:
    """The formula without the double minus that a replaced argument may leave."""
    twice = node.op is NEGATIVE and node.args[0].op is NEGATIVE
    return node.args[0].args[0] if twice else node
