"""Terms over powers of one square root, as one term: written apart, they cancel."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ..core.expr import Expr
from ..ops.normal import COMBINE, RAISE, Coefficient
from .expansion import Term, length
from .normalise import Normaliser
from .products import Product, base_and_exponent, product_of, split


class Under(NamedTuple):
    """A term of a sum that has a power of a root in it, and what is left of the term without it."""

    term: Term
    power: Coefficient
    rest: Product


def over_one_root(normal: Normaliser, node: Expr) -> Expr | None:
    """``u/√q + v/√q³`` for a sum q is (u·q + v)/√q³, where that is shorter as so much cancels."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    for root in dict.fromkeys(r for _, part in terms for r in _roots(part)):
        found = [under for term in terms if (under := _under(term, root)) is not None]
        if len(found) < 2:
            continue
        least = min(under.power for under in found)
        if any((under.power - least) % 2 for under in found):
            continue
        one = _over(normal, root, least, found)
        if one is not None:
            rest = [term for term in terms if term not in [under.term for under in found]]
            return normal.sum([1, *[c for c, _ in rest]], [one, *[part for _, part in rest]])
    return None


def _roots(part: Expr) -> list[Expr]:
    """The sums by whose square roots a term is divided."""
    found = [_root(f) for f, _ in product_of(part).factors]
    return [radicand for radicand, power in found if radicand.op is COMBINE and power < 0]


def _root(factor: Expr) -> tuple[Expr, Coefficient]:
    """A factor as a power of a square root: what is under the root, and the power; 0 for no root."""
    base, exponent = base_and_exponent(factor)
    if base.op is RAISE and base.params["exponent"] == Fraction(1, 2):
        return base.args[0], exponent
    return base, 2 * exponent if exponent % 1 else Fraction(0)


def _under(term: Term, radicand: Expr) -> Under | None:
    product = product_of(term[1])
    power: Coefficient = Fraction(0)
    for pair in list(product.factors):
        found, own_power = _root(pair[0])
        if found is radicand and own_power and pair[1] == product.out:
            product.factors = [other for other in product.factors if other is not pair]
            power += own_power
    return Under(term, power, product) if power else None


def _over(normal: Normaliser, radicand: Expr, least: Coefficient, found: list[Under]) -> Expr | None:
    """The terms over the least power of a root; None if that is not shorter."""
    tops = []
    for (_, part), power, rest in found:
        factors = [*rest.factors, (normal.power(radicand, (power - least) / 2), rest.out)]
        tops.append(normal.product(factors, rest.out, tuple(rest.sizes), part))
    top = normal.sum([under.term[0] for under in found], tops)
    if length([split(top)]) + 1 >= length([under.term for under in found]):
        return None
    axes = tuple(range(radicand.ndim))
    below = normal.power(normal.power(radicand, Fraction(1, 2)), least)
    return normal.product([(top, axes), (below, axes)], axes, radicand.shape)
