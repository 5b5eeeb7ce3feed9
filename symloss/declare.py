"""Declaring variables: scalars, vectors, matrices and tensors with named, fixed or open sizes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .core import shapes
from .core.dtypes import DType, parse_dtype
from .core.errors import DTypeError, GraphError, ShapeError, kind, message
from .core.expr import Expr
from .core.leaves import INPUT, SHARED, Holder, leaf, lift, plain_array

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
    name = f"shared{next(_unnamed)}" if name is None else name
    shapes.check_name(name, "shared")
    array = _copied(value, f"shared({name!r})")
    return leaf(SHARED, array.shape, array.dtype, name=name, holder=Holder(array))


def _copied(value: Any, call: str) -> np.ndarray[Any, Any]:
    """A value of the user's as a read-only array of its own."""
    if isinstance(value, Expr):
        raise DTypeError(message(call, "an Expr is no value", "use .eval() first"))
    array = np.array(plain_array(value, call), order="C")
    array.flags.writeable = False
    return array


def get_value(variable: Any) -> np.ndarray[Any, Any]:
    """A copy of the value that a shared variable holds."""
    return np.array(_holder(variable, "get_value").value)


def set_value(variable: Any, value: Any) -> None:
    """Give a shared variable a new value of the same shape."""
    holder = _holder(variable, "set_value")
    array = _copied(value, f"set_value({variable.name})")
    if array.shape != variable.shape:
        wrong = f"{variable.name} has shape {variable.shape}, the value has {array.shape}"
        raise ShapeError(message("set_value()", wrong, "keep the shape"))
    if array.dtype.kind == "f" and variable.dtype.kind != "f":
        wrong = f"{variable.name} has dtype {variable.dtype.name}, the value has {array.dtype.name}"
        raise DTypeError(message("set_value()", wrong, "keep the dtype"))
    array = _in_range(array, variable.dtype, variable.name)
    array.flags.writeable = False
    holder.value = array


def _in_range(array: np.ndarray[Any, Any], dtype: DType, name: str) -> np.ndarray[Any, Any]:
    """The array in another dtype; integers that do not fit are refused."""
    if dtype.kind in "iu" and array.dtype.kind in "iu" and array.size:
        limits = np.iinfo(dtype)
        if not limits.min <= int(array.min()) <= int(array.max()) <= limits.max:
            wrong = f"the value of {name} is outside the range of {dtype.name}"
            raise DTypeError(message("set_value()", wrong, "declare a wider dtype"))
    return array.astype(dtype)


def _holder(variable: Any, call: str) -> Holder:
    if not isinstance(variable, Expr) or variable.op is not SHARED:
        what = variable.name or variable.op.name if isinstance(variable, Expr) else kind(variable)
        wrong = f"{what} holds no value"
        raise GraphError(message(f"{call}()", wrong, "make it with shared(value, name)"))
    holder: Holder = variable.params["holder"]
    return holder


def constant(value: Any) -> Expr:
    """A fixed number or array; later changes of the array do not reach it.

    Raises
    ------
    DomainError
        If the value is, or holds, NaN.
    """
    return lift("constant", value)[0]
