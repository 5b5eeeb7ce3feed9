"""Tensors without arguments: equal elements, identity, counting."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..core.cuts import entrywise
from ..core.dtypes import FLOAT64, INT64, parse_dtype
from ..core.errors import DomainError, DTypeError, kind, message, shown
from ..core.expr import Expr, apply
from ..core.leaves import array_constant, constant_of, is_number, lift
from ..core.notation import call
from .axes import arrangement, broadcast_to, parse_shape
from .family import public
from .normal import combine, delta, exact
from .normal import ones as ones_contraction

__all__ = [
    "arange",
    "eye",
    "full",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

FULL = arrangement(
    "full",
    "A tensor of equal elements.",
    shape=lambda call, shape, value, dtype: shape,
    dtype=lambda shape, value, dtype: dtype,
    numpy="np.full(«shape», «value», np.«dtype»)",
    text="«value»",
    latex="«value»",
    index=call("«value»"),
    definition=lambda shape, value, dtype: combine((exact(value),), (ones_contraction(shape, dtype),)),
    cuts=partial(entrywise, sized="shape"),
    reference=lambda shape, value, dtype: np.full(shape, value, dtype=object),
    samples=(({"shape": (2, 3), "value": 2.0, "dtype": FLOAT64},),),
)


@public
def full(shape: Any, value: Any, dtype: Any = "float64") -> Expr:
    """A tensor of equal elements; `shape` may hold sizes."""
    if isinstance(value, Expr):
        return broadcast_to(value, parse_shape(shape, "full()"))
    chosen, sizes = parse_dtype(dtype, "full()"), parse_shape(shape, "full()")
    if not is_number(value):
        raise DTypeError(message("full()", f"the value is {kind(value)}", "give a number or an Expr"))
    (number,) = lift("full", value)
    if sizes == ():
        return constant_of(number.params["value"], chosen)
    return apply(FULL, shape=sizes, value=number.params["value"].astype(chosen).item(), dtype=chosen)


@public
def zeros(shape: Any, dtype: Any = "float64") -> Expr:
    """A tensor of zeros; `shape` may hold sizes."""
    return full(shape, 0, dtype)


@public
def ones(shape: Any, dtype: Any = "float64") -> Expr:
    """A tensor of ones; `shape` may hold sizes."""
    return full(shape, 1, dtype)


@public
def zeros_like(x: Any) -> Expr:
    """Zeros of the shape and dtype of `x`."""
    (x,) = lift("zeros_like", x)
    return full(x.shape, 0, x.dtype)


@public
def ones_like(x: Any) -> Expr:
    """Ones of the shape and dtype of `x`."""
    (x,) = lift("ones_like", x)
    return full(x.shape, 1, x.dtype)


@public
def eye(n: Any, dtype: Any = "float64") -> Expr:
    """The identity matrix of size `n`."""
    (size,) = parse_shape((n,), "eye")
    return delta(size, parse_dtype(dtype, "eye"))


ARANGE = arrangement(
    "arange",
    "0, 1, … up to a size that is known at the call.",
    shape=lambda call, stop, dtype: (stop,),
    dtype=lambda stop, dtype: dtype,
    numpy="np.arange(«stop», dtype=np.«dtype»)",
    text="arange(«stop»)",
    latex=r"\operatorname{arange}(«stop»)",
    reference=lambda stop, dtype: np.arange(stop).astype(object),
    component=lambda z, at: at[0],
    samples=(({"stop": 4, "dtype": FLOAT64},),),
    undifferentiable="it has no arguments",
)


@public
def arange(*bounds: Any, dtype: Any = None) -> Expr:
    """``0, 1, …, n − 1`` for a size n, or NumPy's arange of numbers."""
    chosen = None if dtype is None else parse_dtype(dtype, "arange()")
    if len(bounds) == 1 and (hasattr(bounds[0], "free_symbols") or isinstance(bounds[0], str)):
        (size,) = parse_shape((bounds[0],), "arange()")
        return apply(ARANGE, stop=size, dtype=chosen or INT64)
    if not all(is_number(bound) and np.isfinite(float(bound)) for bound in bounds) or not bounds:
        found = ", ".join(map(shown, bounds)) or "nothing"
        raise DTypeError(message("arange()", f"expected numbers, got {found}", "give one size, or numbers"))
    if len(bounds) > 2 and bounds[2] == 0:
        raise DomainError(message("arange()", "the step is 0", "use a positive or negative step"))
    return array_constant(np.arange(*bounds[:3], dtype=chosen), "arange()")
