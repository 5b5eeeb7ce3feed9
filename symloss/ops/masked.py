"""Products with logarithms and quotients that are 0 where a factor is 0, whatever the other one is."""

from __future__ import annotations

from ..core.notation import LOOSE, POWER, PRODUCT, QUOTIENT, SUM, Notation
from ..core.shapes import sp
from . import kernels
from .family import elementwise

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
