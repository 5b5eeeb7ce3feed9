"""What every loss asks of its arguments; each function returns them as expressions, or raises."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..core import shapes
from ..core.dtypes import is_float, promote, to_float
from ..core.errors import DomainError, DTypeError, ShapeError, message
from ..core.expected import DISTRIBUTION, PROBABILITY, expect
from ..core.expr import Expr, called, signature
from ..core.leaves import CONSTANT, INPUT, SHARED, is_number, lift
from ..ops.arithmetic import eq
from ..ops.axes import expand_dims, squeeze
from ..ops.conditions import where
from ..ops.extrema import all_, argmax
from ..ops.family import cast, meet
from ..ops.labels import one_hot

_VIEWS = {"cast", "reshape", "transpose", "permute", "expand_dims", "squeeze", "stop_gradient", "flip"}
"""Operations that compute no value, and leave none out."""


def paired(call: str, predictions: Any, targets: Any, *others: Any) -> list[Expr]:
    """Predictions, targets and what else comes with them, of one shape, in floating point."""
    args = lift(call, predictions, targets, *others)
    for t in args[1:]:
        if not shapes.same_shape(args[0].shape, t.shape):
            raise ShapeError(message(signature(call, args[0], t), *_mismatch(args[0], t)))
    return meet(_pinned(args), to_float(promote(*[t.dtype for t in args])))


def _pinned(args: Sequence[Expr]) -> list[Expr]:
    """The arguments, with 1 for an open size that meets a 1: what else it is at the call is refused there."""
    rank = min(x.ndim for x in args)
    ones = [a for a in range(rank) if any(isinstance(x.shape[a], int) and x.shape[a] == 1 for x in args)]
    found = []
    for x in args:
        axes = tuple(a for a in ones if shapes.is_open(x.shape[a]))
        found.append(expand_dims(squeeze(x, axes), axes) if axes else x)
    return found


def of_probabilities(loss: Expr, *arguments: Expr) -> Expr:
    """The loss, with a note that it expects probabilities where these arguments are variables."""
    variables = [_seen_through(x, _keeps_values) for x in arguments]
    return expect(loss, {v: PROBABILITY for v in variables if v.op in (INPUT, SHARED)})


def of_distributions(loss: Expr, *arguments: Expr) -> Expr:
    """The loss, with a note that it expects rows of probabilities that sum to 1."""
    variables = [_seen_through(x, _keeps_rows) for x in arguments]
    return expect(loss, {v: DISTRIBUTION for v in variables if v.op in (INPUT, SHARED)})


def _seen_through(x: Expr, keeps: Callable[[Expr], bool]) -> Expr:
    """What an expression is another view of."""
    while keeps(x):
        x = x.args[0]
    return x


def _keeps_values(x: Expr) -> bool:
    """Whether it has all the values of its argument, and no others."""
    return x.op.name in _VIEWS


def _keeps_rows(x: Expr) -> bool:
    """Whether it has all the rows of its argument, and no others."""
    rows = _keeps_values(x) and x.op.name not in ("transpose", "permute") and x.ndim > 0 < x.args[0].ndim
    return rows and shapes.same(x.shape[-1], x.args[0].shape[-1])


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
    p, t = _pinned([p, t])
    return [cast(p, to_float(p.dtype)), t]


def classified(call: str, scores: Any, targets: Any) -> list[Expr]:
    """Scores (..., C), and targets that are either one label for each row or of the shape of the scores."""
    p, t = lift(call, scores, targets)
    if p.ndim == 0 or t.ndim not in (p.ndim, p.ndim - 1):
        wrong = f"targets of rank {t.ndim} do not fit logits of rank {p.ndim}"
        mend = "give a label, or a row, for each row of logits"
        raise ShapeError(message(signature(call, p, t), wrong, mend))
    return labelled(call, p, t) if t.ndim < p.ndim else paired(call, p, t)


def with_last_axis(call: str, x: Expr) -> Expr:
    """`x`, if it has an axis along which its rows run."""
    if x.ndim == 0:
        wrong = "a scalar has no last axis"
        raise ShapeError(message(signature(call, x), wrong, "give rows, of one axis or more"))
    return x


def of_rank(call: str, rank: int, x: Expr) -> Expr:
    """`x`, if it has so many axes."""
    if x.ndim != rank:
        wrong = f"rank {x.ndim}, expected {rank}"
        raise ShapeError(message(signature(call, x), wrong, "reshape it"))
    return x


def label_of_row(targets: Expr) -> Expr:
    """The label of each one-hot row; -1, which is no label, where a row is not one-hot."""
    label = argmax(targets, axis=-1)
    same = eq(targets, one_hot(label, targets.shape[-1], targets.dtype))
    return where(all_(same, axis=-1), label, -1)


def fitting(call: str, name: str, value: Any, like: Expr) -> Expr:
    """A number, array or expression that broadcasts to the shape of `like`, and leaves it as it is."""
    w, like = lift(call, value, like)
    pairs = zip(w.shape[::-1], like.shape[::-1], strict=False)
    fit = w.ndim <= like.ndim and all((isinstance(m, int) and m == 1) or shapes.same(m, n) for m, n in pairs)
    if not fit:
        wrong = f"{name} of shape {shapes.show(w.shape)} do not broadcast to {shapes.show(like.shape)}"
        raise ShapeError(message(signature(call, like, w), wrong, "reshape them, or use expand_dims()"))
    return w


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a hyperparameter may be."""

    holds: Callable[[Any], bool]
    wrong: str
    mend: str


POSITIVE = Range(lambda v: 0 < v < math.inf, "must be positive and finite", "give a number > 0")
NOT_NEGATIVE = Range(lambda v: 0 <= v < math.inf, "must be finite and not negative", "give a number >= 0")
BETWEEN = Range(lambda v: 0 < v < 1, "is outside (0, 1)", "give a number between 0 and 1")
SHARE = Range(lambda v: 0 <= v < 1, "is outside [0, 1)", "give a number from 0 to less than 1")


def positive(call: str, name: str, value: Any, dtype: Any, allowed: Range = POSITIVE) -> Any:
    """A hyperparameter in a range: a number, or a scalar expression that is cast to `dtype`."""
    if is_number(value):
        return _checked(call, name, value, allowed)
    (e,) = lift(call, value)
    if e.ndim:
        wrong = f"{name} has shape {shapes.show(e.shape)}"
        raise ShapeError(message(signature(call, e), wrong, "give a number or a scalar expression"))
    if e.op is CONSTANT:
        return _checked(call, name, e.params["value"].item(), allowed)
    if not is_float(e.dtype):
        wrong = f"{name} has dtype {e.dtype.name}, expected a float"
        raise DomainError(message(signature(call, e), wrong, "declare it with a float dtype"))
    return cast(e, dtype)


def _checked(call: str, name: str, value: Any, allowed: Range) -> Any:
    if isinstance(value, bool) or not allowed.holds(value):
        raise DomainError(message(f"{call}({name}={value!r})", f"{name} {allowed.wrong}", allowed.mend))
    return value
