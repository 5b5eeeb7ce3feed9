"""What an optimiser keeps of each update, and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..core.errors import message

MISSING = 'pip install "symloss[plot]"'


class Update(NamedTuple):
    """One update: the loss before it, the damping and the CG iterations in it, and its step length."""

    loss: float
    damping: float
    iterations: int
    rate: float


def plotted(history: Sequence[Update]) -> Any:
    """A figure of matplotlib with the loss, the damping and the number of iterations of each update."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError(message("plot()", "matplotlib is not installed", MISSING)) from None
    figure = Figure(layout="constrained")
    curves: dict[str, list[float]] = {
        "loss": [one.loss for one in history],
        "damping": [one.damping for one in history],
        "CG iterations": [one.iterations for one in history],
    }
    for axes, (name, values) in zip(figure.subplots(3, sharex=True), curves.items(), strict=True):
        axes.plot(range(1, len(history) + 1), values, marker=".")
        axes.set_ylabel(name)
        if name != "CG iterations" and min(values, default=0) > 0:
            axes.set_yscale("log")
    axes.set_xlabel("update")
    return figure
