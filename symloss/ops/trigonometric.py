"""Trigonometric and hyperbolic functions and their inverses; angles are in radians."""

from __future__ import annotations

from ..core.notation import ATOM, LOOSE, QUOTIENT, SUM, Notation
from ..core.shapes import sp
from . import kernels
from .exponential import sqrt
from .family import Function, elementwise, named
from .masked import divide_or_zero

__all__ = [
    "arccos",
    "arcsin",
    "arcsinh",
    "arctan",
    "cos",
    "cosh",
    "hypot",
    "sin",
    "sinh",
    "tan",
    "tanh",
]

_INSIDE = ((-0.95, 0.95),)


sin = elementwise(
    "sin",
    doc="The sine of an angle in radians.",
    meaning=lambda x: sp.sin(x),
    derivative=(lambda g, z, x: g * cos(x),),
    numpy="np.sin(#1)",
    latex=r"\sin(#1)",
)


cos: Function = elementwise(
    "cos",
    doc="The cosine of an angle in radians.",
    meaning=lambda x: sp.cos(x),
    derivative=(lambda g, z, x: -g * sin(x),),
    numpy="np.cos(#1)",
    latex=r"\cos(#1)",
)


tan = elementwise(
    "tan",
    doc="The tangent of an angle in radians.",
    meaning=lambda x: sp.tan(x),
    derivative=(lambda g, z, x: g * (1 + z**2),),
    numpy="np.tan(#1)",
    latex=r"\tan(#1)",
    domain=((-1.2, 1.2),),
)


arcsin = elementwise(
    "arcsin",
    doc="The inverse sine, in radians.",
    meaning=lambda x: sp.asin(x),
    derivative=(lambda g, z, x: g / sqrt(1 - x**2),),
    numpy="np.arcsin(#1)",
    latex=r"\arcsin(#1)",
    domain=_INSIDE,
)


arccos = elementwise(
    "arccos",
    doc="The inverse cosine, in radians.",
    meaning=lambda x: sp.acos(x),
    derivative=(lambda g, z, x: -g / sqrt(1 - x**2),),
    numpy="np.arccos(#1)",
    latex=r"\arccos(#1)",
    domain=_INSIDE,
)


arctan = elementwise(
    "arctan",
    doc="The inverse tangent, in radians.",
    meaning=lambda x: sp.atan(x),
    derivative=(lambda g, z, x: g / (1 + x**2),),
    numpy="np.arctan(#1)",
    latex=r"\arctan(#1)",
)


hypot: Function = elementwise(
    "hypot",
    doc="√(x² + y²), without overflow or underflow; its derivative at (0, 0) is 0.",
    meaning=lambda x, y: sp.sqrt(x**2 + y**2),
    derivative=(lambda g, z, x, y: g * divide_or_zero(x, z), lambda g, z, x, y: g * divide_or_zero(y, z)),
    numpy="np.hypot(#1, #2)",
    text=Notation("√(#1² + #2²)", slots=(ATOM, ATOM)),
    latex=Notation(r"\sqrt{#1^{2} + #2^{2}}", ATOM, (ATOM, ATOM)),
    commutative=True,
)


root_less: Function = elementwise(
    "root_less",
    doc="√(y² + x²) − y, without cancellation for y > 0.",
    meaning=lambda x, y: sp.sqrt(x**2 + y**2) - y,
    derivative=(
        lambda g, z, x, y: g * divide_or_zero(x, hypot(x, y)),
        lambda g, z, x, y: g * (divide_or_zero(y, hypot(x, y)) - 1),
    ),
    numpy="root_less(#1, #2)",
    text=Notation("√(#1² + #2²) − #2", SUM, (ATOM, ATOM)),
    latex=Notation(r"\sqrt{#1^{2} + #2^{2}} - #2", SUM, (ATOM, ATOM)),
    kernels=(kernels.root_less,),
)


arcsinh = elementwise(
    "arcsinh",
    doc="The inverse hyperbolic sine.",
    meaning=lambda x: sp.asinh(x),
    derivative=(lambda g, z, x: g / sqrt(1 + x**2),),
    numpy="np.arcsinh(#1)",
    latex=named("arcsinh"),
)


sinh = elementwise(
    "sinh",
    doc="The hyperbolic sine.",
    meaning=lambda x: sp.sinh(x),
    derivative=(lambda g, z, x: g * cosh(x),),
    numpy="np.sinh(#1)",
    latex=r"\sinh(#1)",
)


cosh: Function = elementwise(
    "cosh",
    doc="The hyperbolic cosine.",
    meaning=lambda x: sp.cosh(x),
    derivative=(lambda g, z, x: g * sinh(x),),
    numpy="np.cosh(#1)",
    latex=r"\cosh(#1)",
)


sech: Function = elementwise(
    "sech",
    doc="1/cosh(x), whose square vanishes later than that of cosh(x) overflows.",
    meaning=lambda x: 1 / sp.cosh(x),
    derivative=(lambda g, z, x: -g * z * tanh(x),),
    numpy=Notation("1 / np.cosh(#1)", QUOTIENT, (LOOSE,)),
    operator=False,
    latex=r"\operatorname{sech}(#1)",
    text="sech(#1)",
)


tanh: Function = elementwise(
    "tanh",
    doc="The hyperbolic tangent.",
    meaning=lambda x: sp.tanh(x),
    derivative=(lambda g, z, x: g * (1 - z**2),),
    numpy="np.tanh(#1)",
    latex=r"\tanh(#1)",
    letter="H",
)


logcosh = elementwise(
    "logcosh",
    doc="log(cosh(x)), without overflow for large x.",
    meaning=lambda x: sp.log(sp.cosh(x)),
    derivative=(lambda g, z, x: g * tanh(x),),
    numpy="logcosh(#1)",
    latex=named("logcosh"),
    kernels=(kernels.logcosh,),
)
