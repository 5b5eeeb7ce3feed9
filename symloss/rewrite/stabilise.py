"""Stability: written formulas with the parts that would overflow, cancel or vanish rewritten."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import InternalError, message
from ..core.expr import Expr
from ..core.op import OPS
from ..core.walk import rebuild, topological
from ..ops.arithmetic import negative
from .books import stability
from .normalise import Normaliser
from .present import present

_MOST_ROUNDS = 64
NEGATIVE = OPS[negative.__name__]


def stabilise(roots: Sequence[Expr]) -> list[Expr]:
    """The same formulas, each node in which a rule fires being replaced; the rest stays as it was written."""
    normal = Normaliser(rules=stability())
    replaced: dict[Expr, Expr] = {}

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node in replaced:
            return replaced[node]
        normal.rank(node)
        before = len(normal.trace)
        form = normal(node)
        if len(normal.trace) == before:
            normal.origin.setdefault(form, node)
            return _tidied(node.with_args(args))
        replaced[node] = present([form], normal)[0]
        return replaced[node]

    current = list(roots)
    for _ in range(_MOST_ROUNDS):
        found = len(normal.trace)
        current = rebuild(current, change)
        if len(normal.trace) == found and not replaced.keys() & set(topological(current)):
            return current
    raise InternalError(
        message("function", f"rules still fire after {_MOST_ROUNDS} rounds", "please report it")
    )


def _tidied(node: Expr) -> Expr:
    """The formula without the double minus that a replaced argument may leave."""
    twice = node.op is NEGATIVE and node.args[0].op is NEGATIVE
    return node.args[0].args[0] if twice else node
