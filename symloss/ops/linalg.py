"""Inverses, linear systems and determinants of stacks of square matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Component, Part, total, undefined
from ..core.dtypes import is_float
from ..core.errors import ShapeError, message
from ..core.evaluate import mpmath
from ..core.expr import Expr, apply, signature
from ..core.leaves import lift
from ..core.notation import ATOM, INVERSE, JUXTAPOSE, PREFIX, PRODUCT, Notation, call, postfix
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .along import HALF, SINGLE
from .diagonals import as_matrix, square_size
from .family import by_position, cast, public, real
from .normal import COMBINE, by_labels, combine

__all__ = [
    "det",
    "inv",
    "logdet",
    "slogdet",
    "solve",
]

Labels = list[Any]
_NUMBERS = np.array([[2.0, -0.5, 0.3], [0.4, -1.5, 0.7], [-0.2, 0.6, 1.8]])
_STACK = np.array([[[1.5, 0.25], [-0.5, 1.0]], [[0.3, 2.0], [1.25, -0.7]]])
_SQUARES: tuple[tuple[Any, ...], ...] = ((_NUMBERS, {}), (_STACK, {}))


def square_shape(call_: str, x: Expr) -> shapes.Shape:
    """The shape of a square matrix of the same size as `x`."""
    return (*x.shape[:-2], *[square_size(call_, x)] * 2)


def _number(call_: str, x: Expr) -> shapes.Shape:
    """The shape of one number for each square matrix."""
    return square_shape(call_, x)[:-2]


def leading(g: Expr, z: Expr, x: Expr) -> tuple[Labels, Labels]:
    """Labels of the extra axes of a cotangent `g` of `z`, and of the leading axes of the matrices `x`."""
    return [("g", a) for a in range(g.ndim - z.ndim)], list(range(x.ndim - 2))


def each(x: Any, f: Callable[[Any], Any]) -> Any:
    """What `f` makes of each matrix of an array, as an array of exact numbers."""
    found = [f(mpmath().matrix(one.tolist())) for one in x.reshape(-1, *x.shape[-2:])]
    rows = [one.tolist() if isinstance(one, mpmath().matrix) else one for one in found]
    return np.array(rows, dtype=object).reshape(x.shape[:-2] + np.shape(rows)[1:])


def computed(op: Op, *args: Expr) -> Expr:
    """The operation on floats; half precision, which LAPACK lacks, is computed in single precision."""
    dtype = real(*args)
    wide = SINGLE if dtype == HALF else dtype
    fits = [cast(x, wide) if x.dtype == HALF or not is_float(x.dtype) else x for x in args]
    return cast(apply(op, *fits), dtype)


# Inverse and linear systems -----------------------------------------------------------------------
def _inverse_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """−A⁻ᵀ g A⁻ᵀ."""
    extra, batch = leading(g, z, x)
    pairs = [(z, [*batch, "k", "i"]), (g, [*extra, *batch, "k", "l"]), (z, [*batch, "j", "l"])]
    return -by_labels(pairs, [*extra, *batch, "i", "j"])


def _inverse_entry(x: Part, batch: Sequence[Component], i: Component, j: Component) -> Component:
    sizes = [square_size("inv", x.node)] * 2
    return undefined("inv", sizes, lambda *k: x(*batch, *k), at=(i, j), of_one=lambda e: 1 / e)


INV = Op(
    "inv",
    "The inverse of a square matrix.",
    shape=square_shape,
    dtype=real,
    numpy=call("np.linalg.inv(#1)"),
    text=postfix("⁻¹", INVERSE),
    latex=postfix("^{-1}", INVERSE),
    derivative=by_position((_inverse_rule,)),
    component=lambda z, at, x: _inverse_entry(x, at[:-2], *at[-2:]),
    reference=lambda x: each(x, mpmath().inverse),
    samples=_SQUARES,
)


def _solve_shape(call_: str, a: Expr, b: Expr) -> shapes.Shape:
    size = square_size(call_, a)
    if b.ndim == 0:
        wrong = "the right side is a scalar"
        raise ShapeError(message(signature(call_, a, b), wrong, "give a vector or a matrix"))
    rows = b.shape[-2 if b.ndim > 1 else 0]
    if shapes.unify(size, rows) is None:
        sizes = f"{shapes.size_text(size)} unknowns for {shapes.size_text(rows)} rows"
        mend = "b is a vector, or has the rows last but one; stack vectors with expand_dims(b, -1)"
        raise ShapeError(message(signature(call_, a, b), f"got {sizes}", mend))
    batch = shapes.broadcast([a.shape[:-2], b.shape[:-2]], signature(call_, a, b))
    return (*batch, size, *(b.shape[-1:] if b.ndim > 1 else ()))


def _solve_labels(g: Expr, z: Expr, a: Expr, b: Expr) -> tuple[Labels, Labels, Labels]:
    """Labels of the extra axes, of the leading axes of the result, and of the columns if there are any."""
    columns: Labels = ["column"] if b.ndim > 1 else []
    extra, _ = leading(g, z, a)
    return extra, list(range(z.ndim - 1 - len(columns))), columns


def _right_side_rule(g: Expr, z: Expr, a: Expr, b: Expr) -> Expr:
    """A⁻ᵀ g; several cotangents meet the inverse itself, so that a Kronecker delta among them vanishes."""
    extra, batch, columns = _solve_labels(g, z, a, b)
    own: Labels = batch[len(batch) - (a.ndim - 2) :]
    if g.op is COMBINE and len(g.args) == 1:
        return combine(g.params["coefs"], [_right_side_rule(g.args[0], z, a, b)])
    if not extra and (columns or not batch):
        transposed = by_labels([(a, [*own, "i", "j"])], [*own, "j", "i"])
        return apply(SOLVE, transposed, g)
    pairs = [(apply(INV, a), [*own, "k", "i"]), (g, [*extra, *batch, "k", *columns])]
    return by_labels(pairs, [*extra, *batch, "i", *columns])


def _system_rule(g: Expr, z: Expr, a: Expr, b: Expr) -> Expr:
    """−(A⁻ᵀ g) xᵀ, for the solution x."""
    extra, batch, columns = _solve_labels(g, z, a, b)
    flow = _right_side_rule(g, z, a, b)
    pairs = [(flow, [*extra, *batch, "i", *columns]), (z, [*batch, "j", *columns])]
    return -by_labels(pairs, [*extra, *batch, "i", "j"])


def _solved(z: Expr, at: Sequence[Component], a: Part, b: Part) -> Component:
    """The sum over the right side times the entries of the inverse."""
    *batch, i = at if b.node.ndim == 1 else at[:-1]
    column = at[len(batch) + 1 :]
    size = square_size("solve", a.node)
    return total([size], lambda k: _inverse_entry(a, batch, i, k) * b(*batch, k, *column))


SOLVE: Op = Op(
    "solve",
    "The solution x of A x = b, for a vector or for the columns of a matrix.",
    shape=_solve_shape,
    dtype=real,
    numpy=call("np.linalg.solve(#1, #2)"),
    text=Notation(f"#1⁻¹{JUXTAPOSE}#2", PRODUCT, (ATOM, PREFIX)),
    latex=Notation(f"#1^{{-1}}{JUXTAPOSE}#2", PRODUCT, (ATOM, PREFIX)),
    derivative=by_position((_system_rule, _right_side_rule)),
    component=_solved,
    reference=lambda a, b: np.matmul(each(a, mpmath().inverse), b),
    samples=(
        (_NUMBERS, _NUMBERS[0], {}),
        (_NUMBERS, _NUMBERS[:, 1:], {}),
        (_STACK, _STACK[0, 0], {}),
        (_STACK, _STACK[1, :, :1], {}),
        (_STACK[0], _STACK[:, :, 1:], {}),
    ),
)


@public
def inv(x: Any) -> Expr:
    r"""The inverse of a square matrix.

    .. math:: A^{-1}

    Parameters
    ----------
    x : Expr, (…, N, N)
        One matrix, or a stack of them; integers are taken as float64.

    Returns
    -------
    Expr, (…, N, N)
        Its derivative is −A⁻ᵀ g A⁻ᵀ.

    Raises
    ------
    ShapeError
        If `x` is no matrix, or is not square.
    DomainError
        When a compiled function meets a singular matrix.
    """
    return computed(INV, as_matrix("inv", x))


@public
def solve(a: Any, b: Any) -> Expr:
    r"""The solution x of A x = b, without forming the inverse.

    .. math:: A^{-1} b

    Parameters
    ----------
    a : Expr, (…, N, N)
        The matrix of the system, or a stack of them.
    b : Expr, (N,) or (…, N, K)
        One vector, or matrices whose columns are right sides, as in NumPy 2.

    Returns
    -------
    Expr, (…, N) or (…, N, K)
        Its derivative in b is A⁻ᵀ g, and that in A is −(A⁻ᵀ g) xᵀ.

    Raises
    ------
    ShapeError
        If `a` is not square, or `b` has another number of rows.
    DomainError
        When a compiled function meets a singular matrix.
    """
    a, b = lift("solve", a, b)
    return computed(SOLVE, as_matrix("solve", a), b)


# Determinants -------------------------------------------------------------------------------------
def _det_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """g · det(A) · A⁻ᵀ."""
    extra, batch = leading(g, z, x)
    pairs = [(g, [*extra, *batch]), (z, batch), (apply(INV, x), [*batch, "j", "i"])]
    return by_labels(pairs, [*extra, *batch, "i", "j"])


def _logdet_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """g · A⁻ᵀ."""
    extra, batch = leading(g, z, x)
    pairs = [(g, [*extra, *batch]), (apply(INV, x), [*batch, "j", "i"])]
    return by_labels(pairs, [*extra, *batch, "i", "j"])


def _determinant(z: Expr, at: Sequence[Component], x: Part) -> Component:
    return undefined("det", [square_size("det", x.node)] * 2, lambda *k: x(*at, *k))


DET = Op(
    "det",
    "The determinant of a square matrix.",
    shape=_number,
    dtype=real,
    numpy=call("np.linalg.det(#1)"),
    text=call("det(#1)"),
    latex=call(r"\det(#1)"),
    derivative=by_position((_det_rule,)),
    component=_determinant,
    reference=lambda x: each(x, mpmath().det),
    samples=_SQUARES,
)


def _cofactors_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """(Σ g ⊙ C) A⁻ᵀ − C gᵀ A⁻ᵀ, for the cofactors C."""
    extra, batch = leading(g, z, x)
    inverse = (apply(INV, x), [*batch, "j", "i"])
    own, out = [*extra, *batch], [*extra, *batch, "i", "j"]
    along = by_labels([(g, [*own, "k", "l"]), (z, [*batch, "k", "l"]), inverse], out)
    return along - by_labels(
        [(z, [*batch, "i", "k"]), (g, [*own, "l", "k"]), (apply(INV, x), [*batch, "j", "l"])], out
    )


def _cofactors(one: Any) -> Any:
    return mpmath().det(one) * mpmath().inverse(one).T


COFACTORS: Op = Op(
    "cofactors",
    "det(A)·A⁻ᵀ, the derivative of the determinant, which a singular matrix has as well.",
    shape=square_shape,
    dtype=real,
    numpy=call("cofactors(#1)"),
    text=Notation("det(#1)·#1⁻ᵀ", PRODUCT, (ATOM,)),
    latex=Notation(r"\det(#1) \, #1^{-\top}", PRODUCT, (ATOM,)),
    derivative=by_position((_cofactors_rule,)),
    component=lambda z, at, x: _determinant(z, at[:-2], x) * _inverse_entry(x, at[:-2], at[-1], at[-2]),
    reference=lambda x: each(x, _cofactors),
    kernels=(kernels.prod_others, kernels.cofactors),
    samples=((_NUMBERS, {}), (np.stack([_NUMBERS, _NUMBERS.T + 1]), {})),
)


LOGDET = Op(
    "logdet",
    "The logarithm of the absolute value of the determinant, without overflow or underflow.",
    shape=_number,
    dtype=real,
    numpy=call("np.linalg.slogdet(#1)[1]"),
    text=Notation("log |det #1|", PREFIX, (ATOM,)),
    latex=Notation(r"\log \lvert \det #1 \rvert", PREFIX, (ATOM,)),
    derivative=by_position((_logdet_rule,)),
    component=lambda z, at, x: sp.log(sp.Abs(_determinant(z, at, x))),
    reference=lambda x: each(x, lambda one: mpmath().log(abs(mpmath().det(one)))),
    samples=_SQUARES,
)


SIGN_DET = Op(
    "sign_det",
    "The sign of the determinant: −1, 0 or 1; its derivative is 0.",
    shape=_number,
    dtype=real,
    numpy=call("np.linalg.slogdet(#1)[0]"),
    text=call("sign(det(#1))"),
    latex=call(r"\operatorname{sign}(\det(#1))"),
    derivative=by_position((None,)),
    component=lambda z, at, x: sp.sign(_determinant(z, at, x)),
    reference=lambda x: each(x, lambda one: mpmath().sign(mpmath().det(one))),
    samples=_SQUARES,
)


@public
def det(x: Any) -> Expr:
    r"""The determinant of a square matrix.

    .. math:: \det(A)

    Parameters
    ----------
    x : Expr, (…, N, N)
        One matrix, or a stack of them; integers are taken as float64.

    Returns
    -------
    Expr, (…)
        Its derivative is written det(A) A⁻ᵀ, and is the matrix of cofactors where A is singular. For large
        matrices `logdet` does not overflow.

    Raises
    ------
    ShapeError
        If `x` is no matrix, or is not square.
    """
    return computed(DET, as_matrix("det", x))


@public
def logdet(x: Any) -> Expr:
    r"""The logarithm of the absolute value of the determinant, without overflow or underflow.

    .. math:: \log \lvert \det A \rvert

    Parameters
    ----------
    x : Expr, (…, N, N)
        One matrix, or a stack of them; integers are taken as float64.

    Returns
    -------
    Expr, (…)
        In nats; −∞ for a singular matrix. Its derivative is A⁻ᵀ.

    Raises
    ------
    ShapeError
        If `x` is no matrix, or is not square.
    """
    return computed(LOGDET, as_matrix("logdet", x))


@public
def slogdet(x: Any) -> tuple[Expr, Expr]:
    r"""The sign of the determinant and the logarithm of its absolute value, as in NumPy.

    .. math:: \det(A) = s \, e^{\ell}

    Parameters
    ----------
    x : Expr, (…, N, N)
        One matrix, or a stack of them; integers are taken as float64.

    Returns
    -------
    sign : Expr, (…)
        −1, 0 or 1; its derivative is 0.
    logabsdet : Expr, (…)
        The same as `logdet`.

    Raises
    ------
    ShapeError
        If `x` is no matrix, or is not square.
    """
    x = as_matrix("slogdet", x)
    square_size("slogdet", x)
    return computed(SIGN_DET, x), computed(LOGDET, x)
