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

    NumPy then finds the order from the true sizes: products of tensors are handed over as their factors.
    """
    ins, out = node.params["subscripts"].split("->")
    terms = [(arg, tuple(term)) for arg, term in zip(node.args, ins.split(","), strict=True)]
    if len(terms) < 2 or any(len(set(own)) < len(own) for _, own in terms):
        return None
    operands = [operand for term in terms for operand in factors(term)]
    summed = {i for _, own in operands for i in own if i not in out}
    pairs = [set(a) & set(b) & summed for (_, a), (_, b) in combinations(operands, 2)]
    if not any(pairs) or all(set(own) <= summed for _, own in operands):
        return None
    text = ",".join("".join(own) for _, own in operands)
    return apply(EINSUM_BY_PRODUCTS, *[arg for arg, _ in operands], subscripts=f"{text}->{out}")


def factors(operand: Operand) -> list[Operand]:
    """The factors of a product whose axes broadcast; a tensor of another kind is its only one."""
    e, labels = bare(operand)
    if e.op is not MULTIPLY:
        return [(e, labels)]
    parts = [bare((arg, labels[len(labels) - arg.ndim :])) for arg in e.args]
    if any(1 in arg.shape or not arg.ndim for arg, _ in parts):
        return [(e, labels)]
    return [factor for part in parts for factor in factors(part)]


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
    first, second = sorted(pair)
    labels = [first if label == second and lacking == [first] else label for label in own]
    order = sorted(range(x.ndim), key=labels.__getitem__)
    return apply(ON_DIAGONAL, transpose(x, order), first=first, second=second)
