"""Value within 4 ULP and gradient within 8 of 400 digits, also where naive formulas have none left."""

import mpmath
import numpy as np
import pytest

from symloss import losses


# The formulas, written out in mpmath --------------------------------------------------------------
def squared_error(p, t):
    return (p - t) ** 2


def huber_loss(p, t):
    e, delta = abs(p - t), mpmath.mpf("2.5")
    return e**2 / 2 if e <= delta else delta * (e - delta / 2)


def binary_crossentropy(p, t):
    yes = t * mpmath.log(p) if t else 0
    no = (1 - t) * mpmath.log(1 - p) if t != 1 else 0
    return -yes - no


def binary_crossentropy_logits(z, y):
    return mpmath.log(1 + mpmath.exp(z)) - y * z


def hinge_loss(p, t):
    return max(mpmath.mpf(0), 1 - t * p)


def absolute_error(p, t):
    return abs(p - t)


def log_cosh(p, t):
    return mpmath.log(mpmath.cosh(p - t))


def quantile_loss(p, t):
    return max(mpmath.mpf("0.875") * (t - p), mpmath.mpf("-0.125") * (t - p))


def poisson_nll(p, t):
    return p - (t * mpmath.log(p) if t else 0)


def poisson_nll_log(z, t):
    return mpmath.exp(z) - t * z


def gaussian_nll(p, t):
    v = mpmath.mpf("-1.5")
    return (mpmath.log(2 * mpmath.pi) + v + (t - p) ** 2 / mpmath.exp(v)) / 2


def focal_loss(z, y):
    right = z if y else -z
    return mpmath.log1p(mpmath.exp(-right)) * (1 - 1 / (1 + mpmath.exp(-right))) ** 2


def binary_hinge_loss(p, t):
    return max(mpmath.mpf(0), 1 - (2 * t - 1) * p)


def softmax_crossentropy(z, t):
    total = sum(map(mpmath.exp, z))
    return -sum(y * (u - mpmath.log(total)) for u, y in zip(z, t, strict=True))


SMALL = {"float64": 2.0**-53, "float32": 2.0**-24}

ELEMENTWISE = [
    (squared_error, {}, [(0.5, 0.25), (-3, 4), (1e15, 1), (1e-15, 3e-15)]),
    (huber_loss, {"delta": 2.5}, [(0.5, 0.25), (-3, 4), (2, 0), (-2.625, 0), (1e30, 3), (-1e30, 1)]),
    (
        binary_crossentropy,
        {},
        [
            (0.5, 1),
            (0.75, 0),
            (0.125, 0.25),
            (1e-30, 0),
            (1e-30, 1),
            (1e-30, 0.5),
            ("near 1", 0),
            ("near 1", 1),
        ],
    ),
    (
        binary_crossentropy_logits,
        {},
        [
            (z, y)
            for z in (0, 0.5, -0.5, 3, -3, 16.4, -16.4, 20.02, 40, -40, 80, -80, 1e4, -1e4)
            for y in (0, 1)
        ]
        + [(3, 0.25), (-40, 0.25), (40, 0.75), (-80, 0.125)],
    ),
    (absolute_error, {}, [(0.5, 0.25), (-3, 4), (1e30, 1), (1e-30, 3e-30)]),
    (log_cosh, {}, [(e, 0) for e in (1e-15, 1e-9, 1e-3, 0.3, -0.9, 1, -1.5, 5, -18, 19, 40, 800, -1e30)]),
    (quantile_loss, {"tau": 0.875}, [(0.5, 0.25), (-3, 4), (1e30, 1), (1e-30, 3e-30)]),
    (poisson_nll, {}, [(0.5, 0), (0.5, 1), (3, 2), (1e-30, 4), (1e30, 4), (1e-30, 0)]),
    (poisson_nll_log, {}, [(0.5, 0), (-3, 1), (3, 2), (-1e4, 4), (80, 4), (-80, 0)]),
    (gaussian_nll, {"logvar": -1.5}, [(0.5, 0.25), (-3, 4), (1e15, 1), (3, 0)]),
    (focal_loss, {}, [(z, y) for z in (0.5, -0.5, 3, -3, 1e4, -1e4) for y in (0, 1)]),
    (binary_hinge_loss, {}, [(0.5, 1), (0.5, 0), (-2, 1), (3, 1), (1e30, 0), (1e-30, 1)]),
    (hinge_loss, {}, [(0.5, 1), (0.5, -1), (-2, 1), (3, 1), (1e30, -1), (1e-30, 1)]),
]
CASES = [
    pytest.param(formula, options, p, t, dtype, id=f"{formula.__name__}-{p}-{t}-{dtype}")
    for formula, options, points in ELEMENTWISE
    for p, t in points
    for dtype in ("float64", "float32")
]


@pytest.mark.parametrize(("formula", "options", "p", "t", "dtype"), CASES)
def test_value_within_4_ulps_and_slope_within_8(value_and_slope, ulps, formula, options, p, t, dtype):
    p = 1 - SMALL[dtype] if p == "near 1" else p
    predictions, targets = np.array([p], dtype), np.array([t], dtype)
    value, slope = value_and_slope(getattr(losses, formula.__name__), predictions, targets, **options)
    with mpmath.workdps(400):
        at, y = mpmath.mpf(float(predictions[0])), mpmath.mpf(float(targets[0]))
        assert ulps(value[0], formula(at, y)) <= 4
        assert ulps(slope[0], mpmath.diff(lambda u: formula(u, y), at)) <= 8
    assert value.dtype == slope.dtype == dtype


ROWS = [
    ([0.5, -1, 2], [0, 0, 1]),
    ([0.5, -1, 2], [1, 0, 0]),
    ([40, 0], [1, 0]),
    ([40, 0], [0, 1]),
    ([0, 0, 0], [0, 1, 0]),
    ([80, 80, 0], [0, 0, 1]),
    ([1e4, 0, -1e4], [0, 1, 0]),
    ([-30, -30, -70], [1, 0, 0]),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("z", "t"), ROWS)
def test_softmax_crossentropy_of_labels_is_accurate_in_each_entry(value_and_slope, ulps, z, t, dtype):
    scores, label = np.array([z], dtype), np.array([t.index(1)])
    value, slope = value_and_slope(losses.softmax_crossentropy, scores, label)
    with mpmath.workdps(400):
        row = [mpmath.mpf(float(u)) for u in scores[0]]
        total = sum(map(mpmath.exp, row))
        assert ulps(value[0], softmax_crossentropy(row, t)) <= 4
        for got, u, y in zip(slope[0], row, t, strict=True):
            assert ulps(got, mpmath.exp(u) / total - y) <= 8


@pytest.mark.parametrize("t", [[0.25, 0.5, 0.25], [0, 0.125, 0.875], [1, 0, 0], [2, 0, 1], [0, 0, 0]])
def test_softmax_crossentropy_of_dense_targets_agrees_with_the_written_out_sum(value_and_slope, ulps, t):
    scores = np.array([[0.5, -1.0, 2.0]])
    value, slope = value_and_slope(losses.softmax_crossentropy, scores, np.array([t], float))
    with mpmath.workdps(50):
        row, y = [mpmath.mpf(float(u)) for u in scores[0]], [mpmath.mpf(u) for u in t]
        assert ulps(value[0], softmax_crossentropy(row, y)) <= 4
        for k in range(3):
            exact = mpmath.diff(lambda u, k=k: softmax_crossentropy([*row[:k], u, *row[k + 1 :]], y), row[k])
            assert ulps(slope[0, k], exact) <= 8


@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("z", [16.4, -16.4, 30, -30, 300, -300, 700, -700])
@pytest.mark.parametrize("gamma", [0.5, 2])
def test_focal_loss_is_accurate_in_both_tails(value_and_slope, z, y, gamma):
    value, slope = value_and_slope(losses.focal_loss, np.array([float(z)]), np.array([float(y)]), gamma=gamma)
    with mpmath.workdps(700):

        def formula(u):
            right = u if y else -u
            return mpmath.log1p(mpmath.exp(-right)) * (1 - 1 / (1 + mpmath.exp(-right))) ** gamma

        np.testing.assert_allclose(value, float(formula(mpmath.mpf(z))), rtol=1e-12)
        np.testing.assert_allclose(slope, float(mpmath.diff(formula, z)), rtol=1e-12)
