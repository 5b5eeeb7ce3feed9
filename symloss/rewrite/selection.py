"""Selections stay outermost: what a condition masks is never multiplied by something that may be infinite."""

from __future__ import annotations

from dataclasses import replace

from ..core.expr import Expr, apply
from ..ops.conditions import where
from ..ops.normal import COMBINE, CONTRACT, Index, times
from .normalise import Normaliser
from .products import Product, canonical, is_size, is_zero, product_of


def where_outermost(normal: Normaliser, node: Expr) -> Expr | None:
    """``where(c, a, 0)·b`` is where(c, a·b, 0): zero also where b is infinite or NaN."""
    product = product_of(node)
    for k, (factor, own) in enumerate(product.factors):
        if factor.op.name != where.__name__:
            continue
        masked = [position for position in (1, 2) if is_zero(factor.args[position])]
        others = product.factors[:k] + product.factors[k + 1 :]
        group = [f for f, index in others if index == own and not is_size(f)]
        if len(masked) == 1 and group:
            rest = [(f, index) for f, index in others if index != own or is_size(f)]
            inside = _selected(normal, factor, 3 - masked[0], group)
            return normal.product([*rest, (inside, own)], product.out, tuple(product.sizes), node)
    return None


def _selected(normal: Normaliser, factor: Expr, branch: int, group: list[Expr]) -> Expr:
    """The selection with its live branch multiplied by the factors of `group`."""
    args = list(factor.args)
    args[branch] = normal(times(args[branch], *group))
    return normal.finished(apply(factor.op, *args))


def sum_of_wheres(normal: Normaliser, node: Expr) -> Expr | None:
    """``where(c, x, 0) + where(c, 0, y)`` is ``where(c, x, y)``, also inside a product."""
    if node.op is not CONTRACT:
        return _merged(normal, node)
    product = product_of(node)
    for k, (factor, own) in enumerate(product.factors):
        merged = _merged(normal, factor) if factor.op is COMBINE else None
        if merged is not None:
            product.factors[k] = (merged, own)
            return normal.product(product.factors, product.out, tuple(product.sizes), node)
    return None


def _merged(normal: Normaliser, node: Expr) -> Expr | None:
    """A sum with the first two selections under one condition made one."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    first_under: dict[Expr, int] = {}
    for n, (d, second) in enumerate(terms):
        k = first_under.setdefault(second.args[0], n) if second.op.name == where.__name__ else n
        if k == n or terms[k][1].shape != second.shape:
            continue
        c, first = terms[k]
        pairs = zip(first.args[1:], second.args[1:], strict=True)
        merged = _chosen(normal, first.args[0], [normal.sum([c, d], list(pair)) for pair in pairs])
        rest = [term for m, term in enumerate(terms) if m not in (k, n)]
        return normal.sum([1, *[e for e, _ in rest]], [merged, *[t for _, t in rest]])
    return None


def _chosen(normal: Normaliser, condition: Expr, branches: list[Expr]) -> Expr:
    """``where(condition, x, y)`` with the sizes that both branches are multiplied by outside."""
    products = [None if is_zero(branch) else product_of(branch) for branch in branches]
    scales = [_scalar_sizes(product) for product in products if product is not None]
    common = [f for f in scales[0] if all(f in other for other in scales)] if scales else []
    bare = [
        branch if product is None else canonical(replace(product, factors=_without(product, common)))
        for branch, product in zip(branches, products, strict=True)
    ]
    selected = normal.finished(where(condition, *bare))
    if not common:
        return selected
    axes = tuple(range(selected.ndim))
    return normal.product([*[(f, ()) for f in common], (selected, axes)], axes, selected.shape)


def _scalar_sizes(product: Product) -> list[Expr]:
    return [f for f, own in product.factors if own == () and is_size(f)]


def _without(product: Product, common: list[Expr]) -> list[tuple[Expr, Index]]:
    return [(f, own) for f, own in product.factors if own != () or f not in common]
