"""Naive formulas far out, near cancellation and batched: value, gradient and second derivative are right."""

import mpmath
import numpy as np
import pytest

import symloss as sl
from symloss.core.evaluate import exact_values
from symloss.core.walk import topological

DIGITS, STEP = 1500, mpmath.mpf(10) ** -350
LIMIT = mpmath.mpf(10) ** -120
"""How far from a removable singularity the exact value is taken."""

exp, log, sqrt, sigmoid = sl.exp, sl.log, sl.sqrt, sl.sigmoid
x, y = sl.scalar("x"), sl.scalar("y")
v, w = sl.vector("v", 4), sl.vector("w", 4)
A, rows, label = sl.matrix("A", (2, 3)), [0, 1], sl.vector("label", 2, dtype="int64")
C = sl.constant(np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]]))

WIDE = (1e-12, 0.3, -5.0, 40.0, -40.0, 300.0, -300.0, 800.0, -800.0)
AWAY = (1e3, -1e5, 1e8, -1e20, 1e100)
POSITIVE = (1e-20, 0.5, 3.0, 40.0, 300.0, 700.0)
NEAR = (0.0, 1e-300, 1e-20, -1e-9, 1e-5, -1e-4, 0.5, -3.0, 40.0, -40.0, 300.0, -300.0)
SCALARS = {
    "softplus less its argument": (log(1 + exp(x)) - x, WIDE),
    "log of 3 and an exponential": (log(3 + exp(x)), WIDE),
    "log of 2 and 2 exponentials": (log(2 + 2 * exp(x)), WIDE[1:]),
    "weighted exponentials": (log(0.5 * exp(x) + 0.25 * exp(-x)), WIDE),
    "log cosh by exponentials": (log((exp(x) + exp(-x)) / 2), (*WIDE, 1e-9, 1e-4)),
    "log of one less a sigmoid": (log(1 - sigmoid(x)), WIDE),
    "log1p of minus a sigmoid": (sl.log1p(-sigmoid(x)), WIDE),
    "log odds": (log(sigmoid(x) / (1 - sigmoid(x))), WIDE),
    "logit of a sigmoid": (sl.logit(sigmoid(x)), WIDE),
    "difference of logs": (log(sigmoid(x)) - log(1 - sigmoid(x)), WIDE),
    "one less two sigmoids": (1 - 2 * sigmoid(x), WIDE),
    "tanh as a sigmoid": (2 / (1 + exp(-2 * x)) - 1, WIDE),
    "tanh by one exponential": ((exp(2 * x) - 1) / (exp(2 * x) + 1), WIDE),
    "tanh by the other": ((1 - exp(-2 * x)) / (1 + exp(-2 * x)), WIDE),
    "one less tanh": (1 - sl.tanh(x), WIDE),
    "one and tanh": (1 + sl.tanh(x), WIDE),
    "slope of a sigmoid": (exp(x) / (1 + exp(x)) ** 2, WIDE),
    "the same by the other exponential": (exp(-x) / (1 + exp(-x)) ** 2, WIDE),
    "odds": (sigmoid(x) / (1 - sigmoid(x)), WIDE[:-2]),
    "exp of minus softplus": (exp(-sl.softplus(x)), WIDE),
    "silu": (x / (1 + exp(-x)), WIDE),
    "a ratio near 0": ((exp(x) - 1) / x, NEAR),
    "a ratio near 0, minus": ((1 - exp(-x)) / x, NEAR),
    "its reciprocal": (x / (exp(x) - 1), NEAR),
    "charbonnier": (sqrt(1 + x**2) - 1, (0.0, 1e-20, -1e-9, 1e-4, 0.5, -3.0, *AWAY)),
    "root of a number and a square": (sqrt(4 + 3 * x**2), (0.0, -1e-9, 0.5, -3.0, *AWAY)),
    "hypotenuse beside a number": (sl.hypot(x, 2), (0.0, -1e-9, 0.5, -3.0, *AWAY)),
    "a root less one": (sqrt(1 + x) - 1, (1e-20, -1e-9, 0.5, 3.0, 1e5)),
    "inverse hyperbolic sine": (log(x + sqrt(x**2 + 1)), (1e-20, -1e-9, 0.5, -3.0, -1e5)),
    "erfc": (1 - sl.erf(x), (1e-9, 0.5, 5.0, 20.0, -3.0)),
    "erfc from below": (1 + sl.erf(x), (1e-9, 0.5, -5.0, -20.0, 3.0)),
    "log erfc": (log(sl.erfc(x)), (1e-9, 0.5, -5.0, 5.0, 10.0, 30.0, 1e3, 1e6, 1e8)),
    "log of a normal distribution": (log((1 + sl.erf(x / np.sqrt(2))) / 2), (0.5, -5.0, 4.0, -30.0, -500.0)),
    "log1p of expm1": (sl.log1p(sl.expm1(x)), WIDE),
    "log of one less an exponential": (log(1 - exp(-x)), POSITIVE),
    "the same by log1p": (sl.log1p(-exp(-x)), POSITIVE),
    "log of expm1": (log(exp(x) - 1), (*POSITIVE, 800.0)),
    "root of a square": (sqrt(x**2), (1e-200, -1e-200, -3.0, -1e200)),
    "square of a size": (sl.abs(x) ** 2, (0.0, 1e-100, -0.3, 1e100)),
    "log of a square": (log(x**2), (1e-200, -3.0, 1e200)),
    "log of a cube": (log(x**3), (1e-200, 3.0, 1e200)),
    "log of a reciprocal": (log(1 / x), (1e-310, 1e-20, 3.0, 1e300)),
    "log of a squared exponential": (log(exp(x) ** 2), WIDE),
    "binary cross-entropy": (-(0.3 * log(1 / (1 + exp(-x))) + 0.7 * log(1 - 1 / (1 + exp(-x)))), WIDE[1:]),
}
FAR = ((1.0, 0.5), (800.0, 799.0), (-800.0, -801.0), (40.0, -40.0))
UNITS = ((1.0, -800.0), (1.0, 800.0), (1.5, -600.0), (3.0, 2.0))
PAIRS = {
    "log of a difference of exponentials": (log(exp(x) - exp(y)), (*FAR, (1e-9, 0.0))),
    "log of a product of exponentials": (log(exp(x) * exp(y) * 2), FAR),
    "product of exponentials": (exp(x) * exp(y), ((1.0, 0.5), (800.0, -799.0), (-800.0, 801.0))),
    "quotient of exponentials": (exp(x) / exp(y), FAR),
    "log of two exponentials": (log(0.3 * exp(x) + 0.7 * exp(y)), FAR),
    "share of two exponentials": (exp(x) / (exp(x) + exp(y)), FAR),
    "share of three": (exp(x) / (exp(x) + exp(y) + 1), FAR[:3]),
    "hypotenuse": (sqrt(x**2 + y**2), ((1.0, 0.5), (1e200, 2e200), (1e-200, 3e-200))),
    "a residual in units of its deviation": (((x - 1) * exp(-y / 2)) ** 2 + y, UNITS),
    "the same, squared first": ((x - 1) ** 2 * exp(-y) + y, UNITS),
    "the same, divided": ((x - 1) ** 2 / exp(y) + y, UNITS),
    "relative entropy": (x * log(x / y) - x + y, ((0.5, 0.25), (1e-300, 1e-100), (1e200, 1e-200))),
    "two Gaussians": (
        log(0.3 * exp(-((x - y) ** 2) / 2) + 0.7 * exp(-((x + y) ** 2) / 2)),
        ((1.0, 0.5), (50.0, 40.0), (-1e3, 3.0)),
    ),
    "cross-entropy of odds": (
        -(y * log(1 / (1 + exp(-x))) + (1 - y) * log(1 - 1 / (1 + exp(-x)))),
        ((800.0, 0.3), (-800.0, 0.3), (40.0, 1.0), (40.0, 0.0), (-40.0, 0.1)),
    ),
}
SCORES = ([1000.0, 0.0, -1000.0, 3.0], [40.0, 0.0, 1.0, -3.0], [-800.0, -801.0, -802.5, -900.0])
CENTRES = ([1e8, 1e8 + 1, 1e8 + 2, 1e8 - 1], [1e6 + 0.1, 1e6, 1e6 - 0.2, 1e6], [1.0, 2.0, 3.0, 5.0])
LENGTHS = ([3e200, 4e200, 0.0, 1e199], [3e-200, 4e-200, 0.0, 1e-201], [1.0, 2.0, 3.0, -1.0])
SMALL = ([1e-200, 1e-200, 3e-100, 0.5], [1e200, 1e200, 2.0, 3.0], [0.1, 0.2, 0.3, 0.4])
VECTORS = {
    "variance": (sl.mean(v**2) - sl.mean(v) ** 2, CENTRES),
    "variance by sums": (sl.sum(v * v) / 4 - (sl.sum(v) / 4) ** 2, CENTRES),
    "deviation": (sqrt(sl.mean(v**2) - sl.mean(v) ** 2), CENTRES),
    "norm": (sqrt(sl.sum(v**2)), LENGTHS),
    "norm by a product": (sqrt(v @ v), LENGTHS),
    "root of the mean square": (sqrt(sl.mean(v**2)), LENGTHS),
    "logsumexp less an entry": (log(sl.sum(exp(v))) - v[0], SCORES),
    "log of an entry of softmax": (-log((exp(v) / sl.sum(exp(v)))[0]), SCORES),
    "log of a share": (-log(exp(v[0]) / sl.sum(exp(v))), SCORES),
    "cross-entropy": (-sl.sum(w * log(exp(v) / sl.sum(exp(v)))), SCORES),
    "cross-entropy by xlogy": (sl.sum(sl.xlogy(w, sl.softmax(v))), SCORES),
    "weighted logsumexp": (log(sl.sum(w * exp(v))), SCORES[1:]),
    "weighted logsumexp by a product": (log(w @ exp(v)), SCORES[1:]),
    "log of a mean": (log(sl.mean(exp(v))), SCORES),
    "expected target": (sl.sum(w * (exp(v) / sl.sum(exp(v)))), SCORES),
    "at a temperature": (sl.sum(w * (exp(v / 0.1) / sl.sum(exp(v / 0.1)))), SCORES),
    "over the mean": (sl.sum(w * exp(v) / sl.mean(exp(v))), SCORES),
    "shifted by hand": (log(sl.sum(exp(v - sl.max(v)))) + sl.max(v), SCORES),
    "log of a product": (log(sl.prod(v)), SMALL),
    "logsumexp less a mean": (log(sl.sum(exp(v))) - w @ v, SCORES),
}
TABLES = (
    [[1000.0, 0, -1000.0], [0.5, 0.0, 0.2]],
    [[40.0, 0, 1.0], [-800.0, -801.0, -805]],
)
SIZES = ([[3e200, 4e200, 0], [1e-200, 2e-200, 0]],)
MATRICES = {
    "rows, by None": (sl.sum(C * (exp(A) / sl.sum(exp(A), axis=1)[:, None])), TABLES),
    "rows, transposed": (sl.sum(C * (exp(A).T / sl.sum(exp(A), axis=1)).T), TABLES),
    "log of rows, by None": (sl.sum(C * (A - log(sl.sum(exp(A), axis=1))[:, None])), TABLES),
    "rows shifted by hand": (
        sl.sum(C * (exp(A - sl.max(A, 1)[:, None]) / sl.sum(exp(A - sl.max(A, 1)[:, None]), 1)[:, None])),
        TABLES,
    ),
    "labels": (sl.mean(log(sl.sum(exp(A), axis=1)) - A[rows, label]), TABLES),
    "log of labelled shares": (-sl.mean(log(sl.softmax(A)[rows, label])), TABLES),
    "one of each row": (-sl.mean(sl.sum(sl.one_hot(label, 3) * log(sl.softmax(A)), axis=1)), TABLES),
    "norms of rows": (sl.sum(sqrt(sl.sum(A**2, axis=1))), SIZES),
    "variances of columns": (
        sl.sum(sl.mean(A**2, axis=0, keepdims=True) - sl.mean(A, axis=0, keepdims=True) ** 2),
        ([[1e8, 1e8 + 1, 1e8 + 2], [1e8 + 1, 1e8 + 3, 1e8 - 3]],),
    ),
}
WEIGHTS = np.array([0.2, 0.5, 0.3, 0.0])
CASES = [
    *[pytest.param(e, [x], [{x: p} for p in ps], id=name) for name, (e, ps) in SCALARS.items()],
    *[pytest.param(e, [x, y], [{x: a, y: b} for a, b in ps], id=name) for name, (e, ps) in PAIRS.items()],
    *[
        pytest.param(e, [v], [{v: np.array(p), w: WEIGHTS} for p in ps], id=name)
        for name, (e, ps) in VECTORS.items()
    ],
    *[
        pytest.param(e, [A], [{A: np.array(p), label: np.array([0, 2])} for p in ps], id=name)
        for name, (e, ps) in MATRICES.items()
    ],
]


def weighting(variable):
    """A weight for each entry of a gradient."""
    return np.random.default_rng(ord(variable.name[0])).uniform(0.5, 1.5, variable.shape).round(3)


def as_many_digits(point, moves):
    """The values of variables, some entries being moved by a little; away from 0, where it is singular."""
    exactly = {}
    for variable, value in point.items():
        array = np.array(value, dtype=object)
        for place in np.ndindex(*array.shape) if variable.dtype.kind == "f" else ():
            array[place] = mpmath.mpf(float(array[place])) + sum(
                d for key, d in moves if key == (variable, place)
            )
        exactly[variable] = array
    return exactly


class Exact:
    """Values and differences of a formula at a point, of many digits."""

    def __init__(self, formula, wrt, point):
        self.formula, self.point, self.start = formula, point, []
        self.places = [(variable, place) for variable in wrt for place in np.ndindex(*variable.shape)]
        self.value = self.at([])
        if not mpmath.isfinite(self.value):
            self.start = [(place, LIMIT) for place in self.places]
            self.value = self.at([])

    def at(self, moves):
        point = as_many_digits(self.point, [*self.start, *moves])
        return exact_values([self.formula], point, DIGITS)[0].item()

    def slopes(self):
        return [(self.at([(p, STEP)]) - self.at([(p, -STEP)])) / (2 * STEP) for p in self.places]

    def slopes_of_slope(self):
        weights = {(u, place): mpmath.mpf(weighting(u)[place]) for u, place in self.places}
        along = {side: [(p, side * STEP * c) for p, c in weights.items()] for side in (1, -1)}
        return [
            sum(a * b * self.at([*along[a], (p, b * STEP)]) for a in (1, -1) for b in (1, -1)) / (4 * STEP**2)
            for p in self.places
        ]


def agree(found, exact, what):
    """Whether each value has 10 digits, or 7 beside a mean; one that is 0 is 0 beside the largest of them."""
    limit = 1e-7 if "deviations" in what else 1e-10
    largest = max(map(abs, exact))
    for got, wanted in zip(np.ravel(found), exact, strict=True):
        if abs(wanted) < 1e-305:
            assert abs(got) <= 1e-300 + 1e-15 * largest, what
        elif abs(wanted) < 1.7e308:
            assert abs(mpmath.mpf(float(got)) - wanted) <= abs(wanted) * limit, (what, got, float(wanted))


@pytest.mark.parametrize(("formula", "wrt", "points"), CASES)
def test_value_gradient_and_second_derivative_are_those_of_many_digits(formula, wrt, points):
    inputs = [node for node in topological([formula]) if node.op.name == "input"]
    gradients = sl.grad(formula, wrt)
    slope = sum(sl.sum(sl.constant(weighting(u)) * g) for u, g in zip(wrt, gradients, strict=True))
    second = sl.grad(slope, wrt, disconnected="zeros")
    compiled = sl.function(inputs, [formula, *gradients, *second], on_unused="ignore")
    of = "deviations" if points and np.array_equal(points[0].get(v, 0), CENTRES[0]) else "values"
    for point in points:
        point = {variable: value for variable, value in point.items() if variable in inputs}
        value, *rest = compiled(*[point[variable] for variable in inputs])
        first = np.concatenate([np.ravel(g) for g in rest[: len(wrt)]])
        last = np.concatenate([np.ravel(g) for g in rest[len(wrt) :]])
        with mpmath.workdps(DIGITS):
            exact = Exact(formula, wrt, point)
            agree(value, [exact.value], ("value", of, point))
            agree(first, exact.slopes(), ("gradient", of, point))
            agree(last, exact.slopes_of_slope(), ("second derivative", of, point))


@pytest.mark.parametrize("scores", SCORES)
def test_the_hessian_of_an_entropy_keeps_its_tails(scores):
    """Written out, it is p pᵀ (1 + c + cᵀ) − diag(p (1 + c)), c being the centred logarithms of p."""
    p = exp(v) / sl.sum(exp(v))
    found = sl.function([v], sl.hessian(-sl.sum(p * log(p)), v))(scores)
    with mpmath.workdps(DIGITS):
        powers = [mpmath.exp(mpmath.mpf(score)) for score in scores]
        shares = [power / sum(powers) for power in powers]
        mean = sum(q * mpmath.log(q) for q in shares)
        c = [mpmath.log(q) - mean for q in shares]
        exact = [
            q * r * (1 + c[i] + c[j]) - (q * (1 + c[i]) if i == j else 0)
            for i, q in enumerate(shares)
            for j, r in enumerate(shares)
        ]
        agree(found, exact, scores)
