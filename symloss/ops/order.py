"""Functions of order: sign, larger and smaller, rounding, and what is finite."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..core.evaluate import mpmath
from ..core.expr import Expr
from ..core.shapes import sp
from . import kernels
from .family import Function, boolean, counted, elementwise, named, promoted, public

__all__ = [
    "ceil",
    "clip",
    "floor",
    "isfinite",
    "isnan",
    "maximum",
    "minimum",
    "relu",
    "rint",
    "sign",
]

HALF = Fraction(1, 2)

abs_ = elementwise(
    "abs",
    doc="The absolute value; its derivative at 0 is 0.",
    meaning=lambda x: sp.Abs(x),
    derivative=(lambda g, z, x: g * direction(x),),
    numpy="np.abs(#1)",
    text="|#1|",
    latex=r"\lvert #1 \rvert",
    dtype=counted,
    kinks=(0.0,),
)


sign: Function = elementwise(
    "sign",
    doc="−1, 0 or 1, as x is negative, 0 or positive.",
    meaning=lambda x: sp.sign(x),
    derivative=None,
    numpy="np.sign(#1)",
    latex=named("sign"),
    dtype=counted,
    undifferentiable="it is piecewise constant",
)


direction: Function = elementwise(
    "direction",
    doc="−1, 0 or 1, as x is negative, 0 or positive: the slope of abs, which has the slope 0 itself.",
    meaning=lambda x: sp.sign(x),
    derivative=(None,),
    numpy="np.sign(#1)",
    text="sign(#1)",
    latex=named("sign"),
)


step = elementwise(
    "step",
    doc="1 where x > y, 0 where x < y, one half where they are equal: the slope of a maximum.",
    meaning=lambda x, y: sp.Heaviside(x - y, HALF),
    derivative=(None, None),
    numpy="step(#1, #2)",
    text="[#1 > #2]",
    latex=r"[#1 > #2]",
    kernels=(kernels.heaviside, kernels.step),
)


relu = elementwise(
    "relu",
    doc="The larger of x and 0; its slope at 0 is one half.",
    meaning=lambda x: sp.Max(x, 0),
    derivative=(lambda g, z, x: g * heaviside(x),),
    numpy="np.maximum(#1, 0)",
    latex=r"\max(0, #1)",
    dtype=counted,
    kinks=(0.0,),
    letter="H",
)


heaviside: Function = elementwise(
    "heaviside",
    doc="1 where x > 0, 0 where x < 0, one half at 0: the slope of relu.",
    meaning=lambda x: sp.Heaviside(x, HALF),
    derivative=(None,),
    numpy="heaviside(#1)",
    kernels=(kernels.heaviside,),
    text="[#1 > 0]",
    latex="[#1 > 0]",
)


maximum = elementwise(
    "maximum",
    doc="The larger of two values; where they are equal each gets half of the slope.",
    meaning=lambda x, y: sp.Max(x, y),
    derivative=(lambda g, z, x, y: g * step(x, y), lambda g, z, x, y: g * step(y, x)),
    numpy="np.maximum(#1, #2)",
    latex=r"\max(#1, #2)",
    text="max(#1, #2)",
    dtype=promoted,
    commutative=True,
)


minimum = elementwise(
    "minimum",
    doc="The smaller of two values; where they are equal each gets half of the slope.",
    meaning=lambda x, y: sp.Min(x, y),
    derivative=(lambda g, z, x, y: g * step(y, x), lambda g, z, x, y: g * step(x, y)),
    numpy="np.minimum(#1, #2)",
    latex=r"\min(#1, #2)",
    text="min(#1, #2)",
    dtype=promoted,
    commutative=True,
)


@public
def clip(x: Any, low: Any, high: Any) -> Expr:
    """`x` limited to [low, high]; at a limit the slope is one half."""
    return minimum(maximum(x, low), high)


def _rounding(name: str, doc: str, meaning: Any, text: str, latex: str) -> Any:
    return elementwise(
        name,
        doc=doc,
        meaning=meaning,
        derivative=None,
        numpy=f"np.{name}(#1)",
        text=text,
        latex=latex,
        undifferentiable="it is piecewise constant",
    )


floor = _rounding(
    "floor", "The largest integer not above x.", lambda x: sp.floor(x), "⌊#1⌋", r"\lfloor #1 \rfloor"
)


ceil = _rounding(
    "ceil", "The smallest integer not below x.", lambda x: sp.ceiling(x), "⌈#1⌉", r"\lceil #1 \rceil"
)


rint = _rounding(
    "rint",
    "The nearest integer, halves to even.",
    lambda x: sp.floor(x + HALF) - sp.Piecewise((1, sp.Eq(sp.Mod(x, 2), HALF)), (0, True)),
    "rint(#1)",
    named("rint"),
)


isnan = elementwise(
    "isnan",
    doc="Whether the value is NaN.",
    meaning=lambda x: sp.Ne(x, x),
    reference=lambda x: bool(x != x),
    derivative=None,
    numpy="np.isnan(#1)",
    latex=named("isnan"),
    dtype=boolean,
    undifferentiable="it is a truth value",
)


isfinite = elementwise(
    "isfinite",
    doc="Whether the value is neither infinite nor NaN.",
    meaning=lambda x: sp.Ne(sp.Abs(x), sp.oo),
    reference=lambda x: bool(mpmath().isfinite(x)),
    derivative=None,
    numpy="np.isfinite(#1)",
    latex=named("isfinite"),
    dtype=boolean,
    undifferentiable="it is a truth value",
)
