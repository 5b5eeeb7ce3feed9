"""The list of all losses, read from their docstrings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from textwrap import dedent, indent

from ..core.expr import Expr
from .letters import LETTERS, variables

Loss = Callable[..., Expr]
FORMULA = re.compile(r"^\.\. math::(.*(?:\n(?: {4}.*| *))*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the docstring of a loss says about it."""

    name: str
    summary: str
    formula: str
    """LaTeX."""
    notes: str
    """Units, when to choose it, and what happens at the edges."""
    reduction: str
    """``elementwise`` (the shape of the predictions) or ``per item`` (without the last axis)."""
    source: str
    function: Loss

    def example(self) -> Expr:
        """The loss of one item, of the variables that the formula is written in.

        >>> from symloss import losses
        >>> print(losses.catalogue()[0].example())
        (p − t)²
        """
        return self.function(*variables(LETTERS[self.name]))

    def __str__(self) -> str:
        lines = [self.formula, f"{self.reduction}; {self.source}"]
        return f"{self.name}: {self.summary}\n" + indent("\n".join(lines), "    ")


class Catalogue(tuple[Entry, ...]):
    """Entries in the order of their files; prints as text."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(map(str, self))


def catalogue_of(losses: Iterable[Loss]) -> Catalogue:
    """The entries of the given losses."""
    return Catalogue(map(entry, losses))


def entry(loss: Loss) -> Entry:
    """What one docstring says; every part is required of a loss."""
    summary, _, rest = (loss.__doc__ or "").partition("\n")
    body = dedent(rest)
    returned = section(body, "Returns")
    return Entry(
        name=loss.__name__,
        summary=summary,
        formula=formula(body),
        notes=notes(body),
        reduction=returned.split("\n")[1].strip().partition(":")[0].lower(),
        source=" ".join(section(body, "References").split()),
        function=loss,
    )


def formula(body: str) -> str:
    """The first ``.. math::`` of a docstring, on one line."""
    found = FORMULA.search(body)
    return " ".join(found.group(1).split()) if found else ""


def notes(body: str) -> str:
    """The text between the formula and the first heading, on one line."""
    text = re.split(r"^\S[^\n]*\n-{3,}$", FORMULA.split(body)[-1], maxsplit=1, flags=re.MULTILINE)[0]
    return " ".join(text.split())


def section(body: str, title: str) -> str:
    """The text below a heading, up to the next one."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n---|\Z)", body, re.MULTILINE | re.DOTALL)
    return found.group(1).strip() if found else ""
