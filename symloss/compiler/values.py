"""The checks of values: what arguments may be beyond their shapes and dtypes, and that outputs are finite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..core.errors import DomainError, NonFiniteError, message
from ..core.expected import DISTRIBUTION, expectations
from ..core.expr import Expr
from ..core.leaves import SHARED
from ..core.walk import topological
from .nonfinite import explained, is_finite, pieces, replayed
from .runner import Runner, silent

Array = np.ndarray[Any, Any]
_ROUNDING = 16
_TOLERANCE = 1e-6


class Values:
    """Looks at the arguments of a call before it, and at the results after it."""

    def __init__(self, runner: Runner, roots: Sequence[Expr], updated: Sequence[Expr]) -> None:
        self.runner, self.name, self.arguments = runner, runner.name, runner.arguments
        expected = expectations(topological(roots))
        self.expected = [(k, expected[v]) for k, v in enumerate(self.arguments) if v in expected]
        outputs = len(roots) - len(updated)
        self.results = [f"output {k}" for k in range(outputs)] if outputs > 1 else ["the output"] * outputs
        self.results += [f"the update of {variable.name}" for variable in updated]

    def check(self, arrays: Sequence[Array]) -> None:
        """Refuse NaN, and what is not what the losses of the function expect."""
        for variable, array in zip(self.arguments, arrays, strict=True):
            if array.dtype.kind == "f" and any(np.isnan(piece).any() for _, piece in pieces(array)):
                raise NonFiniteError(message(self._call(variable), *_missing(array)))
        for position, what in self.expected:
            array = arrays[position]
            if array.dtype.kind != "b":
                self._check_expected(self._call(self.arguments[position]), array, what == DISTRIBUTION)

    def _check_expected(self, call: str, array: Array, rows: bool) -> None:
        tolerance = _tolerance(array) if rows else 0
        for start, piece in pieces(array):
            outside = (piece < 0) | (piece > 1 + tolerance)
            if outside.any():
                where = _first(outside)
                wrong = f"{piece[where]!s}{_at(where, start)} is no probability, expected a number in [0, 1]"
                raise DomainError(message(call, wrong, "check the values, or use a loss of scores"))
        if rows:
            self._check_sums(call, array, tolerance)

    def _check_sums(self, call: str, array: Array, tolerance: float) -> None:
        """Refuse rows that do not sum to 1."""
        for start, piece in pieces(array) if array.ndim > 1 else [(0, array)]:
            sums = np.asarray(piece.sum(axis=-1, dtype=np.float64))
            off = abs(sums - 1) > tolerance
            if piece.size and off.any():
                where = _first(off)
                wrong = f"the row{_at(where, start)} sums to {sums[where]:.9g}, expected 1"
                raise DomainError(message(call, wrong, "divide each row by its sum"))

    def _call(self, variable: Expr) -> str:
        kind = "shared variable" if variable.op is SHARED else "argument"
        return f"{self.name}(), {kind} {variable.name}"

    def check_results(self, results: Iterable[Any], arrays: Sequence[Array]) -> None:
        """Refuse a result that is not finite, and say where that begins."""
        for position, result in enumerate(results):
            if not is_finite(result):
                formulas = self.runner.outputs
                with silent():
                    replay = replayed(self.arguments, formulas, arrays)
                    raise explained(self.name, self.results[position], result, formulas[position], replay)


def _missing(array: Array) -> tuple[str, str]:
    """How many values are NaN, and the mend."""
    missing = np.isnan(array)
    count, where = int(missing.sum()), _first(missing)
    wrong = "it is NaN" if not array.ndim else f"{count} of {array.size} values are NaN, first{_at(where)}"
    return wrong, "fill in what is missing, or compile with check='inputs'"


def _tolerance(array: Array) -> float:
    """How far the sum of a row may be from 1."""
    return max(_TOLERANCE, _ROUNDING * float(np.finfo(array.dtype).eps) if array.dtype.kind == "f" else 0)


def _first(found: Any) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(found)[0])


def _at(where: tuple[int, ...], start: int = 0) -> str:
    """The index of an entry of a piece that begins at `start`."""
    return f" at index {(where[0] + start, *where[1:])}" if where else ""
