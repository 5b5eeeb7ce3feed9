"""The derivative of softmax as a matrix, in a form that does not cancel."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Part
from ..core.expr import Expr
from ..core.notation import ATOM, SUM, Notation
from ..core.op import Op
from ..core.shapes import sp
from .family import by_position, real
from .normal import by_labels

Array = Any


def softmax_jacobian(p: Array) -> Array:
    """diag(p) - p p^T for entries that add up to 1, accurate where one of them is nearly 1."""
    hollow = 1 - np.eye(p.shape[-1], dtype=p.dtype)
    rest = (p @ hollow)[..., None]
    return p[..., None] * (rest * (1 - hollow) - p[..., None, :] * hollow)


def _shape(call: str, p: Expr) -> shapes.Shape:
    return (*p.shape, p.shape[-1])


def _rule(g: Expr, z: Expr, p: Expr) -> Expr:
    """What flows back from the diagonal, less what flows back from both factors of the product."""
    lead: list[Hashable] = list(range(g.ndim - 2))
    own = lead[len(lead) - (p.ndim - 1) :]
    along = by_labels([(g, [*lead, "k", "k"])], [*lead, "k"])
    rows = by_labels([(g, [*lead, "k", "l"]), (p, [*own, "l"])], [*lead, "k"])
    columns = by_labels([(g, [*lead, "l", "k"]), (p, [*own, "l"])], [*lead, "k"])
    return along - rows - columns


def _component(z: Expr, at: Any, p: Part) -> Any:
    """δ p − p p as a component."""
    *lead, row, column = at
    one, other = p(*lead, row), p(*lead, column)
    same = sp.KroneckerDelta(row, column) if row.is_Symbol else sp.Integer(1)
    return same * one - one * other


def _reference(p: Any) -> Any:
    size = p.shape[-1]
    outer = p[..., :, None] * p[..., None, :]
    return np.eye(size, dtype=int).astype(object) * p[..., :, None] - outer


SOFTMAX_JACOBIAN = Op(
    "softmax_jacobian",
    "diag(p) − p pᵀ for entries that add up to 1, without cancellation where one of them is nearly 1.",
    shape=_shape,
    dtype=real,
    numpy=Notation("softmax_jacobian(#1)"),
    text=Notation("diag(#1) − #1 #1ᵀ", SUM, (ATOM,)),
    latex=Notation(r"\operatorname{diag}(#1) - #1 #1^{\top}", SUM, (ATOM,)),
    derivative=by_position((_rule,)),
    reference=_reference,
    kernels=(softmax_jacobian,),
    component=_component,
    samples=((np.array([0.25, 0.5, 0.25]), {}), (np.array([[0.125, 0.875], [0.5, 0.5]]), {})),
)
