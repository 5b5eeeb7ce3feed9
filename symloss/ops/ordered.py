"""Entries in ascending order along an axis, the largest ones, and their positions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Component, Part, along, first_place, undefined
from ..core.dtypes import INT64
from ..core.errors import DomainError, message
from ..core.expr import Expr, apply, describe
from ..core.leaves import lift
from ..core.op import Op
from . import kernels
from .along import reduction, same_shape
from .family import by_position, public
from .joining import ravel
from .labels import PUT_ALONG, TAKE_ALONG

__all__ = [
    "argsort",
    "sort",
    "top_k",
]

_TIES = np.array([[2.0, 0.5, 2.0, -1.0], [0.0, 1.0, 1.0, 1.0]])
_LINES = (((4,), {"axis": (0,)}), ((2, 3), {"axis": (1,)}), ((3, 2), {"axis": (0,)}))


def _positions(x: Any, axis: int, key: Any) -> Any:
    """The positions of the entries of each line in the order of a key, the lowest one of a tie first."""
    return np.apply_along_axis(lambda v: np.array(sorted(range(len(v)), key=lambda i: key(v[i]))), axis, x)


def _placed(name: str, z: Expr, at: Sequence[Component], x: Part, **facts: Any) -> Component:
    """An undefined function of a line and of the place in the result: SymPy has no order among components."""
    (axis,) = z.params["axis"]
    return along(at, x, (axis,), fold=partial(undefined, name, at=at[axis : axis + 1], **facts))


def _sort_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """g taken back to where each entry came from."""
    (axis,) = z.params["axis"]
    order = apply(ARGSORT, x, axis=(axis,))
    return apply(PUT_ALONG, g, order, axis=axis - x.ndim, size=x.shape[axis])


SORT = reduction(
    "sort",
    "The entries in ascending order along an axis; equal ones keep their order.",
    numpy="np.sort(#1«, axis»)",
    text="sort(#1«, axis|last»)",
    latex=r"\operatorname{sort}«_axis|last»(#1)",
    shape=same_shape,
    dtype=lambda x, **_: x.dtype,
    derivative=by_position((_sort_rule,)),
    component=partial(_placed, "sort"),
    reference=lambda x, axis: np.apply_along_axis(lambda v: np.array(sorted(v), dtype=object), axis[0], x),
    samples=_LINES,
)


ARGSORT: Op = reduction(
    "argsort",
    "The positions of the entries in ascending order along an axis; the lowest one of a tie first.",
    numpy="np.argsort(#1«, axis», kind='stable')",
    text="argsort(#1«, axis|last»)",
    latex=r"\operatorname{argsort}«_axis|last»(#1)",
    shape=same_shape,
    dtype=lambda x, **_: INT64,
    undifferentiable="it is a position",
    component=partial(_placed, "argsort", of_one=first_place),
    reference=lambda x, axis: _positions(x, axis[0], lambda entry: entry),
    samples=(*_LINES, (_TIES, {"axis": (1,)})),
)


def _largest(call_: str, x: Expr, axis: tuple[int], k: int) -> shapes.Shape:
    size = x.shape[axis[0]]
    if k < 1 or not shapes.at_most(k, size):
        wrong = f"k is {k}, for an axis of size {shapes.size_text(size)}"
        raise DomainError(message(f"{call_}({describe(x)})", wrong, "use 1, 2, … up to the size"))
    return (*x.shape[: axis[0]], k, *x.shape[axis[0] + 1 :])


ARG_TOP_K = reduction(
    "arg_top_k",
    "The positions of the k largest entries along an axis, largest first; the lowest one of a tie first.",
    numpy="arg_top_k(#1, «k», «axis»)",
    text="arg_top_k(#1, «k»«, axis|last»)",
    latex=r"\operatorname{arg\,top}_{«k»}(#1«, axis|last»)",
    shape=lambda call_, x, axis, k: _largest("top_k", x, axis, k),
    dtype=lambda x, **_: INT64,
    undifferentiable="it is a position",
    kernels=(kernels.arg_top_k,),
    component=partial(_placed, "arg_top_k", of_one=first_place),
    reference=lambda x, axis, k: np.take(_positions(x, axis[0], lambda entry: -entry), range(k), axis[0]),
    samples=(
        ((4,), {"axis": (0,), "k": 2}),
        ((3, 2), {"axis": (0,), "k": 3}),
        (_TIES, {"axis": (1,), "k": 3}),
    ),
)


def _line(name: str, x: Any, axis: Any) -> tuple[Expr, int]:
    """The operand and its axis; the elements in row-major order if that is None."""
    (x,) = lift(name, x)
    flat = ravel(x) if axis is None and x.ndim != 1 else x
    return flat, shapes.one_axis(0 if axis is None else axis, flat.shape, f"{name}({describe(x)})")


@public
def sort(x: Any, axis: Any = -1) -> Expr:
    r"""The entries in ascending order, as in NumPy: NaN comes last.

    .. math:: x_{\pi_1} \leq x_{\pi_2} \leq \dots

    Parameters
    ----------
    x : Expr
        Any dtype.
    axis : int or size name
        The last one by default; all elements in row-major order if None.

    Returns
    -------
    Expr
        The shape of `x`, or a vector if `axis` is None. Its derivative takes each slope back to the entry
        that came to stand there; equal entries keep their order, so that a tie is not shared.

    Raises
    ------
    AxisError
        If `x` has no such axis.
    """
    x, number = _line("sort", x, axis)
    return apply(SORT, x, axis=(number,))


@public
def argsort(x: Any, axis: Any = -1) -> Expr:
    r"""The positions of the entries in ascending order; the lowest one of a tie first (a stable sort).

    .. math:: \pi \text{ with } x_{\pi_1} \leq x_{\pi_2} \leq \dots

    Parameters
    ----------
    x : Expr
        Any dtype; NaN comes last.
    axis : int or size name
        The last one by default; all elements in row-major order if None.

    Returns
    -------
    Expr, int64
        The shape of `x`, or a vector if `axis` is None. It has no derivative.

    Raises
    ------
    AxisError
        If `x` has no such axis.
    """
    x, number = _line("argsort", x, axis)
    return apply(ARGSORT, x, axis=(number,))


@public
def top_k(x: Any, k: int, axis: Any = -1) -> tuple[Expr, Expr]:
    r"""The k largest entries, largest first, and their positions; the lowest position of a tie first.

    .. math:: x_{\pi_1} \geq x_{\pi_2} \geq \dots \geq x_{\pi_k}

    Parameters
    ----------
    x : Expr
        Any dtype; NaN counts as the largest.
    k : int
        From 1 to the size of the axis.
    axis : int or size name
        The last one by default; all elements in row-major order if None.

    Returns
    -------
    values : Expr
        The shape of `x` with k for the size of the axis. The derivative goes to the chosen entries alone,
        so that a tie is not shared.
    positions : Expr, int64
        Where they stand, in the same shape.

    Raises
    ------
    DomainError
        If k is less than 1 or more than the size.
    AxisError
        If `x` has no such axis.
    """
    x, number = _line("top_k", x, axis)
    k = shapes.integer(k, "k", f"top_k({describe(x)})")
    positions = apply(ARG_TOP_K, x, axis=(number,), k=k)
    return apply(TAKE_ALONG, x, positions, axis=number), positions
