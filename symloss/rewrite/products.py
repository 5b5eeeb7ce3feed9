"""The normal form of a contraction: spliced, free of deltas and ones, powers merged, indices renumbered.

A `Product` is a coefficient times tensors with indices, summed over the indices that are not in `out`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from typing import Any

from ..core import shapes
from ..core.dtypes import DType
from ..core.expr import Expr
from ..core.leaves import SIZE, size_of
from ..ops.arithmetic import MINUS, ONE
from ..ops.normal import (
    COMBINE,
    CONTRACT,
    DELTA,
    RAISE,
    Coefficient,
    Index,
    combine,
    contract,
    ones,
    raise_,
)

MOST_FACTORS = 12
"""Products of more factors stay nested, so that a long chain keeps a graph of linear size."""
_MOST_ORDERS = 720


@dataclass(slots=True)
class Product:
    """A coefficient times tensors with indices; `sizes` gives the length of every index."""

    factors: list[tuple[Expr, Index]]
    out: Index
    sizes: list[shapes.Size]
    dtype: DType
    coef: Coefficient = ONE

    def fresh(self, size: shapes.Size) -> int:
        """A new index of that size."""
        self.sizes.append(size)
        return len(self.sizes) - 1

    def uses(self, index: int) -> int:
        """How many factors have the index."""
        return sum(index in own for _, own in self.factors)

    def rename(self, old: int, new: int) -> None:
        """Write one index for another, in the factors and in the output."""
        self.factors = [(f, _renamed(own, old, new)) for f, own in self.factors]

    def summed(self) -> list[int]:
        """The indices that are summed over, in order of first appearance."""
        return list(dict.fromkeys(i for _, own in self.factors for i in own if i not in self.out))

    def has_diagonals(self) -> bool:
        """Whether some factor has one index twice."""
        return any(len(set(own)) < len(own) for _, own in self.factors)


def split(e: Expr) -> tuple[Coefficient, Expr]:
    """A normal form as a coefficient times a rest that has none."""
    if e.op is COMBINE and len(e.args) == 1:
        return e.params["coefs"][0], e.args[0]
    return ONE, e


def product_of(e: Expr) -> Product:
    """Any normal form seen as a product."""
    coef, core = split(e)
    if core.op is CONTRACT:
        p = core.params
        factors = list(zip(core.args, p["ins"], strict=True))
        return Product(factors, p["out"], list(p["sizes"]), core.dtype, coef)
    axes = tuple(range(len(core.shape)))
    return Product([(core, axes)], axes, list(core.shape), core.dtype, coef)


def unit(coef: Coefficient) -> Coefficient:
    """The coefficient; 1 and −1 are one object each, by which most sums and products can tell them."""
    if isinstance(coef, Fraction) and coef.denominator == 1 and abs(coef.numerator) == 1:
        return ONE if coef.numerator == 1 else MINUS
    return coef


def scaled(coef: Coefficient, core: Expr) -> Expr:
    """A coefficient times a rest that has none."""
    return core if coef is ONE or coef == 1 else combine((coef,), (core,))


def spliced(operands: list[tuple[Expr, Index]], out: Index, sizes: shapes.Shape, dtype: DType) -> Product:
    """The product of the operands, those that are products themselves being written out, short ones first."""
    product = Product([], out, list(sizes), dtype)
    for operand, index in sorted(operands, key=_extent) if len(operands) > 1 else operands:
        coef, core = split(operand)
        if coef is not ONE:
            product.coef = product.coef * coef
        if core.op is not CONTRACT or len(core.args) + len(product.factors) > MOST_FACTORS:
            product.factors.append((core, index))
            _learn_sizes(product, core, index)
            continue
        inner = core.params
        if inner["out"] == index and len({*index}) == len(inner["sizes"]):
            product.factors += zip(core.args, inner["ins"], strict=True)
            continue
        names = dict(zip(inner["out"], index, strict=True))
        for i, size in enumerate(inner["sizes"]):
            if i not in names:
                names[i] = product.fresh(size)
        product.factors += [
            (f, tuple([names[i] for i in own])) for f, own in zip(core.args, inner["ins"], strict=True)
        ]
    return product


def _extent(pair: tuple[Expr, Index]) -> tuple[int, int]:
    """How many factors an operand has, so that what stays nested depends on no order."""
    core = split(pair[0])[1]
    return len(core.args) if core.op is CONTRACT else 1, core.uid


def _learn_sizes(product: Product, factor: Expr, index: Index) -> None:
    """Prefer a stated size to an open one."""
    for i, size in zip(index, factor.shape, strict=True):
        if product.sizes[i] is not size:
            product.sizes[i] = shapes.unify(product.sizes[i], size) or product.sizes[i]


def without_deltas(product: Product) -> None:
    """Use up every delta that has a summed index, by renaming; a repeated index makes it 1 or a size."""
    found = any([factor.op is DELTA for factor, _ in product.factors])
    if not found:
        return
    while found:
        found = False
        for k, (factor, own) in enumerate(product.factors):
            if factor.op is not DELTA:
                continue
            i, j = own
            if i != j and (j not in product.out or i not in product.out):
                old, new = (j, i) if j not in product.out else (i, j)
                del product.factors[k]
                product.sizes[new] = (
                    shapes.unify(product.sizes[new], product.sizes[old]) or product.sizes[new]
                )
                product.rename(old, new)
                keep_length(product, new)
            elif i == j:
                del product.factors[k]
                keep_length(product, i)
            else:
                continue
            found = True
            break
    _along_diagonals(product)


def _along_diagonals(product: Product) -> None:
    """Where a delta stays, the other factors take the first of its two indices."""
    for k, (factor, own) in enumerate(product.factors):
        if factor.op is DELTA:
            low, high = sorted(own, key=product.out.index)
            product.factors = [
                (f, (low, high) if n == k else index if f.op is DELTA else _renamed(index, high, low))
                for n, (f, index) in enumerate(product.factors)
            ]


def _renamed(index: Index, old: int, new: int) -> Index:
    return tuple(new if i == old else i for i in index)


def keep_length(product: Product, new: int) -> None:
    """Where a factor is used up: an index that nothing else has and that is summed stands for its length."""
    if new not in product.out and product.uses(new) == 0:
        scale_by_size(product, product.sizes[new])


def scale_by_size(product: Product, size: shapes.Size) -> None:
    """Multiply by the length of an index."""
    if isinstance(size, int):
        product.coef = product.coef * size
        return
    for base, exponent in size.as_powers_dict().items():
        if base.is_Integer:
            product.coef = product.coef * Fraction(int(base)) ** int(exponent)
        else:
            factor = size_of(base, product.dtype)
            product.factors.append((factor if exponent == 1 else raise_(factor, Fraction(int(exponent))), ()))


def is_size(factor: Expr) -> bool:
    """Whether a factor is the length of an axis or a power of it."""
    return base_and_exponent(factor)[0].op is SIZE


def base_and_exponent(factor: Expr) -> tuple[Expr, Coefficient]:
    """A factor as a power."""
    if factor.op is RAISE:
        return factor.args[0], factor.params["exponent"]
    return factor, ONE


def with_merged_powers(product: Product) -> bool:
    """Multiply equal bases at equal indices by adding exponents; whether an index lost its last factor."""
    groups: dict[tuple[Expr, Index], list[Coefficient]] = {}
    bases = {(f.args[0] if f.op is RAISE else f, own) for f, own in product.factors}
    if len(bases) == len(product.factors):
        return False
    for factor, own in product.factors:
        base, exponent = base_and_exponent(factor)
        groups.setdefault((base, own), []).append(exponent)
    before = {i for _, own in product.factors for i in own}
    merged: list[tuple[Expr, Index]] = []
    for (base, own), exponents in groups.items():
        whole = all(e == int(e) for e in exponents)
        if whole or base.op is SIZE:
            total = sum(exponents)
            if total != 0:
                merged.append((base if total == 1 else raise_(base, total), own))
        else:
            merged += [(base if e == 1 else raise_(base, e), own) for e in exponents]
    product.factors = merged
    lost = before - {i for _, own in merged for i in own} - set(product.out)
    for i in lost:
        scale_by_size(product, product.sizes[i])
    return bool(lost)


def opposed_powers(product: Product) -> bool:
    """Whether powers of a tensor cancel, or a zero takes the rest away: what is infinite would be lost."""
    if product.coef is not ONE and product.coef == 0:
        return any(base_and_exponent(factor)[0].op is not SIZE for factor, _ in product.factors)
    if not any([factor.op is RAISE for factor, _ in product.factors]):
        return False
    signs: dict[tuple[Expr, Index], bool] = {}
    for factor, own in product.factors:
        base, exponent = base_and_exponent(factor)
        if base.op is not SIZE and signs.setdefault((base, own), exponent > 0) is not (exponent > 0):
            return True
    return False


def canonical(product: Product) -> Expr:
    """The node for a simplified product: factors in order of age, summed indices in order of appearance."""
    if product.coef is not ONE and product.coef == 0:
        return zero(tuple(product.sizes[i] for i in product.out), product.dtype)
    if len(product.factors) == 1 and product.factors[0][1] == product.out:
        return scaled(product.coef, product.factors[0][0])
    factors, ins, order = _ordered(product)
    sizes = tuple(product.sizes[i] for i in order)
    whole = contract(factors, ins, tuple(range(len(product.out))), sizes, product.dtype)
    return scaled(product.coef, whole)


def _ordered(product: Product) -> tuple[list[Expr], tuple[Index, ...], list[int]]:
    """The factors, their indices numbered, and which index got which number."""
    by_age = sorted(product.factors, key=_age)
    ages = [pair[0].uid for pair in by_age]
    if len({*ages}) == len(ages):
        return _numbered(by_age, product.out)
    orders = islice(_orders(by_age, product.out, ages), _MOST_ORDERS)
    return min(orders, key=lambda candidate: candidate[1])


def _age(pair: tuple[Expr, Index]) -> int:
    return pair[0].uid


def _numbered(
    pairs: Sequence[tuple[Expr, Index]], out: Index
) -> tuple[list[Expr], tuple[Index, ...], list[int]]:
    factors = [f for f, _ in pairs]
    ins = tuple([own for _, own in pairs])
    order = [*dict.fromkeys(chain(out, *ins))]
    if order == [*range(len(order))]:
        return factors, ins, order
    number = {i: n for n, i in enumerate(order)}
    return factors, tuple([tuple([number[i] for i in own]) for own in ins]), order


def _orders(
    pairs: Sequence[tuple[Expr, Index]], out: Index, colours: list[int]
) -> Iterator[tuple[list[Expr], tuple[Index, ...], list[int]]]:
    """Orders of the factors that depend on their pattern alone; those alike in it come first in turn."""
    colours = _refined(pairs, out, colours)
    tied = next((c for c in sorted(colours) if colours.count(c) > 1), None)
    if tied is None:
        yield _numbered([pair for _, pair in sorted(zip(colours, pairs, strict=True), key=_colour)], out)
        return
    for chosen in [k for k, c in enumerate(colours) if c == tied]:
        yield from _orders(pairs, out, [2 * c - (k == chosen) for k, c in enumerate(colours)])


def _colour(coloured: tuple[int, object]) -> int:
    return coloured[0]


def _refined(pairs: Sequence[tuple[Expr, Index]], out: Index, colours: list[int]) -> list[int]:
    """Colours of the factors, told apart by those that they share indices with, until none differ further."""
    places = {i: out.index(i) if i in out else -1 for _, own in pairs for i in own}
    while True:
        met: dict[int, list[tuple[int, int]]] = {i: [] for i in places}
        for k, (_, own) in enumerate(pairs):
            for place, i in enumerate(own):
                met[i].append((colours[k], place))
        seen = [(colours[k], [(places[i], sorted(met[i])) for i in own]) for k, (_, own) in enumerate(pairs)]
        classes: list[Any] = []
        for entry in sorted(seen):
            if not classes or classes[-1] != entry:
                classes.append(entry)
        refined = [classes.index(entry) for entry in seen]
        if len(classes) == len(set(colours)):
            return refined
        colours = refined


def zero(shape: shapes.Shape, dtype: DType) -> Expr:
    """The normal form of zeros."""
    return combine((Fraction(0),), (ones(shape, dtype),))


def transposed(e: Expr) -> Expr:
    """The transposed normal form of a matrix, or of what broadcasts to one."""
    if e.ndim < 1:
        return e
    product = product_of(e)
    lead = () if e.ndim == 2 else (product.fresh(1),)
    product.out = (*lead, *product.out)[::-1]
    return canonical(product)


def is_zero(e: Expr) -> bool:
    """Whether a normal form is that of zeros."""
    return e.op is COMBINE and e.params["coefs"] == (0,)
