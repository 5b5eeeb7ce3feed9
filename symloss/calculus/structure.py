"""`structure`: what a Hessian is made of, and products, diagonals and solutions that use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..core import shapes
from ..core.errors import DomainError, GraphError, ShapeError, kind, message
from ..core.expr import Expr, apply, describe
from ..core.leaves import lift
from ..ops.arithmetic import divide
from ..ops.axes import transpose
from ..ops.constants import ones_like
from ..ops.contraction import KRONECKER, matmul
from ..ops.joining import reshape
from ..ops.linalg import solve
from ..ops.normal import DELTA, by_labels, delta
from ..rewrite.books import recognition
from ..rewrite.normalise import Normaliser
from ..rewrite.present import present
from ..rewrite.products import is_zero
from .blocks import Pair, Term, terms_of

Axes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """A Hessian that is known by its parts; every method gives an expression, which compiles."""

    kind: str
    """One of zero, diagonal, block-diagonal, kronecker, low-rank-plus-diagonal, low-rank, gram,
    gram-plus-diagonal, dense."""
    matrix: Expr
    core: Any
    """What the structure is made of: the diagonal; the blocks; the factor beside an identity, or both
    factors; (diagonal, u, v) of diag(d) + u vᵀ; (X, d) of Xᵀ diag(d) X; else the matrix itself."""
    joined: Axes = ()
    """The row axes that the matrix joins with their column axes alone."""

    @property
    def rank(self) -> int:
        """How many axes a row has."""
        return self.matrix.ndim // 2

    def __repr__(self) -> str:
        return f"<structure {self.describe()}>"

    def describe(self) -> str:
        """The kind, and the formula that shows it."""
        sizes = ", ".join(shapes.size_text(self.matrix.shape[k]) for k in self.joined)
        if self.kind == "kronecker":
            return f"Kronecker product {self._kronecker()}"
        if self.kind == "diagonal":
            return f"diagonal: diag({self.core})"
        if self.kind == "block-diagonal":
            return f"block-diagonal, one block for each of {sizes}: {self.core}"
        return f"{self.kind.replace('-', ' ')}: {self.matrix}"

    def _kronecker(self) -> Expr:
        if isinstance(self.core, tuple):
            first, second = self.core
            return apply(KRONECKER, second, first)
        if self.rank != 2:
            return self._as_core()
        (axis,) = self.joined
        same = delta(self.matrix.shape[axis], self.matrix.dtype)
        return apply(KRONECKER, self.core, same) if axis == 0 else apply(KRONECKER, same, self.core)

    def _as_core(self) -> Expr:
        """The core where it is one expression."""
        core: Expr = self.core
        return core

    def to_dense(self) -> Expr:
        """The matrix in full, of shape rows + columns."""
        return self.matrix

    def diagonal(self) -> Expr:
        """The diagonal, in the shape of a row."""
        rows = range(self.rank)
        return _written(self.matrix, lambda normal, form: normal(by_labels([(form, [*rows, *rows])], rows)))

    def matvec(self, v: Any) -> Expr:
        """The product with a vector of the shape of a row; no matrix is built.

        Raises
        ------
        ShapeError
            If `v` does not have the shape of a row.
        """
        (v,) = self._vector("matvec", v)
        rows, columns = range(self.rank), range(self.rank, 2 * self.rank)

        def product(normal: Normaliser, form: Expr) -> Expr:
            return normal(by_labels([(form, [*rows, *columns]), (normal.written(v), columns)], rows))

        return _written(self.matrix, product)

    def solve(self, b: Any) -> Expr:
        """The x with matrix · x = b, in the cheapest way that the structure allows.

        Raises
        ------
        ShapeError
            If `b` does not have the shape of a row, or the matrix is not square.
        DomainError
            If the matrix has no inverse whatever the values are, as that of a softmax cross-entropy.
        """
        (b,) = self._vector("solve", b)
        ones = ones_like(b)
        if self.kind in ("zero", "low-rank") or is_zero(Normaliser(rules=recognition())(self.matvec(ones))):
            raise _singular(self)
        if self.kind == "diagonal":
            return divide(b, self._as_core())
        if self.kind == "low-rank-plus-diagonal":
            return self._solve_low_rank(b)
        if self.kind == "kronecker" and isinstance(self.core, tuple):
            left, right = self.core
            found: Expr = solve(left, transpose(solve(right, transpose(b))))
            return found
        return self._solve_blocks(b)

    def _solve_low_rank(self, b: Expr) -> Expr:
        """Sherman and Morrison: D⁻¹b − D⁻¹u (vᵀD⁻¹b)/(1 + vᵀD⁻¹u)."""
        d, u, v = self.core
        below = 1 + matmul(v, u / d)
        return _written(b / d - u / d * (matmul(v, b / d) / below), lambda normal, form: form)

    def _solve_blocks(self, b: Expr) -> Expr:
        """One dense system for each joined index, or one for all where the blocks are equal."""
        rest = tuple(k for k in range(self.rank) if k not in self.joined)
        size = shapes.product(b.shape[k] for k in rest)
        equal = self.kind == "kronecker"
        order = (*rest, *self.joined) if equal else (*self.joined, *rest)
        moved = transpose(b, order)
        lead = tuple(b.shape[k] for k in self.joined)
        batch = () if equal else lead
        core = self.core if self.joined else self.matrix
        system = reshape(core, (*batch, size, size))
        columns = (shapes.product(lead),) if equal else (1,) if lead else ()
        found = reshape(solve(system, reshape(moved, (*batch, size, *columns))), moved.shape)
        return transpose(found, [order.index(k) for k in range(self.rank)])

    def _vector(self, call: str, value: Any) -> list[Expr]:
        (v,) = lift(f"{call}()", value)
        rows, columns = self.matrix.shape[: self.rank], self.matrix.shape[self.rank :]
        if call == "solve" and not shapes.same_shape(rows, columns):
            raise ShapeError(message("solve()", f"{describe(self.matrix)} is not square", "use matvec()"))
        if not shapes.same_shape(v.shape, columns):
            wrong = f"{describe(v)} does not have the shape {shapes.show(columns)} of a row"
            raise ShapeError(message(f"{call}()", wrong, "the shapes must agree"))
        return [v]


def _singular(found: Structure) -> DomainError:
    wrong = f"a matrix of the form {found.describe()[:120]} has no inverse"
    return DomainError(message("solve()", wrong, "add a ridge, as in structure(H + lam * eye)"))


def structure(hessian: Expr) -> Structure:
    r"""What a Hessian is made of.

    Parameters
    ----------
    hessian : Expr, rows + columns
        A matrix, or a tensor whose first half of axes are rows and whose other half are columns, as
        `hessian` gives it.

    Returns
    -------
    Structure
        Its `kind`, `core` and `describe()`, and `diagonal()`, `matvec(v)`, `solve(b)` and `to_dense()` as
        expressions that build no more than the structure needs.

    Raises
    ------
    ShapeError
        If the number of axes is odd or 0.
    """
    if not isinstance(hessian, Expr):
        raise GraphError(
            message("structure()", f"got {kind(hessian)}, not an Expr", "pass hessian(loss, wrt)")
        )
    if hessian.ndim % 2 or not hessian.ndim:
        wrong = f"{describe(hessian)} has no rows and columns"
        raise ShapeError(message("structure()", wrong, "pass hessian(loss, wrt) in a vector or a matrix"))
    rank = hessian.ndim // 2
    if all(size == 1 for size in hessian.shape):
        return Structure("diagonal", hessian, reshape(hessian, (1,) * rank), tuple(range(rank)))
    normal = Normaliser(rules=recognition())
    terms = terms_of(normal.written(hessian))
    found = next(
        found for rule in (_zero, _joined, _diagonal_and_outer, _product, _gram, _dense)
        if (found := rule(normal, hessian, terms)) is not None
    )  # fmt: skip
    return found


def _written(matrix: Expr, build: Callable[[Normaliser, Expr], Expr]) -> Expr:
    normal = Normaliser(rules=recognition())
    return present([build(normal, normal.written(matrix))], normal)[0]


# Kinds ----------------------------------------------------------------------------------------------
def _zero(normal: Normaliser, matrix: Expr, terms: list[Term]) -> Structure | None:
    return None if terms else Structure("zero", matrix, matrix)


def _joined(normal: Normaliser, matrix: Expr, terms: list[Term]) -> Structure | None:
    """Deltas that every term has: a diagonal, blocks, or a Kronecker product with an identity."""
    rank = matrix.ndim // 2
    joined = frozenset.intersection(*[term.deltas for term in terms])
    if not joined:
        return None
    rest = [k for k in range(rank) if k not in joined]
    columns = [k + rank for k in rest]
    places = joined | {k + rank for k in joined}
    varies = any(places & {i for f, own in t.factors if f.op is not DELTA for i in own} for t in terms)
    lead = sorted(joined) if varies or not rest else []
    core = _total(normal, [term.part(normal, joined, (*lead, *rest, *columns)) for term in terms])
    name = "block-diagonal" if varies else "kronecker"
    return Structure(name if rest else "diagonal", matrix, core, tuple(sorted(joined)))


def _diagonal_and_outer(normal: Normaliser, matrix: Expr, terms: list[Term]) -> Structure | None:
    """A diagonal with outer products of vectors."""
    rank = matrix.ndim // 2
    diagonal = [term for term in terms if len(term.deltas) == rank]
    outer = [term for term in terms if term not in diagonal]
    if not outer or any(_halves(term, rank) is None for term in outer):
        return None
    if not diagonal:
        return Structure("low-rank", matrix, matrix)
    if len(outer) > 1 or rank > 1:
        return None
    every = frozenset(range(rank))
    d = _total(normal, [term.part(normal, every, tuple(range(rank))) for term in diagonal])
    left, right = _halves(outer[0], rank) or ([], [])
    u = present([outer[0].times(normal, left, (0,))], normal)[0]
    v = present([outer[0]._replace(coef=1).times(normal, right, (1,))], normal)[0]
    return Structure("low-rank-plus-diagonal", matrix, (d, u, v))


def _halves(term: Term, rank: int) -> tuple[list[Pair], list[Pair]] | None:
    """The factors with row axes and those with column axes, if none is connected with both."""
    left: list[Pair] = []
    right: list[Pair] = []
    for group in term.components():
        places = term.places(group)
        if any(i < rank for i in places) and any(i >= rank for i in places):
            return None
        (right if any(i >= rank for i in places) else left).extend(group)
    return left, right


def _product(normal: Normaliser, matrix: Expr, terms: list[Term]) -> Structure | None:
    """A Kronecker product of two matrices, neither of which is an identity."""
    if len(terms) > 1 or matrix.ndim != 4:
        return None
    (term,) = terms
    groups = {k: [g for g in term.components() if term.places(g) == {k, k + 2}] for k in (0, 1)}
    scalars = [pair for g in term.components() if not term.places(g) for pair in g]
    if any(len(found) != 1 for found in groups.values()):
        return None
    first = present([term.times(normal, [*scalars, *groups[0][0]], (0, 2))], normal)[0]
    second = present([term._replace(coef=1).times(normal, groups[1][0], (1, 3))], normal)[0]
    return Structure("kronecker", matrix, (first, second))


def _gram(normal: Normaliser, matrix: Expr, terms: list[Term]) -> Structure | None:
    """Xᵀ diag(d) X, with a diagonal beside it or without."""
    dense = [term for term in terms if not term.deltas]
    if matrix.ndim != 2 or len(dense) != 1:
        return None
    (term,) = dense
    rows = [pair for pair in term.factors if 0 in pair[1]]
    columns = [pair for pair in term.factors if 1 in pair[1]]
    if len(rows) != 1 or len(columns) != 1 or rows[0][0] is not columns[0][0]:
        return None
    (x, own), (_, other) = rows[0], columns[0]
    inner = tuple(i for i in own if i != 0)
    if x.ndim != 2 or len(inner) != 1 or tuple(1 if i == 0 else i for i in own) != other:
        return None
    rest = [pair for pair in term.factors if pair not in (rows[0], columns[0])]
    d = present([term.times(normal, rest, inner)], normal)[0]
    written = present([x], normal)[0]
    x = written if own.index(0) == 1 else transpose(written)
    name = "gram" if len(terms) == 1 else "gram-plus-diagonal"
    return Structure(name, matrix, (x, d))


def _dense(normal: Normaliser, matrix: Expr, terms: list[Term]) -> Structure | None:
    return Structure("dense", matrix, matrix)


def _total(normal: Normaliser, parts: list[Expr]) -> Expr:
    return present([normal.sum([1] * len(parts), parts)], normal)[0]
