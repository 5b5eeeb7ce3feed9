"""Selections stay outermost: what a condition masks is never multiplied by something that may be infinite."""

from __future__ import annotations

from ..core.expr import Expr, apply
from ..ops.selection import where
from .normalise import Normaliser
from .products import is_zero, product_of


def where_outermost(normal: Normaliser, node: Expr) -> Expr | None:
    """``where(c, a, 0)·b`` is where(c, a·b, 0): zero also where b is infinite or NaN."""
    product = product_of(node)
    for k, (factor, own) in enumerate(product.factors):
        if factor.op.name != where.__name__ or not own:
            continue
        masked = [position for position in (1, 2) if is_zero(factor.args[position])]
        group = [pair for n, pair in enumerate(product.factors) if n != k and pair[1] == own]
        if len(masked) != 1 or not group:
            continue
        rest = [pair for pair in product.factors if pair[1] != own]
        inside = _selected(normal, factor, 3 - masked[0], [f for f, _ in group])
        return normal.product([*rest, (inside, own)], product.out, tuple(product.sizes), node)
    return None


def _selected(normal: Normaliser, factor: Expr, branch: int, group: list[Expr]) -> Expr:
    """The selection with its live branch multiplied by the factors of `group`."""
    axes = tuple(range(factor.ndim))
    live = factor.args[branch]
    pairs = [(live, axes[factor.ndim - live.ndim :]), *[(f, axes) for f in group]]
    args = list(factor.args)
    args[branch] = normal.product(pairs, axes, factor.shape, factor)
    return normal.finished(apply(factor.op, *args))
