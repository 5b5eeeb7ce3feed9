"""From a normal form back to a formula that a person would write, in the operations of NumPy.

Where the normal form came from something the user wrote, that is what stands in the result.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping, Sequence
from fractions import Fraction
from functools import reduce

import numpy as np

from ..core.dtypes import DType, is_float
from ..core.expr import Expr
from ..core.leaves import SIZE, constant_of
from ..core.walk import topological
from ..ops.arithmetic import add, divide, multiply, negative, power, subtract
from ..ops.axes import broadcast_to
from ..ops.constants import full
from ..ops.exponential import sqrt
from ..ops.normal import COMBINE, CONTRACT, RAISE, Coefficient
from .normalise import Normaliser
from .pairing import Tensor, arranged, multiplied
from .products import base_and_exponent, is_size, is_zero, product_of

_LARGEST_DENOMINATOR = 1000
_IN_ANY_DTYPE = 2**14
"""Fractions of smaller numbers are representable in half precision."""


def present(roots: Sequence[Expr], normal: Normaliser) -> list[Expr]:
    """The written formulas for normal forms; the normaliser knows which of them the user wrote, and how."""
    return Presenter(normal).written(roots)


class Presenter:
    """Writes normal forms; `done` holds what each one has become."""

    def __init__(self, normal: Normaliser) -> None:
        self.origin, self.rank = normal.origin, normal.rank
        self.done: MutableMapping[Expr, Expr] = {}
        self.turning: set[Expr] = set()

    def written(self, roots: Sequence[Expr]) -> list[Expr]:
        """The written formulas of all roots."""
        order = topological(roots, stop=lambda e: e in self.origin and e.op is not RAISE)
        self.turning |= _under_a_minus(order, roots)
        for node in order:
            self.done[node] = self.origin[node] if node in self.origin else self._written(node)
        return [self.done[root] for root in roots]

    def _written(self, node: Expr) -> Expr:
        if node.op is COMBINE:
            return self._sum(node)
        if node.op is CONTRACT:
            return self._term(Fraction(1), node)
        if node.op is RAISE:
            return written_power(self.done[node.args[0]], node.params["exponent"])
        return node.with_args(tuple(self.done[arg] for arg in node.args))

    # Sums -----------------------------------------------------------------------------------------
    def _sum(self, node: Expr) -> Expr:
        if is_zero(node):
            return full(node.shape, 0, node.dtype)
        terms = list(zip(node.params["coefs"], node.args, strict=True))
        return self._added(terms) if len(terms) > 1 else self._term(*terms[0])

    def _added(self, terms: list[tuple[Coefficient, Expr]]) -> Expr:
        """The terms, those with a plus first, otherwise in the order of the user's formula."""
        plus = {core: c > 0 or self._can_flip(core) for c, core in terms}
        terms = sorted(terms, key=lambda term: (not plus[term[1]], self.rank(term[1])))
        total = self._term(*terms[0])
        for c, core in terms[1:]:
            total = add(total, self._term(c, core)) if plus[core] else subtract(total, self._term(-c, core))
        return total

    def _flippable(self, core: Expr) -> bool:
        """Whether a sum has a minus that a minus before it would turn into a plus."""
        return core in self.turning

    def _can_flip(self, core: Expr) -> bool:
        """Whether a product can take in a minus without showing it."""
        return self._flippable(core) or (
            core.op is CONTRACT and any(self._flippable(f) and core.args.count(f) == 1 for f in core.args)
        )

    def _flipped(self, core: Expr) -> Expr:
        """The written form of minus a sum."""
        self.written([t for t in core.args if t not in self.done])
        return self._added([(-c, t) for c, t in zip(core.params["coefs"], core.args, strict=True)])

    # Products -------------------------------------------------------------------------------------
    def _term(self, coef: Coefficient, core: Expr) -> Expr:
        """A coefficient times a product: ``(numbers and scalars) · tensors``."""
        if not representable(coef, core.dtype):
            return times_number(coef, self._term(Fraction(1), core))
        if coef < 0:
            return self._minus(-coef, core)
        if core.op is not CONTRACT or any(f not in self.done for f in core.args):
            return times_number(coef, self.done[core])
        product = product_of(core)
        scalars = [f for f, own in product.factors if own == ()]
        product.factors = [(f, own) for f, own in product.factors if own != ()]
        if not product.factors:
            return broadcast_to(self._scalars(coef, scalars, core.dtype), core.shape)
        tensors = [self._tensor(f, own) for f, own in product.factors]
        tensor = arranged(multiplied(tensors, product.out, product.sizes), product.out, product.sizes)
        if not scalars:
            return times_number(coef, tensor)
        if tensor.ndim == 0:
            return self._scalars(coef, scalars, core.dtype, tensor)
        factor = self._scalars(coef, scalars, core.dtype)
        over = coef == 1 and all(base_and_exponent(f)[1] < 0 and not is_size(f) for f in scalars)
        return divide(tensor, factor.args[1]) if over else multiply(factor, tensor)

    def _minus(self, coef: Coefficient, core: Expr) -> Expr:
        """Minus a term; the sign goes into a difference where there is one."""
        if self._flippable(core):
            return times_number(coef, self._flipped(core))
        once = [f for f in core.args if self._flippable(f) and core.args.count(f) == 1]
        turned = once[0] if once and core.op is CONTRACT else None
        if turned is None or any(f not in self.done for f in core.args):
            return negative(self._term(coef, core))
        whole = self.done
        self.done = ChainMap({turned: self._flipped(turned)}, whole)
        try:
            return self._term(coef, core)
        finally:
            self.done = whole

    def _scalars(
        self, coef: Coefficient, scalars: list[Expr], dtype: DType, last: Expr | None = None
    ) -> Expr:
        """The product of scalars as one fraction; sizes come first."""
        top_number, bottom_number = as_ratio(coef, dtype)
        above, below = [], []
        for factor in sorted(scalars, key=self._scalar_order):
            base, exponent = base_and_exponent(factor)
            if exponent < 0:
                below.append(written_power(self.done[base], -exponent))
            else:
                above.append(self.done[factor])
        above += [] if last is None else [last]
        if top_number != 1 or not above:
            above.insert(0, number(top_number, dtype))
        if bottom_number != 1:
            below.insert(0, number(bottom_number, dtype))
        top = reduce(multiply, above)
        return divide(top, reduce(multiply, below)) if below else top

    def _scalar_order(self, factor: Expr) -> tuple[bool, int, str]:
        """Sizes first, by name; then the scalars of the user's formula in its order."""
        base = base_and_exponent(factor)[0]
        return base.op is not SIZE, self.rank(factor), str(base.params.get("value", ""))

    def _tensor(self, factor: Expr, own: tuple[int, ...]) -> Tensor:
        base, exponent = base_and_exponent(factor)
        if exponent < 0:
            return Tensor(None, own, written_power(self.done[base], -exponent), self.rank(factor))
        return Tensor(self.done[factor], own, None, self.rank(factor))


def _under_a_minus(order: Sequence[Expr], roots: Sequence[Expr]) -> set[Expr]:
    """Sums with a minus in them that only ever stand after a minus: turning them round duplicates nothing."""
    always = dict.fromkeys(order, True) | dict.fromkeys(roots, False)
    parents: dict[Expr, list[Expr]] = {}
    for node in order:
        for k, arg in enumerate(node.args):
            minus = node.op is COMBINE and node.params["coefs"][k] < 0
            always[arg] = always.get(arg, True) and minus
            parents.setdefault(arg, []).append(node)
    return {
        node
        for node in order
        if node.op is COMBINE
        and len(node.args) > 1
        and any(c < 0 for c in node.params["coefs"])
        and all(_passes_a_minus(node, parent, always) for parent in parents.get(node, roots))
    }


def _passes_a_minus(node: Expr, parent: Expr, always: dict[Expr, bool]) -> bool:
    if parent.op is CONTRACT:
        return parent.args.count(node) == 1 and always[parent]
    return parent.op is COMBINE and always[node]


# Numbers and powers -------------------------------------------------------------------------------
def number(value: Coefficient, dtype: DType) -> Expr:
    """A coefficient as a constant; integers stay exact."""
    exactly = float(value)
    return constant_of(int(value) if not is_float(dtype) else exactly, dtype)


def written_power(base: Expr, exponent: Coefficient) -> Expr:
    """A fixed power as a root, a quotient or a power, whichever a person would write."""
    if exponent == Fraction(1, 2):
        return sqrt(base)
    if exponent < 0:
        return divide(number(1, base.dtype), written_power(base, -exponent))
    return (
        base
        if exponent == 1
        else power(base, int(exponent) if exponent == int(exponent) else float(exponent))
    )


def times_number(coef: Coefficient, e: Expr) -> Expr:
    """A number times a written formula."""
    if coef == 1:
        return e
    if coef == -1:
        return negative(e)
    if coef < 0:
        return negative(times_number(-coef, e))
    if not representable(coef, e.dtype):
        part = Fraction(2) ** (np.finfo(e.dtype).maxexp // 2 * (1 if coef > 1 else -1))
        return times_number(coef / part, times_number(part, e))
    top, bottom = as_ratio(coef, e.dtype)
    if top == 1 and bottom != 1:
        return divide(e, number(bottom, e.dtype))
    scaled = e if top == 1 else multiply(number(top, e.dtype), e)
    return scaled if bottom == 1 else divide(scaled, number(bottom, e.dtype))


def representable(coef: Coefficient, dtype: DType) -> bool:
    """Whether a coefficient neither overflows nor vanishes as a number of a float dtype."""
    if not is_float(dtype) or not isinstance(coef, Fraction) or coef == 0:
        return True
    if max(abs(coef.numerator), coef.denominator) <= _IN_ANY_DTYPE:
        return True
    limits = np.finfo(dtype)
    return bool(Fraction(float(limits.tiny)) <= abs(coef) <= Fraction(float(limits.max)))


def as_ratio(coef: Coefficient, dtype: DType) -> tuple[Coefficient, int]:
    """Numerator and denominator, where a person would write a ratio; else the decimal number over 1."""
    short = isinstance(coef, Fraction) and coef.denominator <= _LARGEST_DENOMINATOR
    if isinstance(coef, Fraction) and short and representable(Fraction(coef.numerator), dtype):
        return coef.numerator, coef.denominator
    return coef, 1
