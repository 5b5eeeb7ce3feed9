"""Running a compiled function: whole where inputs are small, in blocks of rows where they are large."""

from __future__ import annotations

import itertools
import linecache
import math
import warnings
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..core.expr import Expr
from ..core.leaves import INPUT, leaf
from ..core.shapes import is_one
from ..core.walk import topological
from .blocks import WHOLE_BYTES, Blocks, Pass
from .emit import stage_source
from .program import lower
from .sizes import Lengths, Sizes
from .stages import Plan, Stage, plan
from .workers import Lock, cores, keep_memory

Array = np.ndarray[Any, Any]
Shapes = list[tuple[int, ...]]
PAGED_BYTES = 2**17
"""Larger arrays get their memory from the system."""
_numbers = itertools.count(1)
_one_at_a_time = Lock()
"""Warning filters are global: whoever changes them must be alone."""
_planning = Lock()
"""Planning notes sizes in a table; one thread does it, the others find it done."""


@contextmanager
def silent() -> Iterator[None]:
    """A block in which NumPy's warnings about numbers stay inside."""
    with _one_at_a_time, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def executed(source: str, name: str) -> Any:
    """The function that a generated module defines; tracebacks show its lines as long as it lives."""
    scope: dict[str, Any] = {}
    filename = f"<symloss {name} {next(_numbers)}>"
    exec(compile(source, filename, "exec"), scope)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    weakref.finalize(scope[name], linecache.cache.pop, filename, None)
    return scope[name]


@dataclass(frozen=True, slots=True)
class Ready:
    """What is prepared for arguments of given shapes: the passes, if blocks pay, and the outputs' shapes."""

    arguments: Shapes
    empty: bool = False
    """Whether some argument has no elements."""
    blocks: Blocks | None = None
    passes: Sequence[Pass] = ()
    outputs: Shapes = field(default_factory=list)


class Runner:
    """The generated function, and the stages in which it runs over blocks, planned when first needed."""

    def __init__(
        self,
        arguments: Sequence[Expr],
        outputs: Sequence[Expr],
        source: str,
        name: str,
        sizes: Sizes,
        batches: Sequence[Any],
        threads: int | None,
    ) -> None:
        self.arguments, self.outputs, self.name, self.sizes = arguments, tuple(outputs), name, sizes
        self.whole = executed(source, name)
        self.batches, self.threads = batches, threads or cores()
        self.blocks: dict[int, Blocks] = {}
        self.ready: Ready | None = None

    def __call__(self, arrays: Sequence[Array], targets: Sequence[Array] = ()) -> tuple[Any, ...]:
        """What the function computes from arrays; in blocks, targets that fit are filled."""
        shapes, ready = [array.shape for array in arrays], self.ready
        if ready is None or ready.arguments != shapes:
            self.ready = ready = self._prepared(arrays, shapes)
        if ready.blocks:
            known = dict(zip(self.arguments, arrays, strict=True))
            rooms = self._fitting(targets, ready.outputs)
            return tuple(ready.blocks(ready.passes, known, self.threads, rooms))
        result = self._without_elements(arrays) if ready.empty else self.whole(*arrays)
        return result if isinstance(result, tuple) else (result,)

    def _without_elements(self, arrays: Sequence[Array]) -> Any:
        """The results where some array is empty; NumPy's warnings about empty slices stay inside."""
        with silent():
            return self.whole(*arrays)

    def _prepared(self, arrays: Sequence[Array], shapes: Shapes) -> Ready:
        """How arrays of given shapes are computed: whole where blocks do not pay."""
        if not all(array.size for array in arrays):
            return Ready(shapes, empty=True)
        with _planning:
            largest = self._largest(arrays)
            if largest > PAGED_BYTES:
                keep_memory()
            if largest < WHOLE_BYTES or not self.plans:
                return Ready(shapes)
            blocks = self._longest(arrays)
            readers = [[self.sizes.reader(size) for size in output.shape] for output in self.outputs]
            lengths = self._lengths(arrays)
            outputs = [tuple(read(lengths) for read in own) for own in readers]
            passes = blocks.passes(lengths)
            return Ready(shapes, blocks=blocks if passes else None, passes=passes, outputs=outputs)

    def _largest(self, arrays: Sequence[Array]) -> int:
        """The bytes of the largest argument, or value that may be larger."""
        given = max((array.nbytes for array in arrays), default=0)
        if given >= WHOLE_BYTES or not self.wide:
            return given
        lengths = self._lengths(arrays)
        wide = [width * math.prod(read(lengths) or 0 for read in shape) for width, shape in self.wide]
        return int(max(given, *wide))

    def _longest(self, arrays: Sequence[Array]) -> Blocks:
        """The blocks along the longest of the sizes that serve equally well."""
        readers = [self.sizes.reader(plan.batch) for plan in self.plans]
        lengths = self._lengths(arrays)
        best = max(range(len(readers)), key=lambda k: readers[k](lengths))
        if best not in self.blocks:
            self.blocks[best] = Blocks(self.plans[best], self.sizes, self.outputs, self._compiled)
        return self.blocks[best]

    def _lengths(self, arrays: Sequence[Array]) -> Lengths:
        """The length of every size that a reader has been made for."""
        slots = [[self.sizes.slot(size) for size in variable.shape] for variable in self.arguments]
        lengths = self.sizes.template.copy()
        for own, array in zip(slots, arrays, strict=True):
            for slot, length in zip(own, array.shape, strict=True):
                lengths[slot] = length
        return lengths

    def _fitting(self, targets: Sequence[Array], shapes: Shapes) -> dict[Expr, Array]:
        """The targets by the outputs that they are for; none if one of them is laid out in another way."""
        pairs = list(zip(self.outputs, shapes, targets, strict=False))
        for output, shape, target in pairs:
            if (target.shape, target.dtype) != (shape, output.dtype) or not target.flags.c_contiguous:
                return {}
        return {e: target for e, _, target in pairs if self.outputs.count(e) == 1}

    @cached_property
    def plans(self) -> list[Plan]:
        """The stages for each of the sizes along which most can be computed in rows."""
        found = [plan(self.arguments, self.outputs, size, self.sizes) for size in self.batches]
        made = [one for one in found if one is not None]
        return [one for one in made if one.gain == max(other.gain for other in made)]

    @cached_property
    def wide(self) -> list[tuple[int, list[Callable[[Lengths], Any]]]]:
        """The widths of values that have sizes which no argument has together, and what reads their shapes.

        They may be larger than the arguments.
        """
        given = [Counter(variable.shape) for variable in self.arguments]
        kinds = {(node.dtype.itemsize, node.shape) for node in topological(self.outputs)}
        wide = [(width, shape) for width, shape in kinds if _is_wide(shape, given)]
        return [(width, [self.sizes.reader(size) for size in shape]) for width, shape in wide]

    def _compiled(self, stage: Stage) -> Callable[..., tuple[Any, ...]]:
        """The formulas of a stage as a function that fills rows and returns a tuple of what is joined."""
        along = [port.along for port in stage.outputs]
        rooms = [_room(root, k) for k, root in enumerate(stage.roots) if stage.outputs[k].by_rows]
        program = lower([*stage.leaves, *rooms], stage.roots, self.name)
        compute: Callable[..., tuple[Any, ...]] = executed(stage_source(program, self.name, along), self.name)
        return compute


def _is_wide(shape: Sequence[Any], given: Sequence[Counter[Any]]) -> bool:
    """Whether all sizes of a shape are numbers or names, and no argument has them together."""
    if not all(isinstance(size, int) or size.is_Symbol for size in shape):
        return False
    sizes = Counter(size for size in shape if not is_one(size))
    return not any(sizes <= other for other in given)


def _room(root: Expr, number: int) -> Expr:
    """The argument for the array that an output fills."""
    return leaf(INPUT, root.shape, root.dtype, name="out", room=number)
