"""Log-likelihoods and their slopes, in forms that neither cancel nor turn an impossible class into NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.component import Part, along, line, number, total
from ..core.cuts import beside
from ..core.expr import Expr, apply
from ..core.notation import (
    ENTRYWISE,
    JUXTAPOSE,
    LOOSE,
    PREFIX,
    PRODUCT,
    QUOTIENT,
    SUM,
    Notation,
    infix,
)
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .along import SAMPLES, behind, reduced_shape, reduction, spread
from .along import SUM as TOTAL
from .arithmetic import eq, logical_and
from .conditions import where
from .exponential import exp
from .family import broadcast_shape, by_position, elementwise, real
from .logistic import sigmoid
from .order import abs_
from .softmax_family import LOGSUMEXP, SOFTMAX


def _unless_lost(g: Expr, z: Expr, x: Expr, y: Expr) -> Expr:
    """The slope in the weight: y, and 0 where that is infinite and the weight 0."""
    slope: Expr = g * where(logical_and(eq(x, 0), eq(abs_(y), float("inf"))), 0, y)
    return slope


weighted = elementwise(
    "weighted",
    doc="x·y, and 0 where x is 0 and y infinite: what has no weight contributes nothing.",
    meaning=lambda x, y: x * y,
    derivative=(_unless_lost, lambda g, z, x, y: g * x),
    numpy="weighted(#1, #2)",
    text=Notation("#1 ⊙ #2", ENTRYWISE, (ENTRYWISE, ENTRYWISE)),
    latex=Notation(r"#1 \odot #2", ENTRYWISE, (ENTRYWISE, ENTRYWISE)),
    scalar_text=Notation(f"#1{JUXTAPOSE}#2", PRODUCT, (PRODUCT, PREFIX)),
    scalar_latex=Notation(f"#1{JUXTAPOSE}#2", PRODUCT, (PRODUCT, PREFIX)),
    kernels=(kernels.weighted,),
)


in_turn = elementwise(
    "in_turn",
    doc="x·y, a product that stays as it is: what stands on the left is multiplied first.",
    meaning=lambda x, y: x * y,
    derivative=(lambda g, z, x, y: g * y, lambda g, z, x, y: g * x),
    numpy=infix(" * ", PRODUCT),
    text=Notation("#1 ⊙ #2", ENTRYWISE, (ENTRYWISE, ENTRYWISE)),
    latex=Notation(r"#1 \odot #2", ENTRYWISE, (ENTRYWISE, ENTRYWISE)),
    scalar_text=Notation(f"#1{JUXTAPOSE}#2", PRODUCT, (PRODUCT, PREFIX)),
    scalar_latex=Notation(f"#1{JUXTAPOSE}#2", PRODUCT, (PRODUCT, PREFIX)),
)


def times_exp(x: Expr, y: Expr) -> Expr:
    """x·e^y as x·e^(y/2)·e^(y/2): where e^y alone is infinite, a small x meets no infinity."""
    half = exp(y / 2)
    return in_turn(in_turn(x, half), half)


softplus_minus = elementwise(
    "softplus_minus",
    doc="log(1 + e^x) − y·x, without cancellation for y in [0, 1]; 0 where x is infinite and y says so.",
    meaning=lambda x, y: sp.log(1 + sp.exp(x)) - y * x,
    derivative=(lambda g, z, x, y: g * (sigmoid(x) - y), lambda g, z, x, y: -g * x),
    numpy="softplus_minus(##)",
    text=Notation("softplus(#1) − #2 ⊙ #1", SUM, (PRODUCT, PRODUCT)),
    scalar_text=Notation("softplus(#1) − #2·#1", SUM, (PRODUCT, PRODUCT)),
    latex=Notation(r"\operatorname{softplus}(#1) - #2 \odot #1", SUM, (PRODUCT, PRODUCT)),
    scalar_latex=Notation(r"\operatorname{softplus}(#1) - #2 \, #1", SUM, (PRODUCT, PRODUCT)),
    domain=((-4.0, 4.0), (0.05, 0.95)),
    kernels=(kernels.weighted, kernels.softplus_minus),
)


sigmoid_minus = elementwise(
    "sigmoid_minus",
    doc="1/(1 + e^−x) − y, without cancellation for y in [0, 1].",
    meaning=lambda x, y: 1 / (1 + sp.exp(-x)) - y,
    derivative=(lambda g, z, x, y: g * sigmoid(x) * sigmoid(-x), lambda g, z, x, y: -g),
    numpy="sigmoid_minus(##)",
    text=Notation("σ(#1) − #2", SUM, (SUM, QUOTIENT)),
    latex=Notation(r"\sigma(#1) - #2", SUM, (SUM, QUOTIENT)),
    domain=((-4.0, 4.0), (0.05, 0.95)),
    kernels=(kernels.sigmoid_minus,),
)


def _log_total(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    logsumexp: Any = LOGSUMEXP.reference
    return logsumexp(x, axis, keepdims)


def _weighted_entries(z: Expr, at: Any, p: Part, y: Part) -> Any:
    """Σ p·y as a component."""
    sizes, weight = line(at, p, z.params["axis"])
    _, entry = line(at, y, z.params["axis"])
    return total(sizes, lambda *k: number(weight(*k)) * number(entry(*k)))


def _softmax_minus_slope(g: Expr, z: Expr, x: Expr, y: Expr) -> Expr:
    axis = z.params["axis"]
    p = apply(SOFTMAX, x, axis=axis)
    return p * (g - apply(TOTAL, g * p, axis=behind(axis, x, g), keepdims=True))


def _along(x: Any, axis: tuple[int, ...]) -> Any:
    softmax: Any = SOFTMAX.reference
    return softmax(x, axis)


LOGSUMEXP_MINUS = reduction(
    "logsumexp_minus",
    "log Σ e^x − Σ w·x along axes, without cancellation where one entry dominates.",
    numpy="logsumexp_minus(#1, #2, «axis»«, keepdims»)",
    text=Notation("logsumexp(#1) − Σ(#2 ⊙ #1)", SUM, (LOOSE, ENTRYWISE)),
    latex=Notation(r"\operatorname{logsumexp}(#1) - \sum #2 \odot #1", SUM, (ENTRYWISE, ENTRYWISE)),
    shape=lambda call, x, w, axis, keepdims: reduced_shape(call, x, axis, keepdims),
    dtype=lambda x, w, **_: real(x, w),
    derivative=by_position(
        (
            lambda g, z, x, w: spread(g, z, x) * (apply(SOFTMAX, x, axis=z.params["axis"]) - w),
            lambda g, z, x, w: -spread(g, z, x) * x,
        )
    ),
    kernels=(kernels.weighted, kernels.logsumexp, kernels.logsumexp_minus),
    component=lambda z, at, x, w: (
        sp.log(along(at, x, z.params["axis"], sp.exp)) - _weighted_entries(z, at, w, x)
    ),
    reference=lambda x, w, axis, keepdims: (
        _log_total(x, axis, keepdims) - np.sum(w * x, axis=axis, keepdims=keepdims)
    ),
    samples=tuple((shape, shape, params) for shape, params in SAMPLES),
)


SOFTMAX_MINUS = Op(
    "softmax_minus",
    "softmax(x) − y along one axis, without cancellation where the largest entry is nearly 1.",
    shape=lambda call, x, y, *parts, axis: broadcast_shape(call, x, y),
    dtype=lambda x, y, *parts, axis: real(x, y),
    numpy=Notation("softmax_minus(##, axis=«axis»)"),
    text=Notation("softmax(#1«, axis|last») − #2", SUM, (SUM, QUOTIENT)),
    latex=Notation(r"\operatorname{softmax}«_axis|last»(#1) - #2", SUM, (SUM, QUOTIENT)),
    index=Notation(r"\operatorname{softmax}_{«indices»}(#1) - #2", SUM, (SUM, QUOTIENT)),
    derivative=by_position((_softmax_minus_slope, lambda g, z, x, y: -g)),
    component=lambda z, at, x, y, *parts: sp.exp(x(*at)) / along(at, x, z.params["axis"], sp.exp) - y(*at),
    reference=lambda x, y, *parts, axis: _along(x, axis) - y,
    cuts=beside,
    kernels=(kernels.exponentials, kernels.softmax_minus),
    samples=(((2, 3), (2, 3), {"axis": (1,)}),),
)


def _mean(x: Expr, y: Expr, axis: tuple[int, ...]) -> Expr:
    """The mean of `y` with the weights softmax(x); y may have extra leading axes."""
    return apply(TOTAL, apply(SOFTMAX, x, axis=axis) * y, axis=behind(axis, x, y), keepdims=True)


def _total(g: Expr, z: Expr, x: Expr) -> Expr:
    return apply(TOTAL, g, axis=behind(z.params["axis"], x, g), keepdims=True)


def _weights(z: Expr, x: Expr) -> Expr:
    return apply(SOFTMAX, x, axis=z.params["axis"])


CENTRED_BY: Op = Op(
    "centred_by",
    "y − Σ p·y along one axis for p that add up to 1, without cancellation where one of them is nearly 1.",
    shape=lambda call, p, y, axis: p.shape,
    dtype=lambda p, y, axis: real(p, y),
    numpy=Notation("centred_by(#1, #2, «axis»)"),
    text=Notation("#2 − Σ(#1 ⊙ #2)", SUM, (ENTRYWISE, ENTRYWISE)),
    latex=Notation(r"#2 - \sum #1 \odot #2", SUM, (ENTRYWISE, ENTRYWISE)),
    derivative=by_position(
        (
            lambda g, z, p, y: -y * _total(g, z, p),
            lambda g, z, p, y: g - p * _total(g, z, p),
        )
    ),
    reference=lambda p, y, axis: y - np.sum(p * y, axis=axis, keepdims=True),
    cuts=beside,
    kernels=(kernels.centred_by,),
    component=lambda z, at, p, y: y(*at) - _weighted_entries(z, at, p, y),
    samples=((np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75]]), (2, 3), {"axis": (1,)}),),
)


SOFTMAX_TOTAL_MINUS = Op(
    "softmax_total_minus",
    "softmax(x)·Σy − y along one axis, without cancellation where one weight is nearly 1.",
    shape=lambda call, x, y, *parts, axis: x.shape,
    dtype=lambda x, y, *parts, axis: real(x, y),
    numpy=Notation("softmax_total_minus(##, axis=«axis»)"),
    text=Notation("softmax(#1)·Σ#2 − #2", SUM, (SUM, ENTRYWISE)),
    latex=Notation(r"\operatorname{softmax}(#1) \sum #2 - #2", SUM, (SUM, ENTRYWISE)),
    derivative=by_position(
        (
            lambda g, z, x, y: _weights(z, x) * (g - _mean(x, g, z.params["axis"])) * _total(y, z, x),
            lambda g, z, x, y: _mean(x, g, z.params["axis"]) - g,
        )
    ),
    reference=lambda x, y, *parts, axis: _along(x, axis) * np.sum(y, axis=axis, keepdims=True) - y,
    cuts=beside,
    kernels=(kernels.exponentials, kernels.softmax_total_minus),
    component=lambda z, at, x, y, *parts: (
        sp.exp(x(*at)) / along(at, x, z.params["axis"], sp.exp) * along(at, y, z.params["axis"]) - y(*at)
    ),
    samples=(((2, 3), (2, 3), {"axis": (1,)}),),
)
