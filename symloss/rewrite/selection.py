"""Selections stay outermost: what a condition masks is never multiplied by something that may be infinite."""

from __future__ import annotations

from ..core.expr import Expr, apply
from ..core.leaves import SIZE
from ..ops.normal import times
from ..ops.selection import where
from .normalise import Normaliser
from .products import base_and_exponent, is_zero, product_of


def where_outermost(normal: Normaliser, node: Expr) -> Expr | None:
    """``where(c, a, 0)·b`` is where(c, a·b, 0): zero also where b is infinite or NaN."""
    product = product_of(node)
    for k, (factor, own) in enumerate(product.factors):
        if factor.op.name != where.__name__:
            continue
        masked = [position for position in (1, 2) if is_zero(factor.args[position])]
        others = product.factors[:k] + product.factors[k + 1 :]
        group = [f for f, index in others if index == own and not _is_size(f)]
        if len(masked) == 1 and group:
            rest = [(f, index) for f, index in others if index != own or _is_size(f)]
            inside = _selected(normal, factor, 3 - masked[0], group)
            return normal.product([*rest, (inside, own)], product.out, tuple(product.sizes), node)
    return None


def _is_size(factor: Expr) -> bool:
    return base_and_exponent(factor)[0].op is SIZE


def _selected(normal: Normaliser, factor: Expr, branch: int, group: list[Expr]) -> Expr:
    """The selection with its live branch multiplied by the factors of `group`."""
    args = list(factor.args)
    args[branch] = normal(times(args[branch], *group))
    return normal.finished(apply(factor.op, *args))
