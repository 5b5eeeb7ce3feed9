"""Declaring variables: scalars, vectors, matrices and tensors with named, fixed or open sizes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .core import shapes
from .core.dtypes import parse_dtype
from .core.errors import DomainError, GraphError, ShapeError, message
from .core.expr import Expr
from .core.leaves import INPUT, SHARED, Holder, array_constant, leaf, lift

_unnamed = itertools.count(1)


def _variable(call: str, name: str, dims: Any, rank: int | None, dtype: Any) -> Expr:
    shapes.check_name(name, call)
    where = f"{call}({name!r})"
    shape = shapes.parse_dims(dims, name, rank, where)
    return leaf(INPUT, shape, parse_dtype(dtype, where), name=name)


def scalar(name: str, dtype: Any = "float64") -> Expr:
    """A variable without axes.

    >>> scalar("lam").shape
    ()
    """
    return _variable("scalar", name, (), 0, dtype)


def vector(name: str, dims: Any = None, dtype: Any = "float64") -> Expr:
    """A variable with one axis; `dims` names its size or gives it, None leaves it open."""
    return _variable("vector", name, dims, 1, dtype)


def matrix(name: str, dims: Any = None, dtype: Any = "float64") -> Expr:
    """A variable with two axes; `dims` is like ``"N D"``, ``("N", 3)``, or None to leave them open."""
    return _variable("matrix", name, dims, 2, dtype)


def tensor(name: str, dims: Any, dtype: Any = "float64") -> Expr:
    """A variable with as many axes as `dims` has entries."""
    return _variable("tensor", name, dims, None, dtype)


def shared(value: Any, name: str | None = None) -> Expr:
    """A variable that holds a value; `function` may update it.

    The value is copied. Read it with `get_value`, change it with `set_value`.
    """
    array = np.array(value)
    dtype = parse_dtype(array.dtype, "shared")
    name = name or f"shared{next(_unnamed)}"
    shapes.check_name(name, "shared")
    array = array.astype(dtype)
    array.flags.writeable = False
    return leaf(SHARED, array.shape, dtype, name=name, holder=Holder(array))


def get_value(variable: Expr) -> np.ndarray[Any, Any]:
    """A copy of the value that a shared variable holds."""
    return np.array(_holder(variable).value)


def set_value(variable: Expr, value: Any) -> None:
    """Give a shared variable a new value of the same shape."""
    holder = _holder(variable)
    array = np.array(value, dtype=variable.dtype)
    if array.shape != variable.shape:
        wrong = f"{variable.name} has shape {variable.shape}, the value has {array.shape}"
        raise ShapeError(message("set_value", wrong, "keep the shape"))
    array.flags.writeable = False
    holder.value = array


def _holder(variable: Expr) -> Holder:
    if not isinstance(variable, Expr) or variable.op is not SHARED:
        wrong = f"{variable if isinstance(variable, Expr) else type(variable).__name__} holds no value"
        raise GraphError(message("shared", wrong, "make it with shared(value, name)"))
    holder: Holder = variable.params["holder"]
    return holder


def constant(value: Any) -> Expr:
    """A fixed number or array; later changes of the array do not reach it.

    Raises
    ------
    DomainError
        If the value is a number that is NaN.
    """
    if isinstance(value, np.ndarray):
        return array_constant(value)
    if isinstance(value, float) and value != value:
        raise DomainError(
            message("constant()", "the value is NaN", "use where() to choose what happens instead")
        )
    return lift("constant", value)[0]
