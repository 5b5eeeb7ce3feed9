"""The error function, the logarithm of the gamma function, and their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.evaluate import mpmath
from ..core.expr import Expr
from ..core.shapes import sp
from . import kernels
from .exponential import exp
from .family import POSITIVE, Function, elementwise, named, public

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "gammaln",
    "polygamma",
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


polygamma: Function = elementwise(
    "polygamma",
    doc="The n-th derivative of digamma, for n = 0, 1, …",
    meaning=lambda n, x: sp.polygamma(n, x),
    reference=lambda n, x: mpmath().psi(int(n), x),
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
