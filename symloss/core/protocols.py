"""What NumPy's functions mean when they meet an expression: the function of ours, or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def from_numpy(
    functions: Mapping[str, Callable[..., Any]], name: str, method: str, args: Any, kwargs: dict[str, Any]
) -> Any:
    """What NumPy's function of that name gives for expressions, by the same function of ours."""
    if name in UNCHANGED and method == "__call__":
        return args[0]
    own = functions.get(OUR_NAMES.get(name, name))
    call = f"numpy.{name}()" if method == "__call__" else f"numpy.{name}.{method}()"
    if own is None or method != "__call__":
        close = did_you_mean(name, functions) if method == "__call__" else "known"
        mend = "build it from functions of symloss" if close.startswith("known") else close
        raise DTypeError(message(call, "has no symbolic counterpart", mend))
    given = {k: v for k, v in kwargs.items() if v is not None and v is not np._NoValue}
    code = getattr(own, "__code__", None)
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
    for key in given:
        if key not in known:
            mend = MENDS.get(key, "leave it out")
            raise DTypeError(message(call, f"{key}= has no symbolic counterpart", mend))
    try:
        return own(*args, **given)
    except TypeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise
        raise InputError(message(call, "does not take these arguments", f"see {own.__name__}()")) from error
