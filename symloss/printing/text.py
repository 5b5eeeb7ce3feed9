"""One Unicode line: ``(1/N) Xᵀ(P − Y), where P = softmax(XW)``."""

from __future__ import annotations

import re
from typing import Any

from ..core.expr import Expr, public
from ..core.notation import JUXTAPOSE, Notation
from . import letters
from .formula import Printer

_WORD = re.compile(r"[^\W\d_]+(?=[\d₀-₉ᵀ⁰-⁹²³¹_]*$)")


class TextPrinter(Printer):
    """Writes a formula as one line of Unicode."""

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
        """Superscripts, and what stands between factors."""
        if "^" in notation.template:
            head, _, exponent = text.rpartition("^")
            text = head + (letters.superscript(exponent) or f"^{exponent}")
        if JUXTAPOSE in text:
            left, right = text.split(JUXTAPOSE)
            text = left + juxtaposed(left, right) + right
        return text


def juxtaposed(left: str, right: str) -> str:
    """What stands between two factors: nothing, a space or a dot, whichever reads unmistakably."""
    word = _WORD.search(left)
    if left.endswith(")"):
        return _after_bracket(left, right)
    if left[-1].isdigit() and not word:
        return "·" if right[0].isdigit() else ""
    if right[0] == "(":
        return "" if left[-1] in "ᵀ²³" else " "
    short = word is not None and len(word.group()) == 1
    first = re.match(r"[^\W\d_]+", right)
    return "" if short and first is not None and len(first.group()) == 1 else "·"


def _after_bracket(left: str, right: str) -> str:
    depth = 0
    for position in range(len(left) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(left[position], 0)
        if depth == 0:
            grouped = position == 0 or not left[position - 1].isalnum()
            return ("" if right[0] == "(" else " ") if grouped else "·"
    return "·"


@public
def text(expr: Expr) -> str:
    """The formula on one line; parts that are long or used twice are listed after "where"."""
    printer = TextPrinter(expr)
    formula = printer.formula()
    parts = ", ".join(f"{name} = {part}" for name, part in printer.where())
    return f"{formula}, where {parts}" if parts else formula
