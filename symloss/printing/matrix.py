r"""LaTeX in matrix notation, for KaTeX, MathJax and TeX: ``\frac{1}{N} X^{\top} (P - Y)``."""

from __future__ import annotations

import re
from typing import Any

from ..core.expr import Expr
from ..core.notation import JUXTAPOSE, Notation, postfix
from . import letters
from .formula import Printer, scalar_like

_TALL = re.compile(r"\\(frac|sum|prod|begin|left)\b")
_FENCES = {
    "(": ")",
    "[": "]",
    r"\lvert": r"\rvert",
    r"\lVert": r"\rVert",
    r"\lfloor": r"\rfloor",
    r"\lceil": r"\rceil",
}
_TOKEN = re.compile(
    r"\\(?:left|right) *(?:\\[a-zA-Z]+|.)|\\text\{[^{}]*\}|\\begin\{\w+\}|\\[a-zA-Z]+|\\.|[()\[\]]"
)
_INVISIBLE = re.compile(r"\\(?:text|mathrm|mathbf|boldsymbol|operatorname|left|right|[,;])|[{}_^&\\]")
_COMMAND = re.compile(r"\\[a-zA-Z]+")


class LatexPrinter(Printer):
    """Writes a formula in matrix notation."""

    row = postfix(r"^{\top}")

    def template(self, node: Expr) -> tuple[Notation, Notation | None]:
        """The LaTeX notation of the operation."""
        return node.op.latex, node.op.scalar_latex

    def name(self, name: str, rank: int) -> str:
        """Vectors bold, words upright."""
        return letters.verbatim_latex(name) if name in self.verbatim else letters.name_latex(name, rank)

    def number(self, value: Any) -> str:
        """Powers of ten written out."""
        return letters.number_latex(value)

    def size(self, size: Any) -> str:
        """As SymPy writes it."""
        return letters.size_latex(size)

    def index(self, text: str) -> str:
        """As in source, without the spaces of a relation around colons."""
        return text.replace(":", "{:}").replace("None", r"\text{None}")

    def axes(self, names: list[str], numbered: bool, subscript: bool) -> str:
        """A subscript, or a further argument."""
        joined = ", ".join(names)
        shown = rf"\text{{axis }} {joined}" if numbered else joined
        return f"_{{{shown}}}" if subscript else f", {shown}"

    def width(self, text: str) -> int:
        """Letters, digits and signs; neither braces nor spaces."""
        return len(_INVISIBLE.sub("", _COMMAND.sub(_as_seen, text)))

    def finish(self, node: Expr, notation: Notation, text: str) -> str:
        """What stands between factors; a transposed inverse has one superscript."""
        text = text.replace(r"^{-1}^{\top}", r"^{-\top}")
        return joined(text, thin=scalar_like(node)) if JUXTAPOSE in text else text

    def whole(self) -> str:
        """The formula and its named parts."""
        formula = self.formula()
        return fitted(with_parts(formula, [f"{name} = {part}" for name, part in self.where()]))


def with_parts(formula: str, parts: list[str]) -> str:
    """A formula with the list of its named parts."""
    if not parts:
        return formula
    return rf"{formula} \quad \text{{where }} " + r", \; ".join(parts)


def _as_seen(command: re.Match[str]) -> str:
    """A command that shows one sign counts as one character; a name of a function as it is spelt."""
    word = command.group()
    return word if _INVISIBLE.fullmatch(word) else word[1:] if len(word) < 5 else "x"


_LETTER_ENDS = re.compile(r"(?:[^\W\d_]|\})$")
_UPRIGHT_ENDS = re.compile(r"\\mathrm\{[^{}]*\}(?:_\{[^{}]*\})?$")
_LETTER_STARTS = re.compile(r"[^\W\d_]|\\(?!sum|frac|prod|begin)")


def joined(text: str, thin: bool) -> str:
    """Two factors with what stands between them."""
    left, right = text.split(JUXTAPOSE)
    return left + between(left, right, thin) + right


def between(left: str, right: str, thin: bool) -> str:
    """What stands between two factors: nothing, a thin space or a dot, whichever reads unmistakably."""
    right = right.lstrip("{")
    if right[0].isdigit() or (right[0] == "(" and _UPRIGHT_ENDS.search(left)):
        return r" \cdot "
    upright = _UPRIGHT_ENDS.search(left) or right.startswith(r"\mathrm")
    plain = left[-1].isdigit() or left.endswith(")") or left.startswith(r"\frac")
    spaced = (thin and not plain) or upright
    return r" \, " if spaced and _LETTER_ENDS.search(left) and _LETTER_STARTS.match(right) else " "


def fitted(text: str) -> str:
    r"""The text with ``\left`` and ``\right`` at the brackets around tall contents, and only there."""
    out: list[str] = []
    open_: list[tuple[int, str, bool]] = []
    tall, end = False, 0
    for token in _TOKEN.finditer(text):
        out.append(text[end : token.start()])
        end, word = token.end(), token.group()
        out.append(word)
        if word in _FENCES:
            open_.append((len(out) - 1, word, tall))
            tall = False
        elif open_ and word == _FENCES[open_[-1][1]]:
            start, fence, before = open_.pop()
            if tall:
                out[start], out[-1] = rf"\left{fence}", rf"\right{word}"
            tall = tall or before
        else:
            tall = tall or _TALL.match(word) is not None
    out.append(text[end:])
    return "".join(out)
