"""Products with logarithms, and quotients, that are 0 where a factor is 0 and the other has no value."""

from __future__ import annotations

from typing import Any

from ..core.dtypes import DType, to_float
from ..core.evaluate import mpmath, quotient
from ..core.expr import Expr
from ..core.notation import ENTRYWISE, LOOSE, POWER, PRODUCT, QUOTIENT, SUM, Notation
from ..core.shapes import sp
from . import kernels
from .arithmetic import eq, logical_and
from .conditions import where
from .family import Function, elementwise

__all__ = [
    "xlog1py",
    "xlogy",
]


def _masked(mask: Any, other: Any, value: Any, hidden: bool = True) -> Any:
    """0 where `mask` is 0, `hidden` holds and the other argument is not NaN; else the value."""
    if mask != mask or other != other:
        return mpmath().nan
    return 0 if mask == 0 and hidden else value()


def _slope(g: Expr, x: Expr, y: Expr) -> Expr:
    """g/y, and 0 where x and y are 0."""
    return where(logical_and(eq(x, 0), eq(y, 0)), 0, g / y)


xlogy = elementwise(
    "xlogy",
    doc="x·log(y), and 0 where x is 0 and y ≥ 0; at (0, 0) both derivatives are 0 (masked).",
    meaning=lambda x, y: x * sp.log(y),
    reference=lambda x, y: _masked(x, y, lambda: x * mpmath().log(y), y >= 0),
    derivative=(lambda g, z, x, y: g * masked_log(x, y), lambda g, z, x, y: g * ratio(x, y)),
    numpy="xlogy(#1, #2)",
    text="xlogy(#1, #2)",
    latex=Notation(r"#1 \odot \log(#2)", ENTRYWISE, (ENTRYWISE, LOOSE)),
    scalar_latex=Notation(r"#1 \log(#2)", PRODUCT, (PRODUCT, LOOSE)),
    domain=((-4.0, 4.0), (0.2, 4.0)),
    kernels=(kernels.xlogy,),
)


xlog1py = elementwise(
    "xlog1py",
    doc="x·log(1 + y), and 0 where x is 0 and y ≥ −1; at (0, −1) both derivatives are 0 (masked).",
    meaning=lambda x, y: x * sp.log(1 + y),
    reference=lambda x, y: _masked(x, y, lambda: x * mpmath().log(1 + y), y >= -1),
    derivative=(lambda g, z, x, y: g * masked_log1p(x, y), lambda g, z, x, y: g * ratio(x, 1 + y)),
    numpy="xlog1py(#1, #2)",
    latex=Notation(r"#1 \odot \log(1 + #2)", ENTRYWISE, (ENTRYWISE, SUM)),
    scalar_latex=Notation(r"#1 \log(1 + #2)", PRODUCT, (PRODUCT, SUM)),
    domain=((-4.0, 4.0), (-0.8, 4.0)),
    kernels=(kernels.xlog1py,),
)


def _of_logarithm(x: Expr, y: Expr) -> DType:
    """The dtype of a logarithm, whatever tells where it is masked."""
    return to_float(y.dtype)


masked_log: Function = elementwise(
    "masked_log",
    doc="log(y), and 0 where x and y are 0: the derivative of xlogy in x.",
    meaning=lambda x, y: sp.log(y),
    reference=lambda x, y: _masked(x, y, lambda: mpmath().log(y), y == 0),
    derivative=(None, lambda g, z, x, y: _slope(g, x, y)),
    dtype=_of_logarithm,
    numpy="masked_log(#1, #2)",
    text="log(#2)",
    latex=r"\log(#2)",
    domain=((-4.0, 4.0), (0.2, 4.0)),
    kernels=(kernels.masked_log,),
)


masked_log1p: Function = elementwise(
    "masked_log1p",
    doc="log(1 + y), and 0 where x and 1 + y are 0: the derivative of xlog1py in x.",
    meaning=lambda x, y: sp.log(1 + y),
    reference=lambda x, y: _masked(x, y, lambda: mpmath().log(1 + y), y == -1),
    derivative=(None, lambda g, z, x, y: _slope(g, x, 1 + y)),
    dtype=_of_logarithm,
    numpy="masked_log1p(#1, #2)",
    latex=Notation(r"\log(1 + #2)", slots=(LOOSE, SUM)),
    text=Notation("log(1 + #2)", slots=(LOOSE, SUM)),
    domain=((-4.0, 4.0), (-0.8, 4.0)),
    kernels=(kernels.masked_log1p,),
)


ratio: Function = elementwise(
    "ratio",
    doc="x/y, and 0 where x is 0: the derivative of xlogy in y.",
    meaning=lambda x, y: x / y,
    reference=lambda x, y: _masked(x, y, lambda: quotient(x, y)),
    derivative=(lambda g, z, x, y: _slope(g, x, y), lambda g, z, x, y: -g * ratio(z, y)),
    numpy="ratio(#1, #2)",
    text=Notation("#1/#2", QUOTIENT, (PRODUCT, POWER)),
    latex=Notation(r"\frac{#1}{#2}", POWER),
    domain=((-4.0, 4.0), (0.2, 4.0)),
    kernels=(kernels.ratio,),
)


divide_or_zero: Function = elementwise(
    "divide_or_zero",
    doc="x/y, and 0 where y is 0: the slope of a norm, also at 0.",
    meaning=lambda x, y: x / y,
    reference=lambda x, y: _masked(y, x, lambda: x / y),
    derivative=(
        lambda g, z, x, y: g * divide_or_zero(1, y),
        lambda g, z, x, y: -g * z * divide_or_zero(1, y),
    ),
    numpy="divide_or_zero(#1, #2)",
    text=Notation("#1/#2", QUOTIENT, (PRODUCT, POWER)),
    latex=Notation(r"\frac{#1}{#2}", POWER),
    domain=((-4.0, 4.0), (0.2, 4.0)),
    kernels=(kernels.divide_or_zero,),
)


log_ratio = elementwise(
    "log_ratio",
    doc="log(x/y), also where the quotient overflows or underflows.",
    meaning=lambda x, y: sp.log(x / y),
    reference=lambda x, y: mpmath().log(quotient(x, y)) if x == x and y == y else mpmath().nan,
    derivative=(lambda g, z, x, y: g / x, lambda g, z, x, y: -g / y),
    numpy="log_ratio(#1, #2)",
    text=Notation("log(#1/#2)", slots=(PRODUCT, POWER)),
    latex=Notation(r"\log(\frac{#1}{#2})"),
    domain=((0.2, 4.0), (0.2, 4.0)),
    kernels=(kernels.log_ratio,),
)


relative_entropy = elementwise(
    "relative_entropy",
    doc="x·log(x/y), and 0 where x is 0 and y ≥ 0; at (0, 0) the derivative in y is 0.",
    meaning=lambda x, y: x * sp.log(x / y),
    reference=lambda x, y: _masked(x, y, lambda: x * mpmath().log(quotient(x, y)), y >= 0),
    derivative=(lambda g, z, x, y: g * (log_ratio(x, y) + 1), lambda g, z, x, y: -g * ratio(x, y)),
    numpy="relative_entropy(#1, #2)",
    text=Notation("#1 ⊙ log(#1/#2)", ENTRYWISE, (POWER, POWER)),
    latex=Notation(r"#1 \odot \log(#1 / #2)", ENTRYWISE, (POWER, POWER)),
    domain=((0.2, 4.0), (0.2, 4.0)),
    kernels=(kernels.log_ratio, kernels.relative_entropy),
)
