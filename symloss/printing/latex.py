r"""LaTeX for readers and for notebooks, in the notation that says the most with the least."""

from __future__ import annotations

from ..core import errors
from ..core.expr import Expr, hook
from .index import IndexPrinter
from .letters import size_latex
from .matrix import LatexPrinter


@hook
def latex(expr: Expr, notation: str = "auto") -> str:
    r"""The formula in LaTeX; parts that are long or used twice are listed after "where".

    Parameters
    ----------
    expr : Expr
        Any formula.
    notation : {"auto", "matrix", "index"}
        Whole tensors, or one component; "auto" takes the shorter one in which every operation has a
        form; a component whose indices are not met in the order of the axes would not say which is which.
    """
    if notation not in ("auto", "matrix", "index"):
        wrong = f"unknown notation {notation!r}"
        raise errors.GraphError(errors.message("latex()", wrong, 'use "auto", "matrix" or "index"'))
    matrix = LatexPrinter(expr)
    if notation == "matrix" or (notation == "auto" and not any(node.ndim for node in matrix.nodes)):
        return matrix.whole()
    index = IndexPrinter(expr)
    if notation == "index":
        return index.whole()
    shown = matrix.whole()
    component = index.whole() if index.complete and index.in_order() else ""
    return component if component and index.width(component) < matrix.width(shown) else shown


@hook
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
    sizes = r" \times ".join(map(size_latex, expr.shape))
    return f"{base}^{{{sizes}}}"
