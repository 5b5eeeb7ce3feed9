"""Numbers, dtypes, shapes and array constants as Python source."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from ..core.expr import Expr
from ..core.notation import ATOM, UNARY, Written

_LONGEST_LIST = 64


class _Names(Protocol):
    def new(self, wanted: str) -> str: ...


def number(value: Any) -> str:
    """A number as the shortest source; whole floats go without the point, as arrays decide the dtype."""
    if value != value:
        return "np.nan"
    if value in (float("inf"), float("-inf")):
        return "np.inf" if value > 0 else "-np.inf"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 and not _negative_zero(value):
        return str(int(value))
    return repr(value)


def _negative_zero(value: float) -> bool:
    return value == 0 and np.signbit(value).item()


def scalar(value: Any) -> Written:
    """A number and how tightly its source binds."""
    text = number(value)
    return text, UNARY if text.startswith("-") else ATOM


class Constants:
    """Array constants, as assignments at the head of the module."""

    def __init__(self, names: _Names) -> None:
        self.names = names
        self.lines: list[tuple[str, str]] = []

    def text(self, node: Expr) -> Written:
        """A number stands in place; an array gets a name at the head of the module."""
        value = node.params["value"]
        if value.ndim == 0:
            return scalar(value.item())
        name = self.names.new("C")
        self.lines.append((name, array_literal(value)))
        return name, ATOM


def array_literal(value: np.ndarray[Any, Any]) -> str:
    """An array as source: its entries if they are few, else its bytes."""
    if value.size == 0:
        return f"np.zeros({value.shape}, dtype=np.{value.dtype.name})"
    if not value.size:
        return f"np.empty({value.shape}, dtype=np.{value.dtype.name})"
    if value.size <= _LONGEST_LIST:
        return f"np.array({_entries(value.tolist())}, dtype=np.{value.dtype.name})"
    little = value.astype(value.dtype.newbyteorder("<"))
    data = base64.b64encode(little.tobytes()).decode()
    return f'np.frombuffer(base64.b64decode("{data}"), "{little.dtype.str}").reshape({value.shape})'


def _entries(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_entries, value))}]"
    return number(value) if not isinstance(value, bool) else str(value)


def parameter(spec: str, node: Expr, size_text: Callable[[Any], Written]) -> str:
    """The source for a parameter of a template."""
    name = spec.lstrip(", _").partition("|")[0]
    value = node.params.get(name, node.dtype if name == "dtype" else None)
    if spec.startswith(","):
        omitted = value is None or value is False or _says_nothing(name, value, node)
        prefix = "np." if isinstance(value, np.dtype) else ""
        return "" if omitted else f", {name}={prefix}{_source(value, size_text)}"
    return _source(value, size_text)


def _says_nothing(name: str, value: Any, node: Expr) -> bool:
    whole = name == "axis" and len(value) == node.args[0].ndim and not node.params.get("keepdims")
    return whole or (name in ("ddof", "k") and value == 0)


def _source(value: Any, size_text: Callable[[Any], Written]) -> str:
    if isinstance(value, np.dtype):
        return value.name
    if type(value) is tuple:
        entries = [_source(entry, size_text) for entry in value]
        if len(entries) == 1:
            return entries[0] if isinstance(value[0], int) else f"({entries[0]},)"
        return f"({', '.join(entries)})"
    if hasattr(value, "render"):
        return str(value.render(lambda size: size_text(size)[0]))
    if hasattr(value, "free_symbols"):
        return size_text(value)[0]
    if isinstance(value, bool | str):
        return str(value)
    return number(value)
