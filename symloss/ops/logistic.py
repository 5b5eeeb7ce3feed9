"""The logistic function and its logarithms, accurate in both tails."""

from __future__ import annotations

from ..core.notation import UNARY, Notation
from ..core.shapes import sp
from . import kernels
from .exponential import exp, expm1
from .family import POSITIVE, elementwise, named

__all__ = [
    "log1mexp",
    "log_sigmoid",
    "logaddexp",
    "logit",
    "sigmoid",
    "softplus",
]

_UNIT = ((0.05, 0.95),)


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
    numpy="softplus(#1)",
    latex=named("softplus"),
    kernels=(kernels.softplus,),
)


log_sigmoid = elementwise(
    "log_sigmoid",
    doc="log(1/(1 + e^−x)), without underflow for very negative x.",
    meaning=lambda x: -sp.log(1 + sp.exp(-x)),
    derivative=(lambda g, z, x: g * sigmoid(-x),),
    numpy=Notation("-softplus(-#1)", UNARY, (UNARY,)),
    operator=False,
    latex=r"\log\sigma(#1)",
    text="log_sigmoid(#1)",
    kernels=(kernels.softplus,),
)


logit = elementwise(
    "logit",
    doc="log(p/(1 − p)), the inverse of the sigmoid.",
    meaning=lambda p: sp.log(p / (1 - p)),
    derivative=(lambda g, z, p: g / (p * (1 - p)),),
    numpy="logit(#1)",
    latex=named("logit"),
    domain=_UNIT,
    kernels=(kernels.logit,),
)


log1mexp = elementwise(
    "log1mexp",
    doc="log(1 − e^−x) for x > 0, accurate at both ends.",
    meaning=lambda x: sp.log(1 - sp.exp(-x)),
    derivative=(lambda g, z, x: g * exp(-x) / -expm1(-x),),
    numpy="log1mexp(#1)",
    latex=named("log1mexp"),
    domain=POSITIVE,
    kernels=(kernels.log1mexp,),
)


logaddexp = elementwise(
    "logaddexp",
    doc="log(e^x + e^y), without overflow.",
    meaning=lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
    derivative=(lambda g, z, x, y: g * sigmoid(x - y), lambda g, z, x, y: g * sigmoid(y - x)),
    numpy="logaddexp(#1, #2)",
    latex=r"\operatorname{logaddexp}(#1, #2)",
    commutative=True,
    kernels=(kernels.logaddexp,),
)
