"""Derivations in LaTeX, Markdown and HTML; every function returns text."""

from __future__ import annotations

import html
from collections.abc import Sequence

from .steps import HIDDEN, Step


def sides(step: Step) -> list[str]:
    """The LaTeX of both sides of a step, or of the one that they both are."""
    before, after = step.before.latex(), r"\ldots" if step.hidden else step.after.latex()
    return [before, after] if before != after else [after]


def aligned(steps: Sequence[Step]) -> str:
    """An ``aligned`` block."""
    lines = []
    for step in steps:
        first, *rest = sides(step)
        said = rf"&& \text{{{_in_text(step.rule)}}}"
        if step.latex_quantity:
            lines += [f"{step.latex_quantity} &= {first} {said}", *[f"&= {side}" for side in rest]]
        else:
            lines += [f"{first} &= {rest[0] if rest else first} {said}"]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def as_markdown(title: str, steps: Sequence[Step]) -> str:
    """A numbered list."""
    lines = [f"**{_plain(title)}**", ""]
    for k, step in enumerate(steps, 1):
        chain = " = ".join(([step.latex_quantity] if step.latex_quantity else []) + sides(step))
        lines += [f"{k}. *{_plain(step.rule)}*: {_plain(step.law)}", "", f"   $\\displaystyle {chain}$", ""]
    return "\n".join(lines)


def as_html(title: str, steps: Sequence[Step]) -> str:
    """A page with formulas in Unicode."""
    items = []
    for step in steps:
        after = HIDDEN if step.hidden else str(step.after)
        parts = dict.fromkeys(part for part in (step.quantity, str(step.before), after) if part)
        formula = "<br>= ".join(html.escape(part) for part in parts)
        items.append(
            f"<li><b>{html.escape(step.rule)}</b> <span>{html.escape(step.law)}</span>"
            f"<div>{formula}</div></li>"
        )
    style = (
        "body{font-family:system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "li{margin:1rem 0}span{color:#666}"
        "div{font-family:'STIX Two Math','Cambria Math',serif;font-size:1.15rem;margin:.4rem 0 0 1rem}"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{style}</style></head>\n<body><h1>{html.escape(title)}</h1>\n<ol>\n"
        + "\n".join(items)
        + "\n</ol>\n</body></html>\n"
    )


_LATEX = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"} | {c: f"\\{c}" for c in "_#$%&{}"}


def _in_text(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in text)


def _plain(text: str) -> str:
    """Text in which Markdown sees nothing but text."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+!|<>$~" else c for c in text)
