"""Triangular factors of stacks of square matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.component import Component, Part, undefined
from ..core.evaluate import mpmath
from ..core.expr import Expr, apply
from ..core.notation import call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .diagonals import TRIL, as_matrix, square_size
from .family import by_position, public, real
from .linalg import INV, computed, each, leading, square_shape
from .normal import by_labels

__all__ = ["cholesky"]

_POSITIVE = np.array([[2.0, 0.5, -0.3], [0.5, 1.5, 0.2], [-0.3, 0.2, 0.9]])


def _cholesky_rule(g: Expr, z: Expr, x: Expr) -> Expr:
    """½ L⁻ᵀ (tril(M) + tril(M, −1)ᵀ) L⁻¹ with M = Lᵀ g, which is symmetric."""
    extra, batch = leading(g, z, x)
    lead = [*extra, *batch]
    m = by_labels([(z, [*batch, "k", "i"]), (g, [*lead, "k", "j"])], [*lead, "i", "j"])
    below = by_labels([(apply(TRIL, m, k=-1), [*lead, "j", "i"])], [*lead, "i", "j"])
    mirrored, inverse = apply(TRIL, m, k=0) + below, apply(INV, z)
    pairs = [(inverse, [*batch, "k", "i"]), (mirrored, [*lead, "k", "l"]), (inverse, [*batch, "l", "j"])]
    return by_labels(pairs, [*lead, "i", "j"]) / 2


def _cholesky_reference(x: Any) -> Any:
    return each((x + np.swapaxes(x, -1, -2)) / 2, mpmath().cholesky)


def _cholesky_component(z: Expr, at: Sequence[Component], x: Part) -> Component:
    *batch, i, j = at
    sizes = [square_size("cholesky", x.node)] * 2

    def symmetric(k: Component, m: Component) -> Component:
        return (x(*batch, k, m) + x(*batch, m, k)) / 2

    return undefined("cholesky", sizes, symmetric, at=(i, j), of_one=sp.sqrt)


CHOLESKY = Op(
    "cholesky",
    "The lower triangular L with L Lᵀ = A, for the symmetric part of A.",
    shape=square_shape,
    dtype=real,
    numpy=call("cholesky(#1)"),
    text=call("cholesky(#1)"),
    latex=call(r"\operatorname{cholesky}(#1)"),
    derivative=by_position((_cholesky_rule,)),
    kernels=(kernels.cholesky,),
    component=_cholesky_component,
    reference=_cholesky_reference,
    samples=((_POSITIVE, {}), (np.stack([_POSITIVE[:2, :2], _POSITIVE[1:, 1:]]), {})),
    letter="L",
)


@public
def cholesky(x: Any) -> Expr:
    r"""The lower triangular L with L Lᵀ = A, for a symmetric positive definite A.

    .. math:: A = L L^{\top}

    Parameters
    ----------
    x : Expr, (…, N, N)
        One matrix, or a stack of them; only the symmetric part (A + Aᵀ)/2 counts, so that the derivative
        is symmetric. For symmetric matrices this is NumPy's function; for others NumPy reads the lower half.

    Returns
    -------
    Expr, (…, N, N)
        Zeros above the diagonal.

    Raises
    ------
    ShapeError
        If `x` is no matrix, or is not square.
    DomainError
        When a compiled function meets a matrix that is not positive definite.
    """
    return computed(CHOLESKY, as_matrix("cholesky", x))
