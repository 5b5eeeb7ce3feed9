"""Selections stay outermost: what a condition masks is never multiplied by something that may be infinite."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from ..core.expr import Expr, apply
from ..core.op import OPS
from ..ops.conditions import where
from ..ops.normal import COMBINE, CONTRACT, Coefficient, Index, by_labels
from .normalise import Normaliser
from .products import Product, canonical, is_size, is_zero, product_of, spliced, split, zero

WHERE = OPS[where.__name__]
Pair = tuple[Expr, Index]


class Selection(NamedTuple):
    """``where(condition, live, 0)`` or ``where(condition, 0, live)`` as a factor at the axes `own`."""

    factor: Expr
    own: Index
    branch: int
    """The position of the live branch."""

    def part(self, position: int) -> Pair:
        """An argument with its axes."""
        arg = self.factor.args[position]
        return arg, self.own[len(self.own) - arg.ndim :]

    def conditional(self) -> set[int]:
        """The axes along which the condition differs."""
        condition, places = self.part(0)
        product = product_of(condition)
        repeated = {p for p, i in enumerate(product.out) if product.uses(i) == 0}
        return {i for p, i in enumerate(places) if p not in repeated and condition.shape[p] != 1}


def where_outermost(normal: Normaliser, node: Expr) -> Expr | None:
    """``where(c, a, 0)·b`` is where(c, a·b, 0): zero also where b is infinite or NaN.

    That goes for every factor whose axes the selection has, for one along whose further axes it is
    repeated, and for sums over axes that the condition does not have.
    """
    product = product_of(node)
    for k, pair in enumerate(product.factors):
        chosen = _selection(*pair)
        if chosen is None:
            continue
        others = product.factors[:k] + product.factors[k + 1 :]
        summed = set(chosen.own) - chosen.conditional() - set(product.out)
        axes = _axes_inside(chosen, summed, others, product)
        rest, inside = _divided(others, summed, {*axes, *chosen.own}, set(product.out))
        if inside or summed:
            value = _selected(normal, chosen, inside, axes, product)
            pairs = [*rest, (value, axes)]
            return normal.simplified(spliced(pairs, product.out, tuple(product.sizes), product.dtype))
    return None


def _selection(factor: Expr, own: Index) -> Selection | None:
    masked = [p for p in (1, 2) if is_zero(factor.args[p])] if factor.op is WHERE else []
    return Selection(factor, own, 3 - masked[0]) if len(masked) == 1 and len(set(own)) == len(own) else None


def _divided(
    others: list[Pair], summed: set[int], axes: set[int], out: set[int]
) -> tuple[list[Pair], list[Pair]]:
    """The factors that stay outside a selection, and those that go inside, with all summed with them."""
    rest: list[Pair] = []
    inside: list[Pair] = []
    for pair, reach in zip(others, _linked(others, axes | out), strict=True):
        goes = summed & set(pair[1]) or (reach <= axes and not is_size(pair[0]))
        (inside if goes else rest).append(pair)
    return rest, inside


def _linked(pairs: list[Pair], fixed: set[int]) -> list[set[int]]:
    """For each factor, the fixed indices that it and the factors summed with it have."""
    reach = [set(own) for _, own in pairs]
    for _ in pairs:
        for k, (_, own) in enumerate(pairs):
            for n, (_, other) in enumerate(pairs):
                if set(own) & set(other) - fixed:
                    reach[k] |= reach[n]
    return [found & fixed for found in reach]


def _axes_inside(chosen: Selection, summed: set[int], others: list[Pair], product: Product) -> Index:
    """The axes of a selection when what is summed goes inside, with the widest factor that repeats it."""
    met = [i for _, index in others if summed & set(index) for i in index]
    axes = tuple(i for i in dict.fromkeys([*chosen.own, *met]) if i not in summed)
    wider = [index for _, index in others if set(axes) < set(index) <= set(product.out)]
    widest = max((index for index in wider if len(set(index)) == len(index)), key=len, default=axes)
    return tuple(sorted(widest, key=product.out.index)) if set(widest) <= set(product.out) else widest


def _selected(
    normal: Normaliser, chosen: Selection, inside: list[Pair], axes: Index, product: Product
) -> Expr:
    """The selection at `axes` with its live branch multiplied by the factors that go inside."""
    condition, places = chosen.part(0)
    if axes != chosen.own:
        kept: list[Hashable] = [i if i in chosen.conditional() else ("one", i) for i in axes]
        first = next((k for k, i in enumerate(axes) if i in chosen.conditional()), len(axes))
        condition = normal(by_labels([(condition, places)], kept[first:]))
    args = [condition, zero((), chosen.factor.dtype), zero((), chosen.factor.dtype)]
    lengths = {i: product.sizes[i] for i in (*chosen.own, *axes)}
    args[chosen.branch] = normal(by_labels([chosen.part(chosen.branch), *inside], axes, lengths))
    return normal.finished(apply(WHERE, *args))


def scales_outside(normal: Normaliser, node: Expr) -> Expr | None:
    """``where(c, N a, N b)`` is N where(c, a, b) for numbers and sizes that all branches share."""
    live = [branch for branch in node.args[1:] if not is_zero(branch)]
    if not live:
        return zero(node.shape, node.dtype)
    scales = [_scalar_sizes(product_of(branch)) for branch in live]
    common = [f for f in scales[0] if all(f in other for other in scales)]
    coef: Coefficient = split(live[0])[0] if len(live) == 1 else _sign(live)
    if not common and coef == 1:
        return None
    bare = [branch if is_zero(branch) else _without(branch, common, coef) for branch in node.args[1:]]
    selected = normal.finished(apply(WHERE, node.args[0], *bare))
    axes = tuple(range(selected.ndim))
    inside = normal.product([*[(f, ()) for f in common], (selected, axes)], axes, selected.shape)
    return normal.sum([coef], [inside])


def _sign(live: list[Expr]) -> Coefficient:
    """-1 where every branch that is no difference has a minus."""
    signs = [split(branch)[0] < 0 for branch in live if split(branch)[1].op is not COMBINE]
    return -1 if signs and all(signs) else 1


def _scalar_sizes(product: Product) -> list[Expr]:
    return [f for f, own in product.factors if own == () and is_size(f)]


def _without(branch: Expr, common: list[Expr], coef: Coefficient) -> Expr:
    product = product_of(branch)
    product.factors = [(f, own) for f, own in product.factors if own != () or f not in common]
    product.coef = product.coef / coef
    return canonical(product)


def sum_of_wheres(normal: Normaliser, node: Expr) -> Expr | None:
    """``where(c, x, 0) + where(c, 0, y)`` is ``where(c, x, y)``, also summed and inside a product."""
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
    """A sum with the first two selections under one condition, at the same indices, made one."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    first_under: dict[Hashable, int] = {}
    for n, (d, second) in enumerate(terms):
        pattern = _pattern(second)
        k = n if pattern is None else first_under.setdefault(pattern, n)
        if k == n:
            continue
        c, first = terms[k]
        merged = _both(normal, (c, product_of(first)), (d, product_of(second)))
        rest = [term for m, term in enumerate(terms) if m not in (k, n)]
        return normal.sum([1, *[e for e, _ in rest]], [merged, *[t for _, t in rest]])
    return None


def _pattern(term: Expr) -> Hashable:
    """The condition and indices of a selection that nothing but sizes multiplies; None for other terms."""
    product = product_of(term)
    tensors = [(f, own) for f, own in product.factors if not is_size(f)]
    if len(tensors) != 1 or tensors[0][0].op is not WHERE:
        return None
    (factor, own) = tensors[0]
    return factor.args[0], factor.shape, own, product.out, tuple(product.sizes)


def _both(
    normal: Normaliser, first: tuple[Coefficient, Product], second: tuple[Coefficient, Product]
) -> Expr:
    """The sum of two selections of one pattern."""
    parts = []
    for coef, product in (first, second):
        ((factor, own),) = [(f, own) for f, own in product.factors if not is_size(f)]
        scales: list[Pair] = [(f, ()) for f, _ in product.factors if is_size(f)]
        parts.append([_scaled(normal, coef, scales, branch) for branch in factor.args[1:]])
    branches = [normal.sum([1, 1], pair) for pair in zip(*parts, strict=True)]
    merged = normal.finished(apply(WHERE, factor.args[0], *branches))
    return normal.product([(merged, own)], product.out, tuple(product.sizes))


def _scaled(normal: Normaliser, coef: Coefficient, scales: list[Pair], branch: Expr) -> Expr:
    axes = tuple(range(branch.ndim))
    return normal.sum([coef], [normal.product([*scales, (branch, axes)], axes, branch.shape)])
