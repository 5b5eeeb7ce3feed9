"""How the families of operations are made: one call per record, which also gives the public function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from ..core import shapes
from ..core.dtypes import BOOL, FLOAT64, INT64, UINT64, DType, is_float, promote, to_float
from ..core.errors import DTypeError, InputError, ShapeError, message
from ..core.expr import FUNCTIONS, Expr, apply, signature
from ..core.leaves import CONSTANT, constant_of, lift
from ..core.notation import ATOM, Notation, call
from ..core.op import Op, Rule

Function = Callable[..., Expr]
F = TypeVar("F", bound=Callable[..., Any])
Template = Notation | str
POSITIVE = ((0.2, 4.0),)
STEMS = {"max": "top", "mean": "m", "subtract": "d"}
"""What a line of generated source that holds a result is called, for records that do not say so."""


def public(function: F) -> F:
    """Register a public function under its own name, without the underscore that keeps it from a built-in."""
    FUNCTIONS[function.__name__.rstrip("_")] = function
    return function


def as_notation(template: Template) -> Notation:
    """A template as a notation: text is a closed form."""
    return call(template) if isinstance(template, str) else template


def named(name: str) -> str:
    """The LaTeX of a function of one argument that is written by its name."""
    return rf"\operatorname{{{name}}}(#1)"


def by_position(rules: Sequence[Rule | None] | None) -> Callable[[int], Rule | None] | None:
    """Derivative rules as a function of the argument's position."""
    return None if rules is None else tuple(rules).__getitem__


def broadcast_shape(call: str, *args: Expr, **params: Any) -> shapes.Shape:
    """The shape of an elementwise result."""
    shape = args[0].shape
    if len(args) == 1 or all([arg.shape == shape for arg in args]):
        return shape
    try:
        return shapes.broadcast([arg.shape for arg in args], call)
    except ShapeError as error:
        raise ShapeError(str(error).replace(f"{call}: ", f"{signature(call, *args)}: ", 1)) from None


def promoted(*args: Expr, **params: Any) -> DType:
    """The dtype in which the arguments meet."""
    return promote(*[arg.dtype for arg in args])


def real(*args: Expr, **params: Any) -> DType:
    """The float dtype in which the arguments meet; integers alone give float64."""
    return to_float(promote(*[arg.dtype for arg in args]))


def counted(*args: Expr, **params: Any) -> DType:
    """The dtype of arithmetic: integers are counted in int64, uint64 in float64; none wraps around."""
    dtype = promote(*[arg.dtype for arg in args])
    if is_float(dtype):
        return dtype
    return FLOAT64 if any(arg.dtype == UINT64 for arg in args) else INT64


def boolean(*args: Expr, **params: Any) -> DType:
    """The dtype of truth values."""
    return BOOL


def cast(x: Expr, dtype: DType) -> Expr:
    """`x` in another dtype; a constant is converted at once."""
    if x.dtype == dtype:
        return x
    if x.op is CONSTANT:
        return constant_of(x.params["value"], dtype)
    return apply(INDICATOR if x.dtype == BOOL and is_float(dtype) else CAST, x, dtype=dtype)


def meet(args: Sequence[Expr], dtype: DType) -> list[Expr]:
    """The arguments with integers and bool cast, where NumPy would not compute in `dtype` by itself."""
    return [arg if is_float(arg.dtype) or dtype.kind == "b" else cast(arg, dtype) for arg in args]


def elementwise(
    name: str,
    *,
    doc: str,
    meaning: Callable[..., Any],
    derivative: Sequence[Rule | None] | None,
    numpy: Template,
    latex: Template,
    text: Template | None = None,
    dtype: Callable[..., DType] = real,
    **facts: Any,
) -> Function:
    """Register an elementwise operation and return its public function."""
    arity = meaning.__code__.co_argcount
    facts.setdefault("stem", STEMS.get(name, ""))
    facts.setdefault("operator", as_notation(numpy).binding < ATOM)
    slots = ", ".join(f"#{i + 1}" for i in range(arity))
    op = Op(
        name,
        doc,
        shape=broadcast_shape,
        dtype=dtype,
        numpy=as_notation(numpy),
        text=as_notation(text or f"{name}({slots})"),
        latex=as_notation(latex),
        meaning=meaning,
        derivative=by_position(derivative),
        elementwise=True,
        domain=facts.pop("domain", ((-4.0, 4.0),) * arity),
        **facts,
    )
    return public_function(op, arity)


def public_function(op: Op, arity: int) -> Function:
    """The function that applies an elementwise operation, registered under its name."""

    def function(*operands: Any) -> Expr:
        if len(operands) != arity:
            wrong = f"got {len(operands)} arguments, expected {arity}"
            raise InputError(message(f"{op.name}()", wrong, "pass one for each operand"))
        args = lift(op.name, *operands)
        if any([arg.dtype.kind != "f" for arg in args]):
            args = meet(args, op.dtype(*args))
        return apply(op, *args)

    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = op.doc
    function.__dict__["__signature__"] = _signature(op.meaning)
    FUNCTIONS[op.name] = function
    return function


def _signature(meaning: Any) -> inspect.Signature:
    """The arguments of an elementwise function, named as those of its meaning."""
    code = getattr(meaning, "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code else [str(s) for s in meaning.variables]
    kinds = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY, annotation=Any) for name in names]
    return inspect.Signature(kinds, return_annotation=Expr)


def refuse_bool(name: str, *args: Expr) -> None:
    """NumPy's rule that ``-`` is undefined between truth values."""
    if all(arg.dtype == BOOL for arg in args):
        wrong = "is not defined for bool"
        raise DTypeError(
            message(signature(name, *args), wrong, "use logical_not() or neq(), or .astype('int64')")
        )


def _cast_derivative(g: Expr, z: Expr, x: Expr) -> Expr:
    return cast(g, x.dtype)


CAST = Op(
    "cast",
    "The same values in another dtype.",
    shape=broadcast_shape,
    dtype=lambda x, dtype: dtype,
    numpy=Notation("#1.astype(np.«dtype»)", slots=(ATOM,)),
    text=Notation("#1"),
    latex=Notation("#1"),
    method=True,
    recast=True,
    meaning=lambda x: x,
    derivative=by_position((_cast_derivative,)),
    elementwise=True,
    domain=((-4.0, 4.0),),
    samples=(((3,), {"dtype": FLOAT64}),),
)
INDICATOR = replace(
    CAST,
    name="indicator",
    doc="1 where a condition holds, else 0.",
    text=call("[#1]"),
    latex=call("[#1]"),
    domain=((0.0, 1.0),),
    samples=((np.array([True, False]), {"dtype": FLOAT64}),),
)
FUNCTIONS["cast"] = cast
