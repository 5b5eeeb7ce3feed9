"""Products of tensors for the compiler: by matrix products, and without the arrays that only spread them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from ..core.expr import Expr, apply
from ..core.leaves import CONSTANT
from ..core.op import OPS
from ..ops.axes import EXPAND, TRANSPOSE, transpose
from ..ops.contraction import EINSUM_BY_PRODUCTS
from ..ops.diagonals import ON_DIAGONAL
from ..ops.normal import DELTA

MULTIPLY = OPS["multiply"]
Labels = tuple[Any, ...]
Operand = tuple[Expr, Labels]
"""A tensor, and for each of its axes the index along it."""


def by_products(node: Expr) -> Expr | None:
    """An Einstein sum by matrix products, where tensors are summed over what they share.

    NumPy then finds the order of more than two tensors from their true sizes.
    """
    ins, out = node.params["subscripts"].split("->")
    terms = [set(term) for term in ins.split(",")]
    summed = set[str]().union(*terms) - set(out)
    shared = any(a & b & summed for a, b in combinations(terms, 2))
    repeated = sum(map(len, terms)) < len(ins.replace(",", ""))
    if not shared or repeated or all(term <= summed for term in terms):
        return None
    return apply(EINSUM_BY_PRODUCTS, *node.args, **node.params)


def bare(operand: Operand) -> Operand:
    """A tensor without the layouts around it."""
    e, labels = operand
    while e.op in (EXPAND, TRANSPOSE):
        kept = [label for axis, label in enumerate(labels) if axis not in e.params.get("axis", ())]
        labels = tuple(kept if e.op is EXPAND else kept[::-1])
        e = e.args[0]
    return e, labels


def on_the_diagonal(node: Expr) -> Expr | None:
    """A tensor times a delta that only spreads it over a diagonal; a number goes into what is spread."""
    for one, other in (node.args, node.args[::-1]):
        if one.op is CONSTANT and not one.ndim and other.op is ON_DIAGONAL and node.dtype == other.dtype:
            return apply(ON_DIAGONAL, one * other.args[0], **other.params)
        spread = _spread(_laid(one, node.ndim), _laid(other, node.ndim), node)
        if spread is not None:
            return spread
    return None


def _laid(e: Expr, rank: int) -> Operand:
    return bare((e, tuple(range(rank - e.ndim, rank))))


def _spread(one: Operand, other: Operand, node: Expr) -> Expr | None:
    (identity, pair), (x, own) = one, other
    lacking = [axis for axis in range(node.ndim) if axis not in own]
    if identity.op is not DELTA or len(lacking) != 1 or lacking[0] not in pair or x.ndim + 1 != node.ndim:
        return None
    fits = all(length == node.shape[axis] for length, axis in zip(x.shape, own, strict=True))
    if not fits or x.dtype != node.dtype:
        return None
    first, second = sorted(pair)
    labels = [first if label == second and lacking == [first] else label for label in own]
    order = sorted(range(x.ndim), key=labels.__getitem__)
    return apply(ON_DIAGONAL, transpose(x, order), first=first, second=second)
