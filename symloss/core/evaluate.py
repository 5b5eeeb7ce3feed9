"""Values of any graph in high precision, from the meaning and the reference of each operation alone.

The generated NumPy is not used, so that it can be checked against these values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from . import shapes
from .dtypes import DType
from .errors import InputError, ShapeError, message
from .expr import Expr, describe
from .leaves import CONSTANT, SHARED, SIZE
from .op import Op
from .walk import topological

Array = Any
DIGITS = 60


def mpmath() -> Any:
    """mpmath, which SymPy brings along."""
    import mpmath

    return mpmath


def exact_values(roots: Sequence[Expr], values: Mapping[Expr, Any], digits: int = DIGITS) -> list[Array]:
    """The values of formulas, as object arrays of mpmath numbers and truth values.

    Parameters
    ----------
    roots : sequence of Expr
        What is computed.
    values : mapping of Expr to array
        Values of the variables; they may hold mpmath numbers.
    digits : int
        Decimal digits of every operation.

    Raises
    ------
    InputError
        If a variable has no value, or an operation neither `meaning` nor `reference`.
    ShapeError
        If the value of a variable does not have its rank, or one size has two lengths.
    """
    with mpmath().workdps(digits):
        lengths: dict[Any, int] = {}
        known = {variable: as_exact(value, variable.dtype) for variable, value in values.items()}
        for variable, array in known.items():
            _learn_lengths(variable, array, lengths)
        for node in topological(roots, skip=known):
            known[node] = _value(node, [known[arg] for arg in node.args], lengths)
        return [known[root] for root in roots]


def as_exact(value: Any, dtype: DType) -> Array:
    """An array of exact numbers: what a float, an integer or a truth value stands for."""
    array = np.asarray(value)
    result = np.empty(array.shape, dtype=object)
    for point in np.ndindex(*array.shape):
        result[point] = _entry(array[point], dtype)
    return result


def _entry(value: Any, dtype: DType) -> Any:
    mp = mpmath()
    if dtype.kind == "b":
        return bool(value)
    if isinstance(value, mp.mpc):
        value = value.real if value.imag == 0 else mp.nan
    if hasattr(value, "numerator") and hasattr(value, "denominator"):
        value = mp.mpf(int(value.numerator)) / int(value.denominator)
    number = mp.mpf(value.item() if isinstance(value, np.generic) else value)
    return mp.mpf(int(number)) if dtype.kind in "iu" and mp.isfinite(number) else number


def _learn_lengths(variable: Expr, array: Array, lengths: dict[Any, int]) -> None:
    """Note what the sizes in a variable's shape are."""
    if array.ndim != variable.ndim:
        wrong = f"{describe(variable)} got a value of shape {array.shape}"
        raise ShapeError(message("exact_values()", wrong, "reshape it"))
    for size, length in zip(variable.shape, array.shape, strict=True):
        if not isinstance(size, int) and lengths.setdefault(size, length) != length:
            wrong = f"{size} is {lengths[size]} and {length}"
            raise ShapeError(message("exact_values()", wrong, "a size has one length"))


def _length(value: Any, lengths: Mapping[Any, int]) -> Any:
    """A parameter with every size in it replaced by its length."""
    if isinstance(value, tuple):
        return type(value)([_length(entry, lengths) for entry in value])
    if hasattr(value, "free_symbols"):
        size = value.xreplace(lengths)
        if isinstance(size, int) or size.is_Integer:
            return int(size)
        wrong = f"the size {value} is not known"
        raise ShapeError(message("exact_values()", wrong, "give a value to a variable that has it"))
    return value


def _value(node: Expr, args: list[Array], lengths: Mapping[Any, int]) -> Array:
    if node.op in (CONSTANT, SHARED):
        held = node.params["value"] if node.op is CONSTANT else node.params["holder"].value
        return as_exact(held, node.dtype)
    params = {name: _length(value, lengths) for name, value in node.params.items()}
    if node.op is SIZE:
        return as_exact(params["value"], node.dtype)
    if node.op.elementwise:
        args = args[: len(node.op.domain)]
        return as_exact(np.frompyfunc(scalar_value(node.op), len(args), 1)(*args), node.dtype)
    if node.op.reference is None:
        wrong = f"no value for {describe(node)}" if node.op.leaf else f"{node.op.name} states no reference"
        raise InputError(message("exact_values()", wrong, "give a value for each variable"))
    return as_exact(node.op.reference(*args, **params), node.dtype)


def quotient(x: Any, y: Any) -> Any:
    """x / y, infinite or NaN where y is 0, as in IEEE arithmetic."""
    if y != 0:
        return x / y
    return mpmath().inf * x if x != 0 else mpmath().nan


@cache
def scalar_value(op: Op) -> Callable[..., Any]:
    """The function of numbers that an elementwise operation is; NaN gives NaN unless it states otherwise."""
    if op.reference is not None:
        return op.reference
    function, nan = of_meaning(op), mpmath().nan

    def value(*args: Any) -> Any:
        return nan if any(arg != arg for arg in args) else function(*args)

    return value


def of_meaning(op: Op) -> Callable[..., Any]:
    """The meaning of an elementwise operation as a function of mpmath numbers."""
    sympy = shapes.sympy()
    if op.meaning is None:
        raise InputError(message("exact_values()", f"{op.name} states no meaning", "state it as SymPy"))
    symbols = sympy.symbols(f"x:{len(op.domain)}", real=True)
    function: Callable[..., Any] = sympy.lambdify(symbols, op.meaning(*symbols), modules="mpmath")
    return function
