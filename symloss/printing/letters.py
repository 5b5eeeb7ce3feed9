"""How variables, numbers and sizes are written, in Unicode and in LaTeX; names are escaped for their sink."""

from __future__ import annotations

import re
from typing import Any

GREEK = {
    name: chr(code)
    for name, code in zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho".split()
        + "sigmaf sigma tau upsilon phi chi psi omega".split(),
        range(0x3B1, 0x3CA),
        strict=True,
    )
} | {"lam": "λ", "lambda_": "λ"}
_LATEX_GREEK = {name: name for name in GREEK} | {"lam": "lambda", "lambda_": "lambda"}
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
    if stem in GREEK:
        body = "\\" + _LATEX_GREEK[stem]
        body = rf"\boldsymbol{{{body}}}" if rank == 1 else body
    elif len(stem) == 1:
        body = rf"\mathbf{{{stem}}}" if rank == 1 else stem
    else:
        body = rf"\mathrm{{{stem.replace('_', chr(92) + '_')}}}"
    below = ",".join(part.replace("_", r"\_") for part in (digits, rest) if part)
    return f"{body}_{{{below}}}" if below else body


def superscript(text: str) -> str | None:
    """An integer as a Unicode superscript; None for other exponents."""
    return text.translate(_SUPERSCRIPTS) if re.fullmatch(r"[-−]?\d+", text) else None


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
    text = size_text(size)
    stem, _, rest = text.partition("_")
    return f"{stem}_{{{rest}}}" if rest else text.replace("*", " ")
