"""The special functions that NumPy lacks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def erf(x: Array) -> Array:
    """The error function, element by element."""
    x = np.asarray(x)
    return np.vectorize(math.erf, otypes=[float])(x).astype(x.dtype)


def erfc(x: Array) -> Array:
    """The complementary error function, element by element."""
    x = np.asarray(x)
    return np.vectorize(math.erfc, otypes=[float])(x).astype(x.dtype)


def erfcx(x: Array) -> Array:
    """exp(x**2) * erfc(x), by an asymptotic series for large x."""
    size = np.maximum(x, 10)
    t, term, total = 0.5 / np.square(size), np.ones_like(size), np.ones_like(size)
    for k in range(1, 24, 2):
        term = -term * k * t
        total = total + term
    small = np.minimum(x, 10)
    return np.where(x < 10, np.exp(np.square(small)) * erfc(small), total / size * 0.5641895835477563)


def erfcx_excess(x: Array) -> Array:
    """2 / (sqrt(pi) * erfcx(x)) - 2 * x, by a continued fraction for large x."""
    size = np.maximum(x, 2)
    tail = size
    for k in range(60, 1, -1):
        tail = size + k / 2 / tail
    return np.where(x < 2, 1.1283791670955126 / erfcx(np.minimum(x, 2)) - 2 * x, 1 / tail)


def log_erfc(x: Array) -> Array:
    """log(erfc(x)), accurate near 0 and for large x."""
    near = np.log1p(-erf(np.clip(x, -1, 0.5)))
    middle = np.log(erfc(np.clip(x, None, 10)))
    far = np.log(erfcx(np.maximum(x, 10))) - np.square(x)
    return np.where(x < 10, np.where(np.abs(x) < 0.5, near, middle), far)


def gammaln(x: Array) -> Array:
    """log |Gamma(x)|, element by element; infinite at 0, -1, -2, ... and above 2.55e305."""
    x = np.asarray(x)
    pole = ((x <= 0) & (x == np.floor(x))) | (x > 2.55e305)
    value = np.vectorize(math.lgamma, otypes=[float])(np.where(pole, 1, x))
    return np.where(pole, np.inf, value).astype(x.dtype)


def polygamma(n: int, x: Array) -> Array:
    """The n-th derivative of digamma, by recurrence and an asymptotic series; NaN for n > 0 and x < 0."""
    x = np.asarray(x)
    y = np.where(x < 0.5, 1 - x, x).astype(float) if n == 0 else x.astype(float)
    sign, total = (-1.0) ** (n + 1), np.zeros_like(y)
    for _ in range(20 + n):
        total = total + math.factorial(n) / y ** (n + 1)
        y = y + 1
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
    series = -np.log(y) if n == 0 else math.factorial(n - 1) / y**n
    series = series + math.factorial(n) / (2 * y ** (n + 1))
    for k, b in enumerate(bernoulli, 1):
        series = series + b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) / y ** (2 * k + n)
    value = sign * (total + series)
    if n == 0:
        value = np.where(x < 0.5, value - np.pi / np.tan(np.pi * x), value)
    else:
        value = np.where(x < 0, np.nan, value)
    return value.astype(x.dtype)
