"""What operations along axes share: shapes, axes put back, and the sum itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import shapes
from ..core.cuts import beside, joined
from ..core.dtypes import INT64, SUPPORTED, DType, to_float
from ..core.expr import Expr, apply, describe
from ..core.leaves import lift, size_of
from ..core.notation import ATOM, PREFIX, Notation
from ..core.op import Op
from .family import STEMS, as_notation, cast, public
from .normal import by_labels

Axes = tuple[int, ...]
HALF, SINGLE = SUPPORTED["float16"], SUPPORTED["float32"]


def reduced_shape(call: str, x: Expr, axis: Axes, keepdims: bool = False, **_: Any) -> shapes.Shape:
    """The shape after reducing `axis`."""
    kept = [1 if i in axis else size for i, size in enumerate(x.shape) if keepdims or i not in axis]
    return tuple(kept)


def same_shape(call: str, x: Expr, **_: Any) -> shapes.Shape:
    """The shape of an operation along axes that keeps every axis."""
    return x.shape


def behind(axis: Axes, x: Expr, g: Expr) -> Axes:
    """The axes of a cotangent `g`, which may have extra leading ones, that are `axis` of `x`."""
    return tuple(a + g.ndim - x.ndim for a in axis)


def spread(g: Expr, z: Expr, x: Expr) -> Expr:
    """`g`, shaped like the reduction `z` of `x`, with the reduced axes put back as size 1."""
    if z.params.get("keepdims"):
        return g
    extra = g.ndim - z.ndim
    kept = [i for i in range(x.ndim) if i not in z.params["axis"]]
    labels: list[Any] = [("g", i) for i in range(extra)]
    out = labels + list(range(x.ndim))
    return by_labels([(g, labels + kept)], out, dict.fromkeys(z.params["axis"], 1))


def summed(x: Expr, axis: Axes, keepdims: bool) -> Expr:
    """The sum over `axis` as a contraction."""
    x = cast(x, widened(x))
    out: list[Any] = [("one", i) if i in axis else i for i in range(x.ndim) if keepdims or i not in axis]
    return by_labels([(x, range(x.ndim))], out)


def count(x: Expr, axis: Axes, dtype: DType) -> Expr:
    """How many elements one reduction over `axis` takes in."""
    return size_of(shapes.product(x.shape[a] for a in axis), dtype)


def widened(x: Expr, **_: Any) -> DType:
    """NumPy's rule for sums: small integers and bool are added as 64-bit integers."""
    if x.dtype.kind in "bi":
        return INT64
    return x.dtype if x.dtype.kind == "f" else np.dtype("uint64")


SAMPLES = (((3, 4), {"axis": (1,), "keepdims": False}), ((3, 2), {"axis": (0, 1), "keepdims": True}))


def reduction(name: str, doc: str, numpy: str, latex: Any, **facts: Any) -> Op:
    """The record of an operation along axes."""
    text = facts.pop("text", f"{name}(#1«, axis»)")
    facts.setdefault("stem", STEMS.get(name, ""))
    facts.setdefault("cuts", beside)
    return Op(
        name,
        doc,
        shape=facts.pop("shape", reduced_shape),
        dtype=facts.pop("dtype", lambda x, **_: to_float(x.dtype)),
        numpy=as_notation(numpy),
        text=as_notation(text),
        latex=as_notation(latex),
        samples=facts.pop("samples", SAMPLES),
        **facts,
    )


def along_axes(op: Op, x: Any, axis: Any, **params: Any) -> Expr:
    """The operation applied along axes given by number or by the name of their size."""
    (x,) = lift(op.name, x)
    return apply(op, x, axis=shapes.axes(axis, x.shape, f"{op.name}({describe(x)})"), **params)


def over(axis: Axes, x: Any, f: Callable[[Any], Any], keepdims: bool) -> Any:
    """Apply `f` to the flat vector along `axis`, for every position of the other axes."""
    moved = np.moveaxis(x, axis, range(-len(axis), 0))
    rest = moved.shape[: x.ndim - len(axis)]
    flat = moved.reshape((*rest, math.prod(x.shape[a] for a in axis)))
    out = np.empty(rest, dtype=object)
    for point in np.ndindex(*rest):
        out[point] = f(flat[point])
    return np.expand_dims(out, axis) if keepdims else out


SUM = reduction(
    "sum",
    "Sum along axes.",
    numpy="np.sum(#1«, axis»«, keepdims»)",
    text=Notation("Σ«_axis»#1", PREFIX, (ATOM,)),
    latex=Notation(r"\sum«_axis» #1", PREFIX, (PREFIX,)),
    index=Notation(r"\sum_{«indices»} #1", PREFIX, (PREFIX,)),
    dtype=widened,
    definition=summed,
    stem="s",
    cuts=joined("add"),
    reference=lambda x, axis, keepdims: over(axis, x, np.sum, keepdims),
)


def total(x: Expr, axis: Axes, keepdims: bool = False) -> Expr:
    """The sum over axes given by number."""
    return apply(SUM, x, axis=axis, keepdims=keepdims)


def in_single(function: Callable[[Expr], Expr], x: Expr) -> Expr:
    """`function` of `x`, half precision being added up in single precision and rounded once."""
    if x.dtype != HALF:
        return function(x)
    return cast(function(cast(x, SINGLE)), HALF)


def reduction_function(op: Op, *, floats: bool = False) -> Callable[..., Expr]:
    """The public function of a reduction; with `floats`, integers are taken as float64."""

    def function(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
        (x,) = lift(op.name, x)
        x = cast(x, to_float(x.dtype)) if floats else x
        return in_single(lambda e: along_axes(op, e, axis, keepdims=bool(keepdims)), x)

    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = op.doc
    return public(function)


sum_ = reduction_function(SUM)
