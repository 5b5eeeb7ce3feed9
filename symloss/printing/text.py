"""One Unicode line: ``(1/N) Xᵀ(P − Y), where P = softmax(XW)``."""

from __future__ import annotations

import re
from typing import Any

from ..core.expr import Expr, hook
from ..core.notation import JUXTAPOSE, Notation, postfix
from . import letters
from .formula import Printer

_LETTER, _MARKS = r"[^\W\d_ᵀ₀-₉⁰-⁹²³¹]", "₀-₉⁰-⁹²³¹⁻ᵀ"
_NUMBER = re.compile(r"−?\d+(?:\.\d+)?")
_START = rf"(?:^|(?<=[^\w^.])|(?<=[{_MARKS}])|(?<=^\d)|(?<=[^\w.]\d))"
_TAIL = re.compile(rf"{_START}({_LETTER}+)([{_MARKS}]*)$")
_HEAD = re.compile(rf"({_LETTER}++)([{_MARKS}]*+)(?![(_\d]| \|)")


class TextPrinter(Printer):
    """Writes a formula as one line of Unicode."""

    row = postfix("ᵀ")

    def template(self, node: Expr) -> tuple[Notation, Notation | None]:
        """The text notation of the operation."""
        return node.op.text, node.op.scalar_text

    def name(self, name: str, rank: int) -> str:
        """Greek letters and subscripts where Unicode has them."""
        return name if name in self.verbatim else letters.name_text(name)

    def number(self, value: Any) -> str:
        """The shortest form, with a Unicode minus."""
        return letters.number(value)

    def size(self, size: Any) -> str:
        """As SymPy writes it."""
        return letters.size_text(size)

    def index(self, text: str) -> str:
        """As in source."""
        return text

    def axes(self, names: list[str], numbered: bool, subscript: bool) -> str:
        """``Σ_K`` or ``, K``; ``, axis=0`` where sizes have no names."""
        if subscript:
            return f"_{','.join(names)} "
        joined = ", ".join(names) if len(names) == 1 else f"({', '.join(names)})"
        return f", axis={joined}" if numbered else f", {joined}"

    def finish(self, node: Expr, notation: Notation, text: str) -> str:
        """Superscripts, two as one, and what stands between factors."""
        text = text.replace("⁻¹ᵀ", "⁻ᵀ")
        if "«_axis»(" in notation.template:
            text = text.replace(" (", "(", 1)
        if "^" in notation.template:
            head, _, exponent = text.rpartition("^")
            text = head + (letters.superscript(exponent) or f"^{exponent}")
        if JUXTAPOSE in text:
            left, right = text.split(JUXTAPOSE)
            text = left + self._between(left, right) + right
        return text.rstrip()

    def _between(self, left: str, right: str) -> str:
        """What stands between two factors: nothing, a space or a dot, whichever reads unmistakably."""
        if left.endswith(")"):
            return _after_bracket(left, right)
        if right[0] in "(ΣΠ√":
            return "" if right[0] == "(" and (left[-1] == "ᵀ" or _NUMBER.fullmatch(left)) else " "
        tail, head = _TAIL.search(left), _HEAD.match(right)
        if _NUMBER.fullmatch(left):
            return "·" if right[0].isdigit() else "" if head and not self._is_word(head[1]) else " "
        if left.endswith((")ᵀ", ")⁻ᵀ")) and head and not self._is_word(head[1]):
            return ""
        if tail is None or head is None or self._is_word(tail[1]) or self._is_word(head[1]):
            return "·"
        if self._is_word(tail[1][-1] + head[1][0]):
            return " "
        return "" if tail[2].endswith("ᵀ") or not (tail[2] or head[2]) else " "

    def _is_word(self, run: str) -> bool:
        """Whether letters are, or begin, the name of one variable."""
        return run in self.words


def _after_bracket(left: str, right: str) -> str:
    """What stands after a bracket: a group may touch the next factor, a function's arguments do not."""
    depth = 0
    for position in range(len(left) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(left[position], 0)
        if depth == 0:
            grouped = position == 0 or not re.match(_LETTER, left[position - 1])
            return ("" if right[0] == "(" else " ") if grouped else "·"
    return "·"


@hook
def text(expr: Expr) -> str:
    """The formula on one line; parts that are long or used twice are listed after "where"."""
    printer = TextPrinter(expr)
    formula = printer.formula()
    parts = ", ".join(f"{name} = {part}" for name, part in printer.where())
    return f"{formula}, where {parts}" if parts else formula
