"""Mean, variance, standard deviation and Euclidean norm along axes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Part, along
from ..core.cuts import joined
from ..core.dtypes import to_float
from ..core.errors import DomainError, message, shown
from ..core.evaluate import mpmath
from ..core.expr import Expr, apply, describe
from ..core.leaves import lift
from ..core.notation import ATOM, PREFIX, Notation, call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .along import Axes, count, in_single, over, reduction, reduction_function, spread, summed
from .arithmetic import subtract
from .family import by_position, cast, public
from .masked import divide_or_zero
from .normal import by_labels, raise_

__all__ = [
    "mean",
    "norm",
    "std",
    "var",
]


def _mean(x: Expr, axis: Axes, keepdims: bool) -> Expr:
    x = cast(x, to_float(x.dtype))
    total = summed(x, axis, keepdims)
    return by_labels(
        [(raise_(count(x, axis, x.dtype), Fraction(-1)), []), (total, range(total.ndim))], range(total.ndim)
    )


MEAN = reduction(
    "mean",
    "Arithmetic mean along axes.",
    numpy="np.mean(#1«, axis»«, keepdims»)",
    latex=r"\operatorname{mean}«_axis»(#1)",
    index=Notation(r"\frac{1}{«count»} \sum_{«indices»} #1", PREFIX, (PREFIX,)),
    definition=_mean,
    cuts=joined("mean"),
    reference=lambda x, axis, keepdims: over(axis, x, lambda v: np.sum(v) / len(v), keepdims),
)


def _degrees(z: Expr, x: Expr) -> Expr:
    return subtract(count(x, z.params["axis"], x.dtype), z.params["ddof"])


def _centred(z: Expr, x: Expr) -> Expr:
    return x - apply(MEAN, x, axis=z.params["axis"], keepdims=True)


def _var_reference(x: Any, axis: Axes, ddof: int, keepdims: bool) -> Any:
    return over(axis, x, lambda v: np.sum((v - np.sum(v) / len(v)) ** 2) / (len(v) - ddof), keepdims)


def _var_component(z: Expr, at: Sequence[Any], x: Part) -> Any:
    axis = z.params["axis"]
    n = shapes.product(x.node.shape[a] for a in axis)
    mean = along(at, x, axis) / sp.sympify(n)
    return along(at, x, axis, lambda e: (e - mean) ** 2) / (sp.sympify(n) - z.params["ddof"])


_DDOF = (
    ((3, 4), {"axis": (1,), "ddof": 0, "keepdims": False}),
    ((3, 2), {"axis": (0, 1), "ddof": 1, "keepdims": True}),
)


VAR = reduction(
    "var",
    "The variance along axes, in two passes; `ddof` is taken off the divisor.",
    numpy="variance(#1, «axis»«, ddof»«, keepdims»)",
    text="var(#1«, axis»«, ddof»)",
    latex=r"\operatorname{var}«_axis»(#1«, ddof»)",
    index=call(r"\operatorname{var}_{«indices»}(#1«, ddof»)"),
    derivative=by_position((lambda g, z, x: spread(g, z, x) * 2 * _centred(z, x) / _degrees(z, x),)),
    kernels=(kernels.centred, kernels.variance),
    component=_var_component,
    reference=_var_reference,
    samples=_DDOF,
)


STD = reduction(
    "std",
    "The standard deviation along axes; its derivative where all entries are equal is 0.",
    numpy="deviation(#1, «axis»«, ddof»«, keepdims»)",
    text="std(#1«, axis»«, ddof»)",
    latex=r"\operatorname{std}«_axis»(#1«, ddof»)",
    index=call(r"\operatorname{std}_{«indices»}(#1«, ddof»)"),
    derivative=by_position(
        (lambda g, z, x: spread(g, z, x) * divide_or_zero(_centred(z, x), spread(z, z, x)) / _degrees(z, x),)
    ),
    kernels=(kernels.centred, kernels.norm, kernels.deviation),
    component=lambda z, at, x: sp.sqrt(_var_component(z, at, x)),
    reference=lambda x, **params: np.frompyfunc(mpmath().sqrt, 1, 1)(_var_reference(x, **params)),
    samples=_DDOF,
)


NORM = reduction(
    "norm",
    "The Euclidean norm along axes, without overflow or underflow; its derivative at 0 is 0.",
    numpy="norm(#1, «axis»«, keepdims»)",
    text="‖#1‖«_axis»",
    latex=r"\lVert #1 \rVert«_axis»",
    index=Notation(r"\sqrt{\sum_{«indices»} #1^{2}}", ATOM, (ATOM,)),
    derivative=by_position((lambda g, z, x: spread(g, z, x) * divide_or_zero(x, spread(z, z, x)),)),
    kernels=(kernels.norm,),
    component=lambda z, at, x: sp.sqrt(along(at, x, z.params["axis"], lambda e: e**2)),
    reference=lambda x, axis, keepdims: over(axis, x, lambda v: mpmath().sqrt(np.sum(v * v)), keepdims),
)


mean = reduction_function(MEAN, floats=True)


norm = reduction_function(NORM, floats=True)


def _degrees_checked(op: Op, x: Any, axis: Any, ddof: Any, keepdims: bool) -> Expr:
    (x,) = lift(op.name, x)
    call_ = f"{op.name}({describe(x)})"
    chosen = shapes.axes(axis, x.shape, call_)
    if isinstance(ddof, bool) or not isinstance(ddof, int) or ddof < 0:
        raise DomainError(message(call_, f"ddof is {shown(ddof)}", "use 0, 1, 2, …"))
    n = shapes.product(x.shape[a] for a in chosen)
    if isinstance(n, int) and n > 1 and ddof >= n:
        wrong = f"ddof={ddof} leaves no degrees of freedom among {n} elements"
        raise DomainError(message(call_, wrong, "use a smaller ddof"))
    params = {"axis": chosen, "ddof": int(ddof), "keepdims": bool(keepdims)}
    return in_single(lambda e: apply(op, e, **params), cast(x, to_float(x.dtype)))


@public
def var(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Expr:
    """The variance along axes; `ddof` is taken off the divisor."""
    return _degrees_checked(VAR, x, axis, ddof, keepdims)


@public
def std(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Expr:
    """The standard deviation along axes; its derivative where all entries are equal is 0."""
    return _degrees_checked(STD, x, axis, ddof, keepdims)
