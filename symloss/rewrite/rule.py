"""Rules written in the language that they rewrite, and the matcher for them.

A pattern is a scalar formula over `wild` variables. It is matched in normal form, so the order of operands,
the way a quotient or a difference is written, and scalings do not matter; at the top it may be a part of a
larger sum or product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ..core.dtypes import FLOAT64, promote
from ..core.expr import Expr
from ..core.leaves import CONSTANT, constant_of, leaf, leaf_record
from ..core.walk import rebuild
from ..ops.normal import COMBINE, CONTRACT, RAISE, Coefficient, by_labels
from .lookup import Names, operations_within
from .normalise import Normaliser
from .products import product_of, scaled, split

EXACT, SIGN0, NAN, ULP, DOMAIN, STABILITY = "EXACT", "SIGN0", "NAN", "ULP", "DOMAIN", "STABILITY"
Bindings = dict[str, Expr]
Match = tuple[Bindings, Callable[[Expr], Expr]]
"""What the variables stand for, and how the result takes the place of what was matched."""

WILD = leaf_record("wild", "Stands for any formula in a pattern.")


def wild(name: str) -> Expr:
    """A pattern variable: matches any formula, the same one wherever it stands."""
    return leaf(WILD, (), FLOAT64, name=name)


@dataclass(eq=False, slots=True)
class Rule:
    """``left`` may be written as ``right``; `tag` says in which sense they are equal."""

    name: str
    left: Expr
    right: Expr
    tag: str
    domain: tuple[float, float] = (-4.0, 4.0)
    """Where tests try the rule."""
    scale: Coefficient = field(init=False)
    pattern: Expr = field(init=False)
    """The left side in normal form is `scale` times `pattern`."""
    needs: tuple[Names, Names] = field(init=False)
    """The operations that the arguments of a match must have, and the arguments of these."""

    def __post_init__(self) -> None:
        self.scale, self.pattern = split(Normaliser(faithful=True)(self.left))
        heads, inner = operations_within(self.pattern)
        self.needs = heads - {WILD.name}, inner - {WILD.name}

    @property
    def head(self) -> str:
        """The operation at which the rule is tried."""
        return self.pattern.op.name

    def fits(self, heads: Names, inner: Names) -> bool:
        """Whether arguments with these operations, and with those in their arguments, can match."""
        return self.needs[0] <= heads and self.needs[1] <= inner

    def __call__(self, normal: Normaliser, node: Expr) -> Expr | None:
        """What `node` (a normal form without coefficient) becomes, or None."""
        for bindings, rebuilt in _top(self.pattern, node, normal):
            return rebuilt(self._right(bindings, normal))
        return None

    def _right(self, bindings: Bindings, normal: Normaliser) -> Expr:
        dtype = promote(*[value.dtype for value in bindings.values()])

        def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
            if node.op is CONSTANT:
                return constant_of(node.params["value"], dtype)
            return bindings[node.name] if node.op is WILD else node.with_args(args)

        value = normal(rebuild([self.right], change)[0])
        return normal.sum([Fraction(1) / self.scale], [value])


def _top(pattern: Expr, node: Expr, normal: Normaliser) -> Iterator[Match]:
    """Matches of a pattern with all of a node, or with some terms or factors of it."""
    if pattern.op is COMBINE:
        yield from _part_of_sum(pattern, node, normal)
    elif pattern.op is CONTRACT:
        yield from _part_of_product(pattern, node, normal)
    else:
        for bindings in match(pattern, node, {}, normal):
            yield bindings, lambda value: value


def _part_of_sum(pattern: Expr, node: Expr, normal: Normaliser) -> Iterator[Match]:
    wanted = list(zip(pattern.params["coefs"], pattern.args, strict=True))
    have = list(zip(node.params["coefs"], node.args, strict=True)) if node.op is COMBINE else []
    for scale in dict.fromkeys(c / wanted[0][0] for c, _ in have):
        scaled_terms = [(c / scale, t) for c, t in have]
        for bindings, left in _terms(wanted, scaled_terms, {}, normal):

            def rebuilt(
                value: Expr, scale: Coefficient = scale, left: list[tuple[Coefficient, Expr]] = left
            ) -> Expr:
                return normal.sum([scale, *[c * scale for c, _ in left]], [value, *[t for _, t in left]])

            yield bindings, rebuilt


def _part_of_product(pattern: Expr, node: Expr, normal: Normaliser) -> Iterator[Match]:
    if node.op is not CONTRACT:
        return
    product = product_of(node)
    for own in dict.fromkeys(index for _, index in product.factors):
        group = [f for f, index in product.factors if index == own]
        for bindings, left in _factors(list(pattern.args), group, {}, normal):

            def rebuilt(value: Expr, own: tuple[int, ...] = own, left: list[Expr] = left) -> Expr:
                rest = [(f, index) for f, index in product.factors if index != own] + [(f, own) for f in left]
                rank = value.ndim
                pairs = [*rest, (value, own[len(own) - rank :])]
                return normal(by_labels(pairs, product.out, dict(enumerate(product.sizes))))

            yield bindings, rebuilt


# Matching -----------------------------------------------------------------------------------------
def match(pattern: Expr, node: Expr, bindings: Bindings, normal: Normaliser) -> Iterator[Bindings]:
    """Every way in which the whole of `node` fits a pattern."""
    wanted, core = split(pattern)
    coef, body = split(node)
    if core.op is WILD:
        signed = scaled(coef * wanted, body) if abs(wanted) == 1 else normal.sum([1 / wanted], [node])
        yield from _bind(core.name, signed, bindings)
        return
    if core.op is not body.op:
        return
    if core.op is COMBINE:
        ours, theirs = _spread(wanted, core), _spread(coef, body)
        yield from (found for found, left in _terms(ours, theirs, bindings, normal) if not left)
    elif coef is not wanted and coef != wanted:
        return
    elif core.op is CONTRACT:
        yield from _whole_product(core, body, bindings, normal)
    elif core.op is RAISE and core.params != body.params:
        return
    else:
        yield from _arguments(core, body, bindings, normal)


def _spread(coef: Coefficient, body: Expr) -> list[tuple[Coefficient, Expr]]:
    """The terms of a sum times a number: it does not matter which sign stands outside."""
    return [(coef * c, term) for c, term in zip(body.params["coefs"], body.args, strict=True)]


def _bind(name: str, value: Expr, bindings: Bindings) -> Iterator[Bindings]:
    if name not in bindings:
        yield {**bindings, name: value}
    elif bindings[name] is value:
        yield bindings


def _arguments(core: Expr, body: Expr, bindings: Bindings, normal: Normaliser) -> Iterator[Bindings]:
    orders: list[Sequence[Expr]] = [body.args]
    if core.op.commutative:
        orders.append(body.args[::-1])
    for order in orders:
        states = [bindings]
        for p, n in zip(core.args, order, strict=True):
            states = [found for state in states for found in match(p, n, state, normal)]
        yield from states


def _whole_product(core: Expr, body: Expr, bindings: Bindings, normal: Normaliser) -> Iterator[Bindings]:
    indices = set(body.params["ins"])
    if not core.args and not body.args:
        yield bindings
    elif len(indices) == 1 and indices == {body.params["out"]}:
        for found, left in _factors(list(core.args), list(body.args), bindings, normal):
            if not left:
                yield found


def _terms(
    wanted: list[tuple[Coefficient, Expr]],
    have: list[tuple[Coefficient, Expr]],
    bindings: Bindings,
    normal: Normaliser,
) -> Iterator[tuple[Bindings, list[tuple[Coefficient, Expr]]]]:
    """Ways to find the wanted terms among those there are, with what is left; a last variable takes all."""
    ordered = sorted(wanted, key=lambda term: term[1].op is WILD)
    if not ordered:
        yield bindings, have
        return
    (c, first), rest = ordered[0], ordered[1:]
    if first.op is WILD and not rest and first.name not in bindings:
        if have:
            value = normal.sum([k / c for k, _ in have], [t for _, t in have])
            yield {**bindings, first.name: value}, []
        return
    for k, (coef, term) in enumerate(have):
        for found in match(scaled(c, first), scaled(coef, term), bindings, normal):
            yield from _terms(rest, have[:k] + have[k + 1 :], found, normal)


def _factors(
    wanted: list[Expr], have: list[Expr], bindings: Bindings, normal: Normaliser
) -> Iterator[tuple[Bindings, list[Expr]]]:
    """Ways to find all wanted factors among those there are, with what is left; patterns before variables."""
    ordered = sorted(wanted, key=lambda factor: factor.op is WILD)
    if not ordered:
        yield bindings, have
        return
    for k, factor in enumerate(have):
        for found in match(ordered[0], factor, bindings, normal):
            yield from _factors(ordered[1:], have[:k] + have[k + 1 :], found, normal)
