"""Rearranging elements: transposition, reshaping, joining, diagonals and constant tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import shapes
from ..core.dtypes import FLOAT64, DType, parse_dtype, promote
from ..core.errors import AxisError, DTypeError, GraphError, ShapeError, message
from ..core.expr import FUNCTIONS, Expr, Op, apply, describe, public, signature
from ..core.leaves import array_constant, lift
from ..core.notation import ATOM, LOOSE, Notation, postfix
from .family import as_notation, by_position, cast
from .normal import by_labels, combine, delta, exact
from .normal import ones as ones_contraction
from .selection import GETITEM, Index

Axes = tuple[int, ...]


def _dtype(x: Expr, *rest: Expr, **_: Any) -> DType:
    return x.dtype


def _layout(name: str, doc: str, *, shape: Any, numpy: Any, latex: Any, text: Any = None, **facts: Any) -> Op:
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


# Axes ---------------------------------------------------------------------------------------------
TRANSPOSE = _layout(
    "transpose",
    "The axes in reverse order.",
    shape=lambda call, x: x.shape[::-1],
    numpy=postfix(".T", ATOM),
    text=postfix("ᵀ"),
    latex=postfix(r"^{\top}"),
    definition=lambda x: by_labels([(x, range(x.ndim))], range(x.ndim)[::-1]),
    reference=np.transpose,
    samples=(((2, 3), {}),),
    view=True,
)

PERMUTE = _layout(
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
    (x,) = lift("transpose", x)
    call_ = f"transpose({describe(x)})"
    order = tuple(reversed(range(x.ndim)))
    if axes is not None:
        order = tuple(shapes.one_axis(a, x.shape, call_) for a in axes)
        if sorted(order) != list(range(x.ndim)):
            raise AxisError(
                message(call_, f"axes {tuple(axes)} are no permutation of {x.ndim} axes", "name each once")
            )
    if order == tuple(range(x.ndim)):
        return x
    return apply(TRANSPOSE, x) if order == tuple(reversed(range(x.ndim))) else apply(PERMUTE, x, axes=order)


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


EXPAND = _layout(
    "expand_dims",
    "Axes of size 1 put in.",
    shape=lambda call, x, axis: _expanded(x, axis).shape,
    numpy="np.expand_dims(#1, «axis»)",
    text=Notation("#1", LOOSE),
    latex=Notation("#1", LOOSE),
    definition=_expanded,
    reference=lambda x, axis: np.expand_dims(x, axis),
    samples=(((2, 3), {"axis": (1,)}), ((), {"axis": (0,)})),
    view=True,
)


@public
def expand_dims(x: Any, axis: Any) -> Expr:
    """Axes of size 1 put in at the positions `axis` of the result."""
    (x,) = lift("expand_dims", x)
    entries = tuple(axis) if isinstance(axis, tuple | list) else (axis,)
    result = (1,) * (x.ndim + len(entries))
    return apply(EXPAND, x, axis=shapes.axes(entries, result, f"expand_dims({describe(x)})"))


SQUEEZE = _layout(
    "squeeze",
    "Axes of size 1 taken out.",
    shape=lambda call, x, axis: tuple(size for a, size in enumerate(x.shape) if a not in axis),
    numpy="np.squeeze(#1, «axis»)",
    text=Notation("#1", LOOSE),
    latex=Notation("#1", LOOSE),
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
    for a in chosen:
        if not shapes.same(x.shape[a], 1):
            raise ShapeError(message(call_, f"axis {a} has size {x.shape[a]}, not 1", "drop it from axis"))
    return apply(SQUEEZE, x, axis=chosen) if chosen else x


def _broadcasted(x: Expr, shape: shapes.Shape) -> Expr:
    rank = len(shape)
    return by_labels([(x, range(rank - x.ndim, rank))], range(rank), dict(enumerate(shape)))


BROADCAST = _layout(
    "broadcast_to",
    "Repeated to a shape, as NumPy broadcasts.",
    shape=lambda call, x, shape: shapes.broadcast([shape, x.shape], call),
    numpy="np.broadcast_to(#1, «shape»)",
    text=Notation("#1", LOOSE),
    latex=Notation("#1", LOOSE),
    definition=_broadcasted,
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


# Reshaping ----------------------------------------------------------------------------------------
RESHAPE = _layout(
    "reshape",
    "The same elements in row-major order under another shape.",
    shape=lambda call, x, shape: shape,
    numpy="np.reshape(#1, «shape»)",
    text="reshape(#1, «shape»)",
    latex=r"\operatorname{reshape}(#1)",
    derivative=by_position((lambda g, z, x: apply(RESHAPE, g, shape=g.shape[: g.ndim - z.ndim] + x.shape),)),
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
    if not shapes.same(total, shapes.product(target)):
        wrong = f"cannot give {total} elements the shape {shapes.show(target)} of {shapes.product(target)}"
        raise ShapeError(message(call_, wrong, "the products of the sizes must agree"))
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


# Joining ------------------------------------------------------------------------------------------
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


CONCATENATE = _layout(
    "concatenate",
    "Tensors joined along an existing axis.",
    shape=_concatenate_shape,
    numpy="np.concatenate([##], axis=«axis»)",
    text="concatenate(##)",
    latex=r"\left[##\right]",
    dtype=lambda *args, axis: promote(*[arg.dtype for arg in args]),
    derivative=_concatenate_rule,
    reference=lambda *args, axis: np.concatenate(args, axis),
    samples=(((2, 3), (2, 1), {"axis": 1}), ((2,), (3,), {"axis": 0})),
)


@public
def concatenate(tensors: Sequence[Any], axis: Any = 0) -> Expr:
    """Tensors joined along an existing axis."""
    args = lift("concatenate", *tensors)
    if not args:
        raise GraphError(message("concatenate()", "got no tensors", "pass at least one"))
    number = shapes.one_axis(axis, args[0].shape, signature("concatenate", *args))
    dtype = promote(*[arg.dtype for arg in args])
    return apply(CONCATENATE, *[cast(arg, dtype) for arg in args], axis=number)


@public
def stack(tensors: Sequence[Any], axis: Any = 0) -> Expr:
    """Tensors of one shape joined along a new axis."""
    args = lift("stack", *tensors)
    if not args:
        raise GraphError(message("stack()", "got no tensors", "pass at least one"))
    number = shapes.one_axis(axis, (*args[0].shape, 1), "stack")
    return concatenate([expand_dims(arg, number) for arg in args], number)


# Order along axes ---------------------------------------------------------------------------------
def _behind(z: Expr) -> Axes:
    return tuple(a - z.ndim if a >= 0 else a for a in z.params["axis"])


FLIP = _layout(
    "flip",
    "The order along axes reversed.",
    shape=lambda call, x, axis: x.shape,
    numpy="np.flip(#1, «axis»)",
    latex=r"\operatorname{flip}(#1)",
    derivative=by_position((lambda g, z, x: apply(FLIP, g, axis=_behind(z)),)),
    reference=lambda x, axis: np.flip(x, axis),
    samples=(((2, 3), {"axis": (1,)}),),
    view=True,
)

ROLL = _layout(
    "roll",
    "The order along an axis shifted cyclically.",
    shape=lambda call, x, shift, axis: x.shape,
    numpy="np.roll(#1, «shift», «axis»)",
    text="roll(#1, «shift»)",
    latex=r"\operatorname{roll}(#1, «shift»)",
    derivative=by_position((lambda g, z, x: apply(ROLL, g, shift=-z.params["shift"], axis=_behind(z)),)),
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
    if isinstance(shift, bool) or not hasattr(shift, "__index__"):
        raise DTypeError(message(f"roll({describe(x)})", f"shift is a {type(shift).__name__}", "use an int"))
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), x.shape)
    return apply(ROLL, x, shift=int(shift), axis=shapes.axes(axis, x.shape, f"roll({describe(x)})"))


def _triangle(name: str, doc: str) -> Op:
    return _layout(
        name,
        doc,
        shape=lambda call, x, k: x.shape,
        numpy=f"np.{name}(#1«, k»)",
        latex=rf"\operatorname{{{name}}}(#1)",
        derivative=by_position((lambda g, z, x: apply(z.op, g, k=z.params["k"]),)),
        reference=lambda x, k: np.where(getattr(np, name)(np.ones(x.shape), k) == 1, x, 0),
        samples=(((2, 3), {"k": 0}), ((3, 3), {"k": 1})),
    )


TRIL = _triangle("tril", "The lower triangle of the last two axes, zeros above.")
TRIU = _triangle("triu", "The upper triangle of the last two axes, zeros below.")


def _matrix(call_: str, x: Any) -> Expr:
    (x,) = lift(call_, x)
    if x.ndim < 2:
        raise ShapeError(
            message(signature(call_, x), f"needs a matrix, got rank {x.ndim}", "use expand_dims()")
        )
    return x


@public
def tril(x: Any, k: int = 0) -> Expr:
    """The lower triangle of the last two axes, up to diagonal `k`."""
    return apply(TRIL, _matrix("tril", x), k=int(k))


@public
def triu(x: Any, k: int = 0) -> Expr:
    """The upper triangle of the last two axes, from diagonal `k`."""
    return apply(TRIU, _matrix("triu", x), k=int(k))


# Diagonals ----------------------------------------------------------------------------------------
DIAG = _layout(
    "diag",
    "The square matrix with a vector on its diagonal.",
    shape=lambda call, x: x.shape * 2,
    numpy="np.diag(#1)",
    latex=r"\operatorname{diag}(#1)",
    definition=lambda x: by_labels([(x, [0]), (delta(x.shape[0], x.dtype), [0, 1])], [0, 1]),
    reference=lambda x: np.array(
        [[x[i] if i == j else 0 for j in range(len(x))] for i in range(len(x))], dtype=object
    ),
    samples=(((3,), {}),),
)

DIAGONAL = _layout(
    "diagonal",
    "The diagonal of the last two axes.",
    shape=lambda call, x: x.shape[:-1],
    numpy="np.diagonal(#1, axis1=-2, axis2=-1)",
    text="diagonal(#1)",
    latex=r"\operatorname{diagonal}(#1)",
    definition=lambda x: by_labels([(x, [*range(x.ndim - 1), x.ndim - 2])], range(x.ndim - 1)),
    reference=lambda x: np.diagonal(x, axis1=-2, axis2=-1),
    samples=(((3, 3), {}), ((2, 3, 3), {})),
    view=True,
)

TRACE = _layout(
    "trace",
    "The sum of the diagonal of the last two axes.",
    shape=lambda call, x: x.shape[:-2],
    numpy="np.trace(#1, axis1=-2, axis2=-1)",
    text="tr(#1)",
    latex=r"\operatorname{tr}(#1)",
    definition=lambda x: by_labels([(x, [*range(x.ndim - 1), x.ndim - 2])], range(x.ndim - 2)),
    reference=lambda x: np.trace(x, axis1=-2, axis2=-1),
    samples=(((3, 3), {}),),
)


def _square(call_: str, x: Expr) -> Expr:
    x = _matrix(call_, x)
    if shapes.unify(x.shape[-2], x.shape[-1]) is None:
        raise ShapeError(
            message(signature(call_, x), "needs a square matrix", "the last two sizes must agree")
        )
    return x


@public
def diag(x: Any) -> Expr:
    """The square matrix with the vector `x` on its diagonal, or the diagonal of a matrix."""
    (x,) = lift("diag", x)
    if x.ndim == 1:
        return apply(DIAG, x)
    return apply(DIAGONAL, _square("diag", x))


@public
def diagonal(x: Any) -> Expr:
    """The diagonal of the last two axes of a square matrix."""
    return apply(DIAGONAL, _square("diagonal", x))


@public
def trace(x: Any) -> Expr:
    """The sum of the diagonal of the last two axes of a square matrix."""
    return apply(TRACE, _square("trace", x))


# Constant tensors ---------------------------------------------------------------------------------
FULL = _layout(
    "full",
    "A tensor of equal elements.",
    shape=lambda call, shape, value, dtype: shape,
    dtype=lambda shape, value, dtype: dtype,
    numpy="np.full(«shape», «value», np.«dtype»)",
    text="«value»",
    latex="«value»",
    definition=lambda shape, value, dtype: combine((exact(value),), (ones_contraction(shape, dtype),)),
    reference=lambda shape, value, dtype: np.full(shape, value, dtype=object),
    samples=(({"shape": (2, 3), "value": 2.0, "dtype": FLOAT64},),),
)


@public
def full(shape: Any, value: Any, dtype: Any = "float64") -> Expr:
    """A tensor of equal elements; `shape` may hold sizes."""
    if isinstance(value, Expr):
        return broadcast_to(value, parse_shape(shape, "full"))
    kind = parse_dtype(dtype, "full")
    return apply(FULL, shape=parse_shape(shape, "full"), value=kind.type(value).item(), dtype=kind)


@public
def zeros(shape: Any, dtype: Any = "float64") -> Expr:
    """A tensor of zeros; `shape` may hold sizes."""
    return full(shape, 0, dtype)


@public
def ones(shape: Any, dtype: Any = "float64") -> Expr:
    """A tensor of ones; `shape` may hold sizes."""
    return full(shape, 1, dtype)


@public
def zeros_like(x: Any) -> Expr:
    """Zeros of the shape and dtype of `x`."""
    (x,) = lift("zeros_like", x)
    return full(x.shape, 0, x.dtype)


@public
def ones_like(x: Any) -> Expr:
    """Ones of the shape and dtype of `x`."""
    (x,) = lift("ones_like", x)
    return full(x.shape, 1, x.dtype)


@public
def eye(n: Any, dtype: Any = "float64") -> Expr:
    """The identity matrix of size `n`."""
    (size,) = parse_shape((n,), "eye")
    return delta(size, parse_dtype(dtype, "eye"))


ARANGE = _layout(
    "arange",
    "0, 1, … up to a size that is known at the call.",
    shape=lambda call, stop, dtype: (stop,),
    dtype=lambda stop, dtype: dtype,
    numpy="np.arange(«stop», dtype=np.«dtype»)",
    text="arange(«stop»)",
    latex=r"\operatorname{arange}(«stop»)",
    reference=lambda stop, dtype: np.arange(stop).astype(object),
    samples=(({"stop": 4, "dtype": FLOAT64},),),
    undifferentiable="it has no arguments",
)


@public
def arange(*bounds: Any, dtype: Any = "int64") -> Expr:
    """``0, 1, …, n − 1`` for a size n, or NumPy's arange of numbers."""
    kind = parse_dtype(dtype, "arange")
    if len(bounds) == 1 and (hasattr(bounds[0], "free_symbols") or isinstance(bounds[0], str)):
        (size,) = parse_shape((bounds[0],), "arange")
        return apply(ARANGE, stop=size, dtype=kind)
    return array_constant(np.arange(*bounds).astype(kind), "arange")


FUNCTIONS["eye"] = eye
