"""Functions of one or two real numbers, applied to each element; every function returns an `Expr`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..core.errors import DomainError, message
from ..core.expr import Expr, public, signature
from ..core.leaves import CONSTANT, lift
from ..core.notation import ATOM, LOOSE, POWER, PRODUCT, QUOTIENT, SUM, UNARY, Notation
from ..core.shapes import sp
from . import kernels
from .family import boolean, elementwise, promoted
from .normal import raise_

HALF = Fraction(1, 2)
_LINE = ((-4.0, 4.0),)
_POSITIVE = ((0.2, 4.0),)
_UNIT = ((0.05, 0.95),)
_INSIDE = ((-0.95, 0.95),)


def _operator(name: str) -> str:
    return rf"\operatorname{{{name}}}(#1)"


# Exponentials and logarithms ----------------------------------------------------------------------
exp = elementwise(
    "exp",
    doc="The exponential function.",
    meaning=lambda x: sp.exp(x),
    derivative=(lambda g, z, x: g * z,),
    numpy="np.exp(#1)",
    latex=Notation("e^{#1}", POWER),
)

expm1 = elementwise(
    "expm1",
    doc="exp(x) − 1, accurate near 0.",
    meaning=lambda x: sp.exp(x) - 1,
    derivative=(lambda g, z, x: g * exp(x),),
    numpy="np.expm1(#1)",
    latex=_operator("expm1"),
)

_log = elementwise(
    "log",
    doc="The natural logarithm.",
    meaning=lambda x: sp.log(x),
    derivative=(lambda g, z, x: g / x,),
    numpy="np.log(#1)",
    latex=r"\log(#1)",
    domain=_POSITIVE,
)


def _checked(name: str, x: Any) -> Expr:
    """The argument of a function that has no real value below 0."""
    (x,) = lift(name, x)
    if x.op is CONSTANT and np.any(x.params["value"] < 0):
        raise DomainError(message(signature(name, x), "a constant argument is negative", "check its sign"))
    return x


@public
def log(x: Any) -> Expr:
    """The natural logarithm; a negative constant raises DomainError."""
    return _log(_checked("log", x))


log1p = elementwise(
    "log1p",
    doc="log(1 + x), accurate near 0.",
    meaning=lambda x: sp.log(1 + x),
    derivative=(lambda g, z, x: g / (1 + x),),
    numpy="np.log1p(#1)",
    latex=_operator("log1p"),
    domain=((-0.9, 4.0),),
)

log2 = elementwise(
    "log2",
    doc="The logarithm to base 2.",
    meaning=lambda x: sp.log(x) / sp.log(2),
    derivative=(lambda g, z, x: g / (x * float(np.log(2))),),
    numpy="np.log2(#1)",
    latex=r"\log_2(#1)",
    text="log₂(#1)",
    domain=_POSITIVE,
)

log10 = elementwise(
    "log10",
    doc="The logarithm to base 10.",
    meaning=lambda x: sp.log(x) / sp.log(10),
    derivative=(lambda g, z, x: g / (x * float(np.log(10))),),
    numpy="np.log10(#1)",
    latex=r"\log_{10}(#1)",
    text="log₁₀(#1)",
    domain=_POSITIVE,
)

# Powers and signs ---------------------------------------------------------------------------------
_sqrt = elementwise(
    "sqrt",
    doc="The square root.",
    meaning=lambda x: sp.sqrt(x),
    derivative=None,
    definition=lambda x: raise_(x, HALF),
    numpy="np.sqrt(#1)",
    text="√(#1)",
    latex=r"\sqrt{#1}",
    domain=_POSITIVE,
)


@public
def sqrt(x: Any) -> Expr:
    """The square root; a negative constant raises DomainError."""
    return _sqrt(_checked("sqrt", x))


square = elementwise(
    "square",
    doc="The square.",
    meaning=lambda x: x**2,
    derivative=None,
    definition=lambda x: raise_(x, Fraction(2)),
    numpy="np.square(#1)",
    text=Notation("#1²", POWER, (ATOM,)),
    latex=Notation("#1^2", POWER, (ATOM,)),
    dtype=promoted,
)

reciprocal = elementwise(
    "reciprocal",
    doc="One divided by x.",
    meaning=lambda x: 1 / x,
    derivative=None,
    definition=lambda x: raise_(x, Fraction(-1)),
    numpy="np.reciprocal(#1)",
    text=Notation("1/#1", QUOTIENT, (POWER,)),
    latex=r"\frac{1}{#1}",
    domain=_POSITIVE,
)

abs_ = elementwise(
    "abs",
    doc="The absolute value; its derivative at 0 is 0.",
    meaning=lambda x: sp.Abs(x),
    derivative=(lambda g, z, x: g * sign(x),),
    numpy="np.abs(#1)",
    text="|#1|",
    latex=r"|#1|",
    dtype=promoted,
    kinks=(0.0,),
)

sign = elementwise(
    "sign",
    doc="−1, 0 or 1, as x is negative, 0 or positive.",
    meaning=lambda x: sp.sign(x),
    derivative=None,
    numpy="np.sign(#1)",
    latex=_operator("sign"),
    dtype=promoted,
    undifferentiable="it is piecewise constant",
)

step = elementwise(
    "step",
    doc="1 where x > y, 0 where x < y, one half where they are equal: the slope of a maximum.",
    meaning=lambda x, y: sp.Heaviside(x - y, sp.Rational(1, 2)),
    derivative=(None, None),
    numpy="step(#1, #2)",
    text="[#1 > #2]",
    latex=r"[#1 > #2]",
    kernels=(kernels.step,),
)

# Trigonometric and hyperbolic ---------------------------------------------------------------------
sin = elementwise(
    "sin",
    doc="The sine of an angle in radians.",
    meaning=lambda x: sp.sin(x),
    derivative=(lambda g, z, x: g * cos(x),),
    numpy="np.sin(#1)",
    latex=r"\sin(#1)",
)

cos = elementwise(
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
    derivative=(lambda g, z, x: g / _sqrt(1 - x**2),),
    numpy="np.arcsin(#1)",
    latex=r"\arcsin(#1)",
    domain=_INSIDE,
)

arccos = elementwise(
    "arccos",
    doc="The inverse cosine, in radians.",
    meaning=lambda x: sp.acos(x),
    derivative=(lambda g, z, x: -g / _sqrt(1 - x**2),),
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

sinh = elementwise(
    "sinh",
    doc="The hyperbolic sine.",
    meaning=lambda x: sp.sinh(x),
    derivative=(lambda g, z, x: g * cosh(x),),
    numpy="np.sinh(#1)",
    latex=r"\sinh(#1)",
)

cosh = elementwise(
    "cosh",
    doc="The hyperbolic cosine.",
    meaning=lambda x: sp.cosh(x),
    derivative=(lambda g, z, x: g * sinh(x),),
    numpy="np.cosh(#1)",
    latex=r"\cosh(#1)",
)

tanh = elementwise(
    "tanh",
    doc="The hyperbolic tangent.",
    meaning=lambda x: sp.tanh(x),
    derivative=(lambda g, z, x: g * (1 - z**2),),
    numpy="np.tanh(#1)",
    latex=r"\tanh(#1)",
    letter="H",
)

# The logistic family ------------------------------------------------------------------------------
sigmoid = elementwise(
    "sigmoid",
    doc="1/(1 + e^−x), accurate in both tails.",
    meaning=lambda x: 1 / (1 + sp.exp(-x)),
    derivative=(lambda g, z, x: g * z * (1 - z),),
    numpy="sigmoid(#1)",
    text="σ(#1)",
    latex=r"\sigma(#1)",
    kernels=(kernels.sigmoid,),
    letter="P",
)

softplus = elementwise(
    "softplus",
    doc="log(1 + e^x), without overflow for large x.",
    meaning=lambda x: sp.log(1 + sp.exp(x)),
    derivative=(lambda g, z, x: g * sigmoid(x),),
    numpy="np.logaddexp(0, #1)",
    latex=_operator("softplus"),
)

log_sigmoid = elementwise(
    "log_sigmoid",
    doc="log(1/(1 + e^−x)), without underflow for very negative x.",
    meaning=lambda x: -sp.log(1 + sp.exp(-x)),
    derivative=(lambda g, z, x: g * sigmoid(-x),),
    numpy=Notation("-np.logaddexp(0, -#1)", UNARY, (UNARY,)),
    latex=r"\log\sigma(#1)",
    text="log_sigmoid(#1)",
)

relu = elementwise(
    "relu",
    doc="The larger of x and 0; its slope at 0 is one half.",
    meaning=lambda x: sp.Max(x, 0),
    derivative=(lambda g, z, x: g * heaviside(x),),
    numpy="np.maximum(#1, 0)",
    latex=r"\max(0, #1)",
    dtype=promoted,
    kinks=(0.0,),
    letter="H",
)

heaviside = elementwise(
    "heaviside",
    doc="1 where x > 0, 0 where x < 0, one half at 0: the slope of relu.",
    meaning=lambda x: sp.Heaviside(x, sp.Rational(1, 2)),
    derivative=(None,),
    numpy="np.heaviside(#1, 0.5)",
    text="[#1 > 0]",
    latex="[#1 > 0]",
)

logit = elementwise(
    "logit",
    doc="log(p/(1 − p)), the inverse of the sigmoid.",
    meaning=lambda p: sp.log(p / (1 - p)),
    derivative=(lambda g, z, p: g / (p * (1 - p)),),
    numpy="logit(#1)",
    latex=_operator("logit"),
    domain=_UNIT,
    kernels=(kernels.logit,),
)

log1mexp = elementwise(
    "log1mexp",
    doc="log(1 − e^−x) for x > 0, accurate at both ends.",
    meaning=lambda x: sp.log(1 - sp.exp(-x)),
    derivative=(lambda g, z, x: g / expm1(x),),
    numpy="log1mexp(#1)",
    latex=_operator("log1mexp"),
    domain=_POSITIVE,
    kernels=(kernels.log1mexp,),
)

xlogy = elementwise(
    "xlogy",
    doc="x·log(y), and 0 where x is 0; there both derivatives are 0 (masked).",
    meaning=lambda x, y: x * sp.log(y),
    derivative=(lambda g, z, x, y: g * masked_log(x, y), lambda g, z, x, y: g * ratio(x, y)),
    numpy="xlogy(#1, #2)",
    text="xlogy(#1, #2)",
    latex=Notation(r"#1 \log(#2)", PRODUCT, (PRODUCT, LOOSE)),
    domain=((-4.0, 4.0), (0.2, 4.0)),
    kernels=(kernels.xlogy,),
)

xlog1py = elementwise(
    "xlog1py",
    doc="x·log(1 + y), and 0 where x is 0; there both derivatives are 0 (masked).",
    meaning=lambda x, y: x * sp.log(1 + y),
    derivative=(lambda g, z, x, y: g * masked_log(x, 1 + y), lambda g, z, x, y: g * ratio(x, 1 + y)),
    numpy="xlog1py(#1, #2)",
    latex=Notation(r"#1 \log(1 + #2)", PRODUCT, (PRODUCT, SUM)),
    domain=((-4.0, 4.0), (-0.8, 4.0)),
    kernels=(kernels.xlog1py,),
)

masked_log = elementwise(
    "masked_log",
    doc="log(y), and 0 where x is 0: the derivative of xlogy in x.",
    meaning=lambda x, y: sp.log(y),
    derivative=(None, lambda g, z, x, y: g * ratio(x, x * y)),
    numpy="masked_log(#1, #2)",
    latex=r"\log(#2)",
    domain=((-4.0, 4.0), (0.2, 4.0)),
    kernels=(kernels.masked_log,),
)

ratio = elementwise(
    "ratio",
    doc="x/y, and 0 where x is 0: the derivative of xlogy in y.",
    meaning=lambda x, y: x / y,
    derivative=(lambda g, z, x, y: ratio(g, y), lambda g, z, x, y: -g * ratio(z, y)),
    numpy="ratio(#1, #2)",
    text=Notation("#1/#2", QUOTIENT, (PRODUCT, POWER)),
    latex=r"\frac{#1}{#2}",
    domain=((-4.0, 4.0), (0.2, 4.0)),
    kernels=(kernels.ratio,),
)

divide_or_zero = elementwise(
    "divide_or_zero",
    doc="x/y, and 0 where y is 0: the slope of a norm, also at 0.",
    meaning=lambda x, y: x / y,
    derivative=(lambda g, z, x, y: divide_or_zero(g, y), lambda g, z, x, y: -g * divide_or_zero(z, y)),
    numpy="divide_or_zero(#1, #2)",
    text=Notation("#1/#2", QUOTIENT, (PRODUCT, POWER)),
    latex=r"\frac{#1}{#2}",
    domain=((-4.0, 4.0), (0.2, 4.0)),
    kernels=(kernels.divide_or_zero,),
)

logaddexp = elementwise(
    "logaddexp",
    doc="log(e^x + e^y), without overflow.",
    meaning=lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
    derivative=(lambda g, z, x, y: g * sigmoid(x - y), lambda g, z, x, y: g * sigmoid(y - x)),
    numpy="np.logaddexp(#1, #2)",
    latex=r"\operatorname{logaddexp}(#1, #2)",
    commutative=True,
)

# Order --------------------------------------------------------------------------------------------
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
    lambda x: sp.floor(x + sp.Rational(1, 2)),
    "rint(#1)",
    _operator("rint"),
)

isnan = elementwise(
    "isnan",
    doc="Whether the value is NaN.",
    meaning=lambda x: sp.Ne(x, x),
    derivative=None,
    numpy="np.isnan(#1)",
    latex=_operator("isnan"),
    dtype=boolean,
    undifferentiable="it is a truth value",
)

isfinite = elementwise(
    "isfinite",
    doc="Whether the value is neither infinite nor NaN.",
    meaning=lambda x: sp.Eq(x, x),
    derivative=None,
    numpy="np.isfinite(#1)",
    latex=_operator("isfinite"),
    dtype=boolean,
    undifferentiable="it is a truth value",
)

# Special functions --------------------------------------------------------------------------------
erf = elementwise(
    "erf",
    doc="The error function.",
    meaning=lambda x: sp.erf(x),
    derivative=(lambda g, z, x: g * float(2 / np.sqrt(np.pi)) * exp(-(x**2)),),
    numpy="erf(#1)",
    latex=_operator("erf"),
    kernels=(kernels.erf,),
)

erfc = elementwise(
    "erfc",
    doc="1 − erf(x), accurate for large x.",
    meaning=lambda x: sp.erfc(x),
    derivative=(lambda g, z, x: g * float(-2 / np.sqrt(np.pi)) * exp(-(x**2)),),
    numpy="erfc(#1)",
    latex=_operator("erfc"),
    kernels=(kernels.erfc,),
)

gammaln = elementwise(
    "gammaln",
    doc="The logarithm of |Γ(x)|.",
    meaning=lambda x: sp.loggamma(x),
    derivative=(lambda g, z, x: g * polygamma(0, x),),
    numpy="gammaln(#1)",
    latex=r"\log\Gamma(#1)",
    domain=_POSITIVE,
    kernels=(kernels.gammaln,),
)

polygamma = elementwise(
    "polygamma",
    doc="The n-th derivative of digamma, for n = 0, 1, …",
    meaning=lambda n, x: sp.polygamma(n, x),
    derivative=(None, lambda g, z, n, x: g * polygamma(n + 1, x)),
    numpy="polygamma(#1, #2)",
    text="ψ(#1, #2)",
    latex=r"\psi^{(#1)}(#2)",
    domain=((0.0, 0.0), (0.2, 4.0)),
    kernels=(kernels.polygamma,),
)


@public
def digamma(x: Any) -> Expr:
    """The derivative of log Γ(x)."""
    return polygamma(0, x)


@public
def clip(x: Any, low: Any, high: Any) -> Expr:
    """`x` limited to [low, high]; at a limit the slope is one half."""
    return minimum(maximum(x, low), high)
