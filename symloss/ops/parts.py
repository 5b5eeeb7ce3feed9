"""The softmax family along one axis, from exponentials that its members share; in compiled formulas only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..core.component import Part, along, choice, first_place, undefined
from ..core.cuts import Cut, aligned, beside
from ..core.evaluate import mpmath
from ..core.expr import Expr, apply
from ..core.notation import call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .along import Axes, over, reduction, same_shape
from .family import real
from .labels import ONE_HOT, PICK
from .likelihood import SOFTMAX_MINUS
from .softmax_family import LOG_SOFTMAX, LOGSUMEXP, SOFTMAX

_ALONG = (((2, 3), {"axis": (1,)}), ((3, 2), {"axis": (0,)}))
_LABELS = np.array([1, 0])


# What is shared -----------------------------------------------------------------------------------
def _component(z: Expr, at: Any, x: Part) -> Any:
    (axis,) = z.params["axis"]
    top = along(at, x, (axis,), fold=partial(undefined, "max"))
    place = along(at, x, (axis,), fold=partial(undefined, "argmax", of_one=first_place))
    return choice(sp.Eq(at[axis], place), 0, sp.exp(x(*at) - top))


def _reference(x: Any, axis: Axes) -> Any:
    places = over(axis, x, lambda v: max(range(len(v)), key=v.__getitem__), keepdims=True).astype(int)
    e = np.frompyfunc(mpmath().exp, 1, 1)(x - np.take_along_axis(x, places, axis[0]))
    np.put_along_axis(e, places, 0, axis[0])
    return e


EXPONENTIALS = reduction(
    "exponentials",
    "e^(x − max x) along one axis, and 0 at the first maximum: the sum of all is 1 more.",
    numpy="exponentials(#1, «axis»)",
    latex=r"\operatorname{exponentials}(#1)",
    shape=same_shape,
    reference=_reference,
    component=_component,
    compound=True,
    kernels=(kernels.exponentials,),
    samples=_ALONG,
    undifferentiable="it stands in compiled formulas only",
    letter="e",
)


# What shares it -----------------------------------------------------------------------------------
def _along_one_axis(op: Op, name: str, numpy: str, kernel: Callable[..., Any], **params: Any) -> Op:
    """The record of an operation along one axis, which may be given the exponentials as its last argument."""
    reference: Any = op.reference
    component: Any = op.component
    return replace(
        op,
        name=name,
        shape=lambda call, x, *parts, **params: op.shape(call, x, **params),
        dtype=lambda x, *parts, **params: op.dtype(x, **params),
        numpy=call(numpy),
        derivative=None,
        cuts=beside,
        definition=lambda x, *parts, **params: apply(op, x, **params),
        reference=lambda x, *parts, **params: reference(x, **params),
        component=lambda z, at, x, *parts: component(z, at, x),
        kernels=(kernels.exponentials, kernel),
        samples=tuple((shape, {**axis, **params}) for shape, axis in _ALONG),
    )


LOG_TOTAL = _along_one_axis(
    LOGSUMEXP, "log_total", "log_total(##, axis=«axis»«, keepdims»)", kernels.log_total, keepdims=False
)
LOG_SHARES = _along_one_axis(LOG_SOFTMAX, "log_shares", "log_shares(##, axis=«axis»)", kernels.log_shares)
SHARES = _along_one_axis(SOFTMAX, "shares", "shares(##, axis=«axis»)", kernels.shares)


# At labels ----------------------------------------------------------------------------------------
def by_row(node: Expr) -> list[Cut]:
    """The cuts of what is done to rows with labels: along the axes of the labels."""
    x, labels, *rest = node.args
    return [Cut(a, (a, a, *(aligned(e, a, x.ndim) for e in rest))) for a in range(labels.ndim)]


def _of_labels(like: Op, name: str, doc: str, kernel: Callable[..., Any], **facts: Any) -> Op:
    """The record of an operation on scores and labels, which may be given the exponentials as well."""
    return replace(
        like,
        name=name,
        doc=doc,
        numpy=call(f"{kernel.__name__}(##)"),
        index=None,
        places=None,
        scalar_text=None,
        scalar_latex=None,
        derivative=None,
        dtype=lambda x, *_: real(x),
        cuts=by_row,
        kernels=(kernels.check_labels, kernels.exponentials, kernel),
        labels=(1, lambda node: node.args[0].shape[-1]),
        samples=(((2, 3), _LABELS, {}),),
        **facts,
    )


def _last(x: Any) -> Axes:
    return (x.ndim - 1,)


def _log_total(at: Any, x: Part) -> Any:
    return sp.log(along(at, x, _last(x.node), sp.exp))


def _one_hot(x: Expr, labels: Expr) -> Expr:
    return apply(ONE_HOT, labels, n_classes=x.shape[-1], dtype=x.dtype)


def _entries(x: Any, labels: Any) -> Any:
    logs: Any = LOG_SOFTMAX.reference
    return np.take_along_axis(logs(x, _last(x)), labels[..., None].astype(int), -1)[..., 0]


def _less_one_hot(x: Any, labels: Any) -> Any:
    softmax: Any = SOFTMAX.reference
    return softmax(x, _last(x)) - np.eye(x.shape[-1], dtype=int)[labels.astype(int)]


LOG_SOFTMAX_AT = _of_labels(
    PICK,
    "log_softmax_at",
    "The logarithm of softmax along the last axis, at the label of each row.",
    kernels.log_softmax_at,
    text=call("pick(log_softmax(#1), #2)"),
    latex=call(r"\operatorname{pick}(\operatorname{log\,softmax}(#1), #2)"),
    shape=lambda call, x, labels, *parts: labels.shape,
    definition=lambda x, labels, *parts: apply(PICK, apply(LOG_SOFTMAX, x, axis=_last(x)), labels),
    reference=lambda x, labels, *parts: _entries(x, labels),
    component=lambda z, at, x, labels, *parts: x(*at, labels(*at)) - _log_total(at, x),
)
SOFTMAX_MINUS_ONE_HOT = _of_labels(
    SOFTMAX_MINUS,
    "softmax_minus_one_hot",
    "softmax(x) − onehot(labels) along the last axis, without cancellation where one entry is nearly 1.",
    kernels.softmax_minus_one_hot,
    text=call("(softmax(#1) − onehot(#2))"),
    latex=call(r"(\operatorname{softmax}(#1) - \operatorname{onehot}(#2))"),
    shape=lambda call, x, *_: x.shape,
    definition=lambda x, labels, *parts: apply(SOFTMAX_MINUS, x, _one_hot(x, labels), axis=_last(x)),
    reference=lambda x, labels, *parts: _less_one_hot(x, labels),
    component=lambda z, at, x, labels, *parts: (
        sp.exp(x(*at) - _log_total(at[:-1], x)) - sp.KroneckerDelta(labels(*at[:-1]), at[-1])
    ),
)
