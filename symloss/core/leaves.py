"""Leaves of a graph: variables, shared variables, constants and sizes, and how other values become them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from . import errors, shapes
from .dtypes import FLOAT64, DType, parse_dtype, promote, to_float
from .expr import Expr, describe, intern, interned
from .keys import hashable
from .notation import Notation
from .op import Op


@dataclass(eq=False, slots=True)
class Holder:
    """The changeable value behind a shared variable; equal to itself alone."""

    value: np.ndarray[Any, Any]


def leaf_record(name: str, doc: str, template: str = "«name»") -> Op:
    """The record of a kind of leaf, which is written as one of its parameters."""
    return Op(
        name, doc, shape=lambda call, shape, **_: shape, dtype=lambda dtype, **_: dtype,
        numpy=Notation(template), text=Notation(template), latex=Notation(template), leaf=True,
    )  # fmt: skip


INPUT = leaf_record("input", "A variable of the user's.")
SHARED = leaf_record("shared", "A variable with a value that compiled functions may update.")
CONSTANT = leaf_record("constant", "A fixed value.", "«value»")
SIZE = leaf_record("size", "The length of an axis, as a number.", "«value»")


def constant_of(value: Any, dtype: DType) -> Expr:
    """The constant leaf for an array or number, held as a read-only copy."""
    array = np.array(value, dtype=dtype, order="C")
    array.flags.writeable = False
    return _constant(array)


def _constant(array: np.ndarray[Any, Any]) -> Expr:
    key = ("constant", hashable(array))
    found = interned(key)
    return (
        found
        if found is not None
        else intern(key, Expr(CONSTANT, (), {"value": array}, array.shape, array.dtype))
    )


def leaf(op: Op, shape: shapes.Shape, dtype: DType, **params: Any) -> Expr:
    """The interned leaf of that kind; equal parameters are one leaf."""
    key = (op.name, shape, dtype.str, *[(k, hashable(v)) for k, v in params.items()])
    found = interned(key)
    return found if found is not None else intern(key, Expr(op, (), params, shape, dtype))


def size_of(value: shapes.Size, dtype: DType) -> Expr:
    """A size as a scalar expression; an int becomes a constant."""
    return constant_of(value, dtype) if isinstance(value, int) else leaf(SIZE, (), dtype, value=value)


def is_number(value: Any) -> bool:
    """Whether a value is a Python or NumPy scalar, whose dtype yields to that of the tensors it meets."""
    return isinstance(value, bool | int | float | Fraction | np.generic)


def lift(call: str, *values: Any) -> list[Expr]:
    """Expressions for operands given as expressions, numbers, arrays, lists or SymPy sizes."""
    if {type(v) for v in values} == {Expr}:
        return list(values)
    plain = [_plain(call, v, values) for v in values]
    known = [v.dtype for v in plain if isinstance(v, Expr | np.ndarray)]
    return [v if isinstance(v, Expr) else _lift_one(call, v, known, values) for v in plain]


def _plain(call: str, value: Any, values: tuple[Any, ...]) -> Any:
    """The value, as an array in native byte order if it is one or a list, as a number if SymPy's."""
    if isinstance(value, Expr) or is_number(value):
        return value
    if isinstance(value, np.ndarray | list | tuple):
        return plain_array(value, _written(call, values))
    if getattr(value, "is_Rational", False):
        return Fraction(int(value.p), int(value.q))
    return float(value) if getattr(value, "is_Float", False) else value


def plain_array(value: Any, call: str) -> np.ndarray[Any, Any]:
    """An array of a supported dtype, for one or for nested lists that the user wrote."""
    if isinstance(value, np.ma.MaskedArray | np.matrix):
        mend = "pass the mask as a weight" if isinstance(value, np.ma.MaskedArray) else "use np.asarray"
        raise errors.DTypeError(errors.message(call, f"{errors.kind(value)} is not accepted", mend))
    try:
        array = np.asarray(value)
    except errors.DTypeError:
        mend = "use stack() or concatenate()"
        raise errors.DTypeError(errors.message(call, "a list of tensors is no array", mend)) from None
    except (ValueError, TypeError) as error:
        wrong = f"{errors.kind(value)} does not make an array"
        raise errors.DTypeError(errors.message(call, wrong, "rows must have equal lengths")) from error
    return array.astype(parse_dtype(array.dtype, call), copy=False)


def _lift_one(call: str, value: Any, known: list[DType], values: tuple[Any, ...]) -> Expr:
    if is_number(value):
        return _number(_written(call, values), value, known)
    if isinstance(value, np.ndarray):
        return array_constant(value, _written(call, values))
    if _is_size(value):
        meets = promote(*known) if known else FLOAT64
        whole = value.is_integer and meets.kind != "b"
        return size_of(shapes.canonical(value), meets if whole else to_float(meets))
    wrong = f"{errors.kind(value)} is no expression, number or array"
    raise errors.GraphError(errors.message(_written(call, values), wrong, "pass an Expr, or constant(value)"))


def _written(call: str, values: tuple[Any, ...]) -> str:
    """The call as the user wrote it: ``add(x: (N,), str)``."""
    if "(" in call:
        return call
    return f"{call}({', '.join(describe(v) if isinstance(v, Expr) else type(v).__name__ for v in values)})"


def _is_size(value: Any) -> bool:
    """Whether a value is a SymPy expression of sizes."""
    symbols = getattr(value, "free_symbols", ())
    return bool(symbols) and bool(getattr(value, "is_real", False)) and all(s.is_integer for s in symbols)


def _number(call: str, value: Any, known: list[DType]) -> Expr:
    """The constant for a number, which yields to the tensors it meets but is never cut off."""
    if value != value:
        mend = "use where() to choose what happens instead"
        raise errors.DomainError(errors.message(call, "a constant is NaN", mend))
    own, meets = _own_dtype(call, value), promote(*known) if known else None
    order = "biuf"
    if meets is None:
        dtype = own
    elif order.index(own.kind.replace("u", "i")) > order.index(meets.kind.replace("u", "i")):
        dtype = own if own.kind != "f" else FLOAT64
    else:
        dtype = meets
    if not _fits(value, dtype):
        wrong = f"a constant is outside the range of {dtype.name}"
        raise errors.DTypeError(errors.message(call, wrong, "use .astype('float64') on what it meets"))
    return constant_of(float(value) if isinstance(value, Fraction) else value, dtype)


def _own_dtype(call: str, value: Any) -> DType:
    if isinstance(value, Fraction) or (isinstance(value, int) and abs(value) >= 2**63):
        return FLOAT64
    return parse_dtype(np.asarray(value).dtype, call)


def _fits(value: Any, dtype: DType) -> bool:
    value = value.item() if isinstance(value, np.generic) else value
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return bool(limits.min <= value <= limits.max)
    return dtype.kind == "b" or abs(value) == float("inf") or abs(value) <= float(np.finfo(dtype).max)


def array_constant(value: np.ndarray[Any, Any], call: str = "constant()") -> Expr:
    """The constant leaf for an array of the user's."""
    if value.dtype.kind == "f" and np.isnan(value).any():
        mend = "pass the array as an input, or use where()"
        raise errors.DomainError(errors.message(call, "a constant array holds NaN", mend))
    return constant_of(value, parse_dtype(value.dtype, call))
