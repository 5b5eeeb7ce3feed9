"""Multiplying out products in a sum, where so much cancels that the sum gets shorter."""

from __future__ import annotations

import math
from fractions import Fraction

from ..core.expr import Expr
from ..ops.logistic import sigmoid
from ..ops.normal import COMBINE, CONTRACT, DELTA, Coefficient, Index, ones
from .products import Product, canonical, product_of, spliced, split

Term = tuple[Coefficient, Expr]
_MOST_TERMS = 16


def length(terms: list[Term]) -> int:
    """How many factors a sum shows."""
    return sum(_shown(core) for _, core in terms)


def _shown(core: Expr) -> int:
    if core.op is COMBINE:
        return sum(max(1, len(part.args)) if part.op is CONTRACT else 1 for part in core.args)
    if core.op is not CONTRACT:
        return 1
    return max(1, sum(_shown(f) if f.op is COMBINE else 1 for f in core.args))


def multiplied_out(terms: list[Term]) -> list[Term] | None:
    """The terms with products of sums written out; None where there are none, or too many."""
    pairs = paired_sigmoids(terms)
    options = [_options(core, pairs) for _, core in terms]
    counts = [math.prod(map(len, factors)) for factors in options]
    if max(counts) < 2 or sum(counts) > _MOST_TERMS:
        return None
    return [
        part for term, factors in zip(terms, options, strict=True) for part in _distributed(*term, factors)
    ]


def over_deltas(product: Product) -> list[tuple[Coefficient, list[tuple[Expr, Index]]]] | None:
    """A product over a sum with Kronecker's delta in it, or a sum's diagonal, written out term by term.

    So the delta can be used up.
    """
    for k, (factor, own) in enumerate(product.factors):
        if factor.op is not COMBINE:
            continue
        diagonal = len(set(own)) < len(own)
        layout = len(product.factors) == 1 and not diagonal and not product.summed()
        if layout or _in_matrix_product(own, k, product):
            continue
        deltas = (f.op is DELTA for part in factor.args for f, _ in product_of(part).factors)
        if not diagonal and not any(deltas):
            continue
        rest = product.factors[:k] + product.factors[k + 1 :]
        terms = zip(factor.params["coefs"], factor.args, strict=True)
        return [(product.coef * c, [*rest, _placed(part, own, product)]) for c, part in terms]
    return None


def _in_matrix_product(own: Index, k: int, product: Product) -> bool:
    """Whether a matrix is multiplied with another matrix: that is short as it is."""
    summed = [i for i in own if i not in product.out]
    others = [index for n, (_, index) in enumerate(product.factors) if n != k and set(index) & set(own)]
    return (
        (len(own), len(summed), len(others)) == (2, 1, 1) and len(others[0]) == 2 and summed[0] in others[0]
    )


def _placed(part: Expr, own: Index, product: Product) -> tuple[Expr, Index]:
    """A term of a sum that stands at the indices `own`; along its axes of size 1 it repeats itself."""
    index = list(own[len(own) - part.ndim :])
    for axis, size in enumerate(part.shape):
        if size == 1 and product.sizes[index[axis]] != 1:
            index[axis] = product.fresh(1)
    return part, tuple(index)


def _options(core: Expr, pairs: dict[Expr, Expr]) -> list[list[Term]]:
    """The summands of each factor of a product; nothing if it has no sums, or too many terms.

    What is summed over must be an index of a factor that stays whole, as summands may lack it.
    """
    if core.op is not CONTRACT or any(len(set(own)) < len(own) for own in core.params["ins"]):
        return []
    opened = [factor.op is COMBINE or factor in pairs for factor in core.args]
    if not any(opened):
        return []
    kept = {i for own, opens in zip(core.params["ins"], opened, strict=True) if not opens for i in own}
    if not {i for own in core.params["ins"] for i in own} <= kept | {*core.params["out"]}:
        return []
    options = [_summands(factor, pairs) for factor in core.args]
    return options if math.prod(map(len, options)) <= _MOST_TERMS else []


def _distributed(coef: Coefficient, core: Expr, options: list[list[Term]]) -> list[Term]:
    """A product of sums written out."""
    if not options:
        return [(coef, core)]
    product = product_of(core)
    terms: list[tuple[Coefficient, list[tuple[Expr, Index]]]] = [(coef, [])]
    for summands, (_, own) in zip(options, product.factors, strict=True):
        terms = [
            (c * k, [*chosen, (part, own[len(own) - part.ndim :])])
            for c, chosen in terms
            for k, part in summands
        ]
    return [_term(c, chosen, product) for c, chosen in terms]


def _term(coef: Coefficient, chosen: list[tuple[Expr, Index]], product: Product) -> Term:
    joined = spliced(chosen, product.out, tuple(product.sizes), product.dtype)
    inner, core = split(canonical(joined))
    return coef * inner, core


def _summands(factor: Expr, pairs: dict[Expr, Expr]) -> list[Term]:
    """A factor as a sum: its own terms, or 1 − σ(x) for σ(−x)."""
    if factor.op is COMBINE and all(
        part.shape == factor.shape[-part.ndim or factor.ndim :] for part in factor.args
    ):
        return list(zip(factor.params["coefs"], factor.args, strict=True))
    if factor in pairs:
        return [(Fraction(1), ones((), factor.dtype)), (Fraction(-1), pairs[factor])]
    return [(Fraction(1), factor)]


def paired_sigmoids(terms: list[Term]) -> dict[Expr, Expr]:
    """Each σ(−x) in the factors of a sum that has σ(x) as well, with that partner."""
    factors = {f for _, core in terms for f in (core.args if core.op is CONTRACT else (core,))}
    by_argument = {f.args[0]: f for f in factors if f.op.name == sigmoid.__name__}
    pairs = {}
    for argument, factor in by_argument.items():
        coef, core = split(argument)
        if coef == -1 and core in by_argument:
            pairs[factor] = by_argument[core]
    return pairs
