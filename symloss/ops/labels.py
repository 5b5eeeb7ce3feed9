"""Choosing by integer labels, one for each row or position, and the derivatives of such choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Part, total, wrapped
from ..core.cuts import Cut, beside
from ..core.dtypes import FLOAT64, parse_dtype
from ..core.errors import DTypeError, LabelRangeError, ShapeError, message
from ..core.expr import Expr, apply, describe, signature
from ..core.leaves import CONSTANT, lift
from ..core.notation import ATOM, LOOSE, Notation, call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .arithmetic import add
from .axes import expand_dims
from .family import by_position, public
from .indexing import SCATTER, Index

__all__ = [
    "one_hot",
    "pick",
    "scatter_add",
    "take_along_axis",
]


def integer_labels(call_: str, labels: Expr, mend: str) -> Expr:
    """Refuse labels that are not integers."""
    if labels.dtype.kind not in "iu":
        raise DTypeError(
            message(
                call_, f"labels {describe(labels)} have dtype {labels.dtype.name}, expected integers", mend
            )
        )
    return labels


def labels_within(call_: str, labels: Expr, size: shapes.Size, lowest: int = 0) -> None:
    """Refuse constant labels outside [lowest, size)."""
    if labels.op is CONSTANT and isinstance(size, int):
        value = labels.params["value"]
        bad = (value < lowest) | (value >= size)
        if bad.any():
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            wrong = f"label {value[where]} at index {where} is outside [{lowest}, {size})"
            raise LabelRangeError(message(call_, wrong, "check the labels"))


def _one_hot_reference(labels: Any, n_classes: int, dtype: Any) -> Any:
    return np.array(
        [[int(label == c) for c in range(n_classes)] for label in labels.ravel()], dtype=object
    ).reshape((*labels.shape, n_classes))


def _by_label(node: Expr) -> list[Cut]:
    """The cuts of what is done for each label: along the axes of the labels."""
    return [Cut(a, (a,) * len(node.args)) for a in range(node.args[-1].ndim)]


ONE_HOT = Op(
    "one_hot",
    "Rows of the identity matrix, chosen by labels in [0, n_classes).",
    shape=lambda call, labels, n_classes, **_: (*labels.shape, n_classes),
    dtype=lambda labels, dtype, **_: dtype,
    numpy=call("one_hot(#1, «n_classes», np.«dtype»)"),
    text=call("onehot(#1)"),
    latex=call(r"\operatorname{onehot}(#1)"),
    index=call("[#1 = «last»]"),
    places=lambda z: (tuple(range(z.ndim - 1)),),
    cuts=_by_label,
    kernels=(kernels.check_labels, kernels.one_hot),
    component=lambda z, at, labels: sp.KroneckerDelta(labels(*at[:-1]), at[-1]),
    reference=_one_hot_reference,
    labels=(0, lambda node: node.params["n_classes"]),
    samples=((np.array([2, 0]), {"n_classes": 3, "dtype": FLOAT64}),),
    undifferentiable="its argument is an integer",
)


@public
def one_hot(labels: Any, n_classes: Any, dtype: Any = "float64") -> Expr:
    """Rows of the identity matrix, chosen by integer labels in [0, n_classes)."""
    (labels,) = lift("one_hot", labels)
    call_ = f"one_hot({describe(labels)})"
    integer_labels(call_, labels, "use .astype('int64')")
    (size,) = shapes.parse_dims((n_classes,), "one_hot", None, call_)
    labels_within(call_, labels, size)
    shapes.check_rank((*labels.shape, size), call_)
    return apply(ONE_HOT, labels, n_classes=size, dtype=parse_dtype(dtype, call_))


def _pick_shape(call_: str, x: Expr, labels: Expr) -> shapes.Shape:
    if labels.ndim != x.ndim - 1 or not shapes.same_shape(labels.shape, x.shape[:-1]):
        rows = f"do not name one entry in each row of {shapes.show(x.shape)}"
        wrong = f"labels of shape {shapes.show(labels.shape)} {rows}"
        raise ShapeError(
            message(signature(call_, x, labels), wrong, f"give labels of shape {shapes.show(x.shape[:-1])}")
        )
    return labels.shape


def _pick_reference(x: Any, labels: Any) -> Any:
    out = np.empty(labels.shape, dtype=object)
    for point in np.ndindex(*labels.shape):
        out[point] = x[(*point, int(labels[point]))]
    return out


PICK = Op(
    "pick",
    "The entry of each row that a label in [0, length of the row) names.",
    shape=_pick_shape,
    dtype=lambda x, labels: x.dtype,
    numpy=call("pick(#1, #2)"),
    text=call("pick(#1, #2)"),
    latex=call(r"\operatorname{pick}(#1, #2)"),
    scalar_text=Notation("#1[#2]", ATOM, (ATOM, LOOSE)),
    scalar_latex=Notation("{#1}_{#2}", ATOM, (ATOM, LOOSE)),
    index=Notation("#1"),
    places=lambda z: ((*range(z.ndim), "#2"), tuple(range(z.ndim))),
    derivative=by_position((lambda g, z, x, labels: column(g) * one_hot(labels, x.shape[-1], x.dtype), None)),
    cuts=_by_label,
    kernels=(kernels.check_labels, kernels.pick),
    component=lambda z, at, x, labels: x(*at, labels(*at)),
    reference=_pick_reference,
    labels=(1, lambda node: node.args[0].shape[-1]),
    samples=(((2, 3), np.array([2, 0]), {}),),
)


def column(g: Expr) -> Expr:
    """The numbers of rows, one for each, as a column."""
    return expand_dims(g, -1)


@public
def pick(x: Any, labels: Any) -> Expr:
    """``x[i, labels[i]]`` for each row i: the score of the labelled class, for any leading axes."""
    x, labels = lift("pick", x, labels)
    call_ = signature("pick", x, labels)
    integer_labels(call_, labels, "use .astype('int64')")
    if x.ndim:
        labels_within(call_, labels, x.shape[-1])
    return apply(PICK, x, labels)


_POSITIONS = np.array([[1, 1], [0, 2]])


def _along_shape(call_: str, x: Expr, indices: Expr, axis: int) -> shapes.Shape:
    if indices.ndim != x.ndim:
        wrong = f"indices have rank {indices.ndim}, expected {x.ndim}"
        raise ShapeError(message(signature(call_, x, indices), wrong, "use expand_dims()"))
    pairs = zip(x.shape, indices.shape, strict=True)
    return tuple(
        n if a == axis else shapes.broadcast([(m,), (n,)], call_)[0] for a, (m, n) in enumerate(pairs)
    )


def _taken(z: Expr, at: Sequence[Any], x: Part, indices: Part) -> Any:
    axis = z.params["axis"] % z.ndim
    return x(*at[:axis], wrapped(indices, at, x.node.shape[axis]), *at[axis + 1 :])


def _put(z: Expr, at: Sequence[Any], g: Part, indices: Part) -> Any:
    axis = z.params["axis"] % z.ndim

    def term(k: Any) -> Any:
        source = (*at[:axis], k, *at[axis + 1 :])
        return g(*source) * sp.KroneckerDelta(wrapped(indices, source, z.shape[axis]), at[axis])

    return total([indices.node.shape[axis - z.ndim]], term)


TAKE_ALONG = Op(
    "take_along_axis",
    "Entries along one axis, chosen for each position of the others.",
    shape=_along_shape,
    dtype=lambda x, indices, axis: x.dtype,
    numpy=call("np.take_along_axis(#1, #2, axis=«axis»)"),
    text=call("take_along_axis(#1, #2«, axis»)"),
    latex=call(r"\operatorname{take}«_axis»(#1, #2)"),
    derivative=by_position(
        (
            lambda g, z, x, i: apply(
                PUT_ALONG, g, i, axis=z.params["axis"] - x.ndim, size=x.shape[z.params["axis"]]
            ),
            None,
        )
    ),
    component=_taken,
    cuts=beside,
    reference=lambda x, indices, axis: np.take_along_axis(x, indices.astype(int), axis),
    samples=(((2, 3), _POSITIONS, {"axis": 1}),),
)


PUT_ALONG: Op = Op(
    "put_along_axis",
    "Zeros with values added along one axis: the derivative of take_along_axis.",
    shape=lambda call_, g, i, axis, size: (*g.shape[: g.ndim + axis], size, *g.shape[g.ndim + axis + 1 :]),
    dtype=lambda g, i, **_: g.dtype,
    numpy=call("put_along_axis(#1, #2, «axis», «size»)"),
    text=call("put_along_axis(#1, #2«, axis»)"),
    latex=call(r"\operatorname{put}«_axis»(#1, #2)"),
    derivative=by_position((lambda g, z, x, i: apply(TAKE_ALONG_BACK, g, i, axis=z.params["axis"]), None)),
    cuts=beside,
    kernels=(kernels.put_along_axis,),
    component=_put,
    reference=lambda g, i, axis, size: kernels.put_along_axis(g, i.astype(int), axis, size),
    samples=(((2, 2), _POSITIONS, {"axis": -1, "size": 3}),),
)


TAKE_ALONG_BACK: Op = Op(
    "take_back_along_axis",
    "Entries along an axis counted from the end; extra leading axes broadcast.",
    shape=lambda call_, g, i, axis: (*g.shape[: g.ndim + axis], i.shape[axis], *g.shape[g.ndim + axis + 1 :]),
    dtype=lambda g, i, **_: g.dtype,
    numpy=call("take_back_along_axis(#1, #2, «axis»)"),
    text=call("take_along_axis(#1, #2«, axis»)"),
    latex=call(r"\operatorname{take}«_axis»(#1, #2)"),
    derivative=by_position(
        (
            lambda g, z, x, i: apply(PUT_ALONG, g, i, axis=z.params["axis"], size=x.shape[z.params["axis"]]),
            None,
        )
    ),
    cuts=beside,
    kernels=(kernels.take_back_along_axis,),
    component=_taken,
    reference=lambda g, i, axis: kernels.take_back_along_axis(g, i.astype(int), axis),
    samples=(((2, 3), _POSITIONS, {"axis": -1}),),
)


@public
def take_along_axis(x: Any, indices: Any, axis: Any) -> Expr:
    """Entries along `axis`, chosen for each position of the other axes, as in NumPy."""
    x, indices = lift("take_along_axis", x, indices)
    call_ = signature("take_along_axis", x, indices)
    integer_labels(call_, indices, "use .astype('int64')")
    number = shapes.one_axis(axis, x.shape, call_)
    size = x.shape[number]
    labels_within(call_, indices, size, -size if isinstance(size, int) else 0)
    return apply(TAKE_ALONG, x, indices, axis=number)


def _scatter_add_shape(call_: str, x: Expr, indices: Expr, values: Expr) -> shapes.Shape:
    wanted = indices.shape + x.shape[1:]
    if not shapes.same_shape(values.shape, wanted):
        wrong = f"values have shape {shapes.show(values.shape)}, expected {shapes.show(wanted)}"
        raise ShapeError(
            message(signature(call_, x, indices, values), wrong, "give one value for each index")
        )
    return x.shape


@public
def scatter_add(x: Any, indices: Any, values: Any) -> Expr:
    """`x` with `values` added to its rows at integer `indices`; repeated indices add up."""
    x, indices, values = lift("scatter_add", x, indices, values)
    integer_labels(signature("scatter_add", x, indices, values), indices, "use .astype('int64')")
    _scatter_add_shape("scatter_add", x, indices, values)
    index = Index(["#2", *[(None, None, None)] * (x.ndim - 1)])
    return add(x, apply(SCATTER, values, indices, index=index, target=x.shape))
