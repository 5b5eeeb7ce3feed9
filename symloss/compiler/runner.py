"""Running a compiled function: whole where inputs are small, in blocks of rows where they are large."""

from __future__ import annotations

import itertools
import linecache
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from ..core.expr import Expr
from .blocks import WHOLE_BYTES, Blocks
from .emit import module_source
from .program import lower
from .sizes import Sizes
from .stages import Plan, Stage, plan
from .workers import cores, keep_memory

Array = np.ndarray[Any, Any]
PAGED_BYTES = 2**17
"""Larger arrays get their memory from the system."""
_numbers = itertools.count(1)
_one_at_a_time = threading.Lock()
"""Warning filters are global: whoever changes them must be alone."""


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


class Runner:
    """The generated function, and the stages in which it runs over blocks, planned when first needed."""

    def __init__(
        self, arguments: Sequence[Expr], outputs: list[Expr], source: str, name: str, sizes: Sizes
    ) -> None:
        self.arguments, self.outputs, self.name, self.sizes = arguments, outputs, name, sizes
        self.whole = executed(source, name)
        self.batches: Sequence[Any] = ()
        self.threads = 1
        self.of_nothing: Callable[[], Sequence[Expr]] = lambda: outputs
        """Formulas of the outputs in which no axis needs elements."""

    def choose(self, batches: Sequence[Any], threads: int | None) -> None:
        """Say along which sizes blocks may be cut, and on how many threads they run."""
        self.batches, self.threads = batches, threads or cores()

    def __call__(self, arrays: list[Array], targets: Sequence[Array | None] = ()) -> tuple[Any, ...]:
        """What the function computes from arrays; in blocks, targets that fit are filled."""
        sizes = [array.nbytes for array in arrays] or [1]
        largest, smallest = max(sizes), min(sizes)
        if largest > PAGED_BYTES:
            keep_memory()
        results = self._in_blocks(arrays, targets) if largest >= WHOLE_BYTES else None
        if results is not None:
            return results
        result = self.whole(*arrays) if smallest else self._without_elements(arrays)
        return result if isinstance(result, tuple) else (result,)

    def _without_elements(self, arrays: list[Array]) -> Any:
        """The results where some array is empty; NumPy's warnings about empty slices stay inside."""
        with silent():
            return self._of_nothing(*arrays)

    @cached_property
    def _of_nothing(self) -> Callable[..., Any]:
        program = lower(self.arguments, self.of_nothing(), self.name)
        function: Callable[..., Any] = executed(module_source(program, self.name, "Of nothing."), self.name)
        return function

    def _in_blocks(self, arrays: list[Array], targets: Sequence[Array | None]) -> tuple[Array, ...] | None:
        """The results, computed block by block; None where that does not pay."""
        blocks = self._blocks
        if blocks is None:
            return None
        lengths = self.sizes.template.copy()
        for variable, array in zip(self.arguments, arrays, strict=True):
            for size, length in zip(variable.shape, array.shape, strict=True):
                lengths[self.sizes.slot(size)] = length
        if not blocks.worthwhile(lengths):
            return None
        known = dict(zip(self.arguments, arrays, strict=True))
        wanted = {e: t for e, t in zip(self.outputs, targets, strict=False) if self.outputs.count(e) == 1}
        return tuple(blocks(known, lengths, self.threads, wanted))

    @cached_property
    def plan(self) -> Plan | None:
        """The stages of the size along which most can be computed in rows; None if there is none."""
        plans = [plan(self.arguments, self.outputs, size, self.sizes) for size in self.batches]
        return max(filter(None, plans), key=lambda one: one.gain, default=None)

    @cached_property
    def _blocks(self) -> Blocks | None:
        return Blocks(self.plan, self.sizes, self.outputs, self._compiled) if self.plan else None

    def _compiled(self, stage: Stage) -> Callable[..., tuple[Any, ...]]:
        """The formulas of a stage as a function that returns a tuple."""
        program = lower(stage.leaves, stage.roots, self.name)
        function = executed(module_source(program, self.name, "One stage."), self.name)
        return function if len(stage.roots) > 1 else lambda *values: (function(*values),)
