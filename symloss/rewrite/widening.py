"""Half precision: formulas of it alone are computed in single precision, and rounded once at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core.dtypes import is_float
from ..core.expr import Expr, apply
from ..core.leaves import CONSTANT, SIZE, size_of
from ..core.walk import rebuild, topological
from ..ops.along import HALF, SINGLE
from ..ops.family import CAST, INDICATOR, cast
from ..ops.normal import DELTA


def in_single(roots: Sequence[Expr], points: Mapping[Expr, Expr] | None = None) -> list[Expr]:
    """The same formulas, with every float in single precision if all variables are of half precision.

    No cast then stands between an operation and another, where it would hide a formula that has a name.
    `points` are leaves that take the place of others.
    """
    held = points or {}

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node in held:
            return held[node]
        if not node.args:
            return size_of(node.params["value"], SINGLE) if node.op is SIZE else _wide(node)
        if node.op in (CAST, INDICATOR):
            return cast(args[0], _single(node.params["dtype"]))
        return apply(node.op, *args, **{name: _single(value) for name, value in node.params.items()})

    return rebuild(roots, change)


def is_half(roots: Sequence[Expr]) -> bool:
    """Whether half precision is the only one of the variables of formulas that are floats."""
    leaves = [node for node in topological(roots) if node.op.leaf and node.op not in (CONSTANT, SIZE, DELTA)]
    return {leaf.dtype for leaf in leaves if is_float(leaf.dtype)} == {HALF}


def _wide(e: Expr) -> Expr:
    return cast(e, _single(e.dtype))


def _single(value: Any) -> Any:
    """A parameter with half precision replaced by single."""
    return SINGLE if isinstance(value, np.dtype) and value == HALF else value
