r"""LaTeX in matrix notation, for KaTeX, MathJax and TeX: ``\frac{1}{N} X^{\top} (P - Y)``."""

from __future__ import annotations

import re
from typing import Any

from ..core import errors
from ..core.expr import Expr, public
from ..core.notation import JUXTAPOSE, Notation
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
_INVISIBLE = re.compile(r"\\(?:text|mathrm|mathbf|boldsymbol|operatorname|left|right|[,;])|[\s{}_^&\\]")
_COMMAND = re.compile(r"\\[a-zA-Z]+")


class LatexPrinter(Printer):
    """Writes a formula in matrix notation."""

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
        """What stands between factors."""
        if JUXTAPOSE in text:
            left, right = text.split(JUXTAPOSE)
            text = left + juxtaposed(left, right, thin=scalar_like(node)) + right
        return text


def _as_seen(command: re.Match[str]) -> str:
    """A command that shows one sign counts as one character; a name of a function as it is spelt."""
    word = command.group()
    return word if _INVISIBLE.fullmatch(word) else word[1:] if len(word) < 5 else "x"


_LETTER_ENDS = re.compile(r"(?:[^\W\d_]|\})$")
_UPRIGHT_ENDS = re.compile(r"\\mathrm\{[^{}]*\}(?:_\{[^{}]*\})?$")
_LETTER_STARTS = re.compile(r"[^\W\d_]|\\(?!sum|frac|prod|begin)")


def juxtaposed(left: str, right: str, thin: bool) -> str:
    """What stands between two factors: nothing, a thin space or a dot, whichever reads unmistakably."""
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


def _with_parts(formula: str, parts: list[tuple[str, str]]) -> str:
    if not parts:
        return formula
    listed = r", \; ".join(f"{name} = {part}" for name, part in parts)
    return rf"{formula} \quad \text{{where }} {listed}"


@public
def latex(expr: Expr, notation: str = "auto") -> str:
    r"""The formula in LaTeX, with parts that are long or used twice listed after "where".

    Parameters
    ----------
    expr : Expr
        Any formula.
    notation : {"auto", "matrix", "index"}
        Whole tensors or one component; "auto" takes the shorter one that says everything.
    """
    if notation not in ("auto", "matrix", "index"):
        wrong = f"unknown notation {notation!r}"
        raise errors.GraphError(errors.message("latex()", wrong, 'use "auto", "matrix" or "index"'))
    printer = LatexPrinter(expr)
    return fitted(_with_parts(printer.formula(), printer.where()))


@public
def display_latex(expr: Expr) -> str:
    r"""What a notebook shows: the formula, and for a variable the set it ranges over."""
    shown = latex(expr)
    if expr.name:
        shown = rf"{shown} \in {_set(expr)}"
    return rf"$\displaystyle {shown}$"


def _set(expr: Expr) -> str:
    r"""The set of values of a variable: ``\mathbb{R}^{N \times D}``."""
    kinds = {"b": r"\{0, 1\}", "i": r"\mathbb{Z}", "u": r"\mathbb{N}_{0}"}
    base = kinds.get(expr.dtype.kind, r"\mathbb{R}")
    if not expr.ndim:
        return base
    sizes = r" \times ".join(map(letters.size_latex, expr.shape))
    return f"{base}^{{{sizes}}}"
