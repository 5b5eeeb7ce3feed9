"""The normal form of a matrix, or of a tensor that acts as one, taken apart into products."""

from __future__ import annotations

from typing import NamedTuple

from ..core.expr import Expr
from ..ops.normal import COMBINE, CONTRACT, DELTA, Coefficient, Index
from ..rewrite.expansion import over_deltas
from ..rewrite.normalise import Normaliser
from ..rewrite.products import Product, canonical, is_zero, product_of, spliced, split, without_deltas
from ..rewrite.sums import repeated

Pair = tuple[Expr, Index]


class Term(NamedTuple):
    """A product whose output indices are the row axes, then the column axes."""

    coef: Coefficient
    product: Product
    deltas: frozenset[int]
    """The row axes that a Kronecker delta joins with their column axis."""

    @property
    def factors(self) -> list[Pair]:
        """The tensors with their indices."""
        return self.product.factors

    def part(self, normal: Normaliser, joined: frozenset[int], out: Index) -> Expr:
        """The product without the deltas of `joined`, whose row and column axes are then one."""
        rows = len(self.product.out) // 2
        rename = {k + rows: k for k in joined}
        gone = [{k, k + rows} for k in joined]
        kept = [
            (f, tuple(rename.get(i, i) for i in own))
            for f, own in self.factors
            if f.op is not DELTA or set(own) not in gone
        ]
        return self.times(normal, kept, out)

    def times(self, normal: Normaliser, factors: list[Pair], out: Index) -> Expr:
        """Some of the factors, times the coefficient."""
        product = spliced(factors, out, tuple(self.product.sizes), self.product.dtype)
        product.coef = product.coef * self.coef
        return normal.simplified(product)

    def components(self) -> list[list[Pair]]:
        """The factors, those that share an index together; scalars are alone."""
        groups: list[list[Pair]] = []
        for pair in self.factors:
            met = [group for group in groups if any(set(pair[1]) & set(own) for _, own in group)]
            groups = [group for group in groups if group not in met]
            groups.append([pair, *(other for group in met for other in group)])
        return groups

    def places(self, group: list[Pair]) -> set[int]:
        """The output axes that factors have."""
        return {i for _, own in group for i in own if i in self.product.out}


def terms_of(form: Expr) -> list[Term]:
    """A normal form as a sum of products, multiplied out as far as that sets deltas free."""
    found: list[Term] = []
    work: list[tuple[Coefficient, Expr]] = [(1, form)]
    while work:
        coef, e = work.pop()
        inner, core = split(e)
        if is_zero(e):
            continue
        if core.op is COMBINE:
            parts = zip(core.params["coefs"], core.args, strict=True)
            work += [(coef * inner * c, repeated(part, form.shape)) for c, part in parts]
            continue
        product = product_of(core)
        opened = over_deltas(product) if core.op is CONTRACT else None
        if opened is None:
            found.append(_term(coef * inner, product))
            continue
        for c, factors in opened:
            open_ = spliced(factors, product.out, tuple(product.sizes), product.dtype)
            without_deltas(open_)
            work.append((coef * inner * c, canonical(open_)))
    return found


def _term(coef: Coefficient, product: Product) -> Term:
    rows = len(product.out) // 2
    pairs = [frozenset(own) for f, own in product.factors if f.op is DELTA]
    ends = [i for pair in pairs for i in pair]
    alone = [k for k in range(rows) if ends.count(k) == ends.count(k + rows) == 1]
    deltas = frozenset(k for k in alone if frozenset({k, k + rows}) in pairs)
    return Term(coef, product, deltas)
