"""Stages: which parts of a program are computed once, and which for one block of rows after the other.

A program is cut along one size, the batch. Stages alternate: what is computed once from whole values, then a
pass over the rows, whose sums, maxima and the like are whole values for the stages that follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..core import shapes
from ..core.cuts import Cut, cuts_of, part
from ..core.dtypes import SUPPORTED
from ..core.expr import Expr
from ..core.leaves import CONSTANT, INPUT, SIZE, leaf
from ..core.walk import topological
from .program import size_symbols
from .sizes import Sizes

HALF = SUPPORTED["float16"]
MOST_STEPS = 4
"""How many operations in a row a later pass does again rather than read what they gave."""


@dataclass(frozen=True, slots=True)
class Port:
    """A value that enters or leaves a stage.

    `along` is the axis that goes along the rows, or the name of the function that joins the results of
    blocks; None for a whole value.
    """

    node: Expr
    along: int | str | None = None

    @property
    def by_rows(self) -> bool:
        """Whether it is read or written block by block."""
        return isinstance(self.along, int)


@dataclass(frozen=True, slots=True)
class Stage:
    """Formulas that are computed together: once, or for each block of rows."""

    by_rows: bool
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    leaves: tuple[Expr, ...]
    """The inputs as variables of the formulas, one for each port."""
    roots: tuple[Expr, ...]
    """The outputs as formulas in those variables."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The stages of a program in order, and the size along which its rows are cut into blocks."""

    batch: shapes.Size
    rows: shapes.Size
    stages: tuple[Stage, ...]
    places: dict[Expr, Place]

    @property
    def gain(self) -> int:
        """How much is computed in rows: the number of nodes, each with the weight of its rank."""
        return sum(node.ndim for node, place in self.places.items() if isinstance(place.along, int))

    def __str__(self) -> str:
        return "\n".join(line for stage in self.stages for line in self._told(stage))

    def _told(self, stage: Stage) -> Iterator[str]:
        yield f"for each block of {self.batch}:" if stage.by_rows else "once:"
        for port, root in zip(stage.outputs, stage.roots, strict=True):
            how = f", joined by {port.along}" if isinstance(port.along, str) else ""
            yield f"    {root}{how}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node is computed: in the `step`-th stage that runs once, or in the `step`-th pass, cut."""

    step: int
    cut: Cut | None = None

    @property
    def whole(self) -> int:
        """The first step at which the whole value is known."""
        return self.step if self.cut is None else self.step + 1

    @property
    def along(self) -> int | str | None:
        """The axis along the rows, or what joins the parts."""
        return None if self.cut is None else self.cut.result


class Stager:
    """Gives every node its place, as late as what needs it allows, and gathers the stages."""

    def __init__(self, arguments: Sequence[Expr], outputs: Sequence[Expr], batch: Any, sizes: Sizes) -> None:
        self.arguments, self.outputs = tuple(arguments), tuple(outputs)
        self.batch, self.sizes = sizes.find(batch), sizes
        self.rows = shapes.sympy().Dummy("n", integer=True, positive=True)
        self.order = topological(outputs)
        self.places: dict[Expr, Place] = {}
        for node in self.order:
            self.places[node] = self._earliest(node)
        self.last = max((p.step for p in self.places.values() if p.cut is not None), default=-1)
        self._delay()
        self.cheap = self._cheap()

    # Places ---------------------------------------------------------------------------------------
    def _earliest(self, node: Expr) -> Place:
        if node.op.leaf:
            return Place(0)
        places = [Place(self._needed(node, cut), cut) for cut in self._cuts(node)]
        once = Place(max((self.places[arg].whole for arg in node.args), default=0))
        return min([*places, once], key=lambda place: place.step)

    def _cuts(self, node: Expr) -> Iterator[Cut]:
        """The cuts of a node along the batch; half precision is not added up by parts, which may overflow."""
        for cut in cuts_of(node):
            if self._fits(node, cut) and not (isinstance(cut.result, str) and node.dtype == HALF):
                yield cut

    def _fits(self, node: Expr, cut: Cut) -> bool:
        """Whether a cut is along the batch."""
        lengths = [arg.shape[a] for arg, a in zip(node.args, cut.args, strict=True) if a is not None]
        if isinstance(cut.result, int):
            lengths.append(node.shape[cut.result])
        return all(self.sizes.find(length) == self.batch for length in lengths)

    def _needed(self, node: Expr, cut: Cut) -> int:
        pairs = zip(node.args, cut.args, strict=True)
        return max((self._step_for(arg, axis) for arg, axis in pairs), default=0)

    def _step_for(self, arg: Expr, axis: int | None) -> int:
        """The first pass in which an argument is at hand, cut along an axis, or whole."""
        place = self.places[arg]
        if axis is None and self.is_view(arg):
            return 0
        return place.step if self.in_rows(arg, axis) else place.whole

    def is_view(self, node: Expr) -> bool:
        """Whether a node is a view of arguments, which are at hand as a whole wherever it is needed."""
        return node.op.view and all(arg in self.arguments for arg in node.args)

    def in_rows(self, arg: Expr, axis: int | None) -> bool:
        """Whether blocks of an argument come one by one, along that axis."""
        return axis is not None and self.places[arg].along == axis

    def _delay(self) -> None:
        """Move every node to the last step in which nothing has to wait for it."""
        latest = dict.fromkeys(self.outputs, self.last + 1)
        for node in reversed(self.order):
            place = self.places[node]
            if not node.op.leaf:
                step = latest[node] - (place.cut is not None)
                self.places[node] = place = Place(max(step, place.step), place.cut)
            axes = place.cut.args if place.cut else (None,) * len(node.args)
            for arg, axis in zip(node.args, axes, strict=True):
                limit = place.step + self.in_rows(arg, axis)
                latest[arg] = min(latest.get(arg, limit), limit)

    def _cheap(self) -> set[Expr]:
        """The nodes that a later pass computes again: a few steps, entry by entry, or never kept."""
        steps: dict[Expr, int] = {}
        for node in self.order:
            plain = node.op.leaf or node.op.view or (node.op.elementwise and not node.op.kernels)
            most = max((steps.get(arg, MOST_STEPS) for arg in node.args), default=-1)
            if node.op.compound or (plain and most < MOST_STEPS):
                steps[node] = most + 1
        return set(steps)

    # Stages ---------------------------------------------------------------------------------------
    def plan(self) -> Plan | None:
        """The stages; None if there is nothing to cut."""
        if self.last < 0:
            return None
        wanted = set(self.outputs)
        stages: list[Stage] = []
        for step in range(self.last + 1, -1, -1):
            for by_rows in (True, False):
                stage = self._stage(step, by_rows, wanted)
                if stage is not None:
                    wanted.update(port.node for port in stage.inputs)
                    stages.append(stage)
        if any(self._misses_a_size(stage) for stage in stages):
            return None
        return Plan(self.batch, self.rows, tuple(reversed(stages)), self.places)

    def _stage(self, step: int, by_rows: bool, wanted: set[Expr]) -> Stage | None:
        """The stage that computes what later ones want of it."""
        here = [node for node in self._by_stage.get((step, by_rows), ()) if node in wanted]
        if not here:
            return None
        graph = Graph(self, step, by_rows)
        roots = [graph.of(node) for node in here]
        outputs = tuple(Port(node, self.places[node].along) for node in here)
        return Stage(by_rows, tuple(graph.ports), outputs, tuple(graph.ports.values()), tuple(roots))

    @cached_property
    def _by_stage(self) -> dict[tuple[int, bool], list[Expr]]:
        """The nodes of each stage in order, but for what is known before anything runs."""
        found: dict[tuple[int, bool], list[Expr]] = {}
        given = {*self.arguments}
        for node in self.order:
            if node not in given:
                place = self.places[node]
                found.setdefault((place.step, place.cut is not None), []).append(node)
        return found

    def _misses_a_size(self, stage: Stage) -> bool:
        """Whether the formulas of a pass mention a size that no block shows."""
        if not stage.by_rows:
            return False
        shown = {size for one in stage.leaves for size in one.shape}
        mentioned = {size for node in topological(stage.roots) for size in size_symbols(node)}
        return not mentioned <= shown


def plan(arguments: Sequence[Expr], outputs: Sequence[Expr], batch: Any, sizes: Sizes) -> Plan | None:
    """The stages of a program that is cut along a size; None if nothing in it can be."""
    return Stager(arguments, outputs, batch, sizes).plan()


class Graph:
    """The formulas of one stage, in variables for what comes from outside."""

    def __init__(self, stager: Stager, step: int, by_rows: bool) -> None:
        self.stager, self.step, self.by_rows = stager, step, by_rows
        self.ports: dict[Port, Expr] = {}
        self.done: dict[Expr, Expr] = {}
        if not by_rows:
            for argument in stager.arguments:
                self.ports[Port(argument)] = argument

    def of(self, root: Expr) -> Expr:
        """The formula of a node that this stage computes."""
        stack = [root]
        while stack:
            node = stack[-1]
            missing = [arg for arg, axis in self._uses(node) if self._inside(arg, axis)]
            missing = [arg for arg in missing if arg not in self.done]
            stack.extend(missing)
            if not missing:
                self.done[stack.pop()] = self._built(node)
        return self.done[root]

    def _uses(self, node: Expr) -> list[tuple[Expr, int | None]]:
        """The arguments of a node, each with the axis along which it is needed in blocks."""
        cut = self.stager.places[node].cut
        axes = cut.args if self.by_rows and cut is not None else (None,) * len(node.args)
        return list(zip(node.args, axes, strict=True))

    def _inside(self, node: Expr, axis: int | None) -> bool:
        """Whether this stage computes an argument that is used along an axis, or whole."""
        place = self.stager.places[node]
        if node.op.leaf or (place.cut is not None) != self.by_rows:
            return False
        if not self.by_rows:
            return place.step == self.step or node.op.compound
        known = place.step == self.step or (place.step < self.step and node in self.stager.cheap)
        return known and self.stager.in_rows(node, axis)

    def _built(self, node: Expr) -> Expr:
        cut = self.stager.places[node].cut
        args = tuple(self._argument(arg, axis) for arg, axis in self._uses(node))
        return node.with_args(args) if cut is None else part(node, cut, args, self.stager.rows)

    def _argument(self, node: Expr, axis: int | None) -> Expr:
        """What stands for an argument: its formula here, itself, or a variable."""
        if self._inside(node, axis):
            return self.done[node]
        if self.by_rows and axis is None and self.stager.is_view(node):
            return node.with_args(tuple(self._variable(arg, None) for arg in node.args))
        return node if axis is None and self._is_inline(node) else self._variable(node, axis)

    def _is_inline(self, node: Expr) -> bool:
        """Whether a leaf stands in the formulas as it is."""
        if not self.by_rows:
            return node.op.leaf and node not in self.stager.arguments
        return node.op is CONSTANT or (node.op is SIZE and not self._counts_rows(node))

    def _counts_rows(self, node: Expr) -> bool:
        return self.stager.batch in {self.stager.sizes.find(size) for size in size_symbols(node)}

    def _variable(self, node: Expr, axis: int | None) -> Expr:
        port = Port(node, axis)
        if port not in self.ports:
            shape = [self.stager.rows if a == axis else size for a, size in enumerate(node.shape)]
            name = node.name or f"{node.op.letter.lower() or node.op.stem or 'v'}{len(self.ports)}"
            self.ports[port] = leaf(INPUT, tuple(shape), node.dtype, name=name, port=len(self.ports))
        return self.ports[port]
