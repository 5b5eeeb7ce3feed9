"""Formulas by template: the traversal that text and LaTeX share, with long or repeated parts listed under "where"."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from ..core import shapes
from ..core.expr import Expr
from ..core.leaves import CONSTANT, SIZE
from ..core.notation import ATOM, QUOTIENT, UNARY, Notation, Written, render
from ..core.walk import topological, users

_CAPITALS, _SMALL = "ABCDEFGJKLMPQRSTUVWZ", "uvabcdpqrsw"


class Printer(ABC):
    """Writes one formula; subclasses say how names, numbers, sizes and parameters look."""

    longest_shared = 7
    """A part that is used more than once is named when its text is longer."""
    longest_lettered = 15
    """A part whose operation has a conventional letter is named when its text is longer."""
    longest = 160
    """Any part is named when its text is longer."""

    def __init__(self, root: Expr) -> None:
        self.root = root
        self.where: list[tuple[str, str]] = []
        self.taken = {node.name for node in topological([root]) if node.op.leaf}
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
    def parameter(self, spec: str, node: Expr) -> str: ...

    @abstractmethod
    def bracket(self, text: str) -> str: ...

    def finish(self, node: Expr, text: str) -> str:
        """The last touch on a rendered template."""
        return text

    def formula(self) -> str:
        """The formula without the list of named parts, which is in `where` afterwards."""
        counts = users([self.root])
        written: dict[Expr, Written] = {}
        for node in topological([self.root]):
            text, binding = self._written(node, written)
            written[node] = text, binding
            if node is not self.root and node.args and self._wants_name(node, text, counts[node]):
                written[node] = self._named(node, text), ATOM
        return written[self.root][0]

    def _wants_name(self, node: Expr, text: str, count: int) -> bool:
        limit = (
            self.longest_shared if count > 1 else self.longest_lettered if node.op.letter else self.longest
        )
        return len(text) > limit

    def _named(self, node: Expr, text: str) -> str:
        name = self.name(self._letter(node), node.ndim)
        self.where.append((name, text))
        return name

    def _letter(self, node: Expr) -> str:
        """A letter that no variable of the formula has: capital for matrices."""
        pool = _CAPITALS if node.ndim > 1 else _SMALL
        wanted = node.op.letter if node.ndim > 1 else node.op.letter.lower()
        for candidate in [*wanted, *pool]:
            if candidate not in self.taken:
                self.taken.add(candidate)
                return candidate
        letter = wanted or pool[-1]
        count = next(
            n for n in range(1, len(self.where) + len(self.taken) + 2) if f"{letter}{n}" not in self.taken
        )
        self.taken.add(f"{letter}{count}")
        return f"{letter}{count}"

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
        return self.finish(node, text), binding

    def _constant(self, node: Expr) -> Written:
        value = node.params["value"]
        if value.ndim == 0:
            text = self.number(value.item())
            return text, UNARY if text[0] in "-−" else ATOM
        if value.size <= 4 and value.ndim == 1:
            return f"[{', '.join(self.number(v) for v in value.tolist())}]", ATOM
        return self.name("C", 2) + self.bracket(shapes.show(node.shape)[1:-1].rstrip(",")), ATOM

    def axis(self, spec: str, node: Expr) -> list[str] | None:
        """The axes of a reduction by name or number; None where they go without saying."""
        x, axis = node.args[0], node.params["axis"]
        if len(axis) == x.ndim or (spec.endswith("|last") and axis == (x.ndim - 1,)):
            return None
        names = [x.shape[a] for a in axis]
        unique = all(
            not isinstance(s, int) and not shapes.is_open(s) and x.shape.count(s) == 1 for s in names
        )
        return [self.size(s) if unique else str(a) for s, a in zip(names, axis, strict=True)]


def scalar_like(node: Expr) -> bool:
    """Whether at most one argument is more than a scalar, so that a product sign says nothing."""
    return sum(arg.ndim > 0 for arg in node.args) < 2
