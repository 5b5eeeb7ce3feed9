"""One Unicode line: ``(1/N) Xᵀ(P − Y), where P = softmax(XW)``."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..core.expr import Expr, public
from ..core.notation import JUXTAPOSE, Notation
from . import letters
from .formula import Printer, scalar_like

_WORD = re.compile(r"[^\W\d_]+(?=[\d₀-₉ᵀ⁰-⁹²³¹_]*$)")


class TextPrinter(Printer):
    """Writes a formula as one line of Unicode."""

    def notation(self, node: Expr) -> Notation:
        scalar = node.op.scalar_text
        return scalar if scalar is not None and scalar_like(node) else node.op.text

    def name(self, name: str, rank: int) -> str:
        return letters.name_text(name)

    def number(self, value: Any) -> str:
        return letters.number(value)

    def size(self, size: Any) -> str:
        return letters.size_text(size)

    def bracket(self, text: str) -> str:
        return f"({text})"

    def finish(self, node: Expr, text: str) -> str:
        if "^" in text:
            head, _, exponent = text.rpartition("^")
            text = head + (letters.superscript(exponent) or f"^{exponent}")
        if JUXTAPOSE in text:
            left, right = text.split(JUXTAPOSE)
            text = left + juxtaposed(left, right) + right
        return text

    def parameter(self, spec: str, node: Expr) -> str:
        name = spec.lstrip(", _").partition("|")[0]
        if name == "axis" and spec[0] in ",_":
            axes = self.axis(spec, node)
            if axes is None:
                return ""
            return f"_{','.join(axes)} " if spec[0] == "_" else f", {self._axis_word(axes)}"
        value = node.params.get(name, node.dtype if name == "dtype" else None)
        if isinstance(value, np.dtype):
            return value.name
        if type(value) is tuple:
            return "(" + ", ".join(self.size(v) for v in value) + ")"
        return self.size(value) if not isinstance(value, int | float) else self.number(value)

    @staticmethod
    def _axis_word(axes: list[str]) -> str:
        joined = ", ".join(axes)
        shown = joined if len(axes) == 1 else f"({joined})"
        return f"axis={shown}" if axes[0].lstrip("-").isdigit() else shown


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
    if not printer.where:
        return formula
    parts = ", ".join(f"{name} = {part}" for name, part in reversed(printer.where))
    return f"{formula}, where {parts}"
