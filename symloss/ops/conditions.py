"""Choosing between values, and stopping the derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.component import choice
from ..core.dtypes import BOOL, DType, promote
from ..core.errors import DTypeError, message
from ..core.expr import Expr, apply, signature
from ..core.leaves import lift
from ..core.notation import LOOSE, Notation
from ..core.op import OPS
from ..core.shapes import sp
from .family import elementwise, meet, promoted, public

__all__ = [
    "stop_gradient",
    "where",
]


def _where_dtype(condition: Expr, x: Expr, y: Expr) -> DType:
    return promote(x.dtype, y.dtype)


_where = elementwise(
    "where",
    doc="x where the condition holds, else y; the branch not taken contributes nothing, not even NaN.",
    meaning=lambda condition, x, y: sp.Piecewise((x, condition), (y, True)),
    reference=lambda condition, x, y: x if condition else y,
    component=lambda z, at, condition, x, y: choice(condition.holds(*at), x(*at), y(*at)),
    derivative=(None, lambda g, z, c, x, y: where(c, g, 0), lambda g, z, c, x, y: where(c, 0, g)),
    numpy="np.where(#1, #2, #3)",
    latex=Notation(r"\begin{cases} #2 & \text{if } #1 \\ #3 & \text{otherwise} \end{cases}", LOOSE),
    dtype=_where_dtype,
    domain=((0.0, 1.0), (-4.0, 4.0), (-4.0, 4.0)),
    samples=((np.array([True, False, True]), (2, 3), (3,), {}),),
)


@public
def where(condition: Any, x: Any, y: Any) -> Expr:
    """x where the condition holds, else y; the branch not taken contributes nothing, not even NaN.

    Raises
    ------
    DTypeError
        If the condition is not bool.
    """
    (condition,) = lift("where", condition)
    x, y = lift("where", x, y)
    if condition.dtype != BOOL:
        wrong = f"the condition has dtype {condition.dtype.name}, expected bool"
        raise DTypeError(message(signature("where", condition, x, y), wrong, "compare first, as in x > 0"))
    x, y = meet((x, y), promote(x.dtype, y.dtype))
    return apply(OPS[_where.__name__], condition, x, y)


stop_gradient = elementwise(
    "stop_gradient",
    doc="The same value, treated as a constant by differentiation.",
    meaning=lambda x: x,
    derivative=(None,),
    undifferentiable="it is held constant",
    numpy=Notation("#1", LOOSE),
    latex=r"\operatorname{stop}(#1)",
    dtype=promoted,
    view=True,
)
