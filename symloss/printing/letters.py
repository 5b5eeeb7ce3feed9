"""How variables, numbers and sizes are written, in Unicode and in LaTeX; names are escaped for their sink."""

from __future__ import annotations

import re
from typing import Any

from ..core import shapes

GREEK = {
    name: chr(code)
    for name, code in zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho".split()
        + "sigmaf sigma tau upsilon phi chi psi omega".split(),
        range(0x3B1, 0x3CA),
        strict=True,
    )
} | {"lam": "λ", "lambda_": "λ"}
_CAPITAL_GREEK = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
_LATEX_GREEK = {name: name for name in [*GREEK, *_CAPITAL_GREEK]} | {
    "lam": "lambda",
    "lambda_": "lambda",
    "sigmaf": "varsigma",
}
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")
_NAME = re.compile(r"([^\W\d_]+)_?(\d*)(?:_(\w+))?$")


def name_text(name: str) -> str:
    """A variable's name on one line: ``W1`` is W₁, ``lam`` is λ."""
    found = _NAME.fullmatch(name)
    if found is None:
        return name
    stem, digits, rest = found.groups()
    return GREEK.get(stem, stem) + digits.translate(_SUBSCRIPTS) + (f"_{rest}" if rest else "")


def name_latex(name: str, rank: int) -> str:
    """A variable's name in LaTeX: vectors are bold, longer names upright."""
    found = _NAME.fullmatch(name)
    stem, digits, rest = found.groups() if found else (name, "", None)
    body = _stem_latex(stem, rank)
    below = [part for part in (digits, rest and _upright(rest)) if part]
    return f"{body}_{{{','.join(below)}}}" if below else body


def verbatim_latex(name: str) -> str:
    """A variable's name letter by letter, where the usual form would look like another variable."""
    return _upright(name) if len(name) > 1 else rf"\mathrm{{{name}}}"


def _stem_latex(stem: str, rank: int) -> str:
    if stem in _LATEX_GREEK:
        greek = "\\" + _LATEX_GREEK[stem]
        return rf"\boldsymbol{{{greek}}}" if rank == 1 else greek
    if len(stem) == 1:
        return rf"\mathbf{{{stem}}}" if rank == 1 else stem
    return _upright(stem)


def _upright(word: str) -> str:
    """A word of a name; all that LaTeX would read as a command is escaped."""
    escaped = word.replace("_", r"\_")
    return escaped if len(word) == 1 else rf"\mathrm{{{escaped}}}"


def superscript(text: str) -> str | None:
    """An integer as a Unicode superscript; None for other exponents."""
    whole = re.fullmatch(r"\d+|\(?([-−]\d+)\)?", text)
    return text.strip("()").translate(_SUPERSCRIPTS) if whole else None


def number(value: Any) -> str:
    """A number in the shortest form, with a Unicode minus."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        value = int(value)
    return {"inf": "∞", "-inf": "−∞"}.get(repr(value), repr(value).replace("-", "−"))


def number_latex(value: Any) -> str:
    """A number in LaTeX."""
    text = number(value).replace("−", "-").replace("∞", r"\infty")
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    power = rf"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def size_text(size: Any) -> str:
    """A size on one line."""
    return str(size).replace("_", "", 1) if str(size).startswith("_") else str(size)


def size_latex(size: Any) -> str:
    """A size in LaTeX."""
    if isinstance(size, int):
        return str(size)
    if getattr(size, "is_Symbol", True):
        return name_latex(size_text(size), 0)
    names = {symbol: size_latex(symbol) for symbol in size.free_symbols}
    return str(shapes.sympy().latex(size, symbol_names=names))
