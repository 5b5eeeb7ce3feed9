"""Arithmetic, comparisons and logic: NumPy's binary operators, by combinations, products and powers."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

import numpy as np

from ..core.dtypes import BOOL, DType, is_float
from ..core.errors import DomainError, DTypeError, message
from ..core.evaluate import quotient
from ..core.expr import Expr, signature
from ..core.leaves import CONSTANT, is_number, lift
from ..core.notation import (
    ATOM,
    COMPARE,
    ENTRYWISE,
    JUXTAPOSE,
    LOOSE,
    POWER,
    PREFIX,
    PRODUCT,
    QUOTIENT,
    SUM,
    UNARY,
    Notation,
    infix,
)
from ..core.shapes import sp
from .conditions import stop_gradient, where
from .exponential import log
from .family import Function, boolean, counted, elementwise, meet, public, refuse_bool
from .normal import combine, number_in, raise_, times
from .order import floor

__all__ = [
    "add",
    "bitwise_and",
    "bitwise_or",
    "divide",
    "eq",
    "floor_divide",
    "ge",
    "gt",
    "invert",
    "le",
    "logical_and",
    "logical_not",
    "logical_or",
    "lt",
    "multiply",
    "negative",
    "neq",
    "power",
    "remainder",
    "subtract",
]

ONE, MINUS = Fraction(1), Fraction(-1)
_SUM = Notation("#1 + #2", SUM, (SUM, QUOTIENT))
_DIFFERENCE = Notation("#1 − #2", SUM, (SUM, QUOTIENT))
_JUXTAPOSED = Notation(f"#1{JUXTAPOSE}#2", PRODUCT, (PRODUCT, PREFIX))

add = elementwise(
    "add",
    doc="Sum of two tensors.",
    meaning=lambda x, y: x + y,
    derivative=None,
    definition=lambda x, y: combine((ONE, ONE), (x, y)),
    numpy=infix(" + ", SUM),
    text=_SUM,
    latex=_SUM,
    dtype=counted,
    commutative=True,
)

_subtract = elementwise(
    "subtract",
    doc="Difference of two tensors; not defined for bool.",
    meaning=lambda x, y: x - y,
    derivative=None,
    definition=lambda x, y: combine((ONE, MINUS), (x, y)),
    numpy=infix(" - ", SUM),
    text=_DIFFERENCE,
    latex=Notation("#1 - #2", SUM, (SUM, QUOTIENT)),
    dtype=counted,
)

multiply = elementwise(
    "multiply",
    doc="Elementwise product of two tensors.",
    meaning=lambda x, y: x * y,
    derivative=None,
    definition=times,
    numpy=infix(" * ", PRODUCT),
    text=Notation("#1 ⊙ #2", ENTRYWISE, (ENTRYWISE, ENTRYWISE)),
    latex=Notation(r"#1 \odot #2", ENTRYWISE, (ENTRYWISE, ENTRYWISE)),
    scalar_text=_JUXTAPOSED,
    scalar_latex=_JUXTAPOSED,
    dtype=counted,
    commutative=True,
)

_divide = elementwise(
    "divide",
    doc="Elementwise quotient of two tensors.",
    meaning=lambda x, y: x / y,
    reference=quotient,
    derivative=None,
    definition=lambda x, y: times(x, raise_(y, MINUS)),
    numpy=infix(" / ", PRODUCT),
    text=Notation("#1/#2", QUOTIENT, (PRODUCT, POWER)),
    latex=Notation(r"\frac{#1}{#2}", POWER),
    domain=((-4.0, 4.0), (0.3, 4.0)),
)

_negative = elementwise(
    "negative",
    doc="The tensor with its sign changed; not defined for bool.",
    meaning=lambda x: -x,
    derivative=None,
    definition=lambda x: combine((MINUS,), (x,)),
    numpy=Notation("-#1", UNARY, (UNARY,)),
    text=Notation("−#1", SUM, (QUOTIENT,)),
    latex=Notation("-#1", SUM, (QUOTIENT,)),
    dtype=counted,
)


@public
def subtract(x: Any, y: Any) -> Expr:
    """Difference of two tensors; not defined for bool."""
    x, y = lift("subtract", x, y)
    refuse_bool("subtract", x, y)
    return _subtract(x, y)


@public
def negative(x: Any) -> Expr:
    """The tensor with its sign changed; not defined for bool."""
    (x,) = lift("negative", x)
    refuse_bool("negative", x)
    return _negative(x)


@public
def divide(x: Any, y: Any) -> Expr:
    """Elementwise quotient; integers give float64.

    Raises
    ------
    DomainError
        If the divisor is the constant 0.
    """
    x, y = lift("divide", x, y)
    _refuse_zero("divide", x, y)
    return _divide(x, y)


def _refuse_zero(name: str, x: Expr, y: Expr) -> None:
    if y.op is CONSTANT and y.ndim == 0 and y.params["value"] == 0:
        wrong = "division by the constant 0"
        raise DomainError(message(signature(name, x, y), wrong, "guard it with where()"))


def _whole(name: str) -> Any:
    """The dtype rule of a division with remainder."""

    def dtype(x: Expr, y: Expr) -> DType:
        _refuse_zero(name, x, y)
        return counted(x, y)

    return dtype


def _power_dtype(x: Expr, y: Expr) -> DType:
    dtype = counted(x, y)
    if is_float(dtype) or y.op is not CONSTANT or np.all(y.params["value"] >= 0):
        return dtype
    wrong = f"{x.dtype.name} to a negative power is no integer"
    raise DTypeError(message(signature("power", x, y), wrong, "use .astype('float64') or divide"))


def _fixed_power(x: Expr, y: Expr) -> Expr | None:
    """The fixed power that `x**y` is when y is a finite number; None when it is not."""
    exponent = number_in(y)
    return raise_(x, exponent) if isinstance(exponent, Fraction) else None


def _unless_zero(x: Expr, condition: Expr, slope: Expr) -> Expr:
    """A slope of ``x**y``: 0 at x = 0 where the condition holds, whatever the factors are there."""
    return slope if number_in(x) else where(eq(x, 0) & condition, 0, slope)


_power: Function = elementwise(
    "power",
    doc="Elementwise power.",
    meaning=lambda x, y: x**y,
    derivative=(
        lambda g, z, x, y: g * _unless_zero(x, eq(y, 0), y * _power(x, y - 1)),
        lambda g, z, x, y: g * _unless_zero(x, ge(y, 0), z * log(x)),
    ),
    definition=_fixed_power,
    numpy=Notation("#1**#2", POWER, (ATOM, UNARY)),
    text=Notation("#1^#2", POWER, (ATOM, ATOM)),
    latex=Notation("#1^{#2}", POWER, (ATOM, LOOSE)),
    dtype=_power_dtype,
    domain=((0.3, 4.0), (-2.0, 2.0)),
)


@public
def power(x: Any, y: Any) -> Expr:
    """Elementwise power; 0**0 is 1, the exponent 1 gives `x` itself, and −1 of a matrix its reciprocals.

    Raises
    ------
    DTypeError
        If an integer is raised to a negative constant.
    """
    if is_number(y) and float(y).is_integer() and isinstance(x, Expr):
        y = int(y)
        if y == 1 and x.dtype != BOOL:
            return x
        if y == -1 and x.ndim > 1 and is_float(x.dtype):
            return divide(1, x)  # A⁻¹ is how the inverse of a matrix is written
    x, y = lift("power", x, y)
    return _power(*meet((x, y), _power_dtype(x, y)))


floor_divide = elementwise(
    "floor_divide",
    doc="Quotient rounded towards minus infinity.",
    meaning=lambda x, y: sp.floor(x / y),
    derivative=None,
    numpy=infix(" // ", PRODUCT),
    latex=r"\lfloor \frac{#1}{#2} \rfloor",
    text=Notation("⌊#1/#2⌋", slots=(PRODUCT, POWER)),
    dtype=_whole("floor_divide"),
    domain=((-4.0, 4.0), (0.3, 4.0)),
    undifferentiable="it is piecewise constant",
)

remainder = elementwise(
    "remainder",
    doc="Remainder with the sign of the divisor.",
    meaning=lambda x, y: x - y * sp.floor(x / y),
    derivative=(lambda g, z, x, y: g, lambda g, z, x, y: -g * stop_gradient(floor(x / y))),
    numpy=infix(" % ", PRODUCT),
    latex=Notation(r"#1 \bmod #2", COMPARE, (PRODUCT, POWER)),
    text=Notation("#1 mod #2", COMPARE, (PRODUCT, POWER)),
    dtype=_whole("remainder"),
    domain=((-4.0, 4.0), (0.3, 4.0)),
)


def _comparison(name: str, doc: str, relation: str, sign: str, unicode: str, latex: str) -> Any:
    compare = getattr(operator, name.replace("neq", "ne"))
    return elementwise(
        name,
        doc=doc,
        meaning=lambda x, y: getattr(sp, relation)(x, y),
        reference=lambda x, y: bool(compare(x, y)),
        derivative=None,
        numpy=Notation(f"#1 {sign} #2", COMPARE, (SUM, SUM)),
        text=Notation(f"#1 {unicode} #2", COMPARE, (SUM, SUM)),
        latex=Notation(f"#1 {latex} #2", COMPARE, (SUM, SUM)),
        dtype=boolean,
        undifferentiable="it is piecewise constant",
    )


eq: Function = _comparison("eq", "Whether two values are equal.", "Eq", "==", "=", "=")
neq = _comparison("neq", "Whether two values differ.", "Ne", "!=", "≠", r"\neq")
lt = _comparison("lt", "Whether x is less than y.", "Lt", "<", "<", "<")
le = _comparison("le", "Whether x is at most y.", "Le", "<=", "≤", r"\leq")
gt = _comparison("gt", "Whether x is greater than y.", "Gt", ">", ">", ">")
ge: Function = _comparison("ge", "Whether x is at least y.", "Ge", ">=", "≥", r"\geq")


_TRUTHS = (np.array([True, False, True, False]), np.array([True, True, False, False]))


def _logical(name: str, doc: str, meaning: Any, unicode: str, latex: str) -> Any:
    make = elementwise(
        name,
        doc=doc,
        meaning=meaning,
        derivative=None,
        numpy=f"np.{name}(#1, #2)" if unicode != "¬" else f"np.{name}(#1)",
        text=Notation(f"#1 {unicode} #2", LOOSE, (COMPARE, COMPARE))
        if unicode != "¬"
        else Notation("¬#1", UNARY, (ATOM,)),
        latex=Notation(f"#1 {latex} #2", LOOSE, (COMPARE, COMPARE))
        if unicode != "¬"
        else Notation(rf"{latex} #1", UNARY, (ATOM,)),
        dtype=boolean,
        undifferentiable="it is a truth value",
        component=lambda z, at, *args: meaning(*[arg.holds(*at) for arg in args]),
        samples=((*_TRUTHS[: 1 if unicode == "¬" else 2], {}),),
    )

    def function(*operands: Any) -> Expr:
        args = lift(name, *operands)
        for arg in args:
            if is_float(arg.dtype):
                wrong = f"expected bool or integers, got {arg.dtype.name}"
                raise DTypeError(message(signature(name, *args), wrong, "compare first, as in x > 0"))
        return make(*args)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return public(function)


logical_and = _logical("logical_and", "Whether both hold.", lambda x, y: sp.And(x, y), "∧", r"\land")
logical_or = _logical("logical_or", "Whether either holds.", lambda x, y: sp.Or(x, y), "∨", r"\lor")
logical_not = _logical("logical_not", "Whether it does not hold.", lambda x: sp.Not(x), "¬", r"\lnot")


def _bitwise(name: str, sign: str, logical: Function) -> Function:
    """NumPy's ``&``, ``|`` and ``~``, which are logical between truth values only."""

    def function(*operands: Any) -> Expr:
        args = lift(name, *operands)
        for arg in args:
            if arg.dtype != BOOL:
                wrong = f"{sign} is bitwise, expected bool, got {arg.dtype.name}"
                mend = "compare first, as in (x > 0)" if is_float(arg.dtype) else f"use {logical.__name__}()"
                raise DTypeError(message(signature(name, *args), wrong, mend))
        return logical(*args)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The same as `{logical.__name__}`, of truth values only, as ``{sign}``."
    return public(function)


bitwise_and = _bitwise("bitwise_and", "&", logical_and)
bitwise_or = _bitwise("bitwise_or", "|", logical_or)
invert = _bitwise("invert", "~", logical_not)
