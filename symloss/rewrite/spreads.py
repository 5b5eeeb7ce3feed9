"""Norms and variances written out: what would overflow, vanish or cancel."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from ..core.expr import Expr, apply
from ..ops.along import count, summed
from ..ops.moments import MEAN, NORM, STD, VAR
from ..ops.normal import COMBINE, CONTRACT, RAISE, Coefficient, Index, by_labels, number_in, ones, raise_
from ..ops.order import abs_
from ..ops.trigonometric import hypot
from .normalise import Normaliser
from .products import Product, base_and_exponent, is_size, product_of, split
from .sums import repeated

HALF = Fraction(1, 2)


def _odd_halves(node: Expr) -> int:
    """The k of a power k/2, for odd k; 0 for others."""
    twice = 2 * node.params["exponent"]
    return int(twice) if twice % 2 == 1 else 0


def norm_of_root(normal: Normaliser, node: Expr) -> Expr | None:
    """``(Σ x²)^(k/2)`` is ‖x‖^k for odd k, also with a number or sizes before the sum."""
    k = _odd_halves(node)
    coef, core = split(node.args[0])
    if not k or coef <= 0 or core.op is not CONTRACT or not product_of(core).summed():
        return None
    product = product_of(core)
    scalars = [f for f, own in product.factors if own == () and is_size(f)]
    base = _root(normal, product)
    if base is None:
        return None
    x, own = base
    axis = tuple(p for p, i in enumerate(own) if i not in product.out)
    rest = tuple(i for i in own if i in product.out)
    whole = normal.finished(apply(NORM, x, axis=axis, keepdims=False))
    sizes = [base_and_exponent(f) for f in scalars]
    pairs: list[tuple[Expr, Index]] = [(normal.power(f, e * HALF * k), ()) for f, e in sizes]
    number, shown = _root_of_number(normal, coef, node)
    pairs += [(normal.power(shown, Fraction(k)), ())] if shown is not None else []
    pairs.append((normal.power(whole, Fraction(k)), rest))
    return normal.sum([number**k], [_placed(normal, pairs, product)])


def root_of_even_power(normal: Normaliser, node: Expr) -> Expr | None:
    """``(x^m)^e`` is |x|^(m e) for even m: a root of a power of higher order has a slope at 0."""
    inner, e = node.args[0], node.params["exponent"]
    if inner.op is not RAISE or inner.params["exponent"] % 2 or e == int(e):
        return None
    total = inner.params["exponent"] * e
    x = inner.args[0]
    return normal.power(x if total % 2 == 0 else normal.finished(abs_(x)), total)


def square_of_norm(normal: Normaliser, node: Expr) -> Expr | None:
    """``‖x‖²`` is Σ x², whose derivatives exist at 0 as well."""
    inner = node.args[0]
    if inner.op is not NORM or node.params["exponent"] != 2:
        return None
    x, axis = inner.args[0], inner.params["axis"]
    kept = [a for a in range(x.ndim) if a not in axis]
    return normal(by_labels([(normal.power(x, Fraction(2)), range(x.ndim))], kept))


def _placed(normal: Normaliser, pairs: list[tuple[Expr, Index]], product: Product) -> Expr:
    """The product of normal forms at indices of `product`, in the layout of its value."""
    return normal(by_labels(pairs, product.out, {i: product.sizes[i] for i in product.out}))


def _root_of_number(normal: Normaliser, coef: Coefficient, node: Expr) -> tuple[Fraction, Expr | None]:
    """The root of a positive number as a fraction, or as a formula beside the fraction 1."""
    exactly = Fraction(coef)
    top, bottom = isqrt(exactly.numerator), isqrt(exactly.denominator)
    if (top * top, bottom * bottom) == (exactly.numerator, exactly.denominator):
        return Fraction(top, bottom), None
    return Fraction(1), normal.power(normal.sum([coef], [ones((), node.dtype)]), HALF)


def _root(normal: Normaliser, product: Product) -> tuple[Expr, Index] | None:
    """The tensor with all indices of a product whose square the product is, but for its sizes."""
    factors = [(f, own) for f, own in product.factors if own != () or not is_size(f)]
    parts = [base_and_exponent(f) for f, _ in factors]
    if any(e <= 0 or e % 2 for _, e in parts) or product.has_diagonals():
        return None
    halves = [(normal.power(base, e / 2), own) for (base, e), (_, own) in zip(parts, factors, strict=True)]
    widest = max((own for _, own in halves), key=len, default=())
    if {i for _, own in halves for i in own} != set(widest) or not set(product.out) <= set(widest):
        return None
    return normal.product(halves, widest, tuple(product.sizes)), widest


# Square roots of sums -----------------------------------------------------------------------------
def hypot_of_root(normal: Normaliser, node: Expr) -> Expr | None:
    """``(x² + y²)^(k/2)`` is hypot(x, y)^k for odd k."""
    return None if _has_number(node.args[0]) else hypot_of_any_root(normal, node)


def _has_number(e: Expr) -> bool:
    return any(number_in(term) is not None for term in split(e)[1].args)


def hypot_of_any_root(normal: Normaliser, node: Expr) -> Expr | None:
    """The same, also where one of the terms is a number."""
    k = _odd_halves(node)
    coef, core = split(node.args[0])
    if not k or core.op is not COMBINE or len(core.args) != 2:
        return None
    sides = [_side(normal, coef * c, term) for c, term in zip(core.params["coefs"], core.args, strict=True)]
    first, second = sides
    if first is None or second is None or all(number_in(term) is not None for term in core.args):
        return None
    ends = (second, first) if number_in(first) is not None else (first, second)
    return normal.power(normal(hypot(*ends)), Fraction(k))


def _side(normal: Normaliser, coef: Coefficient, term: Expr) -> Expr | None:
    """The tensor whose square is a number times a term."""
    if coef <= 0:
        return None
    if number_in(term) is not None:
        base = term
    else:
        product = product_of(term)
        root = None if product.summed() else _root(normal, product)
        sizes = any(own == () and is_size(f) for f, own in product.factors)
        if root is None or sizes or root[1] != product.out:
            return None
        base = root[0]
    number, shown = _root_of_number(normal, coef, term)
    if shown is not None:
        axes = tuple(range(base.ndim))
        base = normal.product([(shown, ()), (base, axes)], axes, base.shape)
    return normal.sum([number], [base])


# Variances ----------------------------------------------------------------------------------------
def variance(normal: Normaliser, node: Expr) -> Expr | None:
    """``mean(x²) − mean(x)²`` is var(x), also times a number and inside a larger sum."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    for k, (c, term) in enumerate(terms):
        squares = _squares(term)
        if squares is None or len(terms) < 2:
            continue
        product, scalars = squares
        root = _root(normal, product)
        if root is None:
            continue
        forms = _squared_means(normal, root, product, scalars, term)
        for n, (d, other) in enumerate(terms):
            if n != k and any(form is other and c * e == -d for e, form in map(split, forms)):
                spread = normal.sum([c], [_spread(normal, root, product, scalars, term)])
                rest = [pair for m, pair in enumerate(terms) if m not in (k, n)]
                total = normal.sum([1, *[e for e, _ in rest]], [spread, *[t for _, t in rest]])
                return total if total.shape == node.shape else repeated(total, node.shape)
    return None


def _squares(term: Expr) -> tuple[Product, list[Expr]] | None:
    """A term that sums something over axes, and its sizes; None for other terms."""
    if term.op is not CONTRACT or len(term.params["sizes"]) == len(term.params["out"]):
        return None
    product = product_of(term)
    if not product.summed():
        return None
    return product, [f for f, own in product.factors if own == () and is_size(f)]


def _squared_means(
    normal: Normaliser, root: tuple[Expr, Index], product: Product, scalars: list[Expr], term: Expr
) -> list[Expr]:
    """The ways to write what a sum of squares would be if each entry were the mean."""
    x, own = root
    rest = tuple(i for i in own if i in product.out)
    axis = tuple(p for p, i in enumerate(own) if i not in product.out)
    n = count(x, axis, term.dtype)
    total = normal(summed(x, axis, keepdims=False))
    mean = normal(apply(MEAN, x, axis=axis, keepdims=False))
    share = (raise_(n, Fraction(-1)), ())
    squares = [[(normal.power(mean, Fraction(2)), rest)], [(mean, rest), (mean, rest)]]
    squares.append([share, share, (normal.power(total, Fraction(2)), rest)])
    squares.append([(normal.power(_placed(normal, [(mean, rest)], product), Fraction(2)), product.out)])
    scales: list[tuple[Expr, Index]] = [(normal(n), ()), *[(f, ()) for f in scalars]]
    forms = [_placed(normal, [*scales, *pairs], product) for pairs in squares]
    number = number_in(_placed(normal, scales, Product([], (), [], term.dtype)))
    if number is not None:
        kept = normal(apply(MEAN, x, axis=axis, keepdims=True))
        forms.append(normal.sum([number], [normal.power(kept, Fraction(2))]))
    return forms


def _spread(
    normal: Normaliser, root: tuple[Expr, Index], product: Product, scalars: list[Expr], term: Expr
) -> Expr:
    """The variance that a sum of squares about the mean is, with its number of entries before it."""
    x, own = root
    axis = tuple(p for p, i in enumerate(own) if i not in product.out)
    rest = tuple(i for i in own if i in product.out)
    var = normal.finished(apply(VAR, x, axis=axis, ddof=0, keepdims=False))
    scales = [(normal(count(x, axis, term.dtype)), ()), *[(f, ()) for f in scalars]]
    return _placed(normal, [*scales, (var, rest)], product)


def deviation(normal: Normaliser, node: Expr) -> Expr | None:
    """``√var(x)`` is std(x)."""
    inner = node.args[0]
    if inner.op is not VAR or node.params["exponent"] != HALF:
        return None
    return normal.finished(apply(STD, *inner.args, **inner.params))
