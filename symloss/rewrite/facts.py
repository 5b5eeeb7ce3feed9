"""Assumed equations: as the user states them, and where their left side is a part of a product."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..core.errors import GraphError, kind, message
from ..core.expr import Expr, describe
from ..core.op import OPS
from ..core.walk import topological
from ..ops.arithmetic import eq
from ..ops.normal import CONTRACT, Index, number_in
from .products import Product, is_size, is_zero, product_of, split
from .sums import times_scalars, without_scalars

if TYPE_CHECKING:
    from .normalise import Normaliser

EQ = OPS[eq.__name__]
Facts = list[tuple[Expr, Expr]]
Places = dict[int, int]
"""Where each index of a fact stands in the product."""


def solved(normal: Normaliser, left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """An equation as what is replaced and by what; a number on the right holds for every element."""
    left, right = normal(left), normal(right)
    if number_in(left):
        left, right = right, left
    shape = left.shape
    if right.shape != shape:
        axes = tuple(range(len(shape) - right.ndim, len(shape)))
        right = normal.product([(right, axes)], tuple(range(len(shape))), shape)
    coef, core = split(left)
    if is_zero(left):
        raise GraphError(message("assume", "the left side of an equation is 0", "write another side"))
    if number_in(left) and left is not right:
        raise GraphError(message("assume", "an equation of two numbers is wrong", "drop it"))
    product = product_of(core)
    sizes = [f for f, own in product.factors if own == () and is_size(f)]
    if sizes and len(product.factors) > len(sizes):
        core = without_scalars(core, sizes)
        right = times_scalars([normal.power(f, Fraction(-1)) for f in sizes], right)
    value = normal.sum([Fraction(1) / coef], [right])
    if value is not core:
        _check_resolved(core, value)
    return core, value


def _check_resolved(core: Expr, value: Expr) -> None:
    """Refuse a fact that says of something what it itself is a part of."""
    for node in topological([value]):
        if node is core or (node.op is CONTRACT and occurrence(core, product_of(node))):
            wrong = "an equation has its left side in its right side again"
            raise GraphError(message("assume", wrong, "solve it for the left side"))


def occurrence(fact: Expr, product: Product) -> tuple[list[int], Index] | None:
    """Which factors of a product make up the left side of a fact, and at which indices its value stands."""
    if fact.op is CONTRACT:
        wanted = list(zip(fact.args, fact.params["ins"], strict=True))
        out = fact.params["out"]
    else:
        out = tuple(range(fact.ndim))
        wanted = [(fact, out)]
    summed = {i for _, own in wanted for i in own} - set(out)
    for chosen, places in _assignments(wanted, product, [], {}):
        if all(_only_in(places[i], chosen, product) for i in summed):
            return chosen, tuple(places[i] for i in out if i in places)
    return None


def _only_in(index: int, chosen: list[int], product: Product) -> bool:
    """Whether an index is summed over and belongs to the chosen factors alone."""
    elsewhere = any(index in own for k, (_, own) in enumerate(product.factors) if k not in chosen)
    return index not in product.out and not elsewhere


def _assignments(
    wanted: list[tuple[Expr, Index]], product: Product, chosen: list[int], places: Places
) -> Iterator[tuple[list[int], Places]]:
    """Ways to find the factors of a fact among those of a product, with consistent indices."""
    if len(chosen) == len(wanted):
        if len(set(places.values())) == len(places):
            yield chosen, places
        return
    factor, own = wanted[len(chosen)]
    for k, (candidate, index) in enumerate(product.factors):
        if candidate is factor and k not in chosen:
            pairs = dict(zip(own, index, strict=True))
            if all(places.get(i, pairs[i]) == pairs[i] for i in own):
                yield from _assignments(wanted, product, [*chosen, k], places | pairs)


def facts_of(call: str, assume: Any) -> Facts:
    """The two sides of each assumed equation."""
    sides = []
    if not isinstance(assume, list | tuple):
        wrong = f"assume is {kind(assume)}, expected a list"
        raise GraphError(message(call, wrong, "write [sl.eq(left, right)]"))
    for fact in assume:
        if not isinstance(fact, Expr) or fact.op is not EQ:
            what = describe(fact) if isinstance(fact, Expr) else kind(fact)
            wrong = f"the assumption {what} is not an equation"
            raise GraphError(message(call, wrong, "write it with sl.eq(left, right)"))
        sides.append((fact.args[0], fact.args[1]))
    return sides
