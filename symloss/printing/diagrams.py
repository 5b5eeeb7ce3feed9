"""The graph of formulas as text for Graphviz and for mermaid; every label is escaped for its sink."""

from __future__ import annotations

from collections.abc import Sequence

from .network import Box

_SHAPES = {
    "variable": ("ellipse", "([", "])"),
    "fixed": ("plaintext", "(", ")"),
    "operation": ("box", "[", "]"),
}


def kind(box: Box) -> str:
    """Whether a box is a variable, a constant or an operation."""
    if box.node.name:
        return "variable"
    return "operation" if box.arguments else "fixed"


def dot(boxes: Sequence[Box], roots: Sequence[int]) -> str:
    """The graph in the language of Graphviz."""
    lines = ["digraph formula {", '  node [fontname="sans-serif"];']
    for number, box in enumerate(boxes):
        look = f"shape={_SHAPES[kind(box)][0]}" + (", peripheries=2" if number in roots else "")
        label = "\\n".join(_dot_text(text) for text in (box.label, box.sizes) if text)
        lines.append(f'  n{number} [label="{label}", {look}];')
    for number, box in enumerate(boxes):
        lines += [f"  n{argument} -> n{number};" for argument in box.arguments]
    return "\n".join([*lines, "}"]) + "\n"


def _dot_text(text: str) -> str:
    """A quoted label, in which Graphviz reads backslashes and HTML entities."""
    escapes = {"\\": "\\\\", '"': '\\"', "&": "&amp;", "\n": " ", "\r": " "}
    return "".join(escapes.get(c, c) for c in printable(text))


def mermaid(boxes: Sequence[Box], roots: Sequence[int]) -> str:
    """The graph in the language of mermaid."""
    lines = ["flowchart TD"]
    for number, box in enumerate(boxes):
        _, opening, closing = _SHAPES[kind(box)]
        label = "<br/>".join(_mermaid_text(text) for text in (box.label, box.sizes) if text)
        lines.append(f'    n{number}{opening}"{label}"{closing}')
    for number, box in enumerate(boxes):
        lines += [f"    n{argument} --> n{number}" for argument in box.arguments]
    lines += [f"    style n{root} stroke-width:3px" for root in roots]
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    """A quoted label: signs that mermaid or Markdown may read are written by their number."""
    plain = " ,.=()"
    return "".join(
        c if c in plain or c.isalnum() or not c.isascii() else f"#{ord(c)};" for c in printable(text)
    )


def printable(text: str) -> str:
    """The text without signs that cannot stand in a document, such as control characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
