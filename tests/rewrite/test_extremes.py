"""Economy keeps what is finite finite, and what is small accurate: factors meet in a safe order."""

import numpy as np
import pytest

import symloss as sl
from symloss.losses import quantile_loss, softmax_crossentropy

x, a, b = (sl.vector(name, "N") for name in "xab")
p, q = (sl.vector(name, "N", "float32") for name in "pq")
X, t = sl.matrix("X", "N K"), sl.vector("t", "N", "int64")
rows = sl.sum(X**2, axis=1)


def slope(loss, variable):
    return sl.grad(sl.sum(loss), variable)


def leaky(z, share):
    return sl.maximum(z, share * z)


CASES = {
    "sigmoid of a leaky ramp": (slope(sl.sigmoid(leaky(x, 0.1)), x), {x: [40]}, [np.exp(-40)]),
    "softmax of a leaky ramp": (
        slope(sl.softmax(leaky(X, 0.2))[:, 0], X), {X: [[50, 1]]}, [[np.exp(-49), -np.exp(-49)]]),
    "labels after a leaky ramp": (
        slope(softmax_crossentropy(leaky(X, 0.5), t), X),
        {X: [[50, 1]], t: [0]}, [[-np.exp(-49), np.exp(-49)]]),
    "a flat side": (slope(sl.minimum(x, 1e-10 * x), x), {x: [1]}, [1e-10]),
    "a steep side": (sl.hvp(sl.sum(sl.minimum(x, 1e8 * x) ** 2), x, sl.ones(x.shape)), {x: [1]}, [2]),
    "sides that overflow together": (slope(leaky(1e308 * x, -1), x), {x: [1]}, [1e308]),
    "a far quantile": (slope(quantile_loss(p, q, 0.999), p), {p: [1], q: [0]}, [0.001]),
    "a large number and a row": (1e200 * (a[:, None] * X), {X: [[1e-200]], a: [1e200]}, [[1e200]]),
    "a small number and a row": (1e-200 * (a[:, None] * X), {X: [[1e300]], a: [1e-200]}, [[1e-100]]),
    "a number under a product": ((a[:, None] * X) / 1e200, {X: [[1e-200]], a: [1e-200]}, [[0]]),
    "rows over rows": (
        X * a[:, None] / b[:, None] / (1 + sl.exp(-X)), {X: [[1e-300]], a: [1e200], b: [1e-200]}, [[5e99]]),
    "the slope of rows over rows": (
        slope(rows * a / b, X), {X: [[1e-300, 0]], a: [1e200], b: [1e-200]}, [[2e100, 0]]),
    "a weight and a number": (
        sl.grad(1e10 * sl.sum(a * softmax_crossentropy(X, t)), X),
        {X: [[800, 0]], a: [1e300], t: [0]}, [[0, 0]]),
    "a mean of small parts": (sl.mean(X / 16), {X: np.full((3, 3), 1e308)}, 6.25e306),
    "a mean of smaller parts": (sl.mean(X / 2 / 2 / 2), {X: np.full((3, 3), 1e308)}, 1.25e307),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_finite_stays_finite_and_accurate(name):
    formula, values, expected = CASES[name]
    found = sl.function(list(values), formula)(*[np.asarray(v, e.dtype) for e, v in values.items()])
    np.testing.assert_allclose(found, expected, rtol=1e-7 if found.dtype == np.float32 else 1e-14)
