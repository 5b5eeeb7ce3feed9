"""Values within 4 units in the last place, gradients within 8 and second derivatives within 16.

Over the whole range of double precision: points with evenly spaced exponents from the smallest number to the
largest, points next to where a form is switched, and points at random where exponentials neither overflow nor
vanish. What is exact comes from mpmath.
"""

import mpmath as mp
import numpy as np
import pytest

import symloss as sl
from symloss import losses
from symloss.core.expr import FUNCTIONS as F

VALUE, GRADIENT, SECOND = 4, 8, 16
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
MAGNITUDES += [1.2345 * 10.0**k for k in range(-317, 309, 9)]
MAGNITUDES += [np.nextafter(m, side) for m in (0.25, np.log(2), 1.0) for side in (0, 2)]
MAGNITUDES += [*np.random.default_rng(0).uniform(0, 750, 60), *np.random.default_rng(1).uniform(0, 3, 60)]
LINE = np.array(sorted({sign * m for m in MAGNITUDES for sign in (1, -1)}))
POSITIVE = LINE[LINE > 0]
SHARES = POSITIVE[POSITIVE < 1]
FAR = 10**5
"""Where no exponential is left, so that none is computed."""


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
    return 1 / (1 + mp.exp(-x)) if x > -FAR else mp.mpf(0)


def softplus(x):
    return (mp.log1p(mp.exp(x)) if x < FAR else x) if x > -FAR else mp.mpf(0)


def slope_of_sigmoid(x):
    return sigmoid(x) * sigmoid(-x)


def second_of_sigmoid(x):
    return slope_of_sigmoid(x) * -mp.tanh(x / 2) if abs(x) < FAR else mp.mpf(0)


def log1mexp(x):
    return mp.log(-mp.expm1(-x)) if x < FAR else mp.mpf(0)


def odds(x):
    return 1 / mp.expm1(x) if x < FAR else mp.mpf(0)


def logcosh(x):
    if abs(x) < mp.mpf("1e-60"):
        return x**2 / 2
    return mp.log(mp.cosh(x)) if abs(x) < FAR else abs(x) - mp.log(2)


def tanh(x):
    return mp.tanh(x) if abs(x) < FAR else mp.sign(x)


def slope_of_tanh(x):
    return mp.sech(x) ** 2 if abs(x) < FAR else mp.mpf(0)


def certainly(loss, target):
    """A loss of two arguments, its target being one number."""
    return lambda x: loss(x, target + F["zeros_like"](x))


BCE, BCE_OF_LOGITS = losses.binary_crossentropy, losses.binary_crossentropy_logits
ONE_ARGUMENT = {
    "sigmoid": (F["sigmoid"], LINE, sigmoid, slope_of_sigmoid, second_of_sigmoid),
    "softplus": (F["softplus"], LINE, softplus, sigmoid, slope_of_sigmoid),
    "log_sigmoid": (
        F["log_sigmoid"],
        LINE,
        lambda x: -softplus(-x),
        lambda x: sigmoid(-x),
        lambda x: -slope_of_sigmoid(x),
    ),
    "log1mexp": (F["log1mexp"], POSITIVE, log1mexp, odds, lambda x: -odds(x) * (1 + odds(x))),
    "logcosh": (certainly(losses.log_cosh, 0), LINE, logcosh, tanh, slope_of_tanh),
    "entropy": (
        lambda p: -p * F["log"](p),
        POSITIVE[abs(np.log(POSITIVE) + 1) > 0.1],
        lambda p: -p * mp.log(p),
        lambda p: -mp.log(p) - 1,
        lambda p: -1 / p,
    ),
    "BCE of yes": (
        certainly(BCE, 1),
        SHARES,
        lambda p: -mp.log(p),
        lambda p: -1 / p,
        lambda p: 1 / p**2,
    ),
    "BCE of no": (
        certainly(BCE, 0),
        SHARES,
        lambda p: -mp.log1p(-p),
        lambda p: 1 / (1 - p),
        lambda p: 1 / (1 - p) ** 2,
    ),
    "BCE of perhaps": (
        certainly(BCE, 0.25),
        SHARES[abs(SHARES - 0.25) > 0.01],
        lambda p: -mp.log(p) / 4 - 3 * mp.log1p(-p) / 4,
        lambda p: (p - 0.25) / (p * (1 - p)),
        lambda p: 0.25 / p**2 + 0.75 / (1 - p) ** 2,
    ),
    "BCE of logits, yes": (
        certainly(BCE_OF_LOGITS, 1),
        LINE,
        lambda z: softplus(-z),
        lambda z: -sigmoid(-z),
        slope_of_sigmoid,
    ),
    "BCE of logits, no": (certainly(BCE_OF_LOGITS, 0), LINE, softplus, sigmoid, slope_of_sigmoid),
    "BCE of logits, perhaps": (
        certainly(BCE_OF_LOGITS, 0.25),
        LINE[abs(LINE + np.log(3)) > 0.1],
        lambda z: softplus(z) - z / 4 if z < 0 else softplus(-z) + 3 * z / 4,
        lambda z: sigmoid(z) - mp.mpf(0.25),
        slope_of_sigmoid,
    ),
}
"""A formula, where it is tried, and its exact value, slope and second derivative.

Points near which a slope crosses 0 as the difference of two terms are left out: it has the digits of these.
"""


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_a_function_of_one_number_is_accurate_everywhere(name):
    formula, points, *exact = ONE_ARGUMENT[name]
    x = sl.vector("x", "N")
    e = formula(x)
    slope = sl.grad(F["sum"](e), x)
    found = sl.function([x], [e, slope, sl.grad(F["sum"](slope), x)])(points)
    for values, right, bar in zip(found, exact, (VALUE, GRADIENT, SECOND), strict=True):
        assert worst(values, exactly(right, points), points) <= (bar, np.inf)


def test_xlogy_is_accurate_everywhere():
    xs, ys = (g.ravel() for g in np.meshgrid(LINE[::8], POSITIVE[::8]))
    x, y = sl.vector("x", "N"), sl.vector("y", "N")
    e = F["xlogy"](x, y)
    by = sl.grad(F["sum"](e), [x, y])
    found, by_x, by_y, twice = sl.function([x, y], [e, *by, sl.grad(F["sum"](by[1]), y)])(xs, ys)
    pairs = list(zip(xs, ys, strict=True))
    assert worst(found, exactly(lambda a, b: a * mp.log(b), xs, ys), pairs)[0] <= VALUE
    assert worst(by_x, exactly(lambda a, b: mp.log(b), xs, ys), pairs)[0] <= GRADIENT
    assert worst(by_y, exactly(lambda a, b: a / b, xs, ys), pairs)[0] <= GRADIENT
    whole = abs(xs) >= np.finfo(float).tiny
    exact = exactly(lambda a, b: -a / b**2, xs[whole], ys[whole])
    assert worst(twice[whole], exact, np.array(pairs)[whole].tolist())[0] <= SECOND


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
        *[
            [sign * 1.25 * 2.0**k, 0.0, 1.5 * 2.0 ** (k - 3)]
            for k in range(-1060, 1020, 80)
            for sign in (1, -1)
        ],
        *[[k, 0.0, 0.0] for k in (16.5, 20, 36.5, 37, 53, 300, 372.5, 373, 709, 744, 745)],
        *[[0.0, k, -k] for k in (16.5, 20, 36.5, 37, 53, 300, 372.5, 373, 709, 744, 745)],
    ]
)
"""Rows whose differences are exact, so that what is measured is not the rounding of the differences."""


def softmax(row):
    top = max(row)
    e = [mp.exp(max(v - top, -FAR)) for v in row]
    return [v / sum(e) for v in e]


def log_softmax(row):
    return [v - logsumexp(row) for v in row]


def logsumexp(row):
    return max(row) + mp.log1p(sum(mp.exp(max(v - max(row), -FAR)) for v in row) - 1)


def curvature(row):
    """The diagonal of the Hessian of logsumexp."""
    p = softmax(row)
    return [p[k] * sum(p[:k] + p[k + 1 :]) for k in range(len(p))]


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


LABELS = np.arange(len(ROWS)) % 3
CROSSENTROPIES = {
    "by labels": lambda z, t, y: losses.softmax_crossentropy(z, t),
    "of dense targets": lambda z, t, y: losses.softmax_crossentropy(z, y),
    "by hand": lambda z, t, y: (
        -F["sum"](y * F["log"](F["exp"](z) / F["sum"](F["exp"](z), axis=-1, keepdims=True)), axis=-1)
    ),
}


def crossentropy(row, label):
    return (
        mp.log1p(sum(mp.exp(max(v - row[label], -FAR)) for v in row) - 1)
        if row[label] > max(row) - 10**4
        else max(row) - row[label]
    )


@pytest.mark.parametrize("written", CROSSENTROPIES)
def test_crossentropy_is_accurate_in_each_entry(written):
    z, t, y = sl.matrix("z", "N K"), sl.vector("t", "N", dtype="int64"), sl.matrix("y", "N K")
    loss = CROSSENTROPIES[written](z, t, y)
    outputs = [loss, sl.grad(F["sum"](loss), z)]
    found, gradient = sl.function([z, t, y], outputs, on_unused="ignore")(ROWS, LABELS, np.eye(3)[LABELS])
    with mp.workdps(400):
        rows = [[mp.mpf(float(v)) for v in row] for row in ROWS]
        values = [crossentropy(row, label) for row, label in zip(rows, LABELS, strict=True)]
    assert worst(found, values, ROWS.tolist())[0] <= VALUE
    for row, label, got, p in zip(ROWS, LABELS, gradient, exact_rows(softmax), strict=True):
        with mp.workdps(400):
            slope = [v - (k == label) if k != label else -sum(p[:k] + p[k + 1 :]) for k, v in enumerate(p)]
        assert worst(got, slope, row)[0] <= GRADIENT, row


@pytest.mark.parametrize("written", ["logsumexp", *CROSSENTROPIES])
def test_the_second_derivatives_of_a_row_are_accurate(written):
    z, t, y = sl.vector("z", "K"), sl.scalar("t", dtype="int64"), sl.vector("y", "K")
    loss = F["logsumexp"](z) if written == "logsumexp" else CROSSENTROPIES[written](z, t, y)
    f = sl.function([z, t, y], sl.hessian(loss, z), on_unused="ignore")
    for row, label, exact in zip(ROWS, LABELS, exact_rows(curvature), strict=True):
        assert worst(np.diag(f(row, label, np.eye(3)[label])), exact, row)[0] <= SECOND, row


def test_an_inexact_difference_costs_no_more_than_its_rounding():
    rows = np.random.default_rng(3).uniform(-350, 350, (200, 2))
    x = sl.matrix("x", "N K")
    found = sl.function([x], F["softmax"](x))(rows)
    with mp.workdps(400):
        exact = [softmax([mp.mpf(float(v)) for v in row]) for row in rows]
    for row, got, expected in zip(rows, found, exact, strict=True):
        assert worst(got, expected, row)[0] <= VALUE + abs(row[0] - row[1])
