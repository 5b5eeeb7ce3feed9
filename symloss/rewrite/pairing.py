"""Multiplying tensors with indices pair by pair, each pair in the notation that fits its index pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations

from ..core import shapes
from ..core.expr import Expr, apply
from ..ops.along import SUM, sum_
from ..ops.arithmetic import divide, multiply
from ..ops.axes import broadcast_to, expand_dims, squeeze, transpose
from ..ops.contraction import KRONECKER, SCALED_COLUMNS, SCALED_ROWS, einsum, matmul, outer
from ..ops.diagonals import diag, diagonal, trace
from ..ops.normal import DELTA, Index


@dataclass(frozen=True, slots=True)
class Tensor:
    """A written formula with one index per axis: a value, a divisor, or both."""

    value: Expr | None
    index: Index
    divisor: Expr | None
    rank: int
    """Where in the user's formula its first variable stands: earlier ones are written first."""

    def whole(self) -> Expr:
        """The tensor as one formula."""
        if self.value is not None:
            return self.value if self.divisor is None else divide(self.value, self.divisor)
        return divide(1, self.divisor)


def _value(e: Expr, index: Index, *parts: Tensor) -> Tensor:
    """A formula that was made of `parts`."""
    return Tensor(e, index, None, min(part.rank for part in parts))


def multiplied(tensors: list[Tensor], out: Index, sizes: list[shapes.Size]) -> Tensor:
    """The product of all tensors, summed over every index that is not in `out`."""
    tensors = sorted(tensors, key=lambda t: t.rank)
    tensors = [_reduced(t, _elsewhere(tensors, k, out)) for k, t in enumerate(tensors)]
    if len({t.index for t in tensors}) == 1 and set(tensors[0].index) <= set(out):
        return reduce(lambda a, b: _elementwise(a, b, out), tensors)
    tensors = _together(tensors, out)
    while len(tensors) > 1:
        i, j = min(combinations(range(len(tensors)), 2), key=lambda pair: _cost(tensors, pair, out, sizes))
        needed = set(out) | {k for n, t in enumerate(tensors) if n not in (i, j) for k in t.index}
        orders = [out, *[t.index for n, t in enumerate(tensors) if n not in (i, j)]]
        pair = _scaled(tensors[i], tensors[j], out, needed) or _pair(tensors[i], tensors[j], needed, orders)
        tensors[i] = _reduced(pair, needed)
        del tensors[j]
    return tensors[0]


def _together(tensors: list[Tensor], out: Index) -> list[Tensor]:
    """The tensors; three or more that make a sum which no pair of matrices makes are one Einstein sum.

    The order in which they are multiplied is then left to whoever knows their sizes.
    """
    deltas = [t for t in tensors if t.value is not None and t.value.op is DELTA]
    others = [t for t in tensors if t not in deltas]
    needed = set(out) | {i for t in deltas for i in t.index}
    own = {i for t in others for i in t.index}
    summed = own - needed
    apart = len(others) < 3 or len(own & needed) < 3 or not summed
    if apart or any(t.divisor is not None or not summed <= set(t.index) for t in others):
        return tensors
    return [_einstein(others, needed, out), *deltas]


def _elsewhere(tensors: list[Tensor], k: int, out: Index) -> set[int]:
    return set(out) | {i for n, t in enumerate(tensors) if n != k for i in t.index}


def _cost(
    tensors: list[Tensor], pair: tuple[int, int], out: Index, sizes: list[shapes.Size]
) -> tuple[bool, int, float, float, int, int]:
    """How a pair ranks: growth of the result, then the work; of equals the last in the user's formula.

    Deltas come last: until then, nothing is larger than it has to be.
    """
    a, b = tensors[pair[0]], tensors[pair[1]]
    union = set(a.index) | set(b.index)
    needed = union & (set(out) | {k for n, t in enumerate(tensors) if n not in pair for k in t.index})
    growth = len(needed) - max(len(a.index), len(b.index))
    turn = -sum(pair) if min(len(a.index), len(b.index)) < 2 else sum(pair)
    spread = any(t.value is not None and t.value.op is DELTA for t in (a, b))
    return spread, growth, _volume(union, sizes), _volume(needed, sizes), -max(a.rank, b.rank), turn


def _volume(indices: set[int], sizes: list[shapes.Size]) -> float:
    """The number of elements, a symbolic size counting as 64."""
    result = 1.0
    for i in indices:
        result *= sizes[i] if isinstance(sizes[i], int) else 64.0
    return result


def _reduced(t: Tensor, needed: set[int]) -> Tensor:
    """Diagonals taken and indices that nothing else needs summed over."""
    if len(set(t.index)) == len(t.index) and set(t.index) <= needed:
        return t
    e, index = t.whole(), list(t.index)
    while len(set(index)) < len(index):
        e, index = _diagonal(e, index, needed)
    axes = [axis for axis, i in enumerate(index) if i not in needed]
    ones = tuple(axis for axis in axes if e.shape[axis] == 1)
    rest = tuple(axis for axis in axes if e.shape[axis] != 1)
    if rest:
        e = sum_(e, rest, keepdims=bool(ones))
    if ones:
        e = squeeze(e, (*ones, *rest))
    return _value(e, tuple(i for i in index if i in needed), t)


def _diagonal(e: Expr, index: list[int], needed: set[int]) -> tuple[Expr, list[int]]:
    """One repeated index made single: its diagonal, or the trace where nothing needs it."""
    twin = next(i for i in index if index.count(i) > 1)
    first = index.index(twin)
    second = index.index(twin, first + 1)
    rest = [a for a in range(e.ndim) if a not in (first, second)]
    e = transpose(e, [*rest, first, second])
    others = [index[a] for a in rest]
    if index.count(twin) == 2 and twin not in needed and twin not in others:
        return trace(e), others
    return diagonal(e), [*others, twin]


def _pair(a: Tensor, b: Tensor, needed: set[int], orders: list[Index]) -> Tensor:
    """The product of two tensors, summed over the shared indices that nothing else needs.

    `orders` are the index orders that the result will meet: the output's first, then the other tensors'.
    """
    out = orders[0]
    shared = set(a.index) & set(b.index)
    summed = [i for i in a.index if i in shared and i not in needed]
    if not summed:
        return _elementwise(a, b, out)
    batch = [i for i in a.index if i in shared and i in needed]
    if set(a.index) == set(b.index) and (batch or len(summed) > 1):
        return _elementwise(a, b, out)
    if not batch and len(summed) == 1 and len(a.index) <= 2 and len(b.index) <= 2:
        return _matrix_product(a, b, summed[0], orders)
    return _einstein([a, b], needed, out)


def _scaled(a: Tensor, b: Tensor, out: Index, needed: set[int]) -> Tensor | None:
    """A vector times the rows or columns of a matrix that a matrix product is going to sum over."""
    vector, matrix = (a, b) if len(a.index) <= len(b.index) else (b, a)
    if (len(vector.index), len(set(matrix.index))) != (1, 2) or len(matrix.index) != 2:
        return None
    (i,) = vector.index
    if i in out or i not in needed or i not in matrix.index or not a.divisor is b.divisor is None:
        return None
    d, e = vector.whole(), matrix.whole()
    scaled = apply(SCALED_ROWS, d, e) if matrix.index[0] == i else apply(SCALED_COLUMNS, e, d)
    return _value(scaled, matrix.index, vector, matrix)


def _stands_after(left: list[int], right: list[int], orders: list[Index]) -> bool:
    """Whether `left` comes after `right` in an order that has both, else as the output suggests."""
    for order in orders:
        first = min((order.index(i) for i in left if i in order), default=None)
        second = min((order.index(i) for i in right if i in order), default=None)
        if first is not None and second is not None:
            return first > second
    out = orders[0]
    if set(left) & set(out):
        return len(out) == 1 or out[0] not in left
    if set(right) & set(out):
        return len(out) > 1 and out[0] in right
    return left > right


def _matrix_product(a: Tensor, b: Tensor, summed: int, orders: list[Index]) -> Tensor:
    """``A @ B`` with the factors in the order and orientation that the result will be met with."""
    left = [i for i in a.index if i != summed]
    right = [i for i in b.index if i != summed]
    if right and (not left or _stands_after(left, right, orders)):
        a, b, left, right = b, a, right, left
    x, y = a.whole(), b.whole()
    if x.ndim == 2 and a.index[0] == summed:
        x = transpose(x)
    if y.ndim == 2 and b.index[1] == summed:
        y = transpose(y)
    return _value(matmul(x, y), (*left, *right), a, b)


def _einstein(tensors: Sequence[Tensor], needed: set[int], out: Index) -> Tensor:
    own = [i for t in tensors for i in t.index]
    index = tuple(i for i in dict.fromkeys((*out, *own)) if i in needed and i in own)
    names = {i: "ijklmnopqrstuvwxyzabcdefgh"[n] for n, i in enumerate(dict.fromkeys((*index, *own)))}
    *ins, result = ("".join(names[i] for i in some) for some in (*(t.index for t in tensors), index))
    whole = einsum(f"{','.join(ins)}->{result}", *[t.whole() for t in tensors])
    return _value(whole, index, *tensors)


# Products without a sum -----------------------------------------------------------------------------
def _elementwise(a: Tensor, b: Tensor, out: Index) -> Tensor:
    """The product at equal indices; axes that one of them lacks are put in."""
    if a.index == b.index:
        return _entrywise(a, b, a.index)
    if (
        not set(a.index) & set(b.index)
        and len(a.index) == len(b.index) == 1
        and a.divisor is b.divisor is None
    ):
        x, y = (b, a) if _stands_after(list(a.index), list(b.index), [out]) else (a, b)
        return _value(outer(x.whole(), y.whole()), x.index + y.index, a, b)
    vector, matrix = (a, b) if len(a.index) <= len(b.index) else (b, a)
    if _interleaved(a.index, b.index, out) and a.divisor is b.divisor is None:
        x, y = (b, a) if out.index(a.index[0]) % 2 == 0 else (a, b)
        return _value(apply(KRONECKER, _ordered(x, out), _ordered(y, out)), out, a, b)
    identity = matrix.value is not None and matrix.value.op is DELTA and matrix.divisor is None
    if identity and len(vector.index) == 1 and vector.index[0] in matrix.index:
        return _value(diag(vector.whole()), matrix.index, a, b)
    return _entrywise(a, b, _common_order(a, b, out))


def _entrywise(a: Tensor, b: Tensor, index: Index) -> Tensor:
    """The product as NumPy broadcasts it, with axes in a given order."""
    first, second = (b, a) if (not b.index, b.rank) < (not a.index, a.rank) else (a, b)
    value = _times(*(_aligned(t.value, t.index, index) for t in (first, second)))
    divisor = _times(*(_aligned(t.divisor, t.index, index) for t in (first, second)))
    return Tensor(value, index, divisor, min(a.rank, b.rank))


def _interleaved(first: Index, second: Index, out: Index) -> bool:
    """Whether two matrices of no common index have the four axes of the output in turn."""
    if len({*first, *second}) != 4 or len(first) != 2 or len(second) != 2 or set(out) != {*first, *second}:
        return False
    return {out.index(i) % 2 for i in first} in ({0}, {1})


def _ordered(t: Tensor, out: Index) -> Expr:
    """A matrix whose axes are met in the order of the output."""
    return t.whole() if out.index(t.index[0]) < out.index(t.index[1]) else transpose(t.whole())


def _common_order(a: Tensor, b: Tensor, out: Index) -> Index:
    """An order of all indices of both: that of the larger one if it has them all, else the output's."""
    larger = a if len(a.index) >= len(b.index) else b
    union = set(a.index) | set(b.index)
    if set(larger.index) == union:
        return larger.index
    return tuple(dict.fromkeys([i for i in (*out, *a.index, *b.index) if i in union]))


def _aligned(e: Expr | None, own: Index, index: Index) -> Expr | None:
    """`e` with its axes, the last of `own`, transposed and widened to broadcast against `index`."""
    if e is None or own == index or not e.ndim:
        return e
    own = own[len(own) - e.ndim :]
    order = sorted(range(len(own)), key=lambda axis: index.index(own[axis]))
    e = transpose(e, order)
    present = [own[axis] for axis in order]
    first = min((index.index(i) for i in present), default=0)
    missing = tuple(k - first for k in range(first, len(index)) if index[k] not in present)
    return _widened(e, missing) if missing else e


def _widened(e: Expr, axes: tuple[int, ...]) -> Expr:
    """`e` with axes of size 1 put in; a sum keeps those that it went over."""
    if e.op is SUM and not e.params["keepdims"] and e.params["axis"] == axes:
        return sum_(e.args[0], axes, keepdims=True)
    return expand_dims(e, axes)


def _times(x: Expr | None, y: Expr | None) -> Expr | None:
    if x is None or y is None:
        return y if x is None else x
    return multiply(x, y)


def arranged(t: Tensor, out: Index, sizes: list[shapes.Size]) -> Expr:
    """The tensor with its axes in the order of the output, repeated along those that it lacks."""
    e = t.whole()
    present = [i for i in out if i in t.index]
    e = transpose(e, [t.index.index(i) for i in present])
    missing = tuple(k for k, i in enumerate(out) if i not in t.index)
    if missing:
        e = expand_dims(e, missing)
        e = broadcast_to(e, tuple(sizes[i] for i in out))
    return e
