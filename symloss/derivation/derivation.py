"""A derivation: steps in order, at two levels of detail, as text, LaTeX, Markdown and HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..core.errors import AxisError, message
from ..core.expr import Expr
from .show import aligned, as_html, as_markdown
from .steps import Step


@dataclass(frozen=True, eq=False)
class Derivation:
    """How a derivative comes about, step by step; prints, and shows itself in notebooks."""

    title: str
    subject: Expr
    """What is differentiated."""
    result: Expr
    chain: tuple[Step, ...]
    """Every step."""
    complete: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that are shown: those of the lecture, or all of `full()`."""
        return self.chain if self.complete else tuple(step for step in self.chain if not step.routine)

    def full(self) -> Derivation:
        """The same derivation with every link of the chain rule."""
        return replace(self, complete=True)

    def hide(self, *numbers: int) -> Derivation:
        """The same derivation with the results of some steps, numbered from 1, left out: an exercise."""
        shown = self.steps
        for number in numbers:
            if not 1 <= number <= len(shown):
                wrong = f"there is no step {number} among {len(shown)}"
                raise AxisError(message("hide()", wrong, "steps are numbered from 1"))
        chosen = {id(shown[number - 1]) for number in numbers}
        return replace(
            self,
            chain=tuple(replace(step, hidden=True) if id(step) in chosen else step for step in self.chain),
        )

    def check(self) -> bool:
        """Whether every step, shown or not, is true."""
        return all(step.check() for step in self.chain)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        numbered = [f"{k}. {step}" for k, step in enumerate(self.steps, 1)]
        return "\n".join([self.title, *numbered])

    __repr__ = __str__

    def latex(self) -> str:
        """An ``aligned`` block, one line for each side of a step."""
        return aligned(self.steps)

    def markdown(self) -> str:
        """A numbered list with formulas between dollars."""
        return as_markdown(self.title, self.steps)

    def html(self) -> str:
        """A page of its own, which needs nothing else."""
        return as_html(self.title, self.steps)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/markdown": self.markdown()}
