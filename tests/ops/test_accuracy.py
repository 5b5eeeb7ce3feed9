"""Values within 4 units in the last place, gradients within 8, over the whole range of double precision."""

import mpmath as mp
import numpy as np
import pytest

import symloss as sl
from symloss.core.expr import FUNCTIONS as F

VALUE, GRADIENT = 4, 8
MAGNITUDES = [
    0.0,
    5e-324,
    1e-310,
    1e-300,
    1e-100,
    1e-20,
    1e-9,
    3e-5,
    0.1,
    0.3,
    0.69,
    0.7,
    1.0,
    1.3,
    2.5,
    7.0,
    16.4,
]
MAGNITUDES += [20.02, 36.8, 40.0, 100.3, 700.1, 709.9, 720.0, 744.0, 745.2, 800.0, 1e4, 1e100, 1e300]
LINE = np.array(sorted({sign * m for m in MAGNITUDES for sign in (1, -1)}))
POSITIVE = LINE[LINE > 0]


def ulps(found, exact):
    """The error in units in the last place of the exact value, subnormals and infinities included."""
    with mp.workdps(400):
        exact = mp.mpf(exact)
        nearest = float(exact)
        if found == nearest:
            return 0.0
        if not np.isfinite(nearest) or not np.isfinite(found):
            return np.inf
        return float(abs(mp.mpf(float(found)) - exact) / mp.mpf(float(np.spacing(abs(nearest)))))


def worst(found, exact, points):
    errors = [(ulps(f, e), p) for f, e, p in zip(found, exact, points, strict=True)]
    return max(errors)


def exactly(function, *columns):
    with mp.workdps(400):
        return [function(*map(mp.mpf, map(float, row))) for row in zip(*columns, strict=True)]


def sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x > -(mp.mpf(10) ** 6) else mp.mpf(0)


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 10**6 else x


ONE_ARGUMENT = {
    "sigmoid": (LINE, sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "softplus": (LINE, softplus, sigmoid),
    "log_sigmoid": (LINE, lambda x: -softplus(-x), lambda x: sigmoid(-x)),
    "log1mexp": (
        POSITIVE,
        lambda x: mp.log(-mp.expm1(-x)) if x < 10**4 else mp.mpf(0),
        lambda x: mp.exp(-x) / -mp.expm1(-x) if x < 10**4 else mp.mpf(0),
    ),
}


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_a_logistic_function_is_accurate_everywhere(name):
    points, value, slope = ONE_ARGUMENT[name]
    x = sl.vector("x", "N")
    e = F[name](x)
    f = sl.function([x], [e, sl.grad(F["sum"](e), x)])
    found, gradient = f(points)
    assert worst(found, exactly(value, points), points) <= (VALUE, np.inf)
    assert worst(gradient, exactly(slope, points), points) <= (GRADIENT, np.inf)


def test_xlogy_is_accurate_everywhere():
    xs, ys = (g.ravel() for g in np.meshgrid(LINE, POSITIVE))
    x, y = sl.vector("x", "N"), sl.vector("y", "N")
    e = F["xlogy"](x, y)
    found, by_x, by_y = sl.function([x, y], [e, *sl.grad(F["sum"](e), [x, y])])(xs, ys)
    pairs = list(zip(xs, ys, strict=True))
    assert worst(found, exactly(lambda a, b: a * mp.log(b), xs, ys), pairs)[0] <= VALUE
    assert worst(by_x, exactly(lambda a, b: mp.log(b), xs, ys), pairs)[0] <= GRADIENT
    assert worst(by_y, exactly(lambda a, b: a / b, xs, ys), pairs)[0] <= GRADIENT


ROWS = np.array(
    [
        [0.0, 0.0, 0.0],
        [1.0, 2.0, 3.5],
        [40.0, 0.0, 0.0],
        [0.0, -40.0, -700.0],
        [1e4, 0.0, -1e4],
        [1e300, -1e300, 0.0],
        [700.0, 699.5, 0.25],
        [-745.0, 0.0, -744.5],
        [-700.25, -3.5, 2.75],
        [1e-300, -1e-300, 0.0],
        [5e-324, 0.0, 0.0],
    ]
)
"""Rows whose differences are exact, so that what is measured is not the rounding of the differences."""


def softmax(row):
    top = max(row)
    e = [mp.exp(max(v - top, -(10**5))) for v in row]
    return [v / sum(e) for v in e]


def log_softmax(row):
    top = max(row)
    total = mp.log1p(sum(mp.exp(max(v - top, -(10**5))) for v in row) - 1)
    return [v - top - total for v in row]


def logsumexp(row):
    return max(row) - max(log_softmax(row))


def exact_rows(function):
    with mp.workdps(400):
        return [function([mp.mpf(float(v)) for v in row]) for row in ROWS]


@pytest.mark.parametrize(("name", "exact"), [("softmax", softmax), ("log_softmax", log_softmax)])
def test_the_softmax_family_is_accurate_where_differences_are_exact(name, exact):
    x = sl.matrix("x", "N K")
    found = sl.function([x], F[name](x))(ROWS)
    for row, got, expected in zip(ROWS, found, exact_rows(exact), strict=True):
        assert worst(got, expected, row)[0] <= VALUE, row


def test_logsumexp_and_its_gradient_are_accurate():
    x = sl.matrix("x", "N K")
    total = F["logsumexp"](x, axis=1)
    found, gradient = sl.function([x], [total, sl.grad(F["sum"](total), x)])(ROWS)
    assert worst(found, exact_rows(logsumexp), ROWS.tolist())[0] <= VALUE
    for row, got, expected in zip(ROWS, gradient, exact_rows(softmax), strict=True):
        assert worst(got, expected, row)[0] <= GRADIENT, row


def test_the_gradient_of_a_log_softmax_is_accurate_off_the_entry_that_is_taken():
    x = sl.matrix("x", "N K")
    gradient = sl.function([x], sl.grad(F["sum"](F["log_softmax"](x)[:, 0]), x))(ROWS)
    for row, got, p in zip(ROWS, gradient, exact_rows(softmax), strict=True):
        assert worst(got[1:], [-v for v in p[1:]], row[1:])[0] <= GRADIENT, row


def test_an_inexact_difference_costs_no_more_than_its_rounding():
    rows = np.random.default_rng(3).uniform(-350, 350, (200, 2))
    x = sl.matrix("x", "N K")
    found = sl.function([x], F["softmax"](x))(rows)
    with mp.workdps(400):
        exact = [softmax([mp.mpf(float(v)) for v in row]) for row in rows]
    for row, got, expected in zip(rows, found, exact, strict=True):
        assert worst(got, expected, row)[0] <= VALUE + abs(row[0] - row[1])
