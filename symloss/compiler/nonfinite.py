"""Where a value that is not finite first appears: the operation, its operands, and where it was built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..core import shapes
from ..core.errors import NonFiniteError, message, place
from ..core.expr import Expr, called
from ..core.leaves import CONSTANT, SHARED
from .replay import Replay, StatementError

_MOST_OPERANDS = 3
_PIECE_BYTES = 2**20
_HARMLESS = 0.5
"""A number at which most operations are finite."""
_WIDER = {"float16": np.float64, "float32": np.float64, "float64": np.longdouble}


def pieces(array: np.ndarray[Any, Any]) -> Iterator[tuple[int, np.ndarray[Any, Any]]]:
    """An array in pieces along its first axis, each with where it begins: masks of them are small."""
    rows = len(array) if array.ndim else 1
    step = max(1, _PIECE_BYTES * rows // max(1, array.nbytes))
    if step >= rows:
        yield 0, array
        return
    for start in range(0, rows, step):
        yield start, array[start : start + step]


def is_finite(value: Any) -> bool:
    """Whether a value, or each of several, holds neither NaN nor infinity."""
    floats = (array for array in _arrays(value) if array.dtype.kind == "f")
    return all(bool(np.isfinite(piece).all()) for array in floats for _, piece in pieces(array))


def replayed(arguments: Sequence[Expr], outputs: Sequence[Expr], arrays: Sequence[Any]) -> Replay | None:
    """The formulas computed again, node by node; None where that fails."""
    try:
        return Replay(arguments, outputs, arrays)
    except StatementError:
        return None


def explained(name: str, what: str, result: Any, root: Expr, replay: Replay | None) -> NonFiniteError:
    """The error for a result that is not finite."""
    if replay is None or is_finite(replay.value(root)):
        wrong = f"{what} is {_bad(result)}"
        return NonFiniteError(message(f"{name}()", wrong, "scale the arguments, or use a wider dtype"))
    node = origin(replay, root)
    if node.op.leaf:
        return _of_leaf(name, what, node, replay.value(node))
    return _of_operation(name, what, node, replay)


def origin(replay: Replay, node: Expr) -> Expr:
    """The first node below one that is not finite, at which that begins."""
    while True:
        below = _cause(replay, node)
        if below is None or (below.op.compound and _cause(replay, below) is None):
            return node
        node = below


def _cause(replay: Replay, node: Expr) -> Expr | None:
    """The operand because of which a node is not finite; None if it is so by itself."""
    symptom = _has_nan if _has_nan(replay.value(node)) else _not_finite
    for bad in dict.fromkeys((symptom, _not_finite)):
        operands = [arg for arg in dict.fromkeys(node.args) if bad(replay.value(arg))]
        mended = {arg: _mended(replay.value(arg), bad) for arg in operands if arg.op is not CONSTANT}
        for some in (*({arg: value} for arg, value in mended.items()), mended):
            if some and not symptom(_with(replay, node, some)):
                return next(iter(some))
        if len(mended) < len(operands):
            return next(arg for arg in operands if arg.op is CONSTANT)
    return None


def _with(replay: Replay, node: Expr, changed: dict[Expr, Any]) -> Any:
    """What a node would be with other values of its operands; NaN where it has none."""
    try:
        return replay.again(node, changed)
    except Exception:
        return np.nan


def _has_nan(value: Any) -> bool:
    return any(array.dtype.kind == "f" and bool(np.isnan(array).any()) for array in _arrays(value))


def _not_finite(value: Any) -> bool:
    return not is_finite(value)


def _arrays(value: Any) -> list[np.ndarray[Any, Any]]:
    """A value, or each of several, as arrays."""
    return [np.asarray(part) for part in (value if isinstance(value, tuple) else (value,))]


def _mended(value: Any, bad: Callable[[Any], bool]) -> Any:
    """A value with harmless numbers in place of NaN, or of all that is not finite."""
    if isinstance(value, tuple):
        return tuple(_mended(part, bad) for part in value)
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return value
    harmless = array.dtype.type(_HARMLESS)
    return np.where(np.isnan(array) if bad is _has_nan else ~np.isfinite(array), harmless, array)


def _of_leaf(name: str, what: str, leaf: Expr, value: Any) -> NonFiniteError:
    """The error for an infinity that came in."""
    kind = f"shared variable {leaf.name}" if leaf.op is SHARED else f"argument {leaf.name}"
    call = f"a constant built at {place(leaf.site)}" if leaf.op is CONSTANT else kind
    wrong = f"{what} is not finite, as this is {_bad(value)}"
    mend = "clip or replace what is infinite, or compile with check='inputs'"
    return NonFiniteError(message(f"{name}(), {call}", wrong, mend))


def _of_operation(name: str, what: str, node: Expr, replay: Replay) -> NonFiniteError:
    """The error for an operation that made something else of finite numbers."""
    value = replay.value(node)
    call = f"{name}(), {called(node)} built at {place(node.site)}"
    operands = [arg for arg in dict.fromkeys(node.args) if arg.op is not CONSTANT or arg.ndim]
    operands = [arg for arg in operands if not arg.op.compound]
    ranges = ", ".join(_range(arg, replay.value(arg)) for arg in operands[:_MOST_OPERANDS])
    wrong = f"{what} is not finite, as this is {_bad(value)}" + (f", from {ranges}" if ranges else "")
    mend = "keep the operands where it is finite"
    if _overflows(node, value, replay):
        wrong += f", beyond the largest {node.dtype.name}"
        mend = "scale the operands" + (", or use a wider dtype" if node.dtype.itemsize < 8 else "")
    return NonFiniteError(message(call, wrong, mend))


def _overflows(node: Expr, value: Any, replay: Replay) -> bool:
    """Whether a value is infinite in its dtype, and finite in a wider one."""
    if isinstance(value, tuple) or node.dtype.name not in _WIDER or np.isnan(value).any():
        return False
    kept = [arg for arg in node.args if arg.op is not CONSTANT and not arg.op.compound]
    values = {arg: replay.value(arg) for arg in kept}
    if node.op.recast:
        return all(map(is_finite, values.values()))
    wider = _WIDER[node.dtype.name]
    floats = {arg: np.asarray(v) for arg, v in values.items() if np.asarray(v).dtype.kind == "f"}
    return is_finite(_with(replay, node, {arg: array.astype(wider) for arg, array in floats.items()}))


def _bad(value: Any) -> str:
    """The first number of a value that is not finite, and where it stands."""
    array = next(array for array in _arrays(value) if not is_finite(array))
    where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    number = {"nan": "NaN", "inf": "infinite", "-inf": "minus infinity"}[str(float(array[where]))]
    return number + (f" at index {where}" if where else "")


def _range(operand: Expr, value: Any) -> str:
    """An operand, its shape, and between which finite numbers it lies."""
    array = np.asarray(value)
    text = f"{called(operand)}: {shapes.show(array.shape)}"
    if array.dtype.kind not in "fiu":
        return text
    finite = array[np.isfinite(array)]
    return f"{text} in [{finite.min():.6g}, {finite.max():.6g}]" if finite.size else f"{text} without numbers"
