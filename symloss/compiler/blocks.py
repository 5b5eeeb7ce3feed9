"""Running a plan: stages one after the other, passes block by block, on several threads.

Rows are cut into blocks, and blocks shared out to lanes, by sizes alone, and partial results are joined in
the order of the rows: the bits of a result do not depend on the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.cuts import WEIGHED
from ..core.dtypes import FLOAT64, is_float
from ..core.expr import Expr
from ..core.walk import topological
from .rows import Rows
from .sizes import Lengths, Sizes
from .stages import Plan, Port, Stage
from .workers import share

BLOCK_BYTES = 2**20
"""How much one value of a block takes: it fits the caches of a core, and is worth a call."""
WHOLE_BYTES = BLOCK_BYTES
"""Passes whose widest value is smaller than this are not cut."""
SMALL_BYTES = 2**12
"""A library with threads of its own keeps to one for products with values smaller than this."""
MOST_LANES = 64
Array = np.ndarray[Any, Any]
Compiled = Callable[..., tuple[Any, ...]]
Reader = Callable[[Lengths], Any]


class Run:
    """A stage with its compiled formulas, and how many bytes its largest values take."""

    def __init__(self, stage: Stage, compute: Compiled, plan: Plan, sizes: Sizes) -> None:
        nodes = topological(stage.roots)
        self.stage, self.compute = stage, compute
        self.joined = [port for port in stage.outputs if not port.by_rows]
        rows = [([size for size in e.shape if size != plan.rows], e) for e in nodes if plan.rows in e.shape]
        whole = [(e.shape, e) for e in nodes if plan.rows not in e.shape]
        self.row_bytes, self.whole_bytes = _largest(rows, sizes), _largest(whole, sizes)
        self.threaded = any(node.op.threaded for node in nodes)
        self.rooms = [
            (port, [sizes.reader(size) for size in port.node.shape]) for port in stage.outputs if port.by_rows
        ]


def _largest(shapes: Iterable[tuple[Sequence[Any], Expr]], sizes: Sizes) -> Reader:
    """The function that gives the bytes of the largest of several values."""
    kinds = {(tuple(shape), e.dtype.itemsize) for shape, e in shapes}
    readers = [([sizes.reader(size) for size in shape], itemsize) for shape, itemsize in kinds]
    return lambda lengths: max(
        [1, *[itemsize * math.prod(read(lengths) for read in own) for own, itemsize in readers]]
    )


class Blocks:
    """A plan that is compiled."""

    def __init__(
        self, plan: Plan, sizes: Sizes, outputs: Sequence[Expr], compiled: Callable[[Stage], Compiled]
    ) -> None:
        self.outputs = tuple(outputs)
        self.length = sizes.reader(plan.batch)
        self.runs = [Run(stage, compiled(stage), plan, sizes) for stage in plan.stages]

    def passes(self, lengths: Lengths) -> list[Pass]:
        """The stages for inputs of given lengths; none if no pass is so large that blocks pay."""
        n = self.length(lengths)
        large = any(run.stage.by_rows and n * run.row_bytes(lengths) >= WHOLE_BYTES for run in self.runs)
        return [Pass(run, lengths, n) for run in self.runs] if large else []

    @np.errstate(all="ignore")
    def __call__(
        self, passes: Sequence[Pass], known: dict[Expr, Any], threads: int, targets: Mapping[Expr, Array]
    ) -> list[Array]:
        """The outputs, from the values of the arguments; those of rows are written to targets that fit."""
        values = dict(known)
        for one in passes:
            values.update(one.results(values, threads, targets))
        return _own([values[node] for node in self.outputs], known.values())


def _own(results: Iterable[Any], taken: Iterable[Any]) -> list[Array]:
    """The results as arrays, none of which is another or one of those taken."""
    seen, own = {id(value) for value in taken}, []
    for result in results:
        own.append(np.array(result) if id(result) in seen else np.asarray(result))
        seen.add(id(result))
    return own


class Pass:
    """A stage for inputs of given lengths: its rows are cut into blocks, which lanes share."""

    def __init__(self, run: Run, lengths: Lengths, n: int) -> None:
        self.run, self.n = run, n
        self.rooms = [(port, tuple(int(read(lengths)) for read in shape)) for port, shape in run.rooms]
        whole = run.whole_bytes(lengths)
        count = max(1, min(n, _even(n * run.row_bytes(lengths) / max(BLOCK_BYTES, whole))))
        self.step = -(-n // count)
        self.lanes = _lanes(range(0, n, self.step))
        self.alone = run.threaded and whole > SMALL_BYTES

    def results(
        self, values: Mapping[Expr, Any], threads: int, targets: Mapping[Expr, Array]
    ) -> dict[Expr, Any]:
        """The outputs: filled block by block, or joined from the results of all lanes in order."""
        inputs = [Rows(values[port.node], port.along) for port in self.run.stage.inputs]
        if not self.run.stage.by_rows:
            found = self.run.compute(*[one.array for one in inputs])
            return {port.node: value for port, value in zip(self.run.joined, found, strict=True)}
        rooms = [Rows(self._room(port, shape, targets), port.along) for port, shape in self.rooms]
        arrays = [*inputs, *rooms]
        totals = share(
            lambda k: self._totals(arrays, self.lanes[k]), len(self.lanes), 1 if self.alone else threads
        )
        filled = {port.node: rows.array for (port, _), rows in zip(self.rooms, rooms, strict=True)}
        return filled | {
            port.node: self._whole(port, parts) for port, *parts in zip(self.run.joined, *totals, strict=True)
        }

    @np.errstate(all="ignore")
    def _totals(self, arrays: Sequence[Rows], starts: range) -> list[Any]:
        """What one lane does: fill the rows of its blocks, one after the other, and join what is joined."""
        files, totals = [array for array in arrays if array.file is not None], list[Any]()
        for start in starts:
            rows = slice(start, min(start + self.step, self.n))
            results = self.run.compute(*[array.part(rows) for array in arrays])
            for i, port in enumerate(self.run.joined):
                wide = _wide(port, results[i], rows.stop - start)
                if start == starts[0]:
                    totals.append(wide)
                else:
                    totals[i] = _join(port, totals[i], wide)
            for array in files:
                array.release(rows)
        return totals

    @staticmethod
    def _room(port: Port, shape: tuple[int, ...], targets: Mapping[Expr, Array]) -> Array:
        room = targets.get(port.node)
        return np.empty(shape, port.node.dtype) if room is None else room

    def _whole(self, port: Port, parts: Sequence[Array]) -> Array:
        """The results of all lanes as one."""
        whole = parts[0]
        for part in parts[1:]:
            whole = _join(port, whole, part)
        return np.asarray(whole / self.n if port.along == WEIGHED else whole, dtype=port.node.dtype)


def _even(count: float) -> int:
    """The number of blocks: even, so that two threads have as much to do."""
    return 1 if count <= 1 else 2 * math.ceil(count / 2)


def _lanes(starts: range) -> list[range]:
    """The blocks, by the rows that they start with, shared out evenly."""
    count = min(MOST_LANES, len(starts))
    ends = [len(starts) * lane // count for lane in range(count + 1)]
    return [starts[a:b] for a, b in pairwise(ends)]


def _wide(port: Port, result: Any, length: int) -> Array:
    """The result of a block as it is joined: sums of floats are carried in double precision."""
    value = np.array(result, dtype=FLOAT64 if is_float(port.node.dtype) else None)
    return np.multiply(value, length, out=value) if port.along == WEIGHED else value


def _join(port: Port, total: Array, result: Array) -> Array:
    function = np.add if port.along == WEIGHED else getattr(np, str(port.along))
    joined: Array = function(total, result, out=total)
    return joined
