"""What each line of a program computes: its formula, its work and memory, and the stage in which it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from ..core import shapes
from ..core.expr import Expr
from ..core.walk import topological
from .program import Program
from .stages import Plan

_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the source; `operations` and `bytes` are numbers, or formulas in the sizes."""

    line: str
    formula: str
    operations: Any
    bytes: Any
    stage: str


class Explanation:
    """A table of the lines of a program; prints as text.

    An operation on one number counts as one, whatever it is, and a function of a whole tensor as one for each
    of its entries; a product that is added up counts as two. The bytes are those of the value that the line
    makes. Where inputs are large, a line of the stage "per row" is computed for one block of rows after the
    other, and one of "combined" from the results of all blocks.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)

    def __str__(self) -> str:
        head = ("line", "formula", "operations", "bytes", "stage")
        lines = [head, *[tuple(map(_shown, astuple(row))) for row in self.rows]]
        widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
        lines.insert(1, tuple("-" * width for width in widths))
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    __repr__ = __str__


def _shown(value: Any) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value) if isinstance(value, str) else _size(value)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _size(value: Any) -> str:
    return shapes.size_text(value)


def explain(
    program: Program, outputs: Sequence[Expr], plan: Plan | None, lengths: Mapping[Any, int]
) -> Explanation:
    """The table of a program, for given lengths of some sizes."""
    made = {line.node: f"{line.target} = {line.text}" for line in program.lines}
    results = {node: f"return {text}" for node, text in zip(outputs, program.results, strict=True)}
    rows = []
    for node, text in (*made.items(), *results.items()):
        inside = _inside(node, made)
        new = inside if text == made.get(node, text) else []
        rows.append(
            Row(
                text,
                str(node).partition(", where ")[0],
                _at(sum(map(operations, new)), lengths),
                _at(shapes.product(node.shape) * node.dtype.itemsize, lengths),
                _stage(inside, plan),
            )
        )
    return Explanation(rows)


def _inside(root: Expr, made: Mapping[Expr, str]) -> list[Expr]:
    """The nodes that a line computes: those below its own that have no line."""
    nodes = topological([root], stop=lambda node: node is not root and node in made)
    return [node for node in nodes if not node.op.leaf and (node is root or node not in made)]


def operations(node: Expr) -> Any:
    """How many operations on numbers a node takes."""
    if node.op.view:
        return 0
    form = node.op.definition(*node.args, **node.params) if node.op.definition else None
    if form is not None and form.args == node.args and "sizes" in form.params:
        summed = len(form.params["sizes"]) > len(set(form.params["out"]))
        return shapes.product(form.params["sizes"]) * max(len(node.args) - 1 + summed, 1)
    return max((shapes.product(e.shape) for e in (node, *node.args)), key=_rank)


def _rank(size: Any) -> tuple[int, Any]:
    """Products of more sizes count as larger."""
    return (0, size) if isinstance(size, int) else (len(size.free_symbols), str(size))


def _at(size: Any, lengths: Mapping[Any, int]) -> Any:
    value = size if isinstance(size, int) else size.xreplace(lengths)
    return int(value) if isinstance(value, int) or value.is_Integer else value


def _stage(nodes: Sequence[Expr], plan: Plan | None) -> str:
    """The stage of a line: that of the node among its own that comes latest."""
    places = [plan.places[node].along for node in nodes if node in plan.places] if plan else []
    if any(isinstance(along, str) for along in places):
        return "combined"
    return "per row" if any(along is not None for along in places) else "once"
