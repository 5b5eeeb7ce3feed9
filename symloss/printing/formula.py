"""Formulas by template: the traversal that text and LaTeX share, with long or repeated parts listed under "where"."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from ..core import shapes
from ..core.expr import Expr
from ..core.leaves import CONSTANT, SIZE
from ..core.notation import ATOM, QUOTIENT, UNARY, Notation, Written, render
from ..core.walk import topological, users

_CAPITALS, _SMALL = "ABCDEFGJKLMPQRSTUVWZ", "uvabcdpqrsw"


class Part(NamedTuple):
    """A part of a formula that is listed by name: the name, what it stands for, and the parts named there."""

    name: str
    text: str
    mentions: tuple[Expr, ...]


class Printer(ABC):
    """Writes one formula; subclasses say how names, numbers, sizes and parameters look."""

    longest_shared = 7
    """A part that is used more than once is named when it is wider."""
    longest_lettered = 15
    """A part whose operation has a conventional letter is named when it is wider."""
    longest = 160
    """Any part is named when it is wider."""

    def __init__(self, root: Expr) -> None:
        self.root = root
        self.parts: dict[Expr, Part] = {}
        self.mentions: dict[Expr, tuple[Expr, ...]] = {}
        self.taken = _taken(topological([root]))
        self.letters: dict[str, Iterator[str]] = {}

    @abstractmethod
    def notation(self, node: Expr) -> Notation: ...

    @abstractmethod
    def name(self, name: str, rank: int) -> str: ...

    @abstractmethod
    def number(self, value: Any) -> str: ...

    @abstractmethod
    def size(self, size: Any) -> str: ...

    @abstractmethod
    def axes(self, names: list[str], numbered: bool, subscript: bool) -> str:
        """The axes of a reduction, as a subscript of its sign or as a further argument."""

    @abstractmethod
    def bracket(self, text: str) -> str: ...

    def width(self, text: str) -> int:
        """How many characters wide a text looks."""
        return len(text)

    def finish(self, node: Expr, notation: Notation, text: str) -> str:
        """The last touch on a rendered template."""
        return text

    def formula(self) -> str:
        """The formula without the list of named parts, which `where` gives afterwards."""
        counts = users([self.root])
        written: dict[Expr, Written] = {}
        for node in topological([self.root]):
            written[node] = self._written(node, written)
            mentions = tuple(dict.fromkeys(part for arg in node.args for part in self.mentions[arg]))
            if node is not self.root and node.args and self._wants_name(node, written[node][0], counts[node]):
                name = self.name(self._letter(node), node.ndim)
                self.parts[node] = Part(name, written[node][0], mentions)
                written[node], mentions = (name, ATOM), (node,)
            self.mentions[node] = mentions
        return written[self.root][0]

    def where(self) -> list[tuple[str, str]]:
        """The named parts and what they stand for; each stands before those that it mentions itself."""
        order: list[Expr] = []
        seen: set[Expr] = set()
        stack = [(part, False) for part in self.mentions[self.root]]
        while stack:
            part, ready = stack.pop()
            if ready:
                order.append(part)
            elif part not in seen:
                seen.add(part)
                stack.append((part, True))
                stack.extend((below, False) for below in self.parts[part].mentions)
        return [self.parts[part][:2] for part in reversed(order)]

    def _wants_name(self, node: Expr, text: str, uses: int) -> bool:
        limit = self.longest_shared if uses > 1 else self.longest_lettered if node.op.letter else self.longest
        return self.width(text) > limit

    def _letter(self, node: Expr) -> str:
        """A letter that no variable of the formula has: capital for matrices."""
        pool = _CAPITALS if node.ndim > 1 else _SMALL
        wanted = node.op.letter if node.ndim > 1 else node.op.letter.lower()
        for candidate in [*wanted, *pool]:
            if candidate not in self.taken:
                self.taken.add(candidate)
                return candidate
        letter = wanted or pool[-1]
        numbered = self.letters.setdefault(letter, (f"{letter}{n}" for n in count(1)))
        return next(name for name in numbered if name not in self.taken)

    def _written(self, node: Expr, written: dict[Expr, Written]) -> Written:
        if node.op is CONSTANT:
            return self._constant(node)
        if node.op is SIZE:
            size = node.params["value"]
            return self.size(size), ATOM if size.is_Symbol else QUOTIENT - 1
        if node.name:
            return self.name(node.name, node.ndim), ATOM
        notation = self.notation(node)
        args = [written[arg] for arg in node.args]
        text, binding = render(notation, args, lambda spec: self.parameter(spec, node), self.bracket)
        return self.finish(node, notation, text), binding

    def _constant(self, node: Expr) -> Written:
        value = node.params["value"]
        if value.ndim == 0:
            text = self.number(value.item())
            return text, UNARY if text[0] in "-−" else ATOM
        if value.size <= 4 and value.ndim == 1:
            return f"[{', '.join(self.number(v) for v in value.tolist())}]", ATOM
        return self.name("C", 2) + self.bracket(shapes.show(node.shape)[1:-1].rstrip(",")), ATOM

    def parameter(self, spec: str, node: Expr) -> str:
        """What stands for ``«spec»`` in the template of a node."""
        name = spec.lstrip(", _").partition("|")[0]
        if name == "axis" and spec[0] in ",_":
            return self._axis(spec, node)
        return self.value(node.params.get(name, node.dtype if name == "dtype" else None))

    def value(self, value: Any) -> str:
        """A parameter that is a number, a size, a dtype, a word, an index or a tuple of these."""
        if isinstance(value, np.dtype):
            return str(value.name)
        if isinstance(value, int | float):
            return self.number(value)
        if hasattr(value, "render"):
            return self.index(value.render(self.size))
        if isinstance(value, tuple):
            return "(" + ", ".join(map(self.value, value)) + ")"
        return self.size(value)

    def index(self, text: str) -> str:
        """A NumPy index."""
        return text

    def _axis(self, spec: str, node: Expr) -> str:
        """The axes of a reduction by name or number; nothing where they go without saying."""
        x, axis = node.args[0], node.params["axis"]
        if len(axis) == x.ndim or (spec.endswith("|last") and axis == (x.ndim - 1,)):
            return ""
        names = [x.shape[a] for a in axis]
        unique = all(
            not isinstance(s, int) and not shapes.is_open(s) and x.shape.count(s) == 1 for s in names
        )
        shown = [self.size(s) if unique else str(a) for s, a in zip(names, axis, strict=True)]
        return self.axes(shown, not unique, spec[0] == "_")


def _taken(nodes: list[Expr]) -> set[str]:
    """The names of the variables of a formula and of the sizes that stand in it."""
    sizes = [node.params["value"] for node in nodes if node.op is SIZE]
    return {node.name for node in nodes if node.op.leaf} | {
        s.name for size in sizes for s in size.free_symbols
    }


def scalar_like(node: Expr) -> bool:
    """Whether at most one argument is more than a scalar, so that a product sign says nothing."""
    return sum(arg.ndim > 0 for arg in node.args) < 2
