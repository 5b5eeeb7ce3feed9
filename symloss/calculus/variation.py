"""Formulas with parts that are free to vary: normal forms on the way in, written formulas on the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.dtypes import DType
from ..core.expected import expect, expectations
from ..core.expr import Expr
from ..core.leaves import leaf, leaf_record
from ..core.walk import substitute, topological
from ..ops.along import SINGLE
from ..ops.family import cast
from ..ops.normal import ones
from ..rewrite.books import recognition
from ..rewrite.facts import Facts
from ..rewrite.normalise import Normaliser
from ..rewrite.present import present
from ..rewrite.widening import in_single, is_half
from .reverse import Flow, pull_back

POINT = leaf_record(
    "point", "Stands for an expression that is varied as if it were a variable, or for a direction."
)


def point(like: Expr, role: str, dtype: DType | None = None) -> Expr:
    """A leaf with the shape of an expression; one for each role that it plays."""
    return leaf(POINT, like.shape, dtype or like.dtype, name=f"{role}{like.uid}")


class Variation:
    """Formulas over targets as if those were variables.

    `points` stand for the targets (a variable for itself, unless it is of half precision), `roots` are the
    formulas in normal form. Facts are used when a result is written: they simplify a derivative, never what
    is differentiated.
    """

    def __init__(self, call: str, formulas: Sequence[Expr], targets: Sequence[Expr], assumed: Facts) -> None:
        self.call = call
        half = is_half([*formulas, *targets])
        self.points = [point(t, "at", SINGLE if half else None) if half or t.args else t for t in targets]
        self.inner = {t: p for t, p in zip(targets, self.points, strict=True) if p is not t}
        self._replaced = in_single if half else substitute
        self.assumed = assumed
        self.expected = expectations(topological(formulas))
        self.normal = Normaliser(rules=recognition())
        self.formulas = self._replaced(formulas, self.inner)
        self.roots = [self.normal.written(formula) for formula in self.formulas]

    def pulled(
        self,
        root: Expr,
        cotangent: Expr | None,
        points: Sequence[Expr],
        record: list[Flow] | None = None,
    ) -> list[Expr | None]:
        """The cotangents of points in a normal form; that of a scalar is 1 if none is given."""
        g = self.normal(ones((), root.dtype)) if cotangent is None else cotangent
        return pull_back(root, g, points, self.normal, self.call, record)

    def read(self, direction: Expr) -> Expr:
        """The normal form of a direction, which the results will mention."""
        self.formulas.append(self._replaced([direction], self.inner)[0])
        return self.normal.written(self.formulas[-1])

    def total(self, parts: Iterable[Expr | None]) -> Expr | None:
        """The sum of what flowed."""
        found = [part for part in parts if part is not None]
        return self.normal.sum([1] * len(found), found) if found else None

    def written(self, found: Sequence[Expr]) -> list[Expr]:
        """Results as written formulas, with the targets in their places again."""
        normal = self.normal
        if self.assumed:
            sides = self._replaced([side for fact in self.assumed for side in fact], self.inner)
            normal = Normaliser(zip(sides[::2], sides[1::2], strict=True), recognition())
            for formula in self.formulas:
                normal.written(formula)
        back = {p: cast(target, p.dtype) for target, p in self.inner.items()}
        results = substitute(present([normal(form) for form in found], normal), back)
        return [expect(result, self.expected) for result in results]
