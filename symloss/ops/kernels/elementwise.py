"""NumPy functions of single numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def heaviside(x: Array) -> Array:
    """1 where x > 0, 0 where x < 0, 1/2 at 0."""
    return 0.5 * np.sign(x) + 0.5


def step(x: Array, y: Array) -> Array:
    """1 where x > y, 0 where x < y, 1/2 where they are equal."""
    z = heaviside(x - y)
    return np.where(x == y, 0.5, z) if np.count_nonzero(np.isnan(z)) else z


def bent_square(x: Array, c: Array) -> Array:
    """Huber's function: x**2 / 2 where |x| <= c, else c * (|x| - c / 2)."""
    near = np.clip(x, -c, c)
    return near * (x - near / 2)


def logcosh(x: Array) -> Array:
    """log(cosh(x)), without overflow for large x and accurate near 0."""
    z = np.log1p(2 * np.square(np.sinh(x / 2)))
    return np.where(np.isinf(z), np.abs(x) - 0.6931471805599453, z) if np.isinf(z).any() else z


def root_less(x: Array, y: Array) -> Array:
    """sqrt(y**2 + x**2) - y, without cancellation for y > 0."""
    root = np.hypot(x, y)
    return np.where((y > 0) & np.isfinite(root), x / np.where(root == 0, 1, y + root) * x, root - y)


def sigmoid(x: Array, e: Array = None) -> Array:
    """1 / (1 + exp(-x)), accurate in both tails; e is exp(-|x|), if it is known."""
    e = np.exp(-np.abs(x)) if e is None else e
    return np.maximum(e, x >= 0) / (1 + e)


def softplus(x: Array, e: Array = None) -> Array:
    """log(1 + exp(x)), without overflow; e is exp(-|x|), if it is known."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)) if e is None else e)


def logaddexp(x: Array, y: Array) -> Array:
    """log(exp(x) + exp(y)), without overflow."""
    apart = np.where(x == y, 0, x - y)
    return np.maximum(x, y) + np.log1p(np.exp(-np.abs(apart)))


def logit(p: Array) -> Array:
    """log(p / (1 - p)), accurate near 0, 1/2 and 1."""
    near_half = np.abs(p - 0.5) < 0.25
    middle = np.log1p((2 * p - 1) / np.where(near_half, 1 - p, 1))
    return np.where(near_half, middle, np.log(p) - np.log1p(-p))


def expm1_ratio(n: int, x: Array) -> Array:
    """The n-th derivative of (exp(x) - 1) / x, by a series near 0."""
    near = np.abs(x) < n + 2
    small, far = np.where(near, x, 0), np.where(near, 1, x)
    term, series = np.ones_like(small), np.zeros_like(small)
    for k in range(40 + 8 * n):
        series = series + term / (n + k + 1)
        term = term * small / (k + 1)
    value = np.expm1(far) / far
    for k in range(1, n + 1):
        value = (np.exp(far) - k * value) / far
    return np.where(near, series, value)


def expm1_share(n: int, x: Array) -> Array:
    """The n-th derivative of x / (exp(x) - 1), by a series near 0; n is 0, 1 or 2."""
    even = (12, -720, 30240, -1209600, 47900160, -1892437580.3183792, 74724249600, -2950130727918.1643)
    series = [1, -0.5, *(c for d in even for c in (1 / d, 0))]
    for _ in range(n):
        series = [k * c for k, c in enumerate(series)][1:]
    near = np.abs(x) < 0.7
    small, size = np.where(near, x, 0), np.where(near, 1, np.minimum(np.abs(x), 1e4))
    value, share = np.zeros_like(small), size / np.expm1(size)
    for c in reversed(series):
        value = value * small + c
    slope = share / size * (1 - size - share)
    far = (share - np.minimum(x, 0), np.where(x > 0, slope, -1 - slope))
    return np.where(near, value, far[n] if n < 2 else -(slope * (size + 2 * share) + share) / size)


def log1mexp(x: Array) -> Array:
    """log(1 - exp(-x)) for x > 0, switched at log 2."""
    return np.where(x < 0.6931471805599453, np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))


def xlogy(x: Array, y: Array) -> Array:
    """x * log(y), and 0 where x is 0 unless y is negative or NaN."""
    z = x * np.log(y)
    return np.where((x == 0) & (y >= 0), 0, z) if np.count_nonzero(np.isnan(z)) else z


def xlog1py(x: Array, y: Array) -> Array:
    """x * log(1 + y), and 0 where x is 0 unless 1 + y is negative or NaN."""
    z = x * np.log1p(y)
    return np.where((x == 0) & (y >= -1), 0, z) if np.count_nonzero(np.isnan(z)) else z


def masked_log(x: Array, y: Array) -> Array:
    """log(y), and 0 where x and y are 0."""
    z = np.log(y)
    sure = np.shape(x) == np.shape(y) and not np.count_nonzero(y == 0)
    return z if sure else np.where((x == 0) & (y == 0), 0, z)


def masked_log1p(x: Array, y: Array) -> Array:
    """log(1 + y), and 0 where x and 1 + y are 0."""
    z = np.log1p(y)
    sure = np.shape(x) == np.shape(y) and not np.count_nonzero(y == -1)
    return z if sure else np.where((x == 0) & (y == -1), 0, z)


def log_ratio(x: Array, y: Array) -> Array:
    """log(x / y), also where the quotient overflows or underflows."""
    value = np.log(x / y)
    beyond = np.isinf(value)
    return np.where(beyond, np.log(x) - np.log(y), value) if np.any(beyond) else value


def relative_entropy(x: Array, y: Array) -> Array:
    """x * log(x / y), and 0 where x is 0 unless y is negative or NaN."""
    z = x * log_ratio(x, y)
    return np.where((x == 0) & (y >= 0), 0, z) if np.count_nonzero(np.isnan(z)) else z


def weighted(x: Array, y: Array) -> Array:
    """x * y, and 0 where x is 0 and y infinite."""
    z = x * y
    return np.where((x == 0) & np.isinf(y), 0, z) if np.isnan(z).any() else z


def softplus_minus(x: Array, y: Array, e: Array = None) -> Array:
    """log(1 + exp(x)) - y * x, without cancellation for y in [0, 1]; 0 where y is sure and right."""
    e = np.exp(-np.abs(x)) if e is None else e
    return np.log1p(e) + weighted((x > 0) - y, x)


def sigmoid_minus(x: Array, y: Array, e: Array = None) -> Array:
    """sigmoid(x) - y, without cancellation in the tails for y in [0, 1]; e is exp(-|x|), if it is known."""
    e = np.exp(-np.abs(x)) if e is None else e
    above = (x > 0).astype(x.dtype)
    return (above - y + e * (1 - above - y)) / (1 + e)


def ratio(x: Array, y: Array) -> Array:
    """x / y, and 0 where x is 0 unless y is NaN."""
    z = x / y
    return np.where((x == 0) & ~np.isnan(y), 0, z) if np.count_nonzero(np.isnan(z)) else z


def divide_or_zero(x: Array, y: Array) -> Array:
    """x / y, and 0 where y is 0 unless x is NaN."""
    z = x / y
    return np.where((y == 0) & ~np.isnan(x), 0, z) if np.count_nonzero(y == 0) else z
