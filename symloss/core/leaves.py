"""Leaves of a graph: variables, shared variables, constants and sizes, and how other values become them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from . import errors, shapes
from .dtypes import FLOAT64, DType, parse_dtype, promote
from .expr import Expr, Op, hashable, intern, interned
from .notation import Notation


@dataclass(slots=True)
class Holder:
    """The changeable value behind a shared variable."""

    value: np.ndarray[Any, Any]
    lock: Any = field(default_factory=threading.Lock)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def _leaf(name: str, doc: str, template: str) -> Op:
    return Op(
        name, doc, shape=lambda call, shape, **_: shape, dtype=lambda dtype, **_: dtype,
        numpy=Notation(template), text=Notation(template), latex=Notation(template), leaf=True,
    )  # fmt: skip


INPUT = _leaf("input", "A variable of the user's.", "«name»")
SHARED = _leaf("shared", "A variable with a value that compiled functions may update.", "«name»")
CONSTANT = _leaf("constant", "A fixed value.", "«value»")
SIZE = _leaf("size", "The length of an axis, as a number.", "«value»")


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
    """Expressions for operands given as expressions, numbers, arrays or SymPy sizes."""
    known = [v.dtype for v in values if isinstance(v, Expr)]
    known += [parse_dtype(v.dtype, call) for v in values if isinstance(v, np.ndarray)]
    return [v if isinstance(v, Expr) else _lift_one(call, v, known) for v in values]


def _lift_one(call: str, value: Any, known: list[DType]) -> Expr:
    if is_number(value):
        return constant_of(value, _number_dtype(call, value, known))
    if isinstance(value, np.ndarray):
        return array_constant(value, call)
    if hasattr(value, "free_symbols") and getattr(value, "is_integer", False):
        meets = promote(*known) if known else FLOAT64
        return size_of(shapes.canonical(value), meets if meets.kind != "b" else FLOAT64)
    if isinstance(value, list):
        return array_constant(np.array(value), call)
    wrong = f"a {type(value).__name__} is no expression, number or array"
    raise errors.GraphError(errors.message(f"{call}()", wrong, "pass an Expr, or constant(value)"))


def _number_dtype(call: str, value: Any, known: list[DType]) -> DType:
    """A number yields to the tensors it meets, except that it is never cut off."""
    if value != value:
        mend = "use where() to choose what happens instead"
        raise errors.DomainError(errors.message(f"{call}()", "a constant is NaN", mend))
    own = parse_dtype(np.asarray(value if not isinstance(value, Fraction) else float(value)).dtype, call)
    if not known:
        return own
    meets = promote(*known)
    order = "biuf"
    higher = order.index(own.kind.replace("u", "i")) > order.index(meets.kind.replace("u", "i"))
    return (own if own.kind != "f" else FLOAT64) if higher else meets


def array_constant(value: np.ndarray[Any, Any], call: str = "constant") -> Expr:
    """The constant leaf for an array of the user's."""
    return constant_of(value, parse_dtype(value.dtype, call))
