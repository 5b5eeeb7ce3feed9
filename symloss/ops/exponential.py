"""Exponentials, logarithms, roots and reciprocals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..core.cuts import entrywise
from ..core.dtypes import DType
from ..core.errors import DomainError, message
from ..core.evaluate import mpmath, quotient
from ..core.expr import Expr, apply, signature
from ..core.leaves import CONSTANT, lift
from ..core.notation import ATOM, POWER, QUOTIENT, Notation, call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .family import POSITIVE, broadcast_shape, by_position, counted, elementwise, named, public, real
from .normal import raise_

__all__ = [
    "exp",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "reciprocal",
    "sqrt",
    "square",
]

HALF = Fraction(1, 2)


exp = elementwise(
    "exp",
    doc="The exponential function.",
    meaning=lambda x: sp.exp(x),
    derivative=(lambda g, z, x: g * z,),
    numpy="np.exp(#1)",
    latex=Notation("e^{#1}", POWER),
    stem="e",
)


expm1 = elementwise(
    "expm1",
    doc="exp(x) − 1, accurate near 0.",
    meaning=lambda x: sp.exp(x) - 1,
    derivative=(lambda g, z, x: g * exp(x),),
    numpy="np.expm1(#1)",
    latex=named("expm1"),
)


_log = elementwise(
    "log",
    doc="The natural logarithm.",
    meaning=lambda x: sp.log(x),
    derivative=(lambda g, z, x: g / x,),
    numpy="np.log(#1)",
    latex=r"\log(#1)",
    domain=POSITIVE,
)


def _checked(name: str, x: Any) -> Expr:
    """The argument of a function that has no real value below 0."""
    (e,) = lift(name, x)
    if e.op is CONSTANT and np.any(e.params["value"] < 0):
        raise DomainError(message(signature(name, e), "a constant argument is negative", "check its sign"))
    return e


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
    latex=named("log1p"),
    domain=((-0.9, 4.0),),
)


log2 = elementwise(
    "log2",
    doc="The logarithm to base 2.",
    meaning=lambda x: sp.log(x) / sp.log(2),
    derivative=(lambda g, z, x: g / (x * float(np.log(2))),),
    dtype=lambda x: real(_checked("log2", x)),
    numpy="np.log2(#1)",
    latex=r"\log_{2}(#1)",
    text="log₂(#1)",
    domain=POSITIVE,
)


log10 = elementwise(
    "log10",
    doc="The logarithm to base 10.",
    meaning=lambda x: sp.log(x) / sp.log(10),
    derivative=(lambda g, z, x: g / (x * float(np.log(10))),),
    dtype=lambda x: real(_checked("log10", x)),
    numpy="np.log10(#1)",
    latex=r"\log_{10}(#1)",
    text="log₁₀(#1)",
    domain=POSITIVE,
)


_sqrt = elementwise(
    "sqrt",
    doc="The square root.",
    meaning=lambda x: sp.sqrt(x),
    derivative=None,
    definition=lambda x: raise_(x, HALF),
    numpy="np.sqrt(#1)",
    text="√(#1)",
    latex=r"\sqrt{#1}",
    domain=POSITIVE,
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
    latex=Notation("#1^{2}", POWER, (ATOM,)),
    dtype=counted,
)


def _nonzero(x: Expr) -> DType:
    if x.op is CONSTANT and x.ndim == 0 and x.params["value"] == 0:
        raise DomainError(message(signature("reciprocal", x), "division by the constant 0", "check it"))
    return real(x)


reciprocal = elementwise(
    "reciprocal",
    doc="One divided by x.",
    meaning=lambda x: 1 / x,
    reference=lambda x: quotient(1, x),
    derivative=None,
    definition=lambda x: raise_(x, Fraction(-1)),
    dtype=_nonzero,
    numpy="np.reciprocal(#1)",
    text=Notation("1/#1", QUOTIENT, (POWER,)),
    latex=Notation(r"\frac{1}{#1}", POWER),
    domain=POSITIVE,
)


def _nth(n: int, at: Any, of: Any) -> Any:
    """The n-th derivative of a SymPy function of one number, as a component."""
    t = sp.Dummy(real=True)
    return sp.diff(of(t), t, n).subs(t, at)


def _ratio_reference(x: Any, n: int) -> Any:
    return np.frompyfunc(lambda v: mpmath().hyp1f1(n + 1, n + 2, v) / (n + 1), 1, 1)(x)


EXPM1_RATIO: Op = Op(
    "expm1_ratio",
    "The n-th derivative of (e^x − 1)/x, for n = 0, 1, …; 1/(n + 1) at 0.",
    shape=broadcast_shape,
    dtype=real,
    numpy=call("expm1_ratio(«n», #1)"),
    text=call("expm1_ratio(«n», #1)"),
    latex=call(r"\operatorname{expm1\_ratio}_{«n»}(#1)"),
    places=lambda z: (tuple(range(z.ndim)),),
    reference=_ratio_reference,
    derivative=by_position((lambda g, z, x: g * apply(EXPM1_RATIO, x, n=z.params["n"] + 1),)),
    cuts=entrywise,
    kernels=(kernels.expm1_ratio,),
    component=lambda z, at, x: _nth(z.params["n"], x(*at), lambda t: (sp.exp(t) - 1) / t),
    samples=(((3,), {"n": 0}), ((2, 3), {"n": 1})),
)


def _share_reference(x: Any, n: int) -> Any:
    def share(v: Any) -> Any:
        return v / mpmath().expm1(v) if v != 0 else mpmath().mpf(1)

    return np.frompyfunc(lambda v: mpmath().diff(share, v, n) if n else share(v), 1, 1)(x)


def _share_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    n = z.params["n"]
    if n < 2:
        return g * apply(EXPM1_SHARE, x, n=n + 1)
    share, slope = (apply(EXPM1_SHARE, x, n=k) for k in (0, 1))
    return -g * (z * (1 + x + 2 * share) + 2 * slope * (1 + slope)) / x


EXPM1_SHARE: Op = Op(
    "expm1_share",
    "The n-th derivative of x/(e^x − 1), for n = 0, 1, 2; 1, −1/2 and 1/6 at 0.",
    shape=broadcast_shape,
    dtype=real,
    numpy=call("expm1_share(«n», #1)"),
    text=call("expm1_share(«n», #1)"),
    latex=call(r"\operatorname{expm1\_share}_{«n»}(#1)"),
    places=lambda z: (tuple(range(z.ndim)),),
    reference=_share_reference,
    derivative=by_position((_share_rule,)),
    cuts=entrywise,
    kernels=(kernels.expm1_share,),
    component=lambda z, at, x: _nth(z.params["n"], x(*at), lambda t: t / (sp.exp(t) - 1)),
    samples=(((3,), {"n": 0}), ((2, 3), {"n": 1})),
)
