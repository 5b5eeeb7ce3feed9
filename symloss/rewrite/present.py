"""From a normal form back to a formula that a person would write, in the operations of NumPy.

Where the normal form came from something the user wrote, that is what stands in the result.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping as Mapping
from collections.abc import Sequence
from fractions import Fraction

from ..core.dtypes import DType, is_float
from ..core.expr import Expr
from ..core.leaves import SIZE, constant_of
from ..core.walk import topological
from ..ops.arithmetic import add, divide, multiply, negative, power, subtract
from ..ops.axes import broadcast_to
from ..ops.constants import full
from ..ops.exponential import sqrt
from ..ops.normal import COMBINE, CONTRACT, RAISE, Coefficient
from .pairing import Tensor, arranged, multiplied
from .products import Product, base_and_exponent, is_zero, product_of

_LARGEST_DENOMINATOR = 1000


def present(roots: Sequence[Expr], origin: Mapping[Expr, Expr]) -> list[Expr]:
    """The written formulas for normal forms; `origin` says which of them the user wrote, and how."""
    done: dict[Expr, Expr] = {}
    for node in topological(roots, stop=lambda e: e in origin and e.op is not RAISE):
        done[node] = origin[node] if node in origin else _written(node, done)
    return [done[root] for root in roots]


def _written(node: Expr, done: Mapping[Expr, Expr]) -> Expr:
    if node.op is COMBINE:
        return _written_sum(node, done)
    if node.op is CONTRACT:
        return _written_term(Fraction(1), node, done)
    if node.op is RAISE:
        return _written_power(done[node.args[0]], node.params["exponent"])
    return node.with_args(tuple(done[arg] for arg in node.args))


def number(value: Coefficient, dtype: DType) -> Expr:
    """A coefficient as a constant; integers stay exact."""
    exactly = float(value)
    return constant_of(int(value) if not is_float(dtype) else exactly, dtype)


def _written_power(base: Expr, exponent: Coefficient) -> Expr:
    if exponent == Fraction(1, 2):
        return sqrt(base)
    if exponent < 0:
        return divide(number(1, base.dtype), _written_power(base, -exponent))
    return (
        base
        if exponent == 1
        else power(base, int(exponent) if exponent == int(exponent) else float(exponent))
    )


# Sums ---------------------------------------------------------------------------------------------
def _written_sum(node: Expr, done: Mapping[Expr, Expr]) -> Expr:
    if is_zero(node):
        return full(node.shape, 0, node.dtype)
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    if len(terms) > 1:
        return _added(terms, done)
    return _written_term(*terms[0], done)


def _added(terms: list[tuple[Coefficient, Expr]], done: Mapping[Expr, Expr]) -> Expr:
    """The terms, those with a plus first, otherwise in the order in which their variables were declared."""
    written = [(c > 0 or _can_flip(core), core.first, c, core) for c, core in terms]
    total: Expr | None = None
    for plus, _, c, core in sorted(written, key=lambda t: (not t[0], t[1])):
        if total is None:
            total = _written_term(c, core, done)
        elif plus:
            total = add(total, _written_term(c, core, done))
        else:
            total = subtract(total, _written_term(-c, core, done))
    return total if total is not None else full((), 0, terms[0][1].dtype)


def _flippable(core: Expr) -> bool:
    """Whether a sum has a minus that a minus before it would turn into a plus."""
    return core.op is COMBINE and any(c < 0 for c in core.params["coefs"])


def _can_flip(core: Expr) -> bool:
    """Whether a product can take in a minus without showing it."""
    return _flippable(core) or (core.op is CONTRACT and any(map(_flippable, core.args)))


def _flipped(core: Expr, done: Mapping[Expr, Expr]) -> Expr:
    """The written form of minus a sum."""
    return _added([(-c, t) for c, t in zip(core.params["coefs"], core.args, strict=True)], done)


def _times_number(coef: Coefficient, e: Expr) -> Expr:
    """A number times a written formula."""
    if coef == 1:
        return e
    if coef == -1:
        return negative(e)
    if coef < 0:
        return negative(_times_number(-coef, e))
    top, bottom = _as_ratio(coef)
    if top == 1 and bottom != 1:
        return divide(e, number(bottom, e.dtype))
    scaled = e if top == 1 else multiply(number(top, e.dtype), e)
    return scaled if bottom == 1 else divide(scaled, number(bottom, e.dtype))


def _as_ratio(coef: Coefficient) -> tuple[Coefficient, int]:
    """Numerator and denominator, where a person would write a ratio; else the decimal number over 1."""
    if isinstance(coef, Fraction) and coef.denominator <= _LARGEST_DENOMINATOR:
        return coef.numerator, coef.denominator
    return coef, 1


# Products -----------------------------------------------------------------------------------------
def _written_term(coef: Coefficient, core: Expr, done: Mapping[Expr, Expr]) -> Expr:
    """A coefficient times a product: ``(numbers and scalars) · tensors``."""
    if coef < 0 and _flippable(core) and all(t in done for t in core.args):
        return _times_number(-coef, _flipped(core, done))
    if core.op is not CONTRACT or any(f not in done for f in core.args):
        return _times_number(coef, done[core])
    if coef < 0:
        turned = next((f for f in core.args if _flippable(f) and all(t in done for t in f.args)), None)
        if turned is None:
            return negative(_written_term(-coef, core, done))
        return _written_term(-coef, core, ChainMap({turned: _flipped(turned, done)}, done))
    product = product_of(core)
    scalars = [f for f, own in product.factors if own == ()]
    product.factors = [(f, own) for f, own in product.factors if own != ()]
    if not product.factors:
        value = _scalar_product(coef, scalars, core.dtype, done, None)
        return value if core.ndim == 0 else _repeat(value, core)
    tensor = _written_tensor(product, done)
    if not scalars:
        return _times_number(coef, tensor)
    if tensor.ndim == 0:
        return _scalar_product(coef, scalars, core.dtype, done, tensor)
    return multiply(_scalar_product(coef, scalars, core.dtype, done, None), tensor)


def _repeat(value: Expr, core: Expr) -> Expr:
    return broadcast_to(value, core.shape)


def _scalar_product(
    coef: Coefficient, scalars: list[Expr], dtype: DType, done: Mapping[Expr, Expr], last: Expr | None
) -> Expr:
    """The product of scalars as one fraction; sizes come first."""
    top_number, bottom_number = _as_ratio(coef)
    above, below = [], []
    for factor in sorted(scalars, key=lambda f: (base_and_exponent(f)[0].op is not SIZE, f.first)):
        base, exponent = base_and_exponent(factor)
        if exponent < 0:
            below.append(_written_power(done[base], -exponent))
        else:
            above.append(done[factor])
    if last is not None:
        above.append(last)
    if top_number != 1 or not above:
        above.insert(0, number(top_number, dtype))
    if bottom_number != 1:
        below.insert(0, number(bottom_number, dtype))
    top = _chain(above)
    return divide(top, _chain(below)) if below else top


def _chain(factors: list[Expr]) -> Expr:
    result = factors[0]
    for factor in factors[1:]:
        result = multiply(result, factor)
    return result


def _written_tensor(product: Product, done: Mapping[Expr, Expr]) -> Expr:
    """The product of tensors, by pairs in the cheapest order, laid out as the output asks."""
    tensors = [_tensor(f, own, done) for f, own in product.factors]
    result = multiplied(tensors, product.out, product.sizes)
    return arranged(result, product.out, product.sizes)


def _tensor(factor: Expr, own: tuple[int, ...], done: Mapping[Expr, Expr]) -> Tensor:
    base, exponent = base_and_exponent(factor)
    if exponent < 0:
        return Tensor(None, own, _written_power(done[base], -exponent))
    return Tensor(done[factor], own, None)
