"""The graph of formulas as it stands: nodes numbered from the inputs on, with what each is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..core import errors, shapes
from ..core.expr import Expr
from ..core.leaves import CONSTANT
from ..core.loading import loaded
from ..core.notation import ATOM, JUXTAPOSE, parts, render
from ..core.walk import topological
from .text import TextPrinter

_GAP = "·"
_GAPS = rf"\[?{_GAP}(?:, {_GAP})*\]?"
_CALL = re.compile(rf"([^{_GAP}(]+)\((?:{_GAPS})?(?:, )?([^{_GAP}]*)\)")
_INFIX = re.compile(rf"{_GAP} ?([^{_GAP}\s]+) ?{_GAP}")
_PREFIX = re.compile(rf"([^{_GAP}/]+?) ?{_GAP}")


class Box(NamedTuple):
    """A node of the graph: its expression, its text, and the numbers of its arguments."""

    node: Expr
    label: str
    arguments: tuple[int, ...]

    @property
    def sizes(self) -> str:
        """The shape as text, ``N × K``; empty for a scalar."""
        return " × ".join(map(shapes.size_text, self.node.shape))

    @property
    def positions(self) -> dict[int, tuple[int, ...]]:
        """The arguments, each with the positions in which it stands."""
        found: dict[int, tuple[int, ...]] = {}
        for position, argument in enumerate(self.arguments):
            found[argument] = (*found.get(argument, ()), position)
        return found


def roots_of(call: str, formulas: Any) -> list[Expr]:
    """The formulas of an argument that is one or a list of them."""
    roots = list(formulas) if isinstance(formulas, list | tuple) else [formulas]
    for root in roots:
        if not isinstance(root, Expr):
            wrong = f"{errors.kind(root)} is no expression"
            raise errors.GraphError(errors.message(f"{call}()", wrong, "pass an Expr or a list of them"))
    if not roots:
        raise errors.GraphError(errors.message(f"{call}()", "got no formulas", "pass at least one"))
    return roots


def boxes(roots: Sequence[Expr]) -> list[Box]:
    """Every node below the roots, arguments before their users."""
    order = topological(roots)
    numbers = {node: number for number, node in enumerate(order)}
    printer = TextPrinter(order[0])
    return [Box(node, _label(node, printer), tuple(numbers[arg] for arg in node.args)) for node in order]


def _label(node: Expr, printer: TextPrinter) -> str:
    """What a node does, as text: the name of a variable, a number, or the sign of an operation."""
    if node.name or node.op.leaf:
        text = f"array {node.dtype.name}" if node.op is CONSTANT and node.ndim else ""
        return text or printer.written(node, {})[0]
    notation = node.op.text
    if all(not isinstance(part, str) or part == JUXTAPOSE for part in parts(notation.template)):
        notation = node.op.numpy if JUXTAPOSE in notation.template else notation
    text, _ = render(notation, [(_GAP, ATOM)] * len(node.args), lambda spec: printer.parameter(spec, node))
    text = printer.finish(node, notation, text.replace(JUXTAPOSE, " "))
    if text == _GAP:
        return f"{node.op.name} {node.dtype.name}"
    return _short(text)


def _short(text: str) -> str:
    """The sign of an operation: what is left when nothing but gaps is taken from a call or around a sign."""
    called = _CALL.fullmatch(text)
    if called:
        return f"{called[1]} {called[2]}".rstrip()
    around = _INFIX.fullmatch(text) or _PREFIX.fullmatch(text)
    return around[1] if around else text


def to_networkx(formulas: Any) -> Any:
    """The graph of a formula, or of several, as a networkx ``DiGraph``.

    Edges lead from an argument to its user. Nodes are numbered from 0 in an order in which arguments stand
    before their users; equal formulas give equal graphs.

    Parameters
    ----------
    formulas : Expr or list of Expr, any shapes
        The formulas; parts that they share are one node.

    Returns
    -------
    networkx.DiGraph
        A node has the attributes `op` (the operation's name), `label` (text), `shape` (tuple), `dtype` (its
        name) and `name` (of a variable, else empty). An edge has `positions`, a tuple, as an argument may
        stand in several. The graph has `roots`, the numbers of the formulas.

    Raises
    ------
    GraphError
        If something else than expressions is given.

    Examples
    --------
    >>> import symloss as sl
    >>> x = sl.scalar("x")
    >>> graph = sl.to_networkx(sl.exp(x) * x)
    >>> [data["label"] for _, data in graph.nodes(data=True)]
    ['x', 'exp', '⊙']
    >>> list(graph.edges(data="positions"))
    [(0, 1, (0,)), (0, 2, (1,)), (1, 2, (0,))]
    """
    roots = roots_of("to_networkx", formulas)
    all_boxes = boxes(roots)
    numbers = {box.node: number for number, box in enumerate(all_boxes)}
    graph = loaded("networkx").DiGraph(roots=[numbers[root] for root in roots])
    for number, (node, label, _) in enumerate(all_boxes):
        facts = {"op": node.op.name, "label": label, "shape": node.shape, "dtype": node.dtype.name}
        graph.add_node(number, **facts, name=node.name)
        for argument, positions in all_boxes[number].positions.items():
            graph.add_edge(argument, number, positions=positions)
    return graph
