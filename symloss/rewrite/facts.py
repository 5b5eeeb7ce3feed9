"""Assumed equations: as the user states them, and where their left side is a part of a product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..core.errors import GraphError, kind, message
from ..core.expr import Expr, describe
from ..core.op import OPS
from ..ops.arithmetic import eq
from ..ops.normal import CONTRACT, Index
from .products import Product

EQ = OPS[eq.__name__]
Facts = list[tuple[Expr, Expr]]
Places = dict[int, int]
"""Where each index of a fact stands in the product."""


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
