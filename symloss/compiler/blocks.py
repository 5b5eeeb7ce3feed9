"""Running a plan: stages one after the other, passes block by block, on several threads.

Rows are cut into blocks, and blocks shared out to lanes, by sizes alone, and partial results are joined in
the order of the rows: the bits of a result do not depend on the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.cuts import WEIGHED
from ..core.dtypes import FLOAT64, is_float
from ..core.expr import Expr
from ..core.walk import topological
from .sizes import Lengths, Sizes
from .stages import Plan, Port, Stage
from .workers import Rows, share

BLOCK_BYTES = 2**19
"""How much one value of a block takes: it fits the caches of a core, and is worth a call."""
WHOLE_BYTES = 16 * BLOCK_BYTES
"""Passes whose widest value is smaller than this are not cut."""
SMALL_BYTES = 2**12
"""A library with threads of its own keeps to one for products with values smaller than this."""
MOST_LANES = 64
Array = np.ndarray[Any, Any]
Compiled = Callable[..., tuple[Any, ...]]
Bytes = Callable[[Lengths], int]


@dataclass(frozen=True, slots=True)
class Run:
    """A stage with its compiled formulas, and how many bytes its largest values take."""

    stage: Stage
    compute: Compiled
    row_bytes: Bytes
    """A row of the widest value."""
    whole_bytes: Bytes
    """What each block reads whole, and what it adds to."""
    threaded: bool
    """Whether it calls a library that has threads of its own."""


class Blocks:
    """A plan that runs on arrays."""

    def __init__(
        self, plan: Plan, sizes: Sizes, outputs: Sequence[Expr], compiled: Callable[[Stage], Compiled]
    ) -> None:
        self.outputs = tuple(outputs)
        self.length = sizes.reader(plan.batch)
        self.runs = [self._run(stage, compiled(stage), plan, sizes) for stage in plan.stages]

    @staticmethod
    def _run(stage: Stage, compute: Compiled, plan: Plan, sizes: Sizes) -> Run:
        nodes = topological(stage.roots)
        of_rows = [
            ([size for size in e.shape if size != plan.rows], e) for e in nodes if plan.rows in e.shape
        ]
        whole = [(e.shape, e) for e in nodes if plan.rows not in e.shape]
        threaded = any(node.op.threaded for node in nodes)
        return Run(stage, compute, _largest(of_rows, sizes), _largest(whole, sizes), threaded)

    def worthwhile(self, lengths: Lengths) -> bool:
        """Whether some pass is so large that blocks pay."""
        n = self.length(lengths)
        return any(run.stage.by_rows and n * run.row_bytes(lengths) >= WHOLE_BYTES for run in self.runs)

    def __call__(
        self, known: dict[Expr, Any], lengths: Lengths, threads: int, targets: Mapping[Expr, Array]
    ) -> list[Array]:
        """The outputs, from the values of the arguments; those of rows are written to targets that fit."""
        values = dict(known)
        for run in self.runs:
            if run.stage.by_rows:
                rows = _Pass(run, values, lengths, self.length(lengths))
                values.update(rows.results(threads, targets))
            else:
                results = run.compute(*[values[port.node] for port in run.stage.inputs])
                values.update(zip((port.node for port in run.stage.outputs), results, strict=True))
        return _own([values[node] for node in self.outputs], known.values())


def _own(results: Iterable[Any], taken: Iterable[Any]) -> list[Array]:
    """The results as arrays, none of which is another or one of those taken."""
    seen, own = {id(value) for value in taken}, []
    for result in results:
        own.append(np.array(result) if id(result) in seen else np.asarray(result))
        seen.add(id(result))
    return own


def _largest(shapes: Iterable[tuple[Sequence[Any], Expr]], sizes: Sizes) -> Bytes:
    """The function that gives the bytes of the largest of several values."""
    kinds = {(tuple(shape), e.dtype.itemsize) for shape, e in shapes}
    readers = [([sizes.reader(size) for size in shape], itemsize) for shape, itemsize in kinds]
    return lambda lengths: max(
        1, *[itemsize * math.prod(read(lengths) for read in own) for own, itemsize in readers], 1
    )


class _Pass:
    """One pass over `n` rows, in blocks of `step`: what is sliced, what is filled, what is joined."""

    def __init__(self, run: Run, values: dict[Expr, Any], lengths: Lengths, n: int) -> None:
        self.compute, self.outputs, self.n = run.compute, run.stage.outputs, n
        needed = max(BLOCK_BYTES, run.whole_bytes(lengths))
        self.step = max(1, needed // run.row_bytes(lengths))
        self.threaded = run.threaded and run.whole_bytes(lengths) > SMALL_BYTES
        self.inputs = [Rows(values[port.node], port.along) for port in run.stage.inputs]
        self.filled: dict[Port, Rows] = {}

    @np.errstate(all="ignore")
    def results(self, threads: int, targets: Mapping[Expr, Array]) -> dict[Expr, Array]:
        """The outputs: filled block by block, or joined from the results of all lanes in order."""
        threads = 1 if self.threaded else threads
        first = self._block(0)
        self._allocate(first, targets)
        starts = range(0, self.n, self.step)
        count = min(MOST_LANES, len(starts))
        ends = [len(starts) * lane // count for lane in range(count + 1)]
        lanes = [starts[a:b] for a, b in pairwise(ends)]
        totals = share(lambda lane: self._lane(lanes[lane], None if lane else first), count, threads)
        return {port.node: self._joined(i, port, totals) for i, port in enumerate(self.outputs)}

    def _block(self, start: int) -> tuple[Any, ...]:
        stop = min(start + self.step, self.n)
        return self.compute(*[value.between(start, stop) for value in self.inputs])

    def _allocate(self, first: tuple[Any, ...], targets: Mapping[Expr, Array]) -> None:
        """Find room for the outputs that are filled, shaped like the first block's."""
        for port, result in zip(self.outputs, first, strict=True):
            if isinstance(port.along, int):
                shape = tuple(self.n if a == port.along else size for a, size in enumerate(result.shape))
                room = targets.get(port.node)
                self.filled[port] = Rows(np.empty(shape, result.dtype) if room is None else room, port.along)

    @np.errstate(all="ignore")
    def _lane(self, starts: range, first: tuple[Any, ...] | None) -> list[Any]:
        """Compute the blocks of a lane: fill its rows, and join what is joined."""
        totals: list[Any] = [None] * len(self.outputs)
        for start in starts:
            stop = min(start + self.step, self.n)
            results = self._block(start) if first is None or start else first
            for i, (port, result) in enumerate(zip(self.outputs, results, strict=True)):
                if port in self.filled:
                    self.filled[port].between(start, stop)[...] = result
                else:
                    totals[i] = _join(port, totals[i], _wide(port, result, stop - start))
            for value in self.inputs:
                value.release(start, stop)
        return totals

    def _joined(self, i: int, port: Port, totals: Sequence[Sequence[Any]]) -> Array:
        if port in self.filled:
            return self.filled[port].array
        whole: Array = totals[0][i]
        for total in totals[1:]:
            whole = _join(port, whole, total[i])
        return np.asarray(whole / self.n if port.along == WEIGHED else whole, dtype=port.node.dtype)


def _wide(port: Port, result: Any, length: int) -> Array:
    """The result of a block as it is joined: sums of floats are carried in double precision."""
    value = np.array(result, dtype=FLOAT64 if is_float(port.node.dtype) else None)
    return np.multiply(value, length, out=value) if port.along == WEIGHED else value


def _join(port: Port, total: Array | None, result: Array) -> Array:
    if total is None:
        return result
    function = np.add if port.along == WEIGHED else getattr(np, str(port.along))
    joined: Array = function(total, result, out=total)
    return joined
