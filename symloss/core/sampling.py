"""Points at which formulas are tried, and slopes there of 60 digits: what checks of derivatives stand on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .dtypes import is_float
from .evaluate import DIGITS, exact_values, mpmath
from .expr import Expr
from .walk import topological

SMALL = (2, 3, 4, 5, 6, 7)
STEP = 1e-20
"""The step of central differences; at 60 digits their error is about the square of it."""
MOST_DIFFERENCES = 64
_NEWTON_STEPS = 60
Values = dict[Expr, Any]


def random_values(
    variables: Iterable[Expr],
    seed: int = 0,
    domain: tuple[float, float] = (0.1, 0.9),
    given: Mapping[Expr, Any] | None = None,
) -> Values:
    """Values for variables: each named size gets a small length of its own, labels lie below 2.

    What is given stays as it is, and says how long the sizes in it are.
    """
    rng = np.random.default_rng(seed)
    values: Values = dict(given or {})
    lengths = {
        size: length
        for variable, value in values.items()
        for size, length in zip(variable.shape, np.shape(value), strict=False)
    }
    for variable in variables:
        if variable in values:
            continue
        for size in variable.shape:
            for symbol in getattr(size, "free_symbols", ()):
                lengths.setdefault(symbol, SMALL[len(lengths) % len(SMALL)])
        shape = tuple(n if isinstance(n, int) else int(n.xreplace(lengths)) for n in variable.shape)
        values[variable] = sample(rng, shape, variable.dtype, domain)
    return values


def sample(rng: Any, shape: tuple[int, ...], dtype: Any, domain: tuple[float, float]) -> Any:
    """A random array of a dtype, in an interval; integers are labels 0 and 1."""
    if is_float(dtype):
        return rng.uniform(*domain, shape).astype(dtype)
    return rng.integers(0, 2, shape).astype(dtype)


def central_differences(
    loss: Expr, target: Expr, point: Mapping[Expr, Any], most: int = MOST_DIFFERENCES
) -> dict[tuple[int, ...], Any]:
    """Slopes of a scalar in the elements of a variable (at most `most` of them), by index."""
    mp = mpmath()
    base = np.asarray(point[target]).astype(object)
    indices = list(np.ndindex(*base.shape))
    slopes = {}
    with mp.workdps(DIGITS):
        step = mp.mpf(STEP)
        for index in indices[:: max(1, len(indices) // most)]:
            sides = []
            for sign in (1, -1):
                moved = base.copy()
                moved[index] = mp.mpf(base[index]) + sign * step
                sides.append(exact_values([loss], {**point, target: moved})[0].item())
            slopes[index] = (sides[0] - sides[1]) / (2 * step)
    return slopes


def satisfying(equations: Sequence[tuple[Expr, Expr]], at: Mapping[Expr, Any]) -> Values:
    """Values near the given ones at which equations hold: Gauss and Newton, with slopes by differences."""
    sides = [side for equation in equations for side in equation]
    names = [node for node in topological(sides) if node in at and node.dtype.kind == "f"]
    values = {node: np.asarray(a, dtype=float) if node.dtype.kind == "f" else a for node, a in at.items()}
    for _ in range(_NEWTON_STEPS):
        errors = _residuals(sides, values)
        if np.max(np.abs(errors), initial=0) < 1e-14:
            break
        columns = []
        for node in names:
            for index in np.ndindex(*values[node].shape):
                moved = values[node].copy()
                moved[index] += 1e-7
                columns.append((_residuals(sides, {**values, node: moved}) - errors) / 1e-7)
        step = np.linalg.lstsq(np.array(columns).T, -errors, rcond=None)[0]
        for node in names:
            size = values[node].size
            values[node] = np.asarray(values[node] + step[:size].reshape(values[node].shape))
            step = step[size:]
    return values


def _residuals(sides: Sequence[Expr], values: Mapping[Expr, Any]) -> Any:
    """The differences of both sides of equations, one after another."""
    found = exact_values(sides, values)
    parts = [
        np.asarray(left - right).astype(float).ravel()
        for left, right in zip(found[::2], found[1::2], strict=True)
    ]
    return np.concatenate(parts)
