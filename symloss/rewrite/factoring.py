"""Common factors out of sums: ``A B + A C`` becomes ``A (B + C)``, for any index pattern they share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..core import shapes
from ..core.expr import Expr
from ..ops.normal import COMBINE, CONTRACT, DELTA, Coefficient, Index, ones
from .products import Product, canonical, product_of, split

Term = tuple[Coefficient, Expr]
Label = tuple[str, int]
MOST_TERMS = 24
"""Sums of more terms stay nested, so that a long chain keeps a graph of linear size."""


class Occurrence(NamedTuple):
    """A factor in one term of a sum, and the rest of that term with its open indices."""

    term: int
    factor: Expr
    product: Product
    others: list[tuple[Expr, Index]]
    open: Index
    labels: tuple[Label, ...]

    @property
    def rest(self) -> Expr:
        """The term without the factor."""
        if not self.others:
            return ones((), self.product.dtype)
        return canonical(Product(self.others, self.open, list(self.product.sizes), self.product.dtype))


class Shared(NamedTuple):
    """A factor that several terms have at the same indices."""

    factor: Expr
    own: tuple[Label, ...]
    labels: tuple[Label, ...]
    occurrences: list[Occurrence]


def occurrences(
    position: int, core: Expr, wanted: set[Expr]
) -> list[tuple[tuple[Expr, tuple[Label, ...]], Occurrence]]:
    """Each wanted factor of a term with its index pattern; output indices are counted from the last axis."""
    product = product_of(core)
    if core.op is COMBINE or any(product.uses(i) == 0 for i in product.out):
        return []
    found = []
    diagonal = {i for f, own in product.factors if f.op is DELTA for i in own}
    for k, (factor, own) in enumerate(product.factors):
        if factor not in wanted or (factor.op is not DELTA and diagonal & set(own)):
            continue
        pattern = tuple(_label(i, own, product.out) for i in own)
        names = dict(zip(own, pattern, strict=True)) | {i: _label(i, own, product.out) for i in product.out}
        others = [pair for n, pair in enumerate(product.factors) if n != k]
        used = {i for _, index in others for i in index}
        open_ = _in_place_of(own, [i for i in names if i in used], product.out)
        if not _worth_it(others, open_, product):
            continue
        labels = tuple(names[i] for i in open_)
        found.append(((factor, pattern), Occurrence(position, factor, product, others, tuple(open_), labels)))
    return found


def _in_place_of(own: Index, open_: list[int], out: Index) -> list[int]:
    """The open indices of a rest in the order in which it is multiplied with the factor at `own`.

    What both share stands where the factor has the axis of the output that it brings alone.
    """
    place = {i: float(out.index(i)) for i in open_ if i in out}
    alone = [out.index(i) for i in own if i in out and i not in open_]
    shared = min(alone, default=len(out)) - 0.5
    return sorted(open_, key=lambda i: (place.get(i, shared), own.index(i) if i in own else -1))


def _worth_it(others: list[tuple[Expr, Index]], open_: list[int], product: Product) -> bool:
    """Whether the rest of a term is no larger than what is there: then taking it out costs nothing."""
    closed = {i for _, own in others for i in own} - set(open_)
    widest = max([len(product.out), *(len(own) for _, own in others)], default=0)
    return len(open_) <= (len(product.out) if closed and len(others) > 1 else widest)


def _label(i: int, own: Index, out: Index) -> Label:
    return ("out", out.index(i) - len(out)) if i in out else ("own", own.index(i))


def best_shared(terms: list[Term]) -> Shared | None:
    """The factor that most terms share; None if no two do, or not all of very many."""
    everywhere = len(terms) > MOST_TERMS
    groups: dict[tuple[Expr, tuple[Label, ...]], list[Occurrence]] = {}
    wanted = _repeated(core for _, core in terms)
    for position, (_, core) in enumerate(terms if wanted else ()):
        for key, occurrence in occurrences(position, core, wanted):
            group = groups.setdefault(key, [])
            if all(other.term != position for other in group):
                group.append(occurrence)
    candidates = [
        shared
        for (factor, own), group in groups.items()
        if (shared := _agreeing(factor, own, group)) is not None
        and (not everywhere or len(shared.occurrences) == len(terms))
    ]
    return min(candidates, key=lambda s: (-len(s.occurrences), -s.factor.ndim, s.factor.uid), default=None)


def _repeated(cores: Iterable[Expr]) -> set[Expr]:
    """The factors that more than one term has."""
    once, again = set[Expr](), set[Expr]()
    for core in cores:
        body = split(core)[1]
        factors = {*(body.args if body.op is CONTRACT else (body,))}
        again |= once & factors
        once |= factors
    return again


def _agreeing(factor: Expr, own: tuple[Label, ...], group: list[Occurrence]) -> Shared | None:
    """The occurrences whose rests have the same open indices, or none at all."""
    labels = max((o.labels for o in group), key=len)
    fitting = [o for o in group if o.labels in (labels, ())]
    return Shared(factor, own, labels, fitting) if len(fitting) > 1 else None


def factored(shared: Shared, rest: Expr, shape: shapes.Shape) -> Product:
    """The product of the shared factor and the sum of the rests, whose value has `shape`."""
    rank = len(shape)
    product = Product([], tuple(range(rank)), list(shape), rest.dtype)
    numbers: dict[Label, int] = {("out", axis - rank): axis for axis in range(rank)}
    for label, size in zip(shared.own, shared.factor.shape, strict=True):
        if label not in numbers:
            numbers[label] = product.fresh(size)
        elif label[0] == "out":
            product.sizes[numbers[label]] = size
    product.factors.append((shared.factor, tuple(numbers[label] for label in shared.own)))
    labels = shared.labels if rest.ndim else ()
    product.factors.append((rest, tuple(numbers[label] for label in labels)))
    return product
