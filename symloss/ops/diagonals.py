"""Triangles, diagonals and traces of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import choice
from ..core.errors import ShapeError, message
from ..core.expr import Expr, apply, signature
from ..core.leaves import lift
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .axes import arrangement
from .family import by_position, public
from .normal import by_labels, delta

__all__ = [
    "diag",
    "diagonal",
    "trace",
    "tril",
    "triu",
]


def _triangle(name: str, doc: str, within: str) -> Op:
    return arrangement(
        name,
        doc,
        shape=lambda call, x, k: x.shape,
        numpy=f"np.{name}(#1«, k»)",
        latex=rf"\operatorname{{{name}}}(#1«, k»)",
        text=f"{name}(#1«, k»)",
        derivative=by_position((lambda g, z, x: apply(z.op, g, k=z.params["k"]),)),
        component=lambda z, at, x: choice(getattr(sp, within)(at[-1], at[-2] + z.params["k"]), x(*at), 0),
        reference=lambda x, k: np.where(getattr(np, name)(np.ones(x.shape), k) == 1, x, 0),
        samples=(((2, 3), {"k": 0}), ((3, 3), {"k": 1})),
    )


TRIL = _triangle("tril", "The lower triangle of the last two axes, zeros above.", "Le")


TRIU = _triangle("triu", "The upper triangle of the last two axes, zeros below.", "Ge")


def as_matrix(call_: str, x: Any) -> Expr:
    """An operand that has at least the two axes of a matrix."""
    (e,) = lift(call_, x)
    if e.ndim < 2:
        wrong = f"needs a matrix, got rank {e.ndim}"
        raise ShapeError(message(signature(call_, e), wrong, "use expand_dims()"))
    return e


@public
def tril(x: Any, k: int = 0) -> Expr:
    """The lower triangle of the last two axes, up to diagonal `k`."""
    return apply(TRIL, as_matrix("tril", x), k=shapes.integer(k, "k", "tril()"))


@public
def triu(x: Any, k: int = 0) -> Expr:
    """The upper triangle of the last two axes, from diagonal `k`."""
    return apply(TRIU, as_matrix("triu", x), k=shapes.integer(k, "k", "triu()"))


DIAG = arrangement(
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


def _on_diagonal(x: Expr, first: int, second: int) -> Expr:
    """A tensor times the delta of one of its axes and a new one."""
    own: list[Any] = [*range(second), *range(second + 1, x.ndim + 1)]
    pair = (delta(x.shape[first], x.dtype), [first, second])
    return by_labels([(x, own), pair], range(x.ndim + 1))


ON_DIAGONAL = arrangement(
    "on_diagonal",
    "A tensor on the diagonal of its axis `first` and of a new axis `second`, beside zeros.",
    shape=lambda call, x, first, second: (*x.shape[:second], x.shape[first], *x.shape[second:]),
    numpy="on_diagonal(#1, «first», «second»)",
    latex=r"\operatorname{on\_diagonal}(#1)",
    definition=_on_diagonal,
    reference=lambda x, first, second: kernels.on_diagonal(x, first, second),
    kernels=(kernels.on_diagonal,),
    samples=(((3, 2), {"first": 0, "second": 2}), ((2, 3), {"first": 0, "second": 1})),
)


def square_size(call_: str, x: Expr) -> shapes.Size:
    """The size of both of the last two axes."""
    size = shapes.unify(x.shape[-2], x.shape[-1])
    if size is None:
        raise ShapeError(
            message(signature(call_, x), "needs a square matrix", "the last two sizes must agree")
        )
    return size


DIAGONAL = arrangement(
    "diagonal",
    "The diagonal of the last two axes.",
    shape=lambda call, x: (*x.shape[:-2], square_size(call, x)),
    numpy="np.diagonal(#1, axis1=-2, axis2=-1)",
    text="diagonal(#1)",
    latex=r"\operatorname{diagonal}(#1)",
    definition=lambda x: by_labels([(x, [*range(x.ndim - 1), x.ndim - 2])], range(x.ndim - 1)),
    reference=lambda x: np.diagonal(x, axis1=-2, axis2=-1),
    samples=(((3, 3), {}), ((2, 3, 3), {})),
    view=True,
)


TRACE = arrangement(
    "trace",
    "The sum of the diagonal of the last two axes.",
    shape=lambda call, x: x.shape[:-2] if square_size(call, x) is not None else (),
    numpy="np.trace(#1, axis1=-2, axis2=-1)",
    text="tr(#1)",
    latex=r"\operatorname{tr}(#1)",
    definition=lambda x: by_labels([(x, [*range(x.ndim - 1), x.ndim - 2])], range(x.ndim - 2)),
    reference=lambda x: np.trace(x, axis1=-2, axis2=-1),
    samples=(((3, 3), {}),),
)


@public
def diag(x: Any) -> Expr:
    """The square matrix with the vector `x` on its diagonal, or the diagonal of a matrix."""
    (x,) = lift("diag", x)
    if x.ndim == 1:
        return apply(DIAG, x)
    return apply(DIAGONAL, as_matrix("diag", x))


@public
def diagonal(x: Any) -> Expr:
    """The diagonal of the last two axes of a square matrix."""
    return apply(DIAGONAL, as_matrix("diagonal", x))


@public
def trace(x: Any) -> Expr:
    """The sum of the diagonal of the last two axes of a square matrix."""
    return apply(TRACE, as_matrix("trace", x))
