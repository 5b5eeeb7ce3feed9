"""Products with an inverse as solutions of linear systems, and determinants times inverses as cofactors."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.expr import Expr, apply
from ..ops.linalg import COFACTORS, DET, INV, SOLVE
from ..ops.normal import Index, by_labels
from .normalise import Normaliser
from .products import Product, product_of, transposed

Factor = tuple[Expr, Index]


def solve_of_inverse(normal: Normaliser, node: Expr) -> Expr | None:
    """``A⁻¹ b`` and ``A⁻ᵀ b``, for a vector or a matrix b, also inside a longer product."""
    product = product_of(node)
    systems = sorted(_systems(product), key=lambda found: found[1][0].ndim)
    for inverse, side, shared in systems:
        (a,), (b, own) = inverse[0].args, side
        row = next(i for i in inverse[1] if i != shared)
        matrix = a if inverse[1][1] == shared else transposed(a)
        right = transposed(b) if own[-1] == shared and b.ndim == 2 else b
        solved = normal.finished(apply(SOLVE, normal(matrix), normal(right)))
        at = (row, *[i for i in own if i != shared])
        rest = [pair for pair in product.factors if pair is not inverse and pair is not side]
        kept = {i: product.sizes[i] for i in product.out}
        return normal(by_labels([*rest, (solved, at)], product.out, kept))
    return None


def _systems(product: Product) -> Iterator[tuple[Factor, Factor, int]]:
    """Inverses, each with a factor that it is multiplied with over one index, which nothing else has."""
    for inverse in product.factors:
        if inverse[0].op is not INV or inverse[0].ndim != 2 or inverse[1][0] == inverse[1][1]:
            continue
        for shared in inverse[1]:
            met = [pair for pair in product.factors if shared in pair[1] and pair is not inverse]
            alone = len(met) == 1 and shared not in product.out and len(set(met[0][1])) == len(met[0][1])
            if alone and met[0][0].ndim <= 2 and not set(inverse[1]) <= set(met[0][1]):
                yield inverse, met[0], shared


def cofactors(normal: Normaliser, node: Expr) -> Expr | None:
    """``det(A)·A⁻¹``, which a singular matrix has as well: its transposed cofactors."""
    product = product_of(node)
    for inverse in product.factors:
        found = (f for f in product.factors if f[0].op is DET and f[0].args == inverse[0].args)
        determinant = next(found, None) if inverse[0].op is INV else None
        if determinant is None or determinant[1] != inverse[1][:-2]:
            continue
        *batch, i, j = inverse[1]
        value = normal.finished(apply(COFACTORS, *inverse[0].args))
        rest = [pair for pair in product.factors if pair is not inverse and pair is not determinant]
        return normal.product([*rest, (value, (*batch, j, i))], product.out, tuple(product.sizes), node)
    return None
