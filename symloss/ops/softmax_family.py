"""The softmax family: sums of exponentials along axes, without overflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.component import Part, along, line, number
from ..core.component import total as entries
from ..core.cuts import joined
from ..core.dtypes import to_float
from ..core.evaluate import mpmath
from ..core.expr import Expr, apply
from ..core.leaves import lift
from ..core.notation import ENTRYWISE, LOOSE, PREFIX, Notation, call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .along import (
    SAMPLES,
    Axes,
    along_axes,
    behind,
    in_single,
    over,
    reduced_shape,
    reduction,
    reduction_function,
    same_shape,
    spread,
    total,
)
from .exponential import exp
from .family import by_position, cast, public, real

__all__ = [
    "log_softmax",
    "logsumexp",
    "softmax",
]

_LAST = (((2, 3), {"axis": (1,)}), ((3, 2), {"axis": (0,)}), ((2, 2), {"axis": (0, 1)}))


def _map(axis: Axes, x: Any, f: Callable[[Any], Any]) -> Any:
    """Apply the vector function `f` to the elements along axes, for every position of the others."""
    last = tuple(range(x.ndim - len(axis), x.ndim))
    moved = np.moveaxis(x, axis, last)
    out = np.empty(moved.shape, dtype=object)
    for point in np.ndindex(*moved.shape[: x.ndim - len(axis)]):
        out[point] = f(moved[point].ravel()).reshape(moved[point].shape)
    return np.moveaxis(out, last, axis)


def _exp(v: Any) -> Any:
    return np.array([mpmath().exp(e) for e in v], dtype=object)


LOGSUMEXP = reduction(
    "logsumexp",
    "log Σ e^x along axes, without overflow.",
    numpy="logsumexp(#1, «axis»«, keepdims»)",
    latex=r"\operatorname{logsumexp}«_axis»(#1)",
    index=Notation(r"\log \sum_{«indices»} e^{#1}", PREFIX),
    derivative=by_position((lambda g, z, x: spread(g, z, x) * apply(SOFTMAX, x, axis=z.params["axis"]),)),
    cuts=joined("logaddexp"),
    kernels=(kernels.logsumexp,),
    component=lambda z, at, x: sp.log(along(at, x, z.params["axis"], sp.exp)),
    reference=lambda x, axis, keepdims: over(axis, x, lambda v: mpmath().log(np.sum(_exp(v))), keepdims),
)


SOFTMAX: Op = reduction(
    "softmax",
    "e^x / Σ e^x along axes, without overflow.",
    numpy="softmax(#1, «axis»)",
    text="softmax(#1«, axis|last»)",
    latex=r"\operatorname{softmax}«_axis|last»(#1)",
    index=call(r"\operatorname{softmax}_{«indices»}(#1)"),
    shape=same_shape,
    derivative=by_position((lambda g, z, x: z * _centred(g, z, x),)),
    kernels=(kernels.softmax,),
    component=lambda z, at, x: sp.exp(x(*at)) / along(at, x, z.params["axis"], sp.exp),
    reference=lambda x, axis: _map(axis, x, lambda v: _exp(v) / np.sum(_exp(v))),
    samples=_LAST,
    letter="P",
)


def _log_softmax_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    axis = z.params["axis"]
    return g - apply(SOFTMAX, x, axis=axis) * total(g, behind(axis, x, g), keepdims=True)


LOG_SOFTMAX = reduction(
    "log_softmax",
    "x − log Σ e^x along axes: the logarithm of softmax, without underflow.",
    numpy="log_softmax(#1, «axis»)",
    text="log_softmax(#1«, axis|last»)",
    latex=r"\operatorname{log\,softmax}«_axis|last»(#1)",
    index=call(r"\operatorname{log\,softmax}_{«indices»}(#1)"),
    shape=same_shape,
    derivative=by_position((_log_softmax_rule,)),
    kernels=(kernels.log_softmax,),
    component=lambda z, at, x: x(*at) - sp.log(along(at, x, z.params["axis"], sp.exp)),
    reference=lambda x, axis: _map(axis, x, lambda v: v - mpmath().log(np.sum(_exp(v)))),
    samples=_LAST,
)


def _weighted(x: Any, w: Any, axis: Axes) -> tuple[Any, Any]:
    """The parts w e^x, and their sums along axes."""
    parts = w * np.frompyfunc(mpmath().exp, 1, 1)(x)
    return parts, over(axis, parts, np.sum, keepdims=True)


def _weighted_logsumexp(x: Any, w: Any, axis: Axes, keepdims: bool) -> Any:
    value = np.frompyfunc(mpmath().log, 1, 1)(_weighted(x, w, axis)[1])
    return value if keepdims else value.squeeze(axis)


def _weighted_total(z: Expr, at: Any, x: Part, w: Part) -> Any:
    """Σ w e^x as a component."""
    sizes, entry = line(at, x, z.params["axis"])
    _, weight = line(at, w, z.params["axis"])
    return entries(sizes, lambda *k: number(weight(*k)) * sp.exp(number(entry(*k))))


def _whole(x: Expr, w: Expr, axis: Axes) -> Expr:
    return apply(WEIGHTED_LOGSUMEXP, x, w, axis=axis, keepdims=True)


def _centred(g: Expr, z: Expr, x: Expr) -> Expr:
    """`g` less its mean with the weights `z`."""
    return g - total(g * z, behind(z.params["axis"], x, g), keepdims=True)


WEIGHTED_LOGSUMEXP: Op = reduction(
    "weighted_logsumexp",
    "log Σ w e^x along axes, without overflow.",
    numpy="weighted_logsumexp(#1, #2, «axis»«, keepdims»)",
    text=Notation("log Σ«_axis»(#2 ⊙ exp(#1))", PREFIX, (LOOSE, ENTRYWISE)),
    latex=Notation(r"\log \sum«_axis» #2 \odot e^{#1}", PREFIX, (LOOSE, ENTRYWISE)),
    shape=lambda call, x, w, axis, keepdims: reduced_shape(call, x, axis, keepdims),
    dtype=lambda x, w, **_: real(x, w),
    derivative=by_position(
        (
            lambda g, z, x, w: spread(g, z, x) * apply(WEIGHTED_SOFTMAX, x, w, axis=z.params["axis"]),
            lambda g, z, x, w: spread(g, z, x) * exp(x - _whole(x, w, z.params["axis"])),
        )
    ),
    kernels=(kernels.weighted_logsumexp,),
    component=lambda z, at, x, w: sp.log(_weighted_total(z, at, x, w)),
    reference=_weighted_logsumexp,
    samples=tuple((shape, shape, params) for shape, params in SAMPLES),
)


WEIGHTED_SOFTMAX: Op = reduction(
    "weighted_softmax",
    "w e^x / Σ w e^x along axes, without overflow.",
    numpy="weighted_softmax(#1, #2, «axis»)",
    text="softmax(#1, weights #2«, axis|last»)",
    latex=r"\operatorname{softmax}«_axis|last»(#1; #2)",
    index=call(r"\operatorname{softmax}_{«indices»}(#1; #2)"),
    shape=lambda call, x, w, axis: x.shape,
    dtype=lambda x, w, **_: real(x, w),
    derivative=by_position(
        (
            lambda g, z, x, w: z * _centred(g, z, x),
            lambda g, z, x, w: exp(x - _whole(x, w, z.params["axis"])) * _centred(g, z, x),
        )
    ),
    kernels=(kernels.weighted_logsumexp, kernels.weighted_softmax),
    component=lambda z, at, x, w: w(*at) * sp.exp(x(*at)) / _weighted_total(z, at, x, w),
    reference=lambda x, w, axis: np.divide(*_weighted(x, w, axis)),
    samples=tuple((shape, shape, params) for shape, params in _LAST),
    letter="P",
)


logsumexp = reduction_function(LOGSUMEXP, floats=True)


@public
def softmax(x: Any, axis: Any = -1) -> Expr:
    """e^x / Σ e^x along `axis` (the last by default), without overflow."""
    (x,) = lift("softmax", x)
    return in_single(lambda e: along_axes(SOFTMAX, e, axis), cast(x, to_float(x.dtype)))


@public
def log_softmax(x: Any, axis: Any = -1) -> Expr:
    """x − log Σ e^x along `axis` (the last by default), without underflow."""
    (x,) = lift("log_softmax", x)
    return in_single(lambda e: along_axes(LOG_SOFTMAX, e, axis), cast(x, to_float(x.dtype)))
