"""Formulas by template: the traversal that text and LaTeX share; long or repeated parts are named."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, count
from typing import Any, NamedTuple

import numpy as np

from ..core import shapes
from ..core.expr import Expr
from ..core.leaves import CONSTANT, SIZE
from ..core.notation import (
    ATOM,
    COMPARE,
    ENTRYWISE,
    LOOSE,
    PREFIX,
    PRODUCT,
    SUM,
    UNARY,
    Notation,
    Written,
    render,
)
from ..core.walk import topological, users

_CAPITALS, _SMALL = "ABCDEFGJKLMPQRSTUVWZ", "uvabcdpqrsw"
_MINUS = ("−", "-")


class Part(NamedTuple):
    """A part of a formula that is listed by name: the name, what it stands for, and the parts named there."""

    name: str
    text: str
    mentions: tuple[Expr, ...]


class Printer(ABC):
    """Writes one formula; subclasses say how names, numbers, sizes and parameters look."""

    row: Notation
    """A vector that stands on the left of a matrix product."""
    longest_shared = 7
    """A part that is used more than once is named when it is wider."""
    longest_twice = 4
    """A part used more than once whose operation has a conventional letter is named when it is wider."""
    longest_lettered = 15
    """A part whose operation has a conventional letter is named when it is wider."""
    longest = 160
    """Any part is named when it is wider."""

    def __init__(self, root: Expr) -> None:
        self.root = root
        self.nodes = topological([root])
        self.uses = users([root], self.nodes)
        self.exposed = {arg for node in self.nodes if not node.op.elementwise for arg in node.args}
        self.parts: dict[Expr, Part] = {}
        self.mentions: dict[Expr, tuple[Expr, ...]] = {}
        self.numbered: dict[str, Iterator[str]] = {}
        self.verbatim: set[str] = set()
        self.taken: set[str] = set()
        self.words: set[str] = set()
        self._take_names()

    # What the subclasses say ------------------------------------------------------------------------
    @abstractmethod
    def template(self, node: Expr) -> tuple[Notation, Notation | None]:
        """How the operation is written, and how where broadcasting says the rest."""

    @abstractmethod
    def name(self, name: str, rank: int) -> str:
        """The name of a tensor; as it is spelt where it is one of `verbatim`."""

    @abstractmethod
    def number(self, value: Any) -> str:
        """A number."""

    @abstractmethod
    def size(self, size: Any) -> str:
        """A size, or a word."""

    @abstractmethod
    def axes(self, names: list[str], numbered: bool, subscript: bool) -> str:
        """The axes of a reduction, as a subscript of its sign or as a further argument."""

    @abstractmethod
    def index(self, text: str) -> str:
        """A NumPy index."""

    def width(self, text: str) -> int:
        """How many characters wide a text looks."""
        return len(text)

    def finish(self, node: Expr, notation: Notation, text: str) -> str:
        """The last touch on a rendered template."""
        return text

    # The formula ------------------------------------------------------------------------------------
    def formula(self) -> str:
        """The formula without the list of named parts, which `where` gives afterwards."""
        written: dict[Expr, Written] = {}
        for node in self.nodes:
            written[node] = self.written(node, written)
            mentions = _joined([self.mentions[arg] for arg in node.args])
            if node is not self.root and node.args and self.wants_name(node, written[node][0]):
                letter = self._letter(node)
                self.parts[node] = Part(letter, written[node][0], mentions)
                written[node], mentions = (self.reference(node, letter), ATOM), (node,)
            self.mentions[node] = mentions
        return written[self.root][0]

    def where(self) -> list[tuple[str, str]]:
        """The named parts and what they stand for; each stands before those that it mentions itself."""
        return [(self.reference(e, self.parts[e].name), self.parts[e].text) for e in self.named()]

    def reference(self, node: Expr, letter: str) -> str:
        """How a formula refers to a named part."""
        return self.name(letter, node.ndim)

    def named(self) -> list[Expr]:
        """The parts that are mentioned, each before those that its own text mentions."""
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
        return order[::-1]

    def wants_name(self, node: Expr, text: str) -> bool:
        """Whether a part is better listed under a name."""
        if self.uses[node] > 1:
            limit = self.longest_twice if node.op.letter else self.longest_shared
        else:
            limit = self.longest_lettered if node.op.letter else self.longest
        return self.width(text) > limit

    def written(self, node: Expr, done: dict[Expr, Written]) -> Written:
        """One node, from its written arguments."""
        if node.op is CONSTANT:
            return self._constant(node)
        if node.op is SIZE:
            size = node.params["value"]
            return self.size(size), ATOM if size.is_Symbol else SUM
        if node.name:
            return self.name(node.name, node.ndim), ATOM
        return self.filled(node, [done[arg] for arg in node.args])

    def filled(self, node: Expr, args: list[Written]) -> Written:
        """The template of an operation with its written arguments."""
        whole, short = self.template(node)
        notation = short if short is not None and self._goes_without_saying(node) else whole
        if notation.binding == PRODUCT:
            args = [self._factor(node, *pair) for pair in enumerate(args)]
        text, binding = render(notation, standing(notation, args), lambda spec: self.parameter(spec, node))
        return self.finish(node, notation, text), binding

    def _factor(self, node: Expr, position: int, written: Written) -> Written:
        """A factor of a product; where it would fall apart, or a vector be mistaken, it is marked as one."""
        arg = node.args[position]
        row = self._is_row(arg) and arg not in self.parts
        if position == 0 and self._is_row(node):
            return written if row else render(self.row, [written], str)
        product = written[1] == PRODUCT and not arg.op.elementwise
        apart = (row and arg.ndim) or (product and not arg.ndim and node.ndim)
        return (written[0], LOOSE) if apart else written

    def _is_row(self, node: Expr) -> bool:
        """Whether the first argument is a vector in the place of a matrix."""
        return "«row»" in self.template(node)[0].template and node.args[0].ndim == 1

    def _goes_without_saying(self, node: Expr) -> bool:
        """Whether broadcasting says what the operation does beyond its arguments."""
        if node.op.elementwise or len(node.args) > 1:
            return scalar_like(node)
        return node not in self.exposed and _broadcasts(node)

    # Leaves -----------------------------------------------------------------------------------------
    def _constant(self, node: Expr) -> Written:
        value = node.params["value"]
        if value.ndim == 0:
            text = self.number(value.item())
            return text, UNARY if text[0] in _MINUS else ATOM
        if value.size <= 4 and value.ndim == 1:
            return f"[{', '.join(self.number(v) for v in value.tolist())}]", ATOM
        return f"{self.name('C', 2)}({shapes.show(node.shape)[1:-1].rstrip(',')})", ATOM

    def _take_names(self) -> None:
        """Note the names of variables, and which of them would look like another one."""
        leaves = [node for node in self.nodes if node.op.leaf]
        sizes = [leaf.params["value"] for leaf in leaves if leaf.op is SIZE]
        self.taken = {str(symbol) for size in sizes for symbol in size.free_symbols}
        for name in dict.fromkeys(leaf.name for leaf in leaves if leaf.name):
            if self.name(name, 0) in self.taken:
                self.verbatim.add(name)
            self.taken |= {name, self.name(name, 0)}
            self.words.update(name[:end] for end in range(2, len(name) + 1))
        shown = [node for node in self.nodes if "«_axis»" in node.op.text.template]
        along = [node.args[0].shape[a] for node in shown for a in node.params["axis"]]
        self.taken |= {str(symbol) for size in along for symbol in getattr(size, "free_symbols", ())}

    def _letter(self, node: Expr) -> str:
        """A letter that no variable of the formula has: capital for matrices."""
        pool = _CAPITALS if node.ndim > 1 else _SMALL
        wanted = node.op.letter if node.ndim > 1 else node.op.letter.lower()
        free = next((letter for letter in [*wanted, *pool] if letter not in self.taken), "")
        if not free:
            stem = wanted or pool[-1]
            numbered = self.numbered.setdefault(stem, (f"{stem}{n}" for n in count(1)))
            free = next(name for name in numbered if not {name, self.name(name, 0)} & self.taken)
        self.taken.add(free)
        return free

    # Parameters -------------------------------------------------------------------------------------
    def parameter(self, spec: str, node: Expr) -> str:
        """What stands for ``«spec»`` in the template of a node."""
        name = spec.lstrip(", _").partition("|")[0]
        if name == "axis" and spec[0] in ",_":
            return self._axis(spec, node)
        if name == "row":
            return ""
        if name == "new":
            return self.index(
                ", ".join("None" if a in node.params["axis"] else ":" for a in range(node.ndim))
            )
        value = node.params.get(name, node.dtype if name == "dtype" else None)
        if spec[0] == ",":
            return f", {self.size(name)}={self.value(value)}" if value else ""
        return self.value(value)

    def value(self, value: Any) -> str:
        """A parameter that is a number, a size, a dtype, a word, an index or a tuple of these."""
        if isinstance(value, np.dtype):
            return str(value.name)
        if isinstance(value, bool):
            return self.size(str(value))
        if isinstance(value, int | float):
            return self.number(value)
        if isinstance(value, Fraction):
            return str(value).replace("-", self.number(-1)[0])
        if isinstance(value, str):
            return value
        if hasattr(value, "render"):
            return self.index(value.render(self.size))
        if isinstance(value, tuple):
            return "(" + ", ".join(map(self.value, value)) + ("," if len(value) == 1 else "") + ")"
        return self.size(value)

    def _axis(self, spec: str, node: Expr) -> str:
        """The axes of a reduction by name or number; nothing where they go without saying."""
        x, axis = node.args[0], node.params["axis"]
        axis = tuple(a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,)))
        if len(axis) == x.ndim or (spec.endswith("|last") and axis == (x.ndim - 1,)):
            return ""
        names = [x.shape[a] for a in axis]
        unique = all(
            not isinstance(s, int) and not shapes.is_open(s) and x.shape.count(s) == 1 for s in names
        )
        shown = [self.size(s) if unique else str(a) for s, a in zip(names, axis, strict=True)]
        return self.axes(shown, not unique, spec[0] == "_")


def _joined(lists: list[tuple[Expr, ...]]) -> tuple[Expr, ...]:
    """What several parts mention, each once."""
    found = [mentions for mentions in lists if mentions]
    if len(found) > 1:
        return tuple(dict.fromkeys(chain.from_iterable(found)))
    return found[0] if found else ()


def standing(notation: Notation, args: list[Written]) -> list[Written]:
    """The arguments of a sign; those that would seem to reach over it are to get brackets."""
    if not COMPARE < notation.binding <= PRODUCT:
        return args
    first, *rest = args
    if notation.binding == ENTRYWISE and first[1] == PREFIX:
        first = first[0], LOOSE
    return [first, *((text, LOOSE if text.startswith(_MINUS) else own) for text, own in rest)]


def scalar_like(node: Expr) -> bool:
    """Whether at most one argument is more than a scalar, so that a product sign says nothing."""
    return sum(arg.ndim > 0 for arg in node.args) < 2


def _broadcasts(node: Expr) -> bool:
    """Whether the argument, broadcast from the right, has the same elements as the result."""
    inner, outer = ([*shape] for shape in (node.args[0].shape, node.shape))
    for shape in (inner, outer):
        while shape and shape[0] == 1:
            del shape[0]
    pairs = zip(reversed(inner), reversed(outer), strict=False)
    return len(inner) <= len(outer) and all(m == n or m == 1 for m, n in pairs)
