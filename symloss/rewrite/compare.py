"""`simplify` and `equivalent`: formulas made short, and compared by algebra and by numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import shapes
from ..core.errors import ShapeError, message
from ..core.evaluate import exact_values
from ..core.expected import expect, expectations
from ..core.expr import Expr, describe
from ..core.leaves import INPUT, SHARED, lift
from ..core.sampling import random_values, satisfying
from ..core.walk import topological
from ..ops.normal import combine
from .books import recognition
from .facts import Facts, facts_of
from .field import equal_in_field
from .normalise import Normaliser
from .present import present
from .products import is_zero

_TRIES = 8
_DOMAINS = ((0.1, 0.9), (-2.0, 2.0), (-3.0, -0.5), (0.5, 3.0))
_RTOL = 1e-13
"""The numbers in a formula are floats: 0.1·3 and 0.3 differ by their rounding, which refutes nothing."""
_RTOL_HELD = 1e-7
"""Where facts hold only as well as Newton's method makes them."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """Whether two formulas are equal; exactly one of `proved`, `refuted` and `unknown` holds."""

    proved: bool = False
    refuted: bool = False
    values: Mapping[Expr, Any] | None = None
    """Where they differ: a value for each variable."""
    left: Any = None
    right: Any = None
    how: str = "both have one normal form"

    @property
    def unknown(self) -> bool:
        """Neither proved nor refuted: equal at every point that was tried."""
        return not (self.proved or self.refuted)

    def __bool__(self) -> bool:
        return self.proved

    def __str__(self) -> str:
        if self.proved:
            return f"proved: {self.how}"
        if self.unknown or self.values is None:
            return "unknown: equal at every point that was tried, but their normal forms differ"
        at = ", ".join(f"{node.name} = {np.asarray(value).tolist()}" for node, value in self.values.items())
        return f"refuted: {self.left.tolist()} and {self.right.tolist()} at {at}"

    __repr__ = __str__


def simplify(e: Expr, assume: Sequence[Expr] = ()) -> Expr:
    """A formula in its shortest form: `e` itself where algebra finds none that is shorter.

    Parameters
    ----------
    e : Expr
        Any formula.
    assume : sequence of Expr
        Facts that may be used, such as ``sl.eq(sl.sum(y, axis="K"), 1)``.

    Returns
    -------
    Expr of the shape of `e`
        For reading: it may be finite where `e` is not, as 0 is for ``x − x``.
    """
    call = "simplify()"
    (e,) = lift(call, e)
    normal = Normaliser(facts_of(call, assume), recognition())
    normal.rank(e)
    shorter = present([normal(e)], normal)[0]
    nodes = topological([e])
    fewer = len(topological([shorter])) < len(nodes)
    return expect(shorter, expectations(nodes)) if fewer and shorter.dtype == e.dtype else e


def equivalent(a: Any, b: Any, assume: Sequence[Expr] = ()) -> Verdict:
    """Whether two formulas are equal wherever both are defined.

    Parameters
    ----------
    a, b : Expr
        Formulas of one shape; a number or array may be one of them.
    assume : sequence of Expr
        Facts that may be used.

    Returns
    -------
    Verdict
        `proved` by their normal forms or in a finite field (wrong with odds of 1 in 10¹⁸), `refuted` with
        numbers, or `unknown`.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    call = "equivalent()"
    a, b = lift(call, a, b)
    if not shapes.same_shape(a.shape, b.shape):
        wrong = f"{describe(a)} and {describe(b)} differ in shape"
        raise ShapeError(message(call, wrong, "compare formulas of one shape"))
    assumed = facts_of(call, assume)
    normal = Normaliser(assumed, recognition())
    left, right = normal(a), normal(b)
    if left is right or is_zero(normal(combine((1, -1), (left, right)))):
        return Verdict(proved=True)
    if equal_in_field(left, right):
        return Verdict(proved=True, how="equal as rational functions, in a finite field")
    return _compared(a, b, assumed)


def _compared(a: Expr, b: Expr, assumed: Facts) -> Verdict:
    """The verdict of numbers at random points; points where either is undefined say nothing."""
    sides = [side for fact in assumed for side in fact]
    variables = [node for node in topological([a, b, *sides]) if node.op in (INPUT, SHARED)]
    for seed in range(_TRIES):
        at = random_values(variables, seed, _DOMAINS[seed % len(_DOMAINS)])
        if assumed:
            at = satisfying(assumed, at)
        try:
            left, right = exact_values([a, b], at)
        except OverflowError:
            continue
        scale = max([abs(v) for v in (*left.ravel(), *right.ravel()) if v == v], default=1)
        rtol = _RTOL_HELD if assumed else _RTOL
        for x, y in zip(left.ravel(), right.ravel(), strict=True):
            if x == x and y == y and abs(x - y) > rtol * max(scale, 1e-30):
                return Verdict(False, True, at, left.astype(float), right.astype(float))
    return Verdict()
