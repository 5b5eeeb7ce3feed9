"""The constants of Hessian-free optimisation that are seldom changed, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ..losses.arguments import BETWEEN, NOT_NEGATIVE, POSITIVE, SHARE, Range
from .arguments import COUNT, number

GROWTH = Range(lambda v: 1 < v < float("inf"), "must be finite and > 1", "give a number > 1")
ALLOWED = {
    "warmth": SHARE,
    "residual": NOT_NEGATIVE,
    "first": COUNT,
    "spacing": GROWTH,
    "window": NOT_NEGATIVE,
    "least_window": COUNT,
    "progress": NOT_NEGATIVE,
    "poor": BETWEEN,
    "good": BETWEEN,
    "raised": GROWTH,
    "lowered": BETWEEN,
    "slope": SHARE,
    "shrink": BETWEEN,
    "trials": COUNT,
    "power": POSITIVE,
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """When conjugate gradients end, which step is taken, and how the damping follows.

    Parameters
    ----------
    warmth : float
        The part of the last solution from which the next search begins, in [0, 1).
    residual : float
        The squared norm of a residual, or of a gradient, that counts as zero.
    first, spacing : int, float
        The iteration whose solution is the first to be stored, and the factor, > 1, from the number of one
        stored iteration to the next, rounded down.
    window, least_window : float, int
        Progress is measured over this part of the iterations made, and over so many at least.
    progress : float
        Relative progress of the quadratic model, per iteration, below which the search ends.
    poor, good : float
        Fractions of the promised reduction below which the damping is raised, above which it is lowered.
    raised, lowered : float
        The factors by which the damping is then multiplied, > 1 and in (0, 1).
    slope : float
        The fraction of the slope by which a step must lower the loss, in [0, 1).
    shrink, trials : float, int
        The factor in (0, 1) by which a refused step is shortened, and how often at most.
    power : float
        The exponent of the preconditioner, > 0.

    Raises
    ------
    DomainError
        If a constant is outside its range, or `poor` is above `good`.
    """

    warmth: float = 0.95
    residual: float = 1e-20
    first: int = 5
    spacing: float = 1.3
    window: float = 0.1
    least_window: int = 10
    progress: float = 5e-6
    poor: float = 0.25
    good: float = 0.75
    raised: float = 1.5
    lowered: float = 0.66
    slope: float = 0.01
    shrink: float = 0.8
    trials: int = 60
    power: float = 0.75

    def __post_init__(self) -> None:
        for field in fields(self):
            number("Settings", field.name, getattr(self, field.name), ALLOWED[field.name])
        number(
            "Settings", "poor", self.poor, Range(lambda v: v <= self.good, "is above good", "exchange them")
        )

    def damped(self, damping: float, ratio: float) -> float:
        """The next damping, after a step that kept such a part of its promise (Levenberg and Marquardt)."""
        if ratio < self.poor:
            return damping * self.raised
        return damping * self.lowered if ratio > self.good else damping

    def after(self, stored: int) -> int:
        """The iteration whose solution is stored next."""
        return max(int(self.spacing * stored), stored + 1)
