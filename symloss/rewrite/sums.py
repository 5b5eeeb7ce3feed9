"""The normal form of a linear combination: like terms collected, common scalars and repetition outside."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..core import shapes
from ..core.dtypes import promote
from ..core.expr import Expr
from ..ops.arithmetic import MINUS, ONE
from ..ops.normal import COMBINE, CONTRACT, Coefficient, combine
from .expansion import length, multiplied_out
from .factoring import MOST_TERMS, Shared, best_shared, factored
from .products import Product, canonical, is_zero, product_of, scaled, spliced, split, unit, zero

Term = tuple[Coefficient, Expr]


def collect(coefs: Sequence[Coefficient], terms: Sequence[Expr]) -> list[Term]:
    """The terms as coefficient and rest, nested sums opened, equal rests added up, oldest first."""
    totals: dict[Expr, Coefficient] = {}
    for coef, term in sorted(zip(coefs, terms, strict=True), key=_extent):
        inner, core = split(term)
        if core.op is COMBINE and not is_zero(core) and len(core.args) + len(totals) <= MOST_TERMS:
            parts = zip(core.params["coefs"], core.args, strict=True)
        else:
            parts = zip((ONE,), (core,), strict=True)
        for c, part in parts:
            scaled_by = _times(_times(coef, inner), c)
            totals[part] = unit(totals[part] + scaled_by) if part in totals else scaled_by
    kept = [
        (c, part) for part, c in totals.items() if (c is ONE or c is MINUS or c != 0) and not is_zero(part)
    ]
    return sorted(kept, key=lambda term: term[1].uid)


def _times(a: Coefficient, b: Coefficient) -> Coefficient:
    """The product; most coefficients are 1 or −1."""
    if b is ONE and isinstance(a, Fraction):
        return a
    return b if a is ONE and isinstance(b, Fraction) else unit(a * (ONE * b))


def _is_positive(c: Coefficient) -> bool:
    return c is ONE or (c.numerator if isinstance(c, Fraction) else c) > 0


def _extent(term: Term) -> tuple[int, int]:
    """How many terms a term has, so that what stays nested depends on no order."""
    core = split(term[1])[1]
    return len(core.args) if core.op is COMBINE else 1, core.uid


def opposed(coefs: Sequence[Coefficient], terms: Sequence[Expr]) -> bool:
    """Whether terms that are no numbers cancel, in part or in full: what is infinite there would be lost."""
    signs: dict[Expr, bool] = {}
    for coef, term in zip(coefs, terms, strict=True):
        inner, core = split(term)
        parts: list[Term] = [(ONE, core)]
        if core.op is COMBINE and not is_zero(core):
            parts = list(zip(core.params["coefs"], core.args, strict=True))
        for c, part in parts:
            sign = _is_positive(coef) == (_is_positive(inner) == _is_positive(c))
            if (part.args or part.op is not CONTRACT) and signs.setdefault(part, sign) is not sign:
                return True
    return False


def normal_sum(
    coefs: Sequence[Coefficient],
    terms: Sequence[Expr],
    shape: shapes.Shape,
    *,
    factored_already: bool = False,
    as_written: bool = False,
) -> Expr:
    """The normal form of a linear combination whose value has `shape`.

    With `as_written` nothing is multiplied out, and no factor is taken out but a number.
    """
    dtype = promote(*[t.dtype for t in terms])
    kept = collect(coefs, terms)
    if not kept:
        return zero(shape, dtype)
    bare = sorted([(c, unrepeated(part)) for c, part in kept], key=lambda term: term[1].uid)
    opened = len({part for _, part in bare}) < len(bare) or any(part.op is COMBINE for _, part in bare)
    if len(bare) > 1 and opened:
        bare = collect([c for c, _ in bare], [part for _, part in bare])
    short = bare if factored_already or as_written else _shortest(bare)
    result = _with_common_factor(short, as_written) if short else zero((), dtype)
    return result if result.shape == shape else repeated(result, shape)


def _shortest(terms: list[Term]) -> list[Term]:
    """The terms, multiplied out where that makes them fewer."""
    expanded = multiplied_out(terms) if 1 < len(terms) <= MOST_TERMS else None
    if expanded is None:
        return terms
    collected = collect([c for c, _ in expanded], [part for _, part in expanded])
    return _by_layout(collected) if length(collected) < length(terms) else terms


def _by_layout(terms: list[Term]) -> list[Term]:
    """The terms with those of one layout added up inside it, where that is shorter."""
    groups: dict[object, list[Term]] = {}
    for term in terms:
        layout = floated(term[1])
        key = term[1] if layout is None else (layout.factors[0][1], layout.out, tuple(layout.sizes))
        groups.setdefault(key, []).append(term)
    found: list[Term] = []
    for group in groups.values():
        joined: list[Term] = [(ONE, _with_common_factor(group))] if 1 < len(group) < len(terms) else group
        found += joined if length(joined) < length(group) else group
    return collect([c for c, _ in found], [part for _, part in found])


def unrepeated(term: Expr) -> Expr:
    """A term without the leading axes along which it only repeats itself; inner ones become size 1."""
    if term.op is not CONTRACT or _has_all_axes(term):
        return term
    product = product_of(term)
    repeats = [i for i in product.out if product.uses(i) == 0]
    if not repeats:
        return term
    out = list(product.out)
    while out and out[0] in repeats:
        out.pop(0)
    for i in out:
        if i in repeats:
            product.sizes[i] = 1
    product.out = tuple(out)
    return canonical(product)


def _has_all_axes(term: Expr) -> bool:
    """Whether the first factor of a product has every axis of the result."""
    first = term.params["ins"][0] if term.args else ()
    return set(first) >= set(term.params["out"])


def repeated(e: Expr, shape: shapes.Shape) -> Expr:
    """`e` broadcast to a shape, as a contraction over its own product."""
    coef, core = split(e)
    product = product_of(core)
    lead = [product.fresh(size) for size in shape[: len(shape) - core.ndim]]
    out = lead + list(product.out)
    for position, size in enumerate(shape):
        i = out[position]
        if isinstance(product.sizes[i], int) and product.sizes[i] == 1 and size != 1:
            out[position] = i if product.uses(i) == 0 else product.fresh(size)
            product.sizes[out[position]] = size
    product.out, product.coef = tuple(out), coef
    return canonical(product)


def _with_common_factor(terms: list[Term], number_only: bool = False) -> Expr:
    """The sum with shared factors, a common size of coefficient and a leading minus taken out."""
    if len(terms) == 1:
        return scaled(*terms[0])
    dtype = promote(*[part.dtype for _, part in terms])
    common = _shared_layout([part for _, part in terms])
    if common is not None:
        layout, inner = common
        shape = layout.factors[0][0].shape
        bare = normal_sum([c for c, _ in terms], inner, shape, as_written=number_only)
        return canonical(spliced([(bare, layout.factors[0][1])], layout.out, tuple(layout.sizes), bare.dtype))
    scalars = [] if number_only else _common_scalars([part for _, part in terms])
    if scalars:
        rests = [without_scalars(part, scalars) for _, part in terms]
        whole = shapes.broadcast([rest.shape for rest in rests], "add")
        return times_scalars(scalars, normal_sum([c for c, _ in terms], rests, whole))
    shared = None if number_only else best_shared(terms)
    while shared is not None:
        terms = _taken_out(shared, terms)
        shared = best_shared(terms)
    if not terms:
        return zero((), dtype)
    return scaled(*terms[0]) if len(terms) == 1 else _with_common_number(terms)


def _common_scalars(parts: list[Expr]) -> list[Expr]:
    """The scalar factors that every term has."""
    found = [[f for f, own in product_of(part).factors if own == ()] for part in parts]
    common: list[Expr] = []
    for scalar in found[0]:
        if all(own.count(scalar) > common.count(scalar) for own in found):
            common.append(scalar)
    return common


def _with_common_number(terms: list[Term]) -> Expr:
    """The sum with a common size of coefficient and a leading minus taken out."""
    first = terms[0][0]
    units = all(c is ONE or c is MINUS for c, _ in terms)
    same_size = units or all(abs(c) == abs(first) for c, _ in terms)
    number = next((c for c, part in terms if part.op is CONTRACT and not part.args), first)
    outside: Coefficient = ONE
    if same_size:
        outside = unit(first if _is_positive(first) else -first)
    outside = outside if _is_positive(number) else unit(-outside)
    coefs = [c if outside is ONE else unit(c / outside) for c, _ in terms]
    return scaled(outside, combine(coefs, [part for _, part in terms]))


def _shared_layout(parts: list[Expr]) -> tuple[Product, list[Expr]] | None:
    """The layout that every term but a number has, and what is inside it; None if they differ."""
    layouts = [floated(part) for part in parts]
    first = next((p for p in layouts if p is not None), None)
    if first is None:
        return None
    inner: list[Expr] = []
    for part, layout in zip(parts, layouts, strict=True):
        if layout is not None and same_layout(layout, first):
            inner.append(layout.factors[0][0])
        elif part.op is CONTRACT and not part.args and not part.ndim:
            inner.append(part)
        else:
            return None
    return (first, inner) if len({e.shape for e in inner if e.args or e.ndim}) == 1 else None


def same_layout(a: Product, b: Product) -> bool:
    """Whether two layouts move and repeat the axes of what is inside in the same way."""
    return a.factors[0][1] == b.factors[0][1] and a.out == b.out and a.sizes == b.sizes


def _taken_out(shared: Shared, terms: list[Term]) -> list[Term]:
    """The terms of a sum with one shared factor written once."""
    chosen = {o.term: o.rest for o in shared.occurrences}
    shape = shapes.broadcast([terms[k][1].shape for k in chosen], "add")
    rests = shapes.broadcast([rest.shape for rest in chosen.values()], "add")
    inner = normal_sum([terms[k][0] for k in chosen], list(chosen.values()), rests)
    outer = factored(shared, inner, shape)
    group = canonical(spliced(outer.factors, outer.out, tuple(outer.sizes), inner.dtype))
    others = [term for k, term in enumerate(terms) if k not in chosen]
    return collect([*[c for c, _ in others], ONE], [*[part for _, part in others], group])


def without_scalars(core: Expr, scalars: list[Expr]) -> Expr:
    """A term divided by scalar factors that it has."""
    product = product_of(core)
    for scalar in scalars:
        product.factors.remove((scalar, ()))
    return canonical(product)


def times_scalars(scalars: list[Expr], e: Expr) -> Expr:
    """A normal form multiplied by scalar factors."""
    product = product_of(e)
    product.factors += [(s, ()) for s in scalars]
    return canonical(product)


def floated(e: Expr) -> Product | None:
    """The layout around an inner tensor: axes reordered, repeated or of size 1; None if there is none.

    A diagonal is none: what it leaves out may have no finite value under a function that goes inside.
    """
    if e.op is not CONTRACT or not e.args:
        return None
    if len(e.args) > 1 and all(own == e.params["out"] for own in e.params["ins"]):
        return None
    product = product_of(e)
    whole = not product.has_diagonals()
    kept = tuple(i for i in product.out if product.uses(i))
    if whole and all(own == product.factors[0][1] for _, own in product.factors):
        own = product.factors[0][1]
        kept = own if sorted(own) == sorted(kept) else kept
    if len(e.args) == 1 and whole and all(product.sizes[i] == 1 for i in product.summed()):
        return product
    if kept == product.out:
        return None
    inner = canonical(Product(product.factors, kept, list(product.sizes), product.dtype))
    return Product([(inner, kept)], product.out, [product.sizes[i] for i in product.out], product.dtype)
