"""Which sizes a function takes to be equal, and how their lengths at a call are checked against that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core import shapes
from ..core.errors import AxisError, ShapeError, message, place
from ..core.expr import Expr, called
from ..core.walk import topological

Lengths = list[Any]
"""The length of each slot: an int, or None while it is not known."""
Fact = tuple[str, Any, Any, Expr]
"""A relation between two sizes, and the node that asks for it."""


class Sizes:
    """Every size of a graph has a slot, and equal sizes have the same one."""

    def __init__(self, outputs: Sequence[Expr], call: str) -> None:
        self.call = call
        self.parent: dict[Any, Any] = {}
        self.slots: dict[Any, int] = {}
        self.template: Lengths = []
        self.facts: list[Fact] = []
        for relation, a, b, node in _facts(outputs):
            if relation == "=":
                self._join(a, b, node)
            else:
                self.facts.append((relation, a, b, node))

    def _join(self, a: Any, b: Any, node: Expr) -> None:
        a, b = self.find(a), self.find(b)
        if a == b:
            return
        if getattr(a, "is_Dummy", False):
            self.parent[a] = b
        elif getattr(b, "is_Dummy", False):
            self.parent[b] = a
        elif shapes.is_open(a) or shapes.is_open(b):
            self.facts.append(("=", a, b, node))
        else:
            wrong = f"sizes {a} and {b} would have to be equal in {called(node)}, built at {place(node.site)}"
            mend = "declare the open dims, so that the mismatch shows where it is made"
            raise ShapeError(message(self.call, wrong, mend))

    def find(self, size: Any) -> Any:
        """The size that stands for all that are equal to `size`."""
        while size in self.parent:
            size = self.parent[size]
        return size

    def slot(self, size: Any) -> int:
        """Where the length of a size is kept."""
        size = self.find(size)
        if size not in self.slots:
            # the room first: other threads may use a slot as soon as it is told
            self.template.append(size if isinstance(size, int) else None)
            self.slots[size] = len(self.template) - 1
        return self.slots[size]

    def names(self, slot: int) -> Any:
        """The size that a slot keeps."""
        return next(size for size, own in self.slots.items() if own == slot)

    def reader(self, size: Any) -> Callable[[Lengths], Any]:
        """The function that computes a size from the lengths; None as long as one is not known."""
        size = self.find(size)
        if isinstance(size, int):
            return lambda lengths: size
        if size.is_Symbol:
            slot = self.slot(size)
            return lambda lengths: lengths[slot]
        return self._computed(size)

    def _computed(self, size: Any) -> Callable[[Lengths], Any]:
        symbols = sorted(size.free_symbols, key=str)
        slots = [self.slot(symbol) for symbol in symbols]
        function = shapes.sympy().lambdify([symbols], size, modules="math", dummify=True)

        def read(lengths: Lengths) -> Any:
            known = [lengths[slot] for slot in slots]
            return None if None in known else function(known)

        return read


def _facts(outputs: Sequence[Expr]) -> list[Fact]:
    """What the graph takes to hold of its sizes, found by inferring every shape once more."""
    found: dict[tuple[str, Any, Any], Expr] = {}
    with shapes.recording() as facts:
        for node in topological(outputs):
            if node.args:
                node.op.shape(node.op.name, *node.args, **node.params)
            for fact in facts:
                found.setdefault(fact, node)
            facts.clear()
    return [(*fact, node) for fact, node in found.items()]


class Rules:
    """The relations between lengths that a call must keep, beyond equal sizes being equal."""

    def __init__(self, sizes: Sizes, composed: Sequence[Any]) -> None:
        self._exact = [(sizes.slot(size), sizes.reader(size), size) for size in composed]
        self._facts = [(*fact, sizes.reader(fact[1]), sizes.reader(fact[2])) for fact in sizes.facts]

    def __bool__(self) -> bool:
        return bool(self._exact or self._facts)

    def wrong_slot(self, lengths: Lengths) -> tuple[int, str] | None:
        """The slot of a computed size whose length is another, and what it should be."""
        for slot, read, size in self._exact:
            expected = read(lengths)
            if expected is not None and lengths[slot] is not None and lengths[slot] != expected:
                return slot, f"{shapes.size_text(size)} = {_number(expected)}"
        return None

    def check(self, lengths: Lengths, call: str) -> None:
        """Refuse lengths that break what a node asks for."""
        for relation, a, b, node, left, right in self._facts:
            m, n = left(lengths), right(lengths)
            if m is None or n is None or _holds(relation, m, n):
                continue
            where = f"{called(node)}, built at {place(node.site)}"
            if relation == "=":
                wrong = f"{where}, needs the sizes {_with(a, m)} and {_with(b, n)} to be equal"
                raise ShapeError(message(call, wrong, "check the shapes of the arguments"))
            if relation == "whole":
                wrong = f"{where}, needs {_with(a, m)} to be a whole number"
                raise ShapeError(message(call, wrong, "check the shapes of the arguments"))
            wrong = f"{where}, reaches up to {_with(a, m)} along an axis of size {_with(b, n)}"
            raise AxisError(message(call, wrong, "index within the axis, or pass longer arrays"))


def _holds(relation: str, m: Any, n: Any) -> bool:
    if relation == "whole":
        return bool(m == int(m))
    return bool(m == n if relation == "=" else m <= n)


def _with(size: Any, length: Any) -> str:
    text = shapes.size_text(size)
    if text in ("?", str(length)):
        return _number(length)
    return f"{text} = {_number(length)}"


def _number(length: Any) -> str:
    return str(int(length)) if length == int(length) else f"{length:g}"


def size_source(size: Any, whole: bool) -> str:
    """A size as Python source; what is known to be whole is divided without remainder."""
    sp = shapes.sympy()
    while rounded := size.atoms(sp.ceiling, sp.floor, sp.Mod):
        inner = min(rounded, key=lambda one: (one.count_ops(), str(one)))
        size = size.xreplace({inner: sp.Symbol(_rounded_source(inner))})
    text = str(sp.together(size))
    return (text.replace("/", "//") if whole else text).replace("÷", "//")


def _rounded_source(size: Any) -> str:
    """A quotient rounded up or down, or a remainder; ``÷`` stands for the division that rounds down."""
    sp = shapes.sympy()
    if isinstance(size, sp.Mod):
        return f"({_atom(size.args[0])} % {_atom(size.args[1])})"
    top, bottom = map(_atom, sp.fraction(sp.together(size.args[0])))
    return f"(-(-{top} ÷ {bottom}))" if isinstance(size, sp.ceiling) else f"({top} ÷ {bottom})"


def _atom(size: Any) -> str:
    return str(size) if size.is_Symbol or size.is_Integer else f"({size})"
