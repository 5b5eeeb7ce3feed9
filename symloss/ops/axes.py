"""The order and number of axes: transposed, put in, taken out, repeated."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..core import shapes
from ..core.cuts import entrywise
from ..core.dtypes import DType
from ..core.errors import AxisError, ShapeError, message
from ..core.expr import Expr, apply, describe
from ..core.leaves import lift
from ..core.notation import ATOM, INVERSE, Notation, postfix
from ..core.op import Op
from .family import as_notation, public
from .normal import by_labels

__all__ = [
    "broadcast_to",
    "expand_dims",
    "squeeze",
    "swapaxes",
    "transpose",
]

Axes = tuple[int, ...]


def _dtype(x: Expr, *rest: Expr, **_: Any) -> DType:
    return x.dtype


def arrangement(
    name: str, doc: str, *, shape: Any, numpy: Any, latex: Any, text: Any = None, **facts: Any
) -> Op:
    """The record of an operation that moves elements; by default it keeps the dtype."""
    return Op(
        name,
        doc,
        shape=shape,
        dtype=facts.pop("dtype", _dtype),
        numpy=as_notation(numpy),
        text=as_notation(text or f"{name}(#1)"),
        latex=as_notation(latex),
        **facts,
    )


TRANSPOSE = arrangement(
    "transpose",
    "The axes in reverse order.",
    shape=lambda call, x: x.shape[::-1],
    numpy=postfix(".T", ATOM),
    text=postfix("ᵀ", slot=INVERSE),
    latex=postfix(r"^{\top}", slot=INVERSE),
    definition=lambda x: by_labels([(x, range(x.ndim))], range(x.ndim)[::-1]),
    reference=np.transpose,
    stem="t",
    method=True,
    samples=(((2, 3), {}),),
    view=True,
)


PERMUTE = arrangement(
    "permute",
    "The axes in another order.",
    shape=lambda call, x, axes: tuple(x.shape[a] for a in axes),
    numpy="np.transpose(#1, «axes»)",
    text="transpose(#1, «axes»)",
    latex=r"\operatorname{transpose}_{«axes»}(#1)",
    definition=lambda x, axes: by_labels([(x, range(x.ndim))], axes),
    reference=np.transpose,
    samples=(((2, 3, 2), {"axes": (1, 2, 0)}),),
    view=True,
)


@public
def transpose(x: Any, axes: Any = None) -> Expr:
    """The axes in another order; reversed if None."""
    (e,) = lift("transpose", x)
    call_ = f"transpose({describe(e)})"
    backwards = order = tuple(reversed(range(e.ndim)))
    if axes is not None:
        entries = axes if isinstance(axes, tuple | list) else (axes,)
        order = tuple(shapes.one_axis(a, e.shape, call_) for a in entries)
        if sorted(order) != sorted(backwards):
            wrong = f"axes {order} are no permutation of {e.ndim} axes"
            raise AxisError(message(call_, wrong, "name each once"))
    if order == tuple(range(e.ndim)):
        return e
    return apply(TRANSPOSE, e) if order == backwards else apply(PERMUTE, e, axes=order)


@public
def swapaxes(x: Any, axis1: Any, axis2: Any) -> Expr:
    """Two axes exchanged."""
    (x,) = lift("swapaxes", x)
    i, j = (shapes.one_axis(a, x.shape, f"swapaxes({describe(x)})") for a in (axis1, axis2))
    order = list(range(x.ndim))
    order[i], order[j] = j, i
    return transpose(x, order)


def _expanded(x: Expr, axis: Axes) -> Expr:
    labels = iter(range(x.ndim))
    out: list[Any] = [("new", a) if a in axis else next(labels) for a in range(x.ndim + len(axis))]
    return by_labels([(x, range(x.ndim))], out)


EXPAND = arrangement(
    "expand_dims",
    "Axes of size 1 put in.",
    shape=lambda call, x, axis: _expanded(x, axis).shape,
    numpy="np.expand_dims(#1, «axis»)",
    text=Notation("#1[«new»]", ATOM, (ATOM,)),
    latex=Notation("{#1}_{[«new»]}", ATOM, (ATOM,)),
    scalar_text=Notation("#1"),
    scalar_latex=Notation("#1"),
    definition=_expanded,
    reference=lambda x, axis: np.expand_dims(x, axis),
    samples=(((2, 3), {"axis": (1,)}), ((), {"axis": (0,)})),
    view=True,
)


COLUMN = replace(
    EXPAND,
    name="column",
    doc="An axis of size 1 put in at the end: expand_dims in compiled formulas.",
    numpy=postfix("[..., None]", ATOM),
    method=True,
    samples=(((2, 3), {"axis": (2,)}), ((), {"axis": (0,)})),
)


@public
def expand_dims(x: Any, axis: Any) -> Expr:
    """Axes of size 1 put in at the positions `axis` of the result."""
    (x,) = lift("expand_dims", x)
    entries = tuple(axis) if isinstance(axis, tuple | list) else (axis,)
    call_ = f"expand_dims({describe(x)})"
    result = shapes.check_rank((1,) * (x.ndim + len(entries)), call_)
    return apply(EXPAND, x, axis=shapes.axes(entries, result, call_))


def _squeezed(call_: str, x: Expr, axis: Axes) -> shapes.Shape:
    for a in axis:
        if not shapes.same(x.shape[a], 1):
            wrong = f"axis {a} has size {shapes.size_text(x.shape[a])}, not 1"
            raise ShapeError(message(f"{call_}({describe(x)})", wrong, "drop it from axis"))
    return tuple(size for a, size in enumerate(x.shape) if a not in axis)


SQUEEZE = arrangement(
    "squeeze",
    "Axes of size 1 taken out.",
    shape=_squeezed,
    numpy="np.squeeze(#1, «axis»)",
    text="squeeze(#1)",
    latex=r"\operatorname{squeeze}(#1)",
    scalar_text=Notation("#1"),
    scalar_latex=Notation("#1"),
    definition=lambda x, axis: by_labels([(x, range(x.ndim))], [a for a in range(x.ndim) if a not in axis]),
    reference=lambda x, axis: np.squeeze(x, axis),
    samples=(((2, 1), {"axis": (1,)}),),
    view=True,
)


@public
def squeeze(x: Any, axis: Any = None) -> Expr:
    """Axes of size 1 taken out: those of `axis`, or all of them."""
    (x,) = lift("squeeze", x)
    call_ = f"squeeze({describe(x)})"
    chosen = (
        tuple(a for a, s in enumerate(x.shape) if s == 1)
        if axis is None
        else shapes.axes(axis, x.shape, call_)
    )
    return apply(SQUEEZE, x, axis=chosen) if chosen else x


def _broadcasted(x: Expr, shape: shapes.Shape) -> Expr:
    rank = len(shape)
    return by_labels([(x, range(rank - x.ndim, rank))], range(rank), dict(enumerate(shape)))


BROADCAST = arrangement(
    "broadcast_to",
    "Repeated to a shape, as NumPy broadcasts.",
    shape=lambda call, x, shape: shapes.broadcast([shape, x.shape], call),
    numpy="np.broadcast_to(#1, «shape»)",
    text="broadcast(#1, «shape»)",
    latex=r"\operatorname{broadcast}_{«shape»}(#1)",
    scalar_text=Notation("#1"),
    scalar_latex=Notation("#1"),
    definition=_broadcasted,
    cuts=partial(entrywise, sized="shape"),
    reference=lambda x, shape: np.broadcast_to(x, shape),
    samples=(((3,), {"shape": (2, 3)}), ((2, 1), {"shape": (2, 3)})),
    view=True,
)


@public
def broadcast_to(x: Any, shape: Any) -> Expr:
    """`x` repeated to `shape`, as NumPy broadcasts."""
    (x,) = lift("broadcast_to", x)
    call_ = f"broadcast_to({describe(x)})"
    target = parse_shape(shape, call_)
    if shapes.broadcast([target, x.shape], call_) != target:
        wrong = f"shape {shapes.show(x.shape)} does not broadcast to {shapes.show(target)}"
        raise ShapeError(message(call_, wrong, "axes are matched from the right"))
    return x if target == x.shape else apply(BROADCAST, x, shape=target)


def parse_shape(shape: Any, call_: str) -> shapes.Shape:
    """A shape given as an int, a size or a sequence of them."""
    return shapes.parse_dims(shape, "shape", None, call_)
