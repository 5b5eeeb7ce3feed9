"""Conjugate gradients for a positive definite matrix that is known by its products alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .settings import Settings

Vector = np.ndarray[Any, np.dtype[np.float64]]


class Search(NamedTuple):
    """Solutions on the way, the last one at the end, and how many products were computed for them."""

    solutions: list[Vector]
    iterations: int


def conjugate_gradients(
    product: Callable[[Vector], Vector],
    b: Vector,
    start: Vector,
    iterations: int,
    settings: Settings,
    scale: Vector | float = 1.0,
) -> Search:
    r"""Approximate solutions of a linear system, better and better in the sense of its quadratic model.

    .. math:: G \delta = b \qquad q(\delta) = \frac{\delta^\top G \delta}{2} - b^\top \delta

    The search ends where the residual vanishes, where the model falls too slowly, or, with a warning, where
    the curvature along a direction is not positive and finite. `scale` is the diagonal of a preconditioner:
    a positive matrix near G, whose inverse is applied to the residuals.
    """
    x, r = start, b - product(start)
    d = z = r / scale
    solutions, values = list[Vector](), list[float]()
    done, store = 0, settings.first
    while done < iterations and not r @ r < settings.residual:
        i, curved = done, product(d)
        done += 1
        curvature = d @ curved
        if not 0 < curvature < np.inf:
            wrong = "HessianFree: the curvature along a direction is not positive and finite; the search ends"
            warnings.warn(wrong, RuntimeWarning, stacklevel=4)
            break
        before, step = r @ z, r @ z / curvature
        x, r = x + step * d, r - step * curved
        z = r / scale
        d = z + (r @ z) / before * d
        if i == store:
            solutions.append(x)
            store = settings.after(store)
        values.append(float(-(r + b) @ x / 2))
        if _slow(values, settings):
            break
    if not solutions or solutions[-1] is not x:
        solutions.append(x)
    return Search(solutions, done)


def _slow(values: list[float], settings: Settings) -> bool:
    """Whether the quadratic model has hardly fallen in the last iterations."""
    i, now = len(values) - 1, values[-1]
    gap = max(int(settings.window * i), settings.least_window)
    return i > gap and values[i - gap] < 0 and values[i - gap] - now < settings.progress * gap * abs(now)
