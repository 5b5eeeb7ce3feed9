"""What NumPy's functions mean when they meet an expression: the function of ours, or an error."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .errors import DTypeError, InputError, did_you_mean, message

OUR_NAMES = {
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "equal": "eq",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "not_equal": "neq",
}
UNCHANGED = ("conjugate", "positive")
MENDS = {
    "dtype": "use .astype()",
    "out": "compile with function(), whose calls take out=",
    "where": "use where()",
}


OUR_ARGUMENTS = {"a_min": "low", "a_max": "high"}
LAST_AXES = ("trace", "diagonal")


def from_numpy(
    functions: Mapping[str, Callable[..., Any]], function: Any, method: str, args: Any, kwargs: dict[str, Any]
) -> Any:
    """What a function of NumPy's gives for expressions, by the same function of ours."""
    name, home = function.__name__, getattr(function, "__module__", "numpy") or "numpy"
    plain = method == "__call__" and (home == "numpy" or isinstance(function, np.ufunc))
    call = f"{home}.{name}()" if method == "__call__" else f"numpy.{name}.{method}()"
    if plain and name in UNCHANGED:
        return args[0]
    own = functions.get(OUR_NAMES.get(name, name)) if plain else None
    if own is None or (name in LAST_AXES and getattr(args[0], "ndim", 0) > 2):
        close = did_you_mean(name, functions) if method == "__call__" else "known"
        mend = "build it from functions of symloss" if close.startswith("known") else close
        raise DTypeError(message(call, "has no symbolic counterpart", mend))
    code = getattr(own, "__code__", None)
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
    operands, named = _bound(function, args, kwargs, known)
    for key in named:
        if key not in known:
            raise DTypeError(
                message(call, f"{key}= has no symbolic counterpart", MENDS.get(key, "leave it out"))
            )
    try:
        return own(*operands, **named)
    except TypeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise
        raise InputError(message(call, "does not take these arguments", f"see {own.__name__}()")) from error


def _parameters(function: Any) -> list[inspect.Parameter]:
    """The parameters of a function of NumPy's, as far as they are known."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


def _bound(
    function: Any, args: Any, kwargs: dict[str, Any], known: Sequence[str]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call of NumPy's: operands by position, all that is optional by name."""
    parameters = [] if isinstance(function, np.ufunc) else _parameters(function)
    defaults = {p.name: None if p.default is p.empty else p.default for p in parameters}
    unsaid = {key for key, value in kwargs.items() if value is None and defaults.get(key) is None}
    given = {key: v for key, v in kwargs.items() if key not in unsaid and v is not np._NoValue}
    if not parameters:
        return list(args), given
    operands: list[Any] = []
    named: dict[str, Any] = {}
    several = next((k for k, p in enumerate(parameters) if p.kind is p.VAR_POSITIONAL), len(args))
    for position, value in enumerate(args):
        parameter = parameters[min(position, len(parameters) - 1)]
        name = OUR_ARGUMENTS.get(parameter.name, parameter.name)
        by_name = name in known or parameter.default is not parameter.empty
        if position >= several or not (by_name and position):
            operands.append(value)
        elif value is not parameter.default:
            named[name] = value
    return operands, named | {OUR_ARGUMENTS.get(key, key): value for key, value in given.items()}
