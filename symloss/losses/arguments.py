"""What every loss asks of its arguments; each function returns them as expressions, or raises."""

from __future__ import annotations

import math
from typing import Any

from ..core import shapes
from ..core.dtypes import is_float, promote, to_float
from ..core.errors import DomainError, DTypeError, ShapeError, message
from ..core.expr import Expr, called, signature
from ..core.leaves import CONSTANT, is_number, lift
from ..ops.family import cast, meet


def paired(call: str, predictions: Any, targets: Any) -> list[Expr]:
    """Predictions and targets of one shape, in floating point."""
    p, t = lift(call, predictions, targets)
    if not shapes.same_shape(p.shape, t.shape):
        raise ShapeError(message(signature(call, p, t), *_mismatch(p, t)))
    return meet((p, t), to_float(promote(p.dtype, t.dtype)))


def _mismatch(p: Expr, t: Expr) -> tuple[str, str]:
    """What is wrong with two shapes, and the mend."""
    longer, shorter = (p, t) if p.ndim > t.ndim else (t, p)
    axis = _extra_axis(longer, shorter)
    if axis is None:
        wrong = f"the shapes {shapes.show(p.shape)} and {shapes.show(t.shape)} differ"
        return wrong, "a loss compares predictions and targets one to one"
    both = shapes.broadcast([p.shape, t.shape], "loss")
    at = -1 if axis == longer.ndim - 1 else axis
    mend = f"use squeeze({called(longer)}, {at}) or expand_dims({called(shorter)}, {at})"
    return f"would broadcast to {shapes.show(both)}", mend


def _extra_axis(longer: Expr, shorter: Expr) -> int | None:
    """The last axis of size 1 without which the shapes agree."""
    for axis in reversed(range(longer.ndim)):
        rest = longer.shape[:axis] + longer.shape[axis + 1 :]
        if longer.shape[axis] == 1 and shapes.same_shape(rest, shorter.shape):
            return axis
    return None


def labelled(call: str, predictions: Any, labels: Any) -> list[Expr]:
    """Scores of any shape, in floating point, and one integer label for each of their rows."""
    p, t = lift(call, predictions, labels)
    if t.dtype.kind not in "iu":
        boolean = t.dtype.kind == "b"
        mend = "use a binary loss" if boolean else "use .astype('int64'), or one row of targets for each item"
        wrong = f"class labels have dtype {t.dtype.name}, expected integers"
        raise DTypeError(message(signature(call, p, t), wrong, mend))
    if not shapes.same_shape(p.shape[:-1], t.shape):
        wrong = (
            f"the labels {shapes.show(t.shape)} do not name one entry in each row of {shapes.show(p.shape)}"
        )
        raise ShapeError(message(signature(call, p, t), wrong, "give one label for each row"))
    return [cast(p, to_float(p.dtype)), t]


def positive(call: str, name: str, value: Any, dtype: Any) -> Any:
    """A hyperparameter > 0: a number, or a scalar expression that is cast to `dtype`."""
    if is_number(value):
        return _positive_number(call, name, value)
    (e,) = lift(call, value)
    if e.ndim:
        wrong = f"{name} has shape {shapes.show(e.shape)}"
        raise ShapeError(message(signature(call, e), wrong, "give a number or a scalar expression"))
    if e.op is CONSTANT:
        return _positive_number(call, name, e.params["value"].item())
    if not is_float(e.dtype):
        wrong = f"{name} has dtype {e.dtype.name}, expected a float"
        raise DomainError(message(signature(call, e), wrong, "declare it with a float dtype"))
    return cast(e, dtype)


def _positive_number(call: str, name: str, value: Any) -> Any:
    if isinstance(value, bool) or not 0 < value < math.inf:
        wrong = f"{name} must be positive and finite"
        raise DomainError(message(f"{call}({name}={value!r})", wrong, "give a number > 0"))
    return value
