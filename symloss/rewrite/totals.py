"""Compiled reductions to one number: in one go, and what is done to all entries done to the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import NamedTuple

from ..core.dtypes import is_float
from ..core.expr import Expr, apply
from ..core.leaves import CONSTANT
from ..core.op import OPS
from ..core.walk import rebuild, users
from ..ops.along import SUM, count
from ..ops.arithmetic import divide, multiply, negative
from ..ops.moments import MEAN

DIVIDE, MULTIPLY, NEGATIVE = (OPS[name] for name in ("divide", "multiply", "negative"))
_FARTHEST = 16.0
"""Numbers beyond it, and below its inverse, stay where they are: they may keep a result from overflowing."""
_LEAST = 1.0
"""A number below it stays inside a sum: it may keep the sum from overflowing."""


def in_one_go(roots: Sequence[Expr]) -> list[Expr]:
    """The formulas with each sum or mean to one number taken of as much as is used nowhere else."""
    counts, done = users(roots), dict[Expr, Expr]()

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        done[node] = node.with_args(args)
        if node.op in (SUM, MEAN) and not node.ndim and is_float(node.args[0].dtype):
            done[node] = _reduced(node, lambda e: counts[e] == 1, done)
            done[node].site = node.site
        return done[node]

    return rebuild(roots, change)


def _reduced(node: Expr, alone: Callable[[Expr], bool], done: dict[Expr, Expr]) -> Expr:
    """A sum or mean of all that lies below signs, numbers and other sums."""
    x, after, size, scale = node.args[0], list[Callable[[Expr], Expr]](), None, 1.0
    while alone(x):
        if x.op is SUM and not x.params["keepdims"]:
            size = count(x, tuple(range(x.ndim)), x.dtype) if size is None else size
            x = x.args[0]
        elif (found := _outside(x)) and _LEAST <= scale * found.scale <= _FARTHEST:
            x, scale = found.inner, scale * found.scale
            after.append(found.again)
        else:
            break
    if x is node.args[0]:
        return done[node]
    op = node.op if size is None else SUM
    total = reduce(
        lambda e, f: f(e), after[::-1], apply(op, done[x], axis=tuple(range(x.ndim)), keepdims=False)
    )
    return total if size is None or node.op is SUM else divide(total, size)


class Outside(NamedTuple):
    """A tensor, and what makes another of it that is `scale` times as large."""

    inner: Expr
    again: Callable[[Expr], Expr]
    scale: float = 1.0


def _outside(x: Expr) -> Outside | None:
    """The tensor below a sign or a number that all entries have; None if they have neither."""
    if x.op is NEGATIVE:
        return Outside(x.args[0], negative)
    if x.op in (MULTIPLY, DIVIDE):
        one, other = x.args
        if x.op is MULTIPLY and is_moderate(one) and other.dtype == x.dtype:
            return Outside(other, partial(multiply, one), abs(float(one.params["value"])))
        if x.op is DIVIDE and is_moderate(other) and one.dtype == x.dtype:
            return Outside(one, partial(_over, other), 1 / abs(float(other.params["value"])))
    return None


def is_moderate(e: Expr) -> bool:
    """Whether an expression is a number that is neither large nor small."""
    return e.op is CONSTANT and not e.ndim and bool(1 / _FARTHEST <= abs(e.params["value"]) <= _FARTHEST)


def _over(number: Expr, total: Expr) -> Expr:
    return divide(total, number)
