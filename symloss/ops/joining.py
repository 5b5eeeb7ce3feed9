"""The order of elements: reshaped, joined, reversed, shifted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Part
from ..core.cuts import Cut, beside
from ..core.dtypes import promote
from ..core.errors import GraphError, ShapeError, kind, message
from ..core.expr import Expr, apply, describe, signature
from ..core.leaves import lift
from ..core.op import Op
from ..core.shapes import sp
from .axes import Axes, arrangement, expand_dims, parse_shape
from .family import by_position, cast, public
from .indexing import GETITEM, Index

__all__ = [
    "concatenate",
    "flip",
    "ravel",
    "reshape",
    "roll",
    "stack",
]


def _reshape_shape(call_: str, x: Expr, shape: shapes.Shape) -> shapes.Shape:
    total, product = shapes.product(x.shape), shapes.product(shape)
    if not (shapes.same(total, product) and all(map(shapes.whole, shape))):
        elements = f"{shapes.size_text(total)} elements"
        wrong = f"cannot give {elements} the shape {shapes.show(shape)} of {shapes.size_text(product)}"
        raise ShapeError(message(signature(call_, x), wrong, "the products of the sizes must agree"))
    return shape


def _reshaped(z: Expr, at: Sequence[Any], x: Part) -> Any:
    """Axes that agree from the left keep their index; the others share one in row-major order."""
    old, new = x.node.shape, z.shape
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    flat = sum(i * shapes.product(new[a + 1 :]) for a, i in enumerate(at) if a >= same)
    places = [
        sp.floor(flat / shapes.product(old[a + 1 :]))
        if a == same
        else sp.Mod(sp.floor(flat / shapes.product(old[a + 1 :])), old[a])
        for a in range(same, len(old))
    ]
    return x(*at[:same], *places)


def _kept(node: Expr) -> list[Cut]:
    """The cuts of a reshaping: along each of the leading axes that stay."""
    pairs = zip(node.args[0].shape, node.shape, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return [Cut(a, (a,), "shape") for a in range(same)]


RESHAPE: Op = arrangement(
    "reshape",
    "The same elements in row-major order under another shape.",
    shape=_reshape_shape,
    numpy="np.reshape(#1, «shape»)",
    text="reshape(#1, «shape»)",
    latex=r"\operatorname{reshape}_{«shape»}(#1)",
    derivative=by_position((lambda g, z, x: apply(RESHAPE, g, shape=g.shape[: g.ndim - z.ndim] + x.shape),)),
    component=_reshaped,
    cuts=_kept,
    reference=lambda x, shape: np.reshape(x, shape),
    samples=(((2, 3), {"shape": (3, 2)}), ((), {"shape": (1, 1)})),
    view=True,
)


@public
def reshape(x: Any, shape: Any) -> Expr:
    """The same elements in row-major order; one entry of `shape` may be −1."""
    (x,) = lift("reshape", x)
    call_ = f"reshape({describe(x)})"
    entries = list(shape) if isinstance(shape, tuple | list) else [shape]
    if sum(1 for e in entries if isinstance(e, int) and e == -1) > 1:
        raise ShapeError(message(call_, "more than one entry of the shape is -1", "state all but one"))
    total = shapes.product(x.shape)
    known = parse_shape([e for e in entries if not (isinstance(e, int) and e == -1)], call_)
    product = shapes.product(known)
    sizes = iter(known)
    missing = _missing(total, product, call_) if len(known) < len(entries) else 1
    target = tuple(missing if isinstance(e, int) and e == -1 else next(sizes) for e in entries)
    return x if target == x.shape else apply(RESHAPE, x, shape=shapes.check_rank(target, call_))


def _missing(total: shapes.Size, product: shapes.Size, call_: str) -> shapes.Size:
    """The size that stands for −1."""
    if isinstance(total, int) and isinstance(product, int):
        if product == 0 or total % product:
            wrong = f"{total} elements do not divide into rows of {product}"
            raise ShapeError(message(call_, wrong, "the products of the sizes must agree"))
        return total // product
    return shapes.canonical(shapes.sympy().cancel(shapes.sympy().sympify(total) / product))


@public
def ravel(x: Any) -> Expr:
    """All elements in row-major order, as a vector."""
    return reshape(x, (-1,))


def _concatenate_shape(call_: str, *args: Expr, axis: int) -> shapes.Shape:
    first = args[0]
    for arg in args[1:]:
        fits = arg.ndim == first.ndim and all(
            a == axis or shapes.same(m, n)
            for a, (m, n) in enumerate(zip(arg.shape, first.shape, strict=True))
        )
        if not fits:
            wrong = f"shapes {shapes.show(first.shape)} and {shapes.show(arg.shape)} differ off axis {axis}"
            raise ShapeError(message(signature(call_, *args), wrong, "only the joined axis may differ"))
    total = shapes.canonical(sum(arg.shape[axis] for arg in args))
    return (*first.shape[:axis], total, *first.shape[axis + 1 :])


def _concatenate_rule(position: int) -> Any:
    def rule(g: Expr, z: Expr, *args: Expr) -> Expr:
        axis = z.params["axis"]
        start = sum(arg.shape[axis] for arg in args[:position])
        stop = start + args[position].shape[axis]
        cut = (shapes.canonical(start), shapes.canonical(stop), None)
        index: list[Any] = [(None, None, None)] * g.ndim
        index[axis + g.ndim - z.ndim] = cut
        return apply(GETITEM, g, index=Index(index))

    return rule


def _joined(z: Expr, at: Sequence[Any], *args: Part) -> Any:
    axis, start, pieces = z.params["axis"], sp.Integer(0), []
    for arg in args:
        stop = start + arg.node.shape[axis]
        pieces.append((arg(*at[:axis], at[axis] - start, *at[axis + 1 :]), at[axis] < stop))
        start = stop
    return sp.Piecewise(*pieces[:-1], (pieces[-1][0], True))


CONCATENATE = arrangement(
    "concatenate",
    "Tensors joined along an existing axis.",
    shape=_concatenate_shape,
    numpy="np.concatenate([##], axis=«axis»)",
    text="concatenate([##]«, axis»)",
    latex=r"\operatorname{concatenate}«_axis»(##)",
    dtype=lambda *args, axis: promote(*[arg.dtype for arg in args]),
    derivative=_concatenate_rule,
    cuts=beside,
    component=_joined,
    reference=lambda *args, axis: np.concatenate(args, axis),
    samples=(((2, 3), (2, 1), {"axis": 1}), ((2,), (3,), {"axis": 0})),
)


def _several(tensors: Any, name: str) -> Sequence[Any]:
    """The tensors to be joined, if there are any."""
    if not isinstance(tensors, list | tuple):
        what = describe(tensors) if isinstance(tensors, Expr) else kind(tensors)
        raise GraphError(message(f"{name}()", f"expected a list of tensors, got {what}", "write [x, y]"))
    if not tensors:
        raise GraphError(message(f"{name}()", "got no tensors", "pass at least one"))
    return tensors


@public
def concatenate(tensors: Sequence[Any], axis: Any = 0) -> Expr:
    """Tensors joined along an existing axis."""
    args = lift("concatenate", *_several(tensors, "concatenate"))
    number = shapes.one_axis(axis, args[0].shape, signature("concatenate", *args))
    dtype = promote(*[arg.dtype for arg in args])
    return apply(CONCATENATE, *[cast(arg, dtype) for arg in args], axis=number)


@public
def stack(tensors: Sequence[Any], axis: Any = 0) -> Expr:
    """Tensors of one shape joined along a new axis."""
    args = lift("stack", *_several(tensors, "stack"))
    call_ = signature("stack", *args)
    for arg in args[1:]:
        if not shapes.same_shape(args[0].shape, arg.shape):
            wrong = f"shapes {shapes.show(args[0].shape)} and {shapes.show(arg.shape)} differ"
            raise ShapeError(message(call_, wrong, "stack tensors of one shape, or use concatenate()"))
    number = shapes.one_axis(axis, (*args[0].shape, 1), call_)
    return concatenate([expand_dims(arg, number) for arg in args], number)


def _behind(z: Expr) -> Axes:
    return tuple(a - z.ndim if a >= 0 else a for a in z.params["axis"])


def _front(z: Expr) -> Axes:
    """The axes of a result, counted from the front."""
    return tuple(a % z.ndim for a in z.params["axis"])


FLIP: Op = arrangement(
    "flip",
    "The order along axes reversed.",
    shape=lambda call, x, axis: x.shape,
    numpy="np.flip(#1, «axis»)",
    latex=r"\operatorname{flip}«_axis»(#1)",
    text="flip(#1«, axis»)",
    cuts=beside,
    derivative=by_position((lambda g, z, x: apply(FLIP, g, axis=_behind(z)),)),
    component=lambda z, at, x: x(*[z.shape[a] - 1 - i if a in _front(z) else i for a, i in enumerate(at)]),
    reference=lambda x, axis: np.flip(x, axis),
    samples=(((2, 3), {"axis": (1,)}),),
    view=True,
)


ROLL: Op = arrangement(
    "roll",
    "The order along an axis shifted cyclically.",
    shape=lambda call, x, shift, axis: x.shape,
    numpy="np.roll(#1, «shift», «axis»)",
    text="roll(#1, «shift»«, axis»)",
    latex=r"\operatorname{roll}«_axis»(#1, «shift»)",
    cuts=beside,
    derivative=by_position((lambda g, z, x: apply(ROLL, g, shift=-z.params["shift"], axis=_behind(z)),)),
    component=lambda z, at, x: x(
        *[sp.Mod(i - z.params["shift"], z.shape[a]) if a in _front(z) else i for a, i in enumerate(at)]
    ),
    reference=lambda x, shift, axis: np.roll(x, shift, axis),
    samples=(((2, 3), {"shift": 1, "axis": (1,)}),),
)


@public
def flip(x: Any, axis: Any = None) -> Expr:
    """The order along `axis` (all axes if None) reversed."""
    (x,) = lift("flip", x)
    return apply(FLIP, x, axis=shapes.axes(axis, x.shape, f"flip({describe(x)})"))


@public
def roll(x: Any, shift: int, axis: Any = None) -> Expr:
    """The order along `axis` shifted cyclically by `shift`; of all elements if None."""
    (x,) = lift("roll", x)
    shift = shapes.integer(shift, "shift", f"roll({describe(x)})")
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), x.shape)
    return apply(ROLL, x, shift=shift, axis=shapes.axes(axis, x.shape, f"roll({describe(x)})"))
