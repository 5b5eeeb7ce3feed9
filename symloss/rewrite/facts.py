"""Assumed equations: as the user states them, and where their left side is a part of a product."""

from __future__ import annotations

from collections.abc import Iterator, Set
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..core import shapes
from ..core.errors import GraphError, ShapeError, kind, message
from ..core.expr import Expr, describe
from ..core.leaves import lift
from ..core.op import OPS
from ..core.walk import topological
from ..ops.arithmetic import eq, gt
from ..ops.axes import transpose
from ..ops.constants import ones_like
from ..ops.linalg import INV
from ..ops.normal import COMBINE, CONTRACT, Index, number_in
from ..ops.order import abs_, direction, heaviside, relu, sign
from .products import Product, is_size, is_zero, product_of, split, transposed
from .sums import normal_sum, times_scalars, without_scalars

if TYPE_CHECKING:
    from .normalise import Normaliser

EQ, GT = OPS[eq.__name__], OPS[gt.__name__]
Facts = list[tuple[Expr, Expr]]
Places = dict[int, int]
"""Where each index of a fact stands in the product."""


def solved(normal: Normaliser, left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """An equation as what is replaced and by what; a number on the right holds for every element."""
    left, right = normal(left), normal(right)
    if number_in(left):
        left, right = right, left
    shape = left.shape
    if right.shape != shape:
        axes = tuple(range(len(shape) - right.ndim, len(shape)))
        right = normal.product([(right, axes)], tuple(range(len(shape))), shape)
    coef, core = split(left)
    if is_zero(left):
        raise GraphError(message("assume", "the left side of an equation is 0", "write another side"))
    if number_in(left) and left is not right:
        raise GraphError(message("assume", "an equation of two numbers is wrong", "drop it"))
    product = product_of(core)
    sizes = [f for f, own in product.factors if own == () and is_size(f)]
    if sizes and len(product.factors) > len(sizes):
        core = without_scalars(core, sizes)
        right = times_scalars([normal.power(f, Fraction(-1)) for f in sizes], right)
    return core, normal.sum([Fraction(1) / coef], [right])


def check_resolved(core: Expr, value: Expr) -> None:
    """Refuse a fact that says of something what it itself is a part of."""
    for node in topological([value]):
        if node is core or (core.op is CONTRACT and occurrence(core, product_of(node))):
            wrong = "an equation has its left side in its right side again"
            raise GraphError(message("assume", wrong, "solve it for the left side"))


def occurrence(fact: Expr, product: Product) -> tuple[list[int], Index] | None:
    """Which factors of a product make up the left side of a fact, and at which indices its value stands."""
    if fact.op is CONTRACT:
        wanted = list(zip(fact.args, fact.params["ins"], strict=True))
        out = fact.params["out"]
    else:
        out = tuple(range(fact.ndim))
        wanted = [(fact, out)]
    summed = {i for _, own in wanted for i in own} - set(out)
    for chosen, places in _assignments(wanted, product, [], {}):
        if all(_only_in(places[i], chosen, product) for i in summed):
            return chosen, tuple(places[i] for i in out if i in places)
    return None


def _only_in(index: int, chosen: list[int], product: Product) -> bool:
    """Whether an index is summed over and belongs to the chosen factors alone."""
    elsewhere = any(index in own for k, (_, own) in enumerate(product.factors) if k not in chosen)
    return index not in product.out and not elsewhere


def _assignments(
    wanted: list[tuple[Expr, Index]], product: Product, chosen: list[int], places: Places
) -> Iterator[tuple[list[int], Places]]:
    """Ways to find the factors of a fact among those of a product, with consistent indices."""
    if len(chosen) == len(wanted):
        if len(set(places.values())) == len(places):
            yield chosen, places
        return
    factor, own = wanted[len(chosen)]
    for k, (candidate, index) in enumerate(product.factors):
        if candidate is factor and k not in chosen:
            pairs = dict(zip(own, index, strict=True))
            if all(places.get(i, pairs[i]) == pairs[i] for i in own):
                yield from _assignments(wanted, product, [*chosen, k], places | pairs)


def is_symmetric(matrix: Expr, known: Set[Expr]) -> bool:
    """Whether a normal form equals its transpose: by a fact, as an inverse of such, or as a sum that does."""
    if matrix in known or (matrix.op is INV and matrix.args[0] in known):
        return True
    if matrix.op is not COMBINE or is_zero(matrix):
        return False
    parts = [part if part in known else transposed(part) for part in matrix.args]
    return normal_sum(matrix.params["coefs"], parts, matrix.shape) is matrix


# What users state -----------------------------------------------------------------------------------
def positive(x: Any) -> Expr:
    """The fact that every element of `x` is greater than 0; what a formula says of |x| or relu(x) follows."""
    (x,) = lift("positive()", x)
    fact: Expr = gt(x, 0)
    return fact


def symmetric(matrix: Any) -> Expr:
    """The fact that a square matrix equals its transpose.

    Raises
    ------
    ShapeError
        If it is no square matrix.
    """
    return _equals_its_transpose("symmetric()", matrix)


def positive_definite(matrix: Any) -> Expr:
    """The fact that a square matrix is symmetric with positive eigenvalues; formulas use its symmetry.

    Raises
    ------
    ShapeError
        If it is no square matrix.
    """
    return _equals_its_transpose("positive_definite()", matrix)


def _equals_its_transpose(call: str, matrix: Any) -> Expr:
    (matrix,) = lift(call, matrix)
    if matrix.ndim != 2 or shapes.unify(*matrix.shape) is None:
        raise ShapeError(message(call, f"{describe(matrix)} is no square matrix", "the two sizes must agree"))
    return eq(matrix, transpose(matrix))


def facts_of(call: str, assume: Any) -> Facts:
    """The two sides of each assumed equation, and of those that follow from something positive."""
    sides: Facts = []
    if not isinstance(assume, list | tuple):
        wrong = f"assume is {kind(assume)}, expected a list"
        raise GraphError(message(call, wrong, "write [sl.eq(left, right)]"))
    for fact in assume:
        if isinstance(fact, Expr) and fact.op is EQ:
            sides.append((fact.args[0], fact.args[1]))
        elif isinstance(fact, Expr) and fact.op is GT and number_in(fact.args[1]) == 0:
            sides += _of_positive(fact.args[0])
        else:
            what = describe(fact) if isinstance(fact, Expr) else kind(fact)
            wrong = f"the assumption {what} is not an equation"
            raise GraphError(message(call, wrong, "write it with sl.eq(left, right)"))
    return sides


def _of_positive(x: Expr) -> Facts:
    one = ones_like(x)
    return [(abs_(x), x), (relu(x), x), (sign(x), one), (heaviside(x), one), (direction(x), one)]
