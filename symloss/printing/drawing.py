"""A drawing of formulas for notebooks and files: SVG, Graphviz and mermaid, the same bytes each time."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from ..core import errors
from .diagrams import dot, kind, mermaid, printable
from .layout import Layout, Link, arrange
from .network import Box, boxes, roots_of

MOST_NODES = 400
_LONGEST_LABEL = 32
_HEIGHT, _STEP, _GAP, _MARGIN = 40.0, 76.0, 26.0, 12.0
_SUBSCRIPT = re.compile(r"([ΣΠ‖·]+)_(.+)")
_STYLE = """
  .symloss-drawing text { font-family: "DejaVu Sans", "Segoe UI", sans-serif; text-anchor: middle }
  .symloss-drawing .label { font-size: 14px; fill: #16202e }
  .symloss-drawing .sizes { font-size: 10.5px; fill: #526074 }
  .symloss-drawing .position { font-size: 10px; fill: #7d8899 }
  .symloss-drawing .edge { fill: none; stroke: #8792a2; stroke-width: 1.4; stroke-linecap: round }
  .symloss-drawing .head { fill: #8792a2 }
  .symloss-drawing .operation { fill: #ffffff; stroke: #8792a2; stroke-width: 1.2 }
  .symloss-drawing .variable { fill: #dcebff; stroke: #3b73c4; stroke-width: 1.2 }
  .symloss-drawing .fixed { fill: #f1f2f4; stroke: #a9b1bd; stroke-width: 1.2; stroke-dasharray: 3 2 }
  .symloss-drawing .result { stroke: #b4540a; stroke-width: 2.2; fill: #fff3e4 }
"""


@dataclass(frozen=True, repr=False)
class Drawing:
    """A drawing of formulas: inputs at the top, results at the bottom.

    A notebook shows it. `svg`, `dot` and `mermaid` give it as text, `save` writes a file.
    """

    boxes: tuple[Box, ...]
    roots: tuple[int, ...]

    def __repr__(self) -> str:
        return f"<Drawing of {len(self.boxes)} nodes>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg(), "text/plain": repr(self)}

    def svg(self) -> str:
        """The drawing as an SVG image, legible on light and on dark ground."""
        widths = [_width(box) for box in self.boxes]
        layout = arrange([box.arguments for box in self.boxes], widths, _GAP)
        places = _places(layout, widths)
        width = max(places[n][0] + widths[n] / 2 for n in range(len(widths))) + _MARGIN
        height = len(layout.layers) * _STEP - _STEP + _HEIGHT + 2 * _MARGIN
        size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="symloss-drawing" {size} role="img">',
            f"<style>{_STYLE}</style>",
        ]
        entries = _entries(layout, places)
        for upper, lower in layout.links:
            entry = entries.get((upper, lower))
            lines.append(_edge(places[upper], places[lower], upper >= layout.boxes, entry))
        for box in range(len(widths)):
            own = [entries[end, box] for end in layout.above.get(box, [])]
            lines += self._heads(own, box, *places[box])
        lines += [self._box(n, widths[n], *places[n]) for n in range(len(widths))]
        return "\n".join([*lines, "</svg>"]) + "\n"

    def dot(self) -> str:
        """The graph in the language of Graphviz."""
        return dot(self.boxes, self.roots)

    def mermaid(self) -> str:
        """The graph in the language of mermaid."""
        return mermaid(self.boxes, self.roots)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the drawing to a file whose ending says how: ``.svg``, ``.dot``, ``.gv`` or ``.mmd``.

        Raises
        ------
        InputError
            If the ending is another one.
        """
        writers = {".svg": self.svg, ".dot": self.dot, ".gv": self.dot, ".mmd": self.mermaid}
        target = Path(path)
        if target.suffix not in writers:
            wrong = f"a drawing cannot be written as {target.suffix!r}"
            raise errors.InputError(errors.message("save()", wrong, "use .svg, .dot, .gv or .mmd"))
        target.write_text(writers[target.suffix](), encoding="utf-8")

    def _box(self, number: int, width: float, x: float, y: float) -> str:
        """One box with its text."""
        box = self.boxes[number]
        style = kind(box)
        look = f"{style} result" if number in self.roots else style
        corner = _HEIGHT / 2 if style == "variable" else 5
        at = f'x="{x - width / 2:.1f}" y="{y - _HEIGHT / 2:.1f}" width="{width:.1f}" height="{_HEIGHT:.0f}"'
        lines = [f'<rect class="{look}" {at} rx="{corner:.0f}"/>']
        sizes = _shortened(box.sizes)
        lines.append(_text("label", x, y + (-1 if sizes else 5), _shortened(box.label)))
        if sizes:
            lines.append(_text("sizes", x, y + 13, sizes))
        return "".join(lines)

    def _heads(self, entries: Sequence[float], number: int, x: float, y: float) -> list[str]:
        """Arrowheads at a box, with the positions of its arguments where these are not in order."""
        box = self.boxes[number]
        positions = list(box.positions.values())
        ordered = [*entries] == sorted(entries) or box.node.op.commutative
        mixed = not ordered or len(box.arguments) > len(entries)
        lines = []
        for entry, own in zip(entries, positions, strict=True):
            at = x + entry, y - _HEIGHT / 2
            lines.append(f'<path class="head" d="M{at[0]:.1f} {at[1]:.1f} l-3.6 -7 h7.2 z"/>')
            if mixed:
                shown = ", ".join(str(position + 1) for position in own)
                aside = (4 + 3.5 * len(shown)) * (-1 if entry < 0 else 1)
                lines.append(_text("position", at[0] + aside, at[1] - 4, shown))
        return lines


def _places(layout: Layout, widths: Sequence[float]) -> dict[int, tuple[float, float]]:
    """The centre of each point, such that everything has positive coordinates."""
    left = min(centre - (widths[p] / 2 if p < len(widths) else 0) for p, centre in layout.centres.items())
    return {
        point: (layout.centres[point] - left + _MARGIN, depth * _STEP + _HEIGHT / 2 + _MARGIN)
        for depth, layer in enumerate(layout.layers)
        for point in layer
    }


def _entries(layout: Layout, places: dict[int, tuple[float, float]]) -> dict[Link, float]:
    """How far from its middle each edge enters a box: edges keep apart, in the order in which they come."""
    found: dict[Link, float] = {}
    for box in range(layout.boxes):
        ends = sorted(layout.above.get(box, []), key=lambda end: (places[end][0], end))
        for rank, end in enumerate(ends):
            found[end, box] = (rank - (len(ends) - 1) / 2) * min(26.0, 44.0 / len(ends))
    return found


def _edge(start: tuple[float, float], end: tuple[float, float], passing: bool, entry: float | None) -> str:
    """One link: from the foot of a box or through a point, to the entry of a box or to a point."""
    (x, y), (to_x, to_y) = start, end
    y += _HEIGHT / 2
    to_y -= _HEIGHT / 2
    begin = f"M{x:.1f} {y - _HEIGHT:.1f} V{y:.1f}" if passing else f"M{x:.1f} {y:.1f}"
    if entry is not None:
        to_x, to_y = to_x + entry, to_y - 5
    half = (y + to_y) / 2
    return f'<path class="edge" d="{begin} C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}"/>'


def _text(style: str, x: float, y: float, text: str) -> str:
    written = escape(printable(text), quote=False)
    below = _SUBSCRIPT.fullmatch(written)
    if below:
        written = f'{below[1]}<tspan font-size="10" dy="3">{below[2]}</tspan>'
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{written}</text>'


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def _width(box: Box) -> float:
    """The width of a box, from the number of characters in it."""
    return max(44.0, 20 + 9.2 * len(_shortened(box.label)), 20 + 6.9 * len(_shortened(box.sizes)))


def draw(formulas: Any) -> Drawing:
    """A drawing of a formula, or of several with their shared parts.

    A notebook shows it as an image. Variables are round, constants dashed, and results have a strong border;
    each box tells the operation and the shape. Edges enter a box in the order of its arguments; where they do
    not, and that matters, small numbers tell the order.

    Parameters
    ----------
    formulas : Expr or list of Expr, any shapes
        At most 400 nodes together.

    Returns
    -------
    Drawing
        With `svg()`, `dot()`, `mermaid()` and `save(path)`.

    Raises
    ------
    GraphError
        If something else than expressions is given.
    LimitError
        If there are more nodes.

    Examples
    --------
    >>> import symloss as sl
    >>> x = sl.vector("x", "N")
    >>> print(sl.draw(sl.sum(x * x)).mermaid(), end="")
    flowchart TD
        n0(["x<br/>N"])
        n1["⊙<br/>N"]
        n2["Σ"]
        n0 --> n1
        n0 --> n1
        n1 --> n2
        style n2 stroke-width:3px
    """
    roots = roots_of("draw", formulas)
    found = boxes(roots)
    if len(found) > MOST_NODES:
        wrong = f"the formula has {len(found)} nodes, more than {MOST_NODES}"
        mend = "draw parts of it, or use to_networkx()"
        raise errors.LimitError(errors.message("draw()", wrong, mend), MOST_NODES, len(found))
    numbers = {box.node: number for number, box in enumerate(found)}
    return Drawing(tuple(found), tuple(numbers[root] for root in roots))
