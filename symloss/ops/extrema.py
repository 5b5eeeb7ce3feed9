"""Products, extrema, truth of any or all, and positions along axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Part, along, choice, first_place, line, number, product, truth, undefined
from ..core.cuts import joined
from ..core.dtypes import BOOL, INT64
from ..core.errors import ShapeError, message
from ..core.evaluate import mpmath
from ..core.expr import Expr, apply, describe
from ..core.leaves import lift
from ..core.notation import ATOM, PREFIX, Notation, call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .along import along_axes, over, reduction, reduction_function, same_shape, spread, total, widened
from .arithmetic import eq
from .conditions import where
from .family import INDICATOR, by_position, public
from .normal import by_labels, delta

__all__ = [
    "argmax",
    "argmin",
    "prod",
]


HITS = replace(
    INDICATOR,
    name="hits",
    doc="1 where an entry is extremal, else 0; held constant, as which entry it is does not vary.",
    derivative=by_position((None,)),
)


def _extremum_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    hits = apply(HITS, eq(x, spread(z, z, x)), dtype=z.dtype)
    share = hits / total(hits, z.params["axis"], keepdims=True)
    return spread(g, z, x) * share


def _extremum(name: str, doc: str, which: Any) -> Op:
    return reduction(
        name,
        doc,
        numpy=f"np.{name}(#1«, axis»«, keepdims»)",
        text=f"{name}«_axis»(#1)",
        latex=rf"\{name}«_axis»(#1)",
        index=Notation(rf"\{name}_{{«indices»}} #1", PREFIX, (PREFIX,)),
        dtype=lambda x, **_: x.dtype,
        derivative=by_position((_extremum_rule,)),
        cuts=joined(f"{name}imum"),
        component=lambda z, at, x: along(at, x, z.params["axis"], fold=partial(undefined, name)),
        reference=lambda x, axis, keepdims: over(axis, x, which, keepdims),
    )


MAX = _extremum("max", "The largest element; ties share the derivative equally.", max)


MIN = _extremum("min", "The smallest element; ties share the derivative equally.", min)


PROD = reduction(
    "prod",
    "Product along one axis.",
    numpy="np.prod(#1«, axis»«, keepdims»)",
    text=Notation("Π«_axis»#1", PREFIX, (ATOM,)),
    latex=Notation(r"\prod«_axis» #1", PREFIX, (PREFIX,)),
    index=Notation(r"\prod_{«indices»} #1", PREFIX, (PREFIX,)),
    dtype=widened,
    derivative=by_position((lambda g, z, x: spread(g, z, x) * apply(PROD_OTHERS, x, axis=z.params["axis"]),)),
    cuts=joined("multiply"),
    reference=lambda x, axis, keepdims: over(axis, x, np.prod, keepdims),
    component=lambda z, at, x: along(at, x, z.params["axis"], fold=product),
    samples=(((3, 4), {"axis": (1,), "keepdims": False}), ((3, 2), {"axis": (0,), "keepdims": True})),
)


LOG_PROD = reduction(
    "log_prod",
    "The logarithm of a product along one axis, which neither overflows nor underflows.",
    numpy="log_prod(#1, «axis»«, keepdims»)",
    text=Notation("log(Π«_axis»#1)", slots=(ATOM,)),
    latex=Notation(r"\log(\prod«_axis» #1)", slots=(PREFIX,)),
    index=Notation(r"\log \prod_{«indices»} #1", PREFIX, (PREFIX,)),
    derivative=by_position((lambda g, z, x: spread(g, z, x) / x,)),
    kernels=(kernels.log_prod,),
    component=lambda z, at, x: sp.log(along(at, x, z.params["axis"], fold=product)),
    reference=lambda x, axis, keepdims: over(axis, x, lambda v: mpmath().log(np.prod(v)), keepdims),
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


def _prod_others_component(z: Expr, at: Sequence[Any], x: Part) -> Any:
    own, (sizes, entry) = at[z.params["axis"][0]], line(at, x, z.params["axis"])
    return product(sizes, lambda k: choice(sp.Eq(k, own), 1, number(entry(k))))


PROD_OTHERS: Op = reduction(
    "prod_others",
    "For each entry the product of the others along one axis: the derivative of prod.",
    numpy="prod_others(#1, «axis»)",
    latex=r"\operatorname{prod\_others}«_axis»(#1)",
    shape=same_shape,
    dtype=lambda x, **_: x.dtype,
    derivative=by_position((_prod_others_rule,)),
    kernels=(kernels.prod_others,),
    component=_prod_others_component,
    reference=lambda x, axis: kernels.prod_others(x, axis[0]),
    samples=(((4,), {"axis": (0,)}), ((2, 3), {"axis": (0,)})),
)


def _any_all(name: str, doc: str, which: Any, component: Any, by: str) -> Op:
    return reduction(
        name,
        doc,
        numpy=f"np.{name}(#1«, axis»«, keepdims»)",
        latex=rf"\operatorname{{{name}}}«_axis»(#1)",
        index=call(rf"\operatorname{{{name}}}_{{«indices»}}(#1)"),
        dtype=lambda x, **_: BOOL,
        undifferentiable="it is a truth value",
        cuts=joined(by),
        component=component,
        reference=lambda x, axis, keepdims: over(axis, x, which, keepdims),
    )


def _any_component(z: Expr, at: Sequence[Any], x: Part) -> Any:
    return sp.Ne(along(at, x, z.params["axis"], lambda e: number(truth(e))), 0)


def _all_component(z: Expr, at: Sequence[Any], x: Part) -> Any:
    return sp.Eq(along(at, x, z.params["axis"], lambda e: number(sp.Not(truth(e)))), 0)


ANY = _any_all("any", "Whether any element is true.", any, _any_component, "logical_or")


ALL = _any_all("all", "Whether all elements are true.", all, _all_component, "logical_and")


def _position(name: str, doc: str, which: Any) -> Op:
    return reduction(
        name,
        doc,
        numpy=f"np.{name}(#1«, axis»)",
        latex=rf"\operatorname{{{name}}}«_axis»(#1)",
        index=call(rf"\operatorname{{{name}}}_{{«indices»}}(#1)"),
        dtype=lambda x, **_: INT64,
        undifferentiable="it is a position",
        component=lambda z, at, x: along(
            at, x, z.params["axis"], fold=partial(undefined, name, of_one=first_place)
        ),
        reference=lambda x, axis: over(axis, x, lambda v: which(range(len(v)), key=v.__getitem__), False),
        samples=(((3, 4), {"axis": (1,)}), ((3, 2), {"axis": (0,)})),
    )


ARGMAX = _position("argmax", "The position of the largest element; the lowest one of a tie.", max)


ARGMIN = _position("argmin", "The position of the smallest element; the lowest one of a tie.", min)


any_ = reduction_function(ANY)


all_ = reduction_function(ALL)


def _extreme(op: Op) -> Callable[..., Expr]:
    def function(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
        (x,) = lift(op.name, x)
        result = along_axes(op, x, axis, keepdims=bool(keepdims))
        if any(x.shape[a] == 0 for a in result.params["axis"]):
            raise ShapeError(
                message(f"{op.name}({describe(x)})", "an axis of size 0 has no extremum", "check the shape")
            )
        return result

    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = op.doc
    return public(function)


max_ = _extreme(MAX)


min_ = _extreme(MIN)


@public
def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Expr:
    """Product along axes; the derivative is right where entries are 0."""
    (result,) = lift("prod", x)
    for a in reversed(shapes.axes(axis, result.shape, f"prod({describe(result)})")):
        result = apply(PROD, result, axis=(a,), keepdims=bool(keepdims))
    return result


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
