"""Operations along axes: sums and means, extrema, and the softmax family; all take `axis` and `keepdims`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from ..core import shapes
from ..core.dtypes import BOOL, INT64, DType, to_float
from ..core.errors import DomainError, ShapeError, message
from ..core.expr import Expr, Op, apply, describe, public
from ..core.leaves import lift, size_of
from ..core.notation import ATOM, PREFIX, Notation
from . import kernels
from .arithmetic import eq
from .elementwise import divide_or_zero
from .family import as_notation, by_position, cast
from .normal import by_labels, delta, raise_
from .selection import where

Axes = tuple[int, ...]


def reduced_shape(call: str, x: Expr, axis: Axes, keepdims: bool = False, **_: Any) -> shapes.Shape:
    """The shape after reducing `axis`."""
    kept = [1 if i in axis else size for i, size in enumerate(x.shape) if keepdims or i not in axis]
    return tuple(kept)


def _same_shape(call: str, x: Expr, **_: Any) -> shapes.Shape:
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


def _sum(x: Expr, axis: Axes, keepdims: bool) -> Expr:
    out: list[Any] = [("one", i) if i in axis else i for i in range(x.ndim) if keepdims or i not in axis]
    return by_labels([(x, range(x.ndim))], out)


def count(x: Expr, axis: Axes, dtype: DType) -> Expr:
    """How many elements one reduction over `axis` takes in."""
    return size_of(shapes.product(x.shape[a] for a in axis), dtype)


def _mean(x: Expr, axis: Axes, keepdims: bool) -> Expr:
    x = cast(x, to_float(x.dtype))
    total = _sum(x, axis, keepdims)
    return by_labels(
        [(raise_(count(x, axis, x.dtype), Fraction(-1)), []), (total, range(total.ndim))], range(total.ndim)
    )


def _widened(x: Expr, **_: Any) -> DType:
    """NumPy's rule for sums: small integers and bool are added as 64-bit integers."""
    if x.dtype.kind in "bi":
        return INT64
    return x.dtype if x.dtype.kind == "f" else np.dtype("uint64")


_SAMPLES = (((3, 4), {"axis": (1,), "keepdims": False}), ((3, 2), {"axis": (0, 1), "keepdims": True}))


def _reduction(name: str, doc: str, numpy: str, latex: str, **facts: Any) -> Op:
    text = facts.pop("text", f"{name}(#1«, axis»)")
    return Op(
        name,
        doc,
        shape=facts.pop("shape", reduced_shape),
        dtype=facts.pop("dtype", lambda x, **_: to_float(x.dtype)),
        numpy=as_notation(numpy),
        text=as_notation(text),
        latex=as_notation(latex),
        samples=facts.pop("samples", _SAMPLES),
        **facts,
    )


def _apply(op: Op, x: Any, axis: Any, **params: Any) -> Expr:
    (x,) = lift(op.name, x)
    return apply(op, x, axis=shapes.axes(axis, x.shape, f"{op.name}({describe(x)})"), **params)


def _over(axis: Axes, x: Any, f: Callable[[Any], Any], keepdims: bool) -> Any:
    """Apply `f` to the flat vector along `axis`, for every position of the other axes."""
    moved = np.moveaxis(x, axis, range(-len(axis), 0))
    rest = moved.shape[: x.ndim - len(axis)]
    flat = moved.reshape((*rest, -1))
    out = np.empty(rest, dtype=object)
    for point in np.ndindex(*rest):
        out[point] = f(flat[point])
    return np.expand_dims(out, axis) if keepdims else out


SUM = _reduction(
    "sum",
    "Sum along axes.",
    numpy="np.sum(#1«, axis»«, keepdims»)",
    text=Notation("Σ«_axis»#1", PREFIX, (ATOM,)),
    latex=Notation(r"\sum«_axis» #1", PREFIX, (PREFIX,)),
    dtype=_widened,
    definition=_sum,
    reference=lambda x, axis, keepdims: _over(axis, x, np.sum, keepdims),
)

MEAN = _reduction(
    "mean",
    "Arithmetic mean along axes.",
    numpy="np.mean(#1«, axis»«, keepdims»)",
    latex=r"\operatorname{mean}«_axis»(#1)",
    definition=_mean,
    reference=lambda x, axis, keepdims: _over(axis, x, lambda v: np.sum(v) / len(v), keepdims),
)


def _extremum_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    hits = cast(eq(x, spread(z, z, x)), z.dtype)
    share = hits / apply(SUM, hits, axis=z.params["axis"], keepdims=True)
    return spread(g, z, x) * share


def _extremum(name: str, doc: str, which: Any) -> Op:
    return _reduction(
        name,
        doc,
        numpy=f"np.{name}(#1«, axis»«, keepdims»)",
        latex=rf"\{name}«_axis» #1",
        dtype=lambda x, **_: x.dtype,
        derivative=by_position((_extremum_rule,)),
        reference=lambda x, axis, keepdims: _over(axis, x, which, keepdims),
    )


MAX = _extremum("max", "The largest element; ties share the derivative equally.", max)
MIN = _extremum("min", "The smallest element; ties share the derivative equally.", min)

PROD = _reduction(
    "prod",
    "Product along one axis.",
    numpy="np.prod(#1«, axis»«, keepdims»)",
    text=Notation("Π«_axis»#1", PREFIX, (ATOM,)),
    latex=Notation(r"\prod«_axis» #1", PREFIX, (PREFIX,)),
    dtype=_widened,
    derivative=by_position((lambda g, z, x: spread(g, z, x) * apply(PROD_OTHERS, x, axis=z.params["axis"]),)),
    reference=lambda x, axis, keepdims: _over(axis, x, np.prod, keepdims),
    samples=(((3, 4), {"axis": (1,), "keepdims": False}), ((3, 2), {"axis": (0,), "keepdims": True})),
)


def _prod_others_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """Take the product over all but two entries, written over pairs of entries."""
    (front,) = z.params["axis"]
    same = by_labels(
        [(delta(x.shape[front], BOOL), ["i", front])],
        [*range(front), "i", *range(front, x.ndim)],
        dict(enumerate(x.shape)),
    )
    lines = by_labels(
        [(x, range(x.ndim))], [*range(front), "i", *range(front, x.ndim)], {"i": x.shape[front]}
    )
    pairs = apply(PROD_OTHERS, where(same, 1, lines), axis=(front + 1,))
    extra = [("g", a) for a in range(g.ndim - x.ndim)]
    others = where(same, 0, pairs)
    entry = [*range(front), "i", *range(front + 1, x.ndim)]
    line = [*range(front), "i", *range(front, x.ndim)]
    return by_labels([(g, [*extra, *entry]), (others, line)], [*extra, *range(x.ndim)])


PROD_OTHERS = _reduction(
    "prod_others",
    "For each entry the product of the others along one axis: the derivative of prod.",
    numpy="prod_others(#1«, axis»)",
    latex=r"\prod_{\text{others}} #1",
    shape=_same_shape,
    dtype=lambda x, **_: x.dtype,
    derivative=by_position((_prod_others_rule,)),
    kernels=(kernels.prod_others,),
    samples=(((4,), {"axis": (0,)}), ((2, 3), {"axis": (0,)})),
)


def _any_all(name: str, doc: str, which: Any, sign: str) -> Op:
    return _reduction(
        name,
        doc,
        numpy=f"np.{name}(#1«, axis»«, keepdims»)",
        latex=rf"{sign} #1",
        dtype=lambda x, **_: BOOL,
        undifferentiable="it is a truth value",
        reference=lambda x, axis, keepdims: _over(axis, x, which, keepdims),
    )


ANY = _any_all("any", "Whether any element is true.", any, r"\exists")
ALL = _any_all("all", "Whether all elements are true.", all, r"\forall")


# Spread and size ----------------------------------------------------------------------------------
def _degrees(z: Expr, x: Expr) -> Expr:
    return count(x, z.params["axis"], x.dtype) - z.params["ddof"]


def _centred(z: Expr, x: Expr) -> Expr:
    return x - apply(MEAN, x, axis=z.params["axis"], keepdims=True)


def _var_reference(x: Any, axis: Axes, ddof: int, keepdims: bool) -> Any:
    return _over(axis, x, lambda v: np.sum((v - np.sum(v) / len(v)) ** 2) / (len(v) - ddof), keepdims)


_DDOF = (
    ((3, 4), {"axis": (1,), "ddof": 0, "keepdims": False}),
    ((3, 2), {"axis": (0, 1), "ddof": 1, "keepdims": True}),
)

VAR = _reduction(
    "var",
    "The variance along axes, in two passes; `ddof` is taken off the divisor.",
    numpy="variance(#1, «axis»«, ddof»«, keepdims»)",
    latex=r"\operatorname{var}«_axis»(#1)",
    derivative=by_position((lambda g, z, x: spread(g, z, x) * 2 * _centred(z, x) / _degrees(z, x),)),
    kernels=(kernels.variance,),
    reference=_var_reference,
    samples=_DDOF,
)

STD = _reduction(
    "std",
    "The standard deviation along axes; its derivative where all entries are equal is 0.",
    numpy="np.sqrt(variance(#1, «axis»«, ddof»«, keepdims»))",
    latex=r"\operatorname{std}«_axis»(#1)",
    derivative=by_position(
        (lambda g, z, x: spread(g, z, x) * divide_or_zero(_centred(z, x), spread(z, z, x)) / _degrees(z, x),)
    ),
    kernels=(kernels.variance,),
    reference=lambda x, **params: _var_reference(x, **params) ** Fraction(1, 2),
    samples=_DDOF,
)

NORM = _reduction(
    "norm",
    "The Euclidean norm along axes, without overflow or underflow; its derivative at 0 is 0.",
    numpy="norm(#1, «axis»«, keepdims»)",
    text="‖#1‖«_axis»",
    latex=r"\lVert #1 \rVert«_axis»",
    derivative=by_position((lambda g, z, x: spread(g, z, x) * divide_or_zero(x, spread(z, z, x)),)),
    kernels=(kernels.norm,),
    reference=lambda x, axis, keepdims: _over(axis, x, lambda v: np.sum(v * v) ** Fraction(1, 2), keepdims),
)

# The softmax family -------------------------------------------------------------------------------
_LAST = (((2, 3), {"axis": (1,)}), ((3, 2), {"axis": (0,)}))


def _map(axis: Axes, x: Any, f: Callable[[Any], Any]) -> Any:
    """Apply the vector function `f` along one axis."""
    moved = np.moveaxis(x, axis[0], -1)
    out = np.empty(moved.shape, dtype=object)
    for point in np.ndindex(*moved.shape[:-1]):
        out[point] = f(moved[point])
    return np.moveaxis(out, -1, axis[0])


def _exp(v: Any) -> Any:
    return np.array([mp().exp(e) for e in v], dtype=object)


def mp() -> Any:
    """mpmath, which SymPy brings along, for values of any precision."""
    import mpmath

    return mpmath


LOGSUMEXP = _reduction(
    "logsumexp",
    "log Σ e^x along axes, without overflow.",
    numpy="logsumexp(#1, «axis»«, keepdims»)",
    latex=r"\operatorname{logsumexp}«_axis»(#1)",
    derivative=by_position((lambda g, z, x: spread(g, z, x) * apply(SOFTMAX, x, axis=z.params["axis"]),)),
    kernels=(kernels.logsumexp,),
    reference=lambda x, axis, keepdims: _over(axis, x, lambda v: mp().log(np.sum(_exp(v))), keepdims),
)

SOFTMAX = _reduction(
    "softmax",
    "e^x / Σ e^x along axes, without overflow.",
    numpy="softmax(#1, «axis»)",
    text="softmax(#1«, axis|last»)",
    latex=r"\operatorname{softmax}«_axis|last»(#1)",
    shape=_same_shape,
    derivative=by_position(
        (lambda g, z, x: z * (g - apply(SUM, g * z, axis=behind(z.params["axis"], x, g), keepdims=True)),)
    ),
    kernels=(kernels.softmax,),
    reference=lambda x, axis: _map(axis, x, lambda v: _exp(v) / np.sum(_exp(v))),
    samples=_LAST,
    letter="P",
)


def _log_softmax_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    axis = z.params["axis"]
    total = apply(SUM, g, axis=behind(axis, x, g), keepdims=True)
    return g - apply(SOFTMAX, x, axis=axis) * total


LOG_SOFTMAX = _reduction(
    "log_softmax",
    "x − log Σ e^x along axes: the logarithm of softmax, without underflow.",
    numpy="log_softmax(#1, «axis»)",
    text="log_softmax(#1«, axis|last»)",
    latex=r"\operatorname{log\,softmax}«_axis|last»(#1)",
    shape=_same_shape,
    derivative=by_position((_log_softmax_rule,)),
    kernels=(kernels.log_softmax,),
    reference=lambda x, axis: _map(axis, x, lambda v: v - mp().log(np.sum(_exp(v)))),
    samples=_LAST,
)


# Positions ----------------------------------------------------------------------------------------
def _position(name: str, doc: str, which: Any) -> Op:
    return _reduction(
        name,
        doc,
        numpy=f"np.{name}(#1«, axis»)",
        latex=rf"\operatorname{{{name}}}«_axis» #1",
        dtype=lambda x, **_: INT64,
        undifferentiable="it is a position",
        reference=lambda x, axis: _over(axis, x, lambda v: which(range(len(v)), key=v.__getitem__), False),
        samples=(((3, 4), {"axis": (1,)}), ((3, 2), {"axis": (0,)})),
    )


ARGMAX = _position("argmax", "The position of the largest element; the lowest one of a tie.", max)
ARGMIN = _position("argmin", "The position of the smallest element; the lowest one of a tie.", min)


# Public functions ---------------------------------------------------------------------------------
def _public(op: Op, *, floats: bool = False, nonempty: bool = False) -> Callable[..., Expr]:
    def function(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
        (x,) = lift(op.name, x)
        return _apply(op, cast(x, to_float(x.dtype)) if floats else x, axis, keepdims=bool(keepdims))

    function.__name__, function.__doc__ = op.name, op.doc
    return public(function)


sum_ = _public(SUM)
mean = _public(MEAN, floats=True)
any_ = _public(ANY)
all_ = _public(ALL)
logsumexp = _public(LOGSUMEXP, floats=True)
norm = _public(NORM, floats=True)


def _extreme(op: Op) -> Callable[..., Expr]:
    def function(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
        (x,) = lift(op.name, x)
        result = _apply(op, x, axis, keepdims=bool(keepdims))
        if any(x.shape[a] == 0 for a in result.params["axis"]):
            raise ShapeError(
                message(f"{op.name}({describe(x)})", "an axis of size 0 has no extremum", "check the shape")
            )
        return result

    function.__name__, function.__doc__ = op.name, op.doc
    return public(function)


max_ = _extreme(MAX)
min_ = _extreme(MIN)


@public
def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
    """Product along axes; the derivative is right where entries are 0."""
    (x,) = lift("prod", x)
    for a in reversed(shapes.axes(axis, x.shape, f"prod({describe(x)})")):
        x = apply(PROD, x, axis=(a,), keepdims=bool(keepdims))
    return x


def _degrees_checked(op: Op, x: Any, axis: Any, ddof: int, keepdims: bool) -> Expr:
    (x,) = lift(op.name, x)
    result = _apply(op, cast(x, to_float(x.dtype)), axis, ddof=int(ddof), keepdims=bool(keepdims))
    n = shapes.product(x.shape[a] for a in result.params["axis"])
    if isinstance(n, int) and n > 1 and ddof >= n:
        wrong = f"ddof={ddof} leaves no degrees of freedom among {n} elements"
        raise DomainError(message(f"{op.name}({describe(x)})", wrong, "use a smaller ddof"))
    return result


@public
def var(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Expr:
    """The variance along axes; `ddof` is taken off the divisor."""
    return _degrees_checked(VAR, x, axis, ddof, keepdims)


@public
def std(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Expr:
    """The standard deviation along axes; its derivative where all entries are equal is 0."""
    return _degrees_checked(STD, x, axis, ddof, keepdims)


@public
def softmax(x: Any, axis: Any = -1) -> Expr:
    """e^x / Σ e^x along `axis` (the last by default), without overflow."""
    (x,) = lift("softmax", x)
    return _apply(SOFTMAX, cast(x, to_float(x.dtype)), axis)


@public
def log_softmax(x: Any, axis: Any = -1) -> Expr:
    """x − log Σ e^x along `axis` (the last by default), without underflow."""
    (x,) = lift("log_softmax", x)
    return _apply(LOG_SOFTMAX, cast(x, to_float(x.dtype)), axis)


def _located(op: Op, x: Any, axis: Any) -> Expr:
    (x,) = lift(op.name, x)
    if axis is None and x.ndim != 1:
        x = x.ravel()
    return apply(op, x, axis=(0,) if axis is None else (shapes.one_axis(axis, x.shape, op.name),))


@public
def argmax(x: Any, axis: Any = None) -> Expr:
    """The position of the largest element, the lowest one of a tie."""
    return _located(ARGMAX, x, axis)


@public
def argmin(x: Any, axis: Any = None) -> Expr:
    """The position of the smallest element, the lowest one of a tie."""
    return _located(ARGMIN, x, axis)
