"""Formulas as a textbook writes them: value and gradient are finite and right where NumPy alone fails."""

import mpmath
import numpy as np
import pytest

import symloss as sl
from symloss.testing import as_it_stands

x = sl.scalar("x")
z, t = sl.vector("z", "K"), sl.vector("t", "K")

SCALARS = {
    "log of a sigmoid": (lambda e, m: m.log(1 / (1 + m.exp(-e))), -1e4),
    "log of a sigmoid, other tail": (lambda e, m: m.log(1 / (1 + m.exp(-e))), 50.0),
    "softplus": (lambda e, m: m.log(1 + m.exp(e)), 745.2),
    "softplus, small": (lambda e, m: m.log(1 + m.exp(e)), -60.0),
    "softplus of a scaled argument": (lambda e, m: m.log(1 + m.exp(3 * e)) / 3, 300.0),
    "sigmoid as a ratio": (lambda e, m: m.exp(e) / (1 + m.exp(e)), 800.0),
    "sigmoid as a ratio, other order": (lambda e, m: m.exp(e) / (m.exp(e) + 1), 800.0),
    "sigmoid of minus": (lambda e, m: 1 / (1 + m.exp(e)), 40.0),
    "sigmoid of minus, far out": (lambda e, m: 1 / (1 + m.exp(e)), 800.0),
    "scaled sigmoid": (lambda e, m: 3 / (1 + m.exp(-e)), -700.0),
    "log of one less a sigmoid": (lambda e, m: m.log(1 - 1 / (1 + m.exp(-e))), 800.0),
    "one less a sigmoid": (lambda e, m: 1 - 1 / (1 + m.exp(-e)), 40.0),
    "tanh": (lambda e, m: (m.exp(e) - m.exp(-e)) / (m.exp(e) + m.exp(-e)), 800.0),
    "tanh, near 0": (lambda e, m: (m.exp(e) - m.exp(-e)) / (m.exp(e) + m.exp(-e)), 1e-12),
    "log of one more": (lambda e, m: m.log(1 + e), 1e-20),
    "log of one less": (lambda e, m: m.log(1 - e), 1e-20),
    "exponential less one": (lambda e, m: m.exp(e) - 1, 1e-20),
    "scaled exponential less one": (lambda e, m: 2 * m.exp(e) - 2, 1e-20),
    "log of two exponentials": (lambda e, m: m.log(m.exp(e) + m.exp(-e)), 800.0),
    "log of a root": (lambda e, m: m.log(m.sqrt(1 + m.exp(e))), 800.0),
    "log of an exponential": (lambda e, m: m.log(m.exp(e)), 1000.0),
    "cross-entropy of a sigmoid": (
        lambda e, m: -(m.log(1 / (1 + m.exp(-e))) / 4 + 3 * m.log(1 - 1 / (1 + m.exp(-e))) / 4),
        750.0,
    ),
}


@pytest.mark.parametrize(("formula", "at"), SCALARS.values(), ids=SCALARS)
def test_a_naive_scalar_formula_has_the_value_and_slope_of_many_digits(formula, at):
    e = formula(x, sl)
    value, slope = sl.function([x], [e, sl.grad(e, x)])(at)
    with mpmath.workdps(1000):
        exact = formula(mpmath.mpf(at), mpmath)
        rising = mpmath.diff(lambda point: formula(point, mpmath), mpmath.mpf(at))
    assert float(value) == pytest.approx(float(exact), rel=1e-6)
    assert float(slope) == pytest.approx(float(rising), rel=1e-6)


def log_mean(scores):
    return mpmath.log(sum(map(mpmath.exp, scores)) / len(scores))


def shares(scores):
    total = sum(map(mpmath.exp, scores))
    return [mpmath.exp(one) / total for one in scores]


TENSORS = {
    "logsumexp": (sl.log(sl.sum(sl.exp(z))), lambda s, y: mpmath.log(sum(map(mpmath.exp, s)))),
    "logsumexp, kept": (
        sl.sum(t * sl.log(sl.sum(sl.exp(z), keepdims=True))),
        lambda s, y: sum(y) * mpmath.log(sum(map(mpmath.exp, s))),
    ),
    "log of the mean": (sl.log(sl.mean(sl.exp(z))), lambda s, y: log_mean(s)),
    "log of three times the sum": (
        sl.log(3 * sl.sum(sl.exp(z))),
        lambda s, y: mpmath.log(3 * sum(map(mpmath.exp, s))),
    ),
    "cross-entropy": (
        -sl.sum(t * sl.log(sl.exp(z) / sl.sum(sl.exp(z)))),
        lambda s, y: -sum(w * mpmath.log(p) for w, p in zip(y, shares(s), strict=True)),
    ),
    "cross-entropy of softmax": (
        -sl.sum(t * sl.log(sl.softmax(z))),
        lambda s, y: -sum(w * mpmath.log(p) for w, p in zip(y, shares(s), strict=True)),
    ),
    "cross-entropy by a difference": (
        sl.sum(t * (sl.log(sl.sum(sl.exp(z))) - z)),
        lambda s, y: -sum(w * mpmath.log(p) for w, p in zip(y, shares(s), strict=True)),
    ),
    "cross-entropy at a temperature": (
        -sl.sum(t * sl.log(sl.exp(z / 2) / sl.exp(z / 2).sum())),
        lambda s, y: -sum(w * mpmath.log(p) for w, p in zip(y, shares([one / 2 for one in s]), strict=True)),
    ),
    "cross-entropy of one class": (
        -sl.log((sl.exp(z) / sl.sum(sl.exp(z)))[1]),
        lambda s, y: -mpmath.log(shares(s)[1]),
    ),
    "expected target": (
        sl.sum(sl.exp(z) / sl.sum(sl.exp(z)) * t),
        lambda s, y: sum(w * p for w, p in zip(y, shares(s), strict=True)),
    ),
}
POINTS = {
    "far apart": ([1000.0, 0.0, -1000.0], [0.0, 1.0, 0.0]),
    "soft": ([-800.0, -801.0, -802.5], [0.2, 0.5, 0.3]),
    "one dominates": ([40.0, 0.0, 1.0], [1.0, 0.0, 0.0]),
}


@pytest.mark.parametrize(("formula", "exact"), TENSORS.values(), ids=TENSORS)
@pytest.mark.parametrize(("scores", "targets"), POINTS.values(), ids=POINTS)
def test_a_naive_formula_of_a_vector_has_the_value_and_slopes_of_many_digits(formula, exact, scores, targets):
    inputs = [z, t] if t in formula_variables(formula) else [z]
    value, slopes = sl.function(inputs, [formula, sl.grad(formula, z)])(*[scores, targets][: len(inputs)])
    with mpmath.workdps(2000):
        s, y = list(map(mpmath.mpf, scores)), list(map(mpmath.mpf, targets))
        step = mpmath.mpf(10) ** -500
        rising = []
        for k in range(len(s)):
            sides = [exact([one + side * step * (n == k) for n, one in enumerate(s)], y) for side in (1, -1)]
            rising.append(float((sides[0] - sides[1]) / (2 * step)))
        wanted = float(exact(s, y))
    assert float(value) == pytest.approx(wanted, rel=1e-6, abs=1e-300)
    np.testing.assert_allclose(slopes, rising, rtol=1e-6, atol=1e-12)


def formula_variables(formula):
    return {node for node in sl.core.walk.topological([formula]) if node.op.name == "input"}


def test_without_rewriting_these_formulas_fail():
    failed = 0
    for formula, at in SCALARS.values():
        value = as_it_stands(formula(x, sl), [x])(np.float64(at))
        exact = float(formula(mpmath.mpf(at), mpmath)) if abs(at) > 1 else at
        failed += not np.isfinite(value) or abs(value - exact) > 1e-6 * abs(exact)
    assert failed > len(SCALARS) / 2
