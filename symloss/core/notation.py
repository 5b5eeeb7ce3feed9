"""How formulas are written: templates with argument slots, and how tightly each binds.

A template is text in which ``#1``, ``#2`` … stand for the arguments and ``##`` for all of them joined by
commas. ``«name»`` is a parameter, ``«, name»`` one that is left out where it says nothing, ``«, name|last»``
one that is also left out where it names the last axis, and ``«_name»`` a subscript.
``JUXTAPOSE`` marks a product whose sign is left out where that reads well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

LOOSE, COMPARE, SUM, QUOTIENT, ENTRYWISE, PREFIX, PRODUCT, UNARY, POWER, INVERSE, ATOM = range(11)
"""How tightly a form binds: a form stands bare in a slot that asks for no more than it has.

An inverse stands bare where it is transposed, as the two signs are written as one.
"""
JUXTAPOSE = "\u2062"


class Notation(NamedTuple):
    """A template, how tightly the whole binds, and the least that each argument must bind."""

    template: str
    binding: int = ATOM
    slots: tuple[int, ...] = ()

    def slot(self, position: int) -> int:
        """The least binding that the argument at `position` (from 0) needs to stand bare."""
        if not self.slots:
            return LOOSE
        return self.slots[min(position, len(self.slots) - 1)]


def call(template: str) -> Notation:
    """A function application or any other closed form: arguments need no parentheses."""
    return Notation(template)


def infix(sign: str, binding: int) -> Notation:
    """A binary sign that groups to the left: the right operand must bind tighter than the sign."""
    return Notation(f"#1{sign}#2", binding, (binding, binding + 1))


def postfix(sign: str, binding: int = POWER, slot: int = ATOM) -> Notation:
    """A sign after its argument, such as a transposition."""
    return Notation(f"#1{sign}", binding, (slot,))


_PART = re.compile(r"#(\d+)|(##)|«([^»]*)»")
Written = tuple[str, int]
"""Text and how tightly it binds."""


@cache
def parts(template: str) -> tuple[str | int | tuple[str], ...]:
    """A template cut into literal text, argument positions from 0 (−1 for all), and parameters."""
    result: list[str | int | tuple[str]] = []
    end = 0
    for found in _PART.finditer(template):
        result.append(template[end : found.start()])
        number, everything, parameter = found.groups()
        result.append(int(number) - 1 if number else -1 if everything else (parameter,))
        end = found.end()
    result.append(template[end:])
    return tuple(part for part in result if part != "")


def render(
    notation: Notation,
    args: Sequence[Written],
    parameter: Callable[[str], str],
    bracket: Callable[[str], str] = lambda text: f"({text})",
) -> Written:
    """Fill a template: arguments that bind too loosely for their slot get brackets."""
    pieces = parts(notation.template)
    expanded: Sequence[Any] = _filled(pieces, parameter) if "«" in notation.template else pieces
    out, binding = [], notation.binding
    for place, piece in enumerate(expanded):
        if isinstance(piece, str):
            out.append(piece)
        elif piece == -1:
            out.append(", ".join(text for text, _ in args))
        else:
            text, own = args[piece]
            bare = own >= notation.slot(piece)
            out.append(text if bare else bracket(text))
            if bare and place == len(expanded) - 1 and (binding < ATOM or notation.template.endswith("#1")):
                binding = min(binding, own)
    return "".join(out), binding


def _filled(pieces: Sequence[str | int | tuple[str]], parameter: Callable[[str], str]) -> list[str | int]:
    """The pieces with their parameters, which may hold argument positions of their own."""
    expanded = [_expanded(piece, parameter) for piece in pieces]
    if any(
        isinstance(p, tuple) and isinstance(t, str) and "#" in t
        for p, t in zip(pieces, expanded, strict=True)
    ):
        pieces = parts("".join(str(t) if isinstance(t, str) else _slot_text(t) for t in expanded))
        expanded = [_expanded(piece, parameter) for piece in pieces]
    return expanded


def _slot_text(position: int) -> str:
    return "##" if position < 0 else f"#{position + 1}"


def _expanded(piece: str | int | tuple[str], parameter: Callable[[str], str]) -> str | int:
    return parameter(piece[0]) if isinstance(piece, tuple) else piece
