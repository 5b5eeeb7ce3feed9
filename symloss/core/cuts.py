"""Cuts: the indices of an operation along which it can be computed part by part."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .expr import Expr, apply
from .shapes import Size


class Cut(NamedTuple):
    """One index along which an operation can be computed part by part."""

    result: int | str
    """The axis of the result along the index; or, where it is summed out, the NumPy function of two arguments
    that joins the results of the parts, or `WEIGHED`."""
    args: tuple[int | None, ...]
    """The axis of each argument along the index; None for an argument that each part needs whole."""
    sized: str = ""
    """The parameter that holds the shape of the result, which is that of a part for a part."""


WEIGHED = "mean"
"""Joins the results of parts by their mean, each with the weight of its length."""
Cuts = Callable[[Expr], list[Cut]]


def aligned(arg: Expr, axis: int, rank: int) -> int | None:
    """The axis of an argument that broadcasting lays along an axis of a result of that rank."""
    own = axis - (rank - arg.ndim)
    return None if own < 0 or arg.shape[own] == 1 else own


def entrywise(node: Expr, sized: str = "") -> list[Cut]:
    """The cuts of an operation on single elements, whose arguments broadcast: along each axis."""
    rank = node.ndim
    return [Cut(a, tuple(aligned(arg, a, rank) for arg in node.args), sized) for a in range(rank)]


def beside(node: Expr) -> list[Cut]:
    """The cuts of an operation along the parameter `axis`: along each of the others."""
    axis, rank = node.params["axis"], max(arg.ndim for arg in node.args)
    axes = [a % rank for a in (axis if isinstance(axis, tuple) else (axis,))]
    kept = [a for a in range(rank) if a not in axes]
    places = kept if node.ndim == rank else range(len(kept))
    return [
        Cut(place, tuple(aligned(arg, a, rank) for arg in node.args))
        for place, a in zip(places, kept, strict=True)
    ]


def joined(by: str) -> Cuts:
    """The cuts of a reduction whose results for parts of an axis are joined by a NumPy function."""
    return lambda node: [*beside(node), *[Cut(by, (a,)) for a in node.params["axis"]]]


def cuts_of(node: Expr) -> list[Cut]:
    """The cuts of a node: what its record states, or what follows from its definition by indices."""
    if node.op.cuts is not None:
        return list(node.op.cuts(node))
    if node.op.elementwise:
        return entrywise(node)
    form = node.op.definition(*node.args, **node.params) if node.op.definition else None
    if form is None or form.op.cuts is None or form.args != node.args:
        return []
    return list(form.op.cuts(form))


def part(node: Expr, cut: Cut, args: tuple[Expr, ...], size: Size) -> Expr:
    """The operation on parts of its arguments, or of its result, whose length along the cut is `size`."""
    params = node.params
    if cut.sized:
        shape = list(params[cut.sized])
        shape[int(cut.result)] = size
        params = {**params, cut.sized: tuple(shape)}
    return apply(node.op, *args, **params)
