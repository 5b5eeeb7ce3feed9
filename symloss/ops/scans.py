"""Running sums, products and log-sum-exps along an axis, and the recurrence that gives their slopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Component, Part, between, choice, line, number, rational
from ..core.cuts import beside
from ..core.dtypes import to_float
from ..core.evaluate import mpmath
from ..core.expr import Expr, apply, describe
from ..core.leaves import lift
from ..core.notation import call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .along import Axes, behind, in_single, reduction, same_shape, widened
from .family import broadcast_shape, by_position, cast, promoted, public
from .joining import FLIP, ravel

__all__ = [
    "cumprod",
    "cumsum",
    "logcumsumexp",
]

_LINES = (((3,), {"axis": (0,)}), ((2, 3), {"axis": (1,)}), ((3, 2), {"axis": (0,)}))


def _from_end(z: Expr) -> int:
    """The axis of a result, counted from the end, which is the same in a cotangent with more axes."""
    axis = z.params["axis"]
    return axis if isinstance(axis, int) else int(*axis) - z.ndim


def _lines(x: Any, axis: int, f: Any) -> Any:
    """What `f` makes of each line of exact numbers along an axis."""
    return np.apply_along_axis(lambda line: np.array(f(line.tolist()), dtype=object), axis, x)


def _so_far(
    z: Expr,
    at: Sequence[Component],
    x: Part,
    term: Callable[[Component], Component] = number,
    fold: str = "Sum",
) -> Component:
    """The sum or product in SymPy of a function of the components up to a place along the axis of `z`."""
    a = _from_end(z) + z.ndim
    _, entry = line(at, x, (a,))
    return between(fold, sp.Integer(0), at[a], lambda k: term(number(entry(k))))


# The recurrence -----------------------------------------------------------------------------------
def _advance(g: Expr, axis: int) -> Expr:
    """The entries moved down by one place, before a 0."""
    ends = (axis + g.ndim,)
    return apply(FLIP, apply(DELAY, apply(FLIP, g, axis=ends), axis=axis, first=0.0), axis=ends)


def _delayed(z: Expr, at: Sequence[Component], x: Part) -> Component:
    a = _from_end(z) + z.ndim
    before = x(*at[:a], at[a] - 1, *at[a + 1 :])
    return choice(sp.Eq(at[a], 0), rational(z.params["first"]), before)


DELAY: Op = Op(
    "delay",
    "The entries moved up by one place along an axis counted from the end, behind a first one.",
    shape=same_shape,
    dtype=lambda x, **_: x.dtype,
    numpy=call("delay(#1, «axis», «first»)"),
    text=call("delay(#1«, axis»«, first»)"),
    latex=call(r"\operatorname{delay}«_axis»(#1«, first»)"),
    derivative=by_position((lambda g, z, x: _advance(g, z.params["axis"]),)),
    cuts=beside,
    kernels=(kernels.delay,),
    component=_delayed,
    reference=lambda x, axis, first: _lines(x, axis, lambda line: [first, *line][: len(line)]),
    samples=(((3,), {"axis": -1, "first": 0.0}), ((2, 3), {"axis": -2, "first": 1.0})),
)


def _adjoint(g: Expr, z: Expr, u: Expr, a: Expr) -> Expr:
    """The same recurrence in the other direction."""
    return apply(RECURRENCE, g, a, axis=z.params["axis"], backward=not z.params["backward"])


def _factor_rule(g: Expr, z: Expr, u: Expr, a: Expr) -> Expr:
    """The product of the two values that each factor connects."""
    flow, axis = _adjoint(g, z, u, a), z.params["axis"]
    if z.params["backward"]:
        return apply(DELAY, flow, axis=axis, first=0.0) * z
    return flow * apply(DELAY, z, axis=axis, first=0.0)


def _recur(u: list[Any], a: list[Any], backward: bool) -> list[Any]:
    """Each value as the sum of the terms that reach it, times all factors on the way."""
    n = len(u)
    found = []
    for j in range(n):
        reach = range(j, n) if backward else range(j + 1)
        ways = [a[j + 1 : i + 1] if backward else a[i + 1 : j + 1] for i in reach]
        found.append(sum(u[i] * mpmath().fprod(way) for i, way in zip(reach, ways, strict=True)))
    return found


def _recurrence_reference(u: Any, a: Any, axis: int, backward: bool) -> Any:
    u, a = (np.moveaxis(each, axis, -1) for each in np.broadcast_arrays(u, a))
    found = np.empty(u.shape, dtype=object)
    for point in np.ndindex(*u.shape[:-1]):
        found[point] = _recur(u[point].tolist(), a[point].tolist(), backward)
    return np.moveaxis(found, -1, axis)


def _recurring(z: Expr, at: Sequence[Component], u: Part, a: Part) -> Component:
    """The sum of the terms that reach a place, each times the product of the factors on the way."""
    axis, backward = _from_end(z) + z.ndim, z.params["backward"]
    own, size = at[axis], z.shape[axis]
    if size == 1:
        return u(*at)

    def moved(x: Part, k: Component) -> Component:
        return x(*at[:axis], k, *at[axis + 1 :])

    def reaching(i: Component) -> Component:
        start, end = (own, i) if backward else (i, own)
        return moved(u, i) * between("Product", start + 1, end, lambda k: moved(a, k))

    return between("Sum", own if backward else sp.Integer(0), size - 1 if backward else own, reaching)


RECURRENCE: Op = Op(
    "recurrence",
    "h[j] = u[j] + a[j]·h[j−1] along an axis counted from the end; backward, h[j] = u[j] + a[j+1]·h[j+1].",
    shape=broadcast_shape,
    dtype=promoted,
    numpy=call("recurrence(#1, #2, «axis»«, backward»)"),
    text=call("recurrence(#1, #2«, axis»«, backward»)"),
    latex=call(r"\operatorname{recurrence}«_axis»(#1, #2«, backward»)"),
    derivative=by_position((_adjoint, _factor_rule)),
    cuts=beside,
    kernels=(kernels.recurrence,),
    component=_recurring,
    reference=_recurrence_reference,
    samples=(
        ((3,), (3,), {"axis": -1, "backward": False}),
        ((2, 4), (2, 4), {"axis": -1, "backward": True}),
        ((2, 3, 2), (3, 2), {"axis": -2, "backward": True}),
    ),
)


# Running sums, products and log-sum-exps ----------------------------------------------------------
def _cumsum_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """The running sum of g from the other end."""
    axis = behind(z.params["axis"], x, g)
    return apply(FLIP, apply(CUMSUM, apply(FLIP, g, axis=axis), axis=axis), axis=axis)


CUMSUM: Op = reduction(
    "cumsum",
    "The sums of the entries up to each one along an axis.",
    numpy="np.cumsum(#1«, axis»)",
    latex=r"\operatorname{cumsum}«_axis»(#1)",
    index=call(r"\operatorname{cumsum}_{«indices»}(#1)"),
    shape=same_shape,
    dtype=widened,
    derivative=by_position((_cumsum_rule,)),
    component=_so_far,
    reference=lambda x, axis: _lines(x, axis[0], lambda v: [sum(v[: k + 1]) for k in range(len(v))]),
    samples=_LINES,
)


def _cumprod_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """The product of the entries before each one, times the part of g that passes through it; no division."""
    axis = _from_end(z)
    through = apply(RECURRENCE, g, x, axis=axis, backward=True)
    return apply(DELAY, z, axis=axis, first=1.0) * through


CUMPROD: Op = reduction(
    "cumprod",
    "The products of the entries up to each one along an axis.",
    numpy="np.cumprod(#1«, axis»)",
    latex=r"\operatorname{cumprod}«_axis»(#1)",
    index=call(r"\operatorname{cumprod}_{«indices»}(#1)"),
    shape=same_shape,
    dtype=widened,
    derivative=by_position((_cumprod_rule,)),
    component=partial(_so_far, fold="Product"),
    reference=lambda x, axis: _lines(
        x, axis[0], lambda v: [mpmath().fprod(v[: k + 1]) for k in range(len(v))]
    ),
    samples=_LINES,
)


def _back(g: Expr, x: Expr, axis: int) -> Expr:
    """Σ of g[i]·exp(x[j] − z[i]) over i ≥ j for the log-sum-exps z, by shares, none of which exceeds 1."""
    own, rest = (apply(SHARE, x, axis=axis, rest=others) for others in (False, True))
    return own * apply(RECURRENCE, g, rest, axis=axis, backward=True)


def _share_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """The slope of a sigmoid in x less the log-sum-exp of the entries before it."""
    axis, rest = z.params["axis"], z.params["rest"]
    slope = g * z * apply(SHARE, x, axis=axis, rest=not rest)
    flow = slope - _back(_advance(slope, axis), x, axis)
    return -flow if rest else flow


def _part(z: Expr, at: Sequence[Component], x: Part) -> Component:
    own = sp.exp(x(*at)) / _so_far(z, at, x, sp.exp)
    return 1 - own if z.params["rest"] else own


def _shares(v: list[Any], rest: bool) -> list[Any]:
    """The part of each entry, or of those before it, in the sum of exponentials so far."""
    e = [mpmath().exp(entry) for entry in v]
    sums = [mpmath().fsum(e[: k + 1]) for k in range(len(e))]
    return [(total - own if rest else own) / total for own, total in zip(e, sums, strict=True)]


SHARE: Op = Op(
    "share",
    "The part of e^x in the sum of the e^x up to it along an axis counted from the end; or that of the rest.",
    shape=same_shape,
    dtype=lambda x, **_: x.dtype,
    numpy=call("share(#1, «axis»«, rest»)"),
    text=call("share(#1«, axis»«, rest»)"),
    latex=call(r"\operatorname{share}«_axis»(#1«, rest»)"),
    derivative=by_position((_share_rule,)),
    cuts=beside,
    kernels=(kernels.sigmoid, kernels.delay, kernels.recurrence, kernels.share),
    component=_part,
    reference=lambda x, axis, rest: _lines(x, axis, lambda v: _shares(v, rest)),
    samples=(((3,), {"axis": -1, "rest": False}), ((3, 2), {"axis": -2, "rest": True})),
)


def _log_of_sums(v: list[Any]) -> list[Any]:
    return [mpmath().log(mpmath().fsum(map(mpmath().exp, v[: k + 1]))) for k in range(len(v))]


LOGCUMSUMEXP: Op = reduction(
    "logcumsumexp",
    "log Σ e^x over the entries up to each one along an axis, without overflow.",
    numpy="np.logaddexp.accumulate(#1, axis=«axis»)",
    latex=r"\operatorname{logcumsumexp}«_axis»(#1)",
    index=call(r"\operatorname{logcumsumexp}_{«indices»}(#1)"),
    shape=same_shape,
    derivative=by_position((lambda g, z, x: _back(g, x, _from_end(z)),)),
    component=lambda z, at, x: sp.log(_so_far(z, at, x, sp.exp)),
    reference=lambda x, axis: _lines(x, axis[0], _log_of_sums),
    samples=_LINES,
)


def _running(op: Op, x: Expr, axis: Any) -> Expr:
    """The operation along one axis; along the elements in row-major order if it is None."""
    flat = ravel(x) if axis is None and x.ndim != 1 else x
    chosen: Axes = (shapes.one_axis(0 if axis is None else axis, flat.shape, f"{op.name}({describe(x)})"),)
    return in_single(lambda e: apply(op, e, axis=chosen), flat)


@public
def cumsum(x: Any, axis: Any = None) -> Expr:
    r"""The sums of the entries up to each one.

    .. math:: y_i = \sum_{j \leq i} x_j

    Parameters
    ----------
    x : Expr
        Small integers and bool are added as 64-bit integers, as in NumPy.
    axis : int or size name, optional
        All elements in row-major order if None.

    Returns
    -------
    Expr
        The shape of `x`, or a vector if `axis` is None. Its derivative is the running sum from the other end.

    Raises
    ------
    AxisError
        If `x` has no such axis.
    """
    (x,) = lift("cumsum", x)
    return _running(CUMSUM, x, axis)


@public
def cumprod(x: Any, axis: Any = None) -> Expr:
    r"""The products of the entries up to each one.

    .. math:: y_i = \prod_{j \leq i} x_j

    Parameters
    ----------
    x : Expr
        Small integers and bool are multiplied as 64-bit integers, as in NumPy.
    axis : int or size name, optional
        All elements in row-major order if None.

    Returns
    -------
    Expr
        The shape of `x`, or a vector if `axis` is None. Its derivative is right where entries are 0.

    Raises
    ------
    AxisError
        If `x` has no such axis.
    """
    (x,) = lift("cumprod", x)
    return _running(CUMPROD, x, axis)


@public
def logcumsumexp(x: Any, axis: Any = None) -> Expr:
    r"""The log-sum-exps of the entries up to each one, without overflow or underflow.

    .. math:: y_i = \log \sum_{j \leq i} e^{x_j}

    Parameters
    ----------
    x : Expr
        Any real numbers; integers are taken as float64.
    axis : int or size name, optional
        All elements in row-major order if None.

    Returns
    -------
    Expr
        The shape of `x`, or a vector if `axis` is None. Its derivative in an entry −∞ is 0.

    Raises
    ------
    AxisError
        If `x` has no such axis.
    """
    (x,) = lift("logcumsumexp", x)
    return _running(LOGCUMSUMEXP, cast(x, to_float(x.dtype)), axis)
