"""Margins between the classes: by how much the labelled score of a row exceeds all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..core.component import Part, choice, number, total, undefined
from ..core.evaluate import mpmath
from ..core.expr import Expr, apply
from ..core.notation import call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .family import by_position
from .labels import PICK, column
from .parts import by_row

_RIVALS = (kernels.check_labels, kernels.rivals)


def _best(at: Sequence[Any], x: Part, labels: Part) -> Any:
    """The largest entry of a row but the labelled one, as a component."""

    def entry(k: Any) -> Any:
        return choice(sp.Eq(k, labels(*at)), -sp.oo, x(*at, k))

    return undefined("max", x.node.shape[-1:], entry)


def _margin_reference(x: Any, labels: Any, *parts: Any) -> Any:
    out = np.empty(labels.shape, dtype=object)
    for point in np.ndindex(*labels.shape):
        own, row = int(labels[point]), x[point]
        others = [e for k, e in enumerate(row) if k != own]
        out[point] = row[own] - max(others)
    return out


MARGIN = replace(
    PICK,
    name="margin",
    doc="The labelled entry of each row, less the largest of the others.",
    shape=lambda call_, x, labels, *parts: PICK.shape(call_, x, labels),
    dtype=lambda x, *_: x.dtype,
    numpy=call("margin(##)"),
    text=call("margin(#1, #2)"),
    latex=call(r"\operatorname{margin}(#1, #2)"),
    index=None,
    places=None,
    scalar_text=None,
    scalar_latex=None,
    derivative=by_position((lambda g, z, x, labels: column(g) * apply(MARGIN_SLOPE, x, labels), None)),
    cuts=by_row,
    kernels=(*_RIVALS, kernels.margin),
    component=lambda z, at, x, labels, *parts: x(*at, labels(*at)) - _best(at, x, labels),
    reference=_margin_reference,
)


def _slope_reference(x: Any, labels: Any, *parts: Any) -> Any:
    out = np.zeros(x.shape, dtype=object)
    for point in np.ndindex(*labels.shape):
        own, row = int(labels[point]), x[point]
        best = max(e for k, e in enumerate(row) if k != own)
        ties = [k for k, e in enumerate(row) if k != own and e == best]
        for k in ties:
            out[(*point, k)] = Fraction(-1, len(ties))
        out[(*point, own)] = 1
    return out


def _slope_component(z: Expr, at: Sequence[Any], x: Part, labels: Part, *parts: Part) -> Any:
    *row, place = at
    best = _best(row, x, labels)

    def leads(k: Any) -> Any:
        others = sp.And(sp.Ne(k, labels(*row)), sp.Eq(x(*row, k), best))
        return choice(others, 1, 0)

    ties = total(x.node.shape[-1:], lambda k: number(leads(k)))
    return sp.KroneckerDelta(labels(*row), place) - leads(place) / ties


MARGIN_SLOPE: Op = replace(
    MARGIN,
    name="margin_slope",
    doc="1 at the label of each row, −1 at the largest of its other entries, shared by equal ones.",
    shape=lambda call_, x, *_: x.shape,
    numpy=call("margin_slope(##)"),
    text=call("margin_slope(#1, #2)"),
    latex=call(r"\nabla \operatorname{margin}(#1, #2)"),
    derivative=by_position((None, None)),
    kernels=(*_RIVALS, kernels.margin_slope),
    component=_slope_component,
    reference=_slope_reference,
)


def _rivals_reference(x: Any, labels: Any) -> Any:
    out = x.copy()
    np.put_along_axis(out, labels[..., None].astype(int), -mpmath().inf, -1)
    return out


RIVALS = replace(
    MARGIN_SLOPE,
    name="rivals",
    doc="The entries without the labelled ones, the places of the largest, and the index of the labels.",
    numpy=call("rivals(#1, #2)"),
    text=call("rivals(#1, #2)"),
    latex=call(r"\operatorname{rivals}(#1, #2)"),
    derivative=None,
    undifferentiable="it stands in compiled formulas only",
    compound=True,
    kernels=_RIVALS,
    reference=_rivals_reference,
    component=lambda z, at, x, labels: choice(sp.Eq(at[-1], labels(*at[:-1])), -sp.oo, x(*at)),
)


def margin(x: Expr, labels: Expr) -> Expr:
    """The labelled entry of each row, less the largest of the others."""
    return apply(MARGIN, x, labels)
