"""The error function, the logarithm of the gamma function, and their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import shapes
from ..core.cuts import entrywise
from ..core.errors import DomainError, message
from ..core.evaluate import mpmath
from ..core.expr import Expr, apply, describe
from ..core.leaves import lift
from ..core.notation import PRODUCT, SUM, Notation, call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .exponential import exp
from .family import POSITIVE, Function, broadcast_shape, by_position, cast, elementwise, named, public, real

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "gammaln",
]

erf = elementwise(
    "erf",
    doc="The error function.",
    meaning=lambda x: sp.erf(x),
    derivative=(lambda g, z, x: g * float(2 / np.sqrt(np.pi)) * exp(-(x**2)),),
    numpy="erf(#1)",
    latex=named("erf"),
    kernels=(kernels.erf,),
)


erfc = elementwise(
    "erfc",
    doc="1 − erf(x), accurate for large x.",
    meaning=lambda x: sp.erfc(x),
    derivative=(lambda g, z, x: g * float(-2 / np.sqrt(np.pi)) * exp(-(x**2)),),
    numpy="erfc(#1)",
    latex=named("erfc"),
    kernels=(kernels.erfc,),
)


erfcx: Function = elementwise(
    "erfcx",
    doc="e^x²·erfc(x), without underflow for large x.",
    meaning=lambda x: sp.exp(x**2) * sp.erfc(x),
    derivative=(lambda g, z, x: -g * z * erfcx_excess(x),),
    numpy="erfcx(#1)",
    latex=named("erfcx"),
    domain=((-2.0, 4.0),),
    kernels=(kernels.erfc, kernels.erfcx),
)


erfcx_excess: Function = elementwise(
    "erfcx_excess",
    doc="2/(√π·erfcx(x)) − 2x, without cancellation for large x: minus the slope of log(erfcx(x)).",
    meaning=lambda x: 2 / (sp.sqrt(sp.pi) * sp.exp(x**2) * sp.erfc(x)) - 2 * x,
    derivative=(lambda g, z, x: g * ((z + 2 * x) * z - 2),),
    numpy="erfcx_excess(#1)",
    text=Notation("1.1283791670955126/erfcx(#1) − 2#1", SUM, (PRODUCT,)),
    latex=Notation(r"\frac{2}{\sqrt{\pi} \operatorname{erfcx}(#1)} - 2 #1", SUM, (PRODUCT,)),
    domain=((-2.0, 4.0),),
    kernels=(kernels.erfc, kernels.erfcx, kernels.erfcx_excess),
)


log_erfc = elementwise(
    "log_erfc",
    doc="log(erfc(x)), without underflow for large x.",
    meaning=lambda x: sp.log(sp.erfc(x)),
    derivative=(lambda g, z, x: g * float(-2 / np.sqrt(np.pi)) / erfcx(x),),
    numpy="log_erfc(#1)",
    latex=r"\log \operatorname{erfc}(#1)",
    text="log(erfc(#1))",
    kernels=(kernels.erf, kernels.erfc, kernels.erfcx, kernels.log_erfc),
)


gammaln = elementwise(
    "gammaln",
    doc="The logarithm of |Γ(x)|.",
    meaning=lambda x: sp.loggamma(x),
    reference=lambda x: mpmath().re(mpmath().loggamma(x)) if x == x else x,
    derivative=(lambda g, z, x: g * polygamma(0, x),),
    numpy="gammaln(#1)",
    latex=r"\log\Gamma(#1)",
    domain=POSITIVE,
    kernels=(kernels.gammaln,),
)


POLYGAMMA = Op(
    "polygamma",
    "The n-th derivative of digamma, for n = 0, 1, …",
    shape=broadcast_shape,
    dtype=real,
    numpy=call("polygamma(«n», #1)"),
    text=call("ψ(«n», #1)"),
    latex=call(r"\psi^{(«n»)}(#1)"),
    places=lambda z: (tuple(range(z.ndim)),),
    component=lambda z, at, x: sp.polygamma(z.params["n"], x(*at)),
    reference=lambda x, n: np.frompyfunc(lambda v: mpmath().psi(n, v), 1, 1)(x),
    derivative=by_position((lambda g, z, x: g * polygamma(z.params["n"] + 1, x),)),
    cuts=entrywise,
    kernels=(kernels.polygamma,),
    samples=(((3,), {"n": 0}), ((2, 3), {"n": 2})),
)


@public
def polygamma(n: int, x: Any) -> Expr:
    """The n-th derivative of digamma, for a whole number n that is not negative."""
    (x,) = lift("polygamma", x)
    where = f"polygamma({describe(x)})"
    order = shapes.integer(n, "n", where)
    if order < 0:
        raise DomainError(message(where, f"n is {order}, expected 0, 1, …", "pass the order of a derivative"))
    return apply(POLYGAMMA, cast(x, real(x)), n=order)


@public
def digamma(x: Any) -> Expr:
    """The derivative of log Γ(x)."""
    return polygamma(0, x)
