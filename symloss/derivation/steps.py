"""One step of a derivation, and how it reads as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import indent

from ..core.expr import Expr

HIDDEN = "…"
"""Stands for a result that the reader is to find."""


@dataclass(frozen=True, eq=False)
class Step:
    """One line of a derivation: `before` is written as `after` by `rule`."""

    rule: str
    law: str
    """What the rule says, in words."""
    quantity: str
    """What is computed, such as ``∂L/∂z``; empty where a part of the formula is rewritten."""
    before: Expr
    after: Expr
    part: Expr
    """The part of the formula that the step is about."""
    holds: Callable[[], bool] = field(repr=False)
    routine: bool = False
    """Whether a lecture leaves it out."""
    hidden: bool = False
    latex_quantity: str = ""

    def check(self) -> bool:
        """Whether the step is true: both sides, and slopes, compared at random points to many digits."""
        return self.holds()

    def __str__(self) -> str:
        before, after = str(self.before), HIDDEN if self.hidden else str(self.after)
        lead = f"{self.quantity} = " if self.quantity else ""
        lines = [f"{lead}{before}"] if before != after or self.hidden else []
        lines.append(" " * max(len(lead) - 2, 0) + f"= {after}" if lines else f"{lead}{after}")
        return f"{self.rule}: {self.law}\n" + indent("\n".join(lines), "   ")
