"""What is compiled keeps the user's own infinities and NaN, and no selection lets in what it masks."""

import math

import numpy as np
import pytest

import symloss as sl
from symloss.core.walk import topological

x, y, s = sl.scalar("x"), sl.scalar("y"), sl.scalar("s")
v, w = sl.vector("v", "N"), sl.vector("w", "K")
A, m = sl.matrix("A", "N K"), sl.vector("m", "N")


def value(formula, at):
    inputs = [node for node in topological([formula]) if node.op.name == "input"]
    return sl.function(inputs, formula)(*[np.asarray(at[i.name], float) for i in inputs])


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        (sl.log(1 + y + (x - x)), {"x": math.inf, "y": 1}),
        (sl.log(1 + y * x / x), {"x": 0, "y": 1}),
        (sl.log(1 + y + 0 * x), {"x": math.inf, "y": 1}),
        (sl.log(1 + y + x**2 / x), {"x": 0, "y": 1}),
        (sl.exp(y) - 1 + (3 * x - x), {"x": math.nan, "y": 1}),
        (sl.log(1 + sl.exp(y)) + x * (1 + s) - x, {"x": math.inf, "s": 0, "y": 1}),
        (sl.log(1 + sl.sum(sl.softmax(v))), {"v": [math.nan, 1]}),
        (sl.log(sl.prod(v)), {"v": [-1, 2]}),
        (sl.log(v[0] * sl.exp(x)), {"v": [-1, 2], "x": 3}),
        (sl.log(sl.sum(v * sl.exp(v))), {"v": [-1, -2]}),
        (sl.sqrt(1 + x) - 1, {"x": -2}),
        (sl.log(1 - sl.exp(x)), {"x": 1}),
        (sl.log(sl.exp(x) - 1), {"x": -1}),
        (sl.log(sl.exp(x) - sl.exp(y)), {"x": 1, "y": 2}),
        (sl.log(x / (1 - x)), {"x": 2}),
        (sl.sqrt(sl.sum(v**2)), {"v": [math.nan, 1]}),
        (sl.mean(v**2) - sl.mean(v) ** 2, {"v": [math.inf, 1]}),
        (x * sl.log(x / y), {"x": -1, "y": 1}),
        (x - y * sl.log(x), {"x": -1, "y": 0}),
        (sl.exp(x) * sl.exp(y), {"x": math.inf, "y": -math.inf}),
    ],
)
def test_a_nan_of_the_users_stays_where_a_rule_fires(formula, at):
    assert math.isnan(value(formula, at))


@pytest.mark.parametrize(
    ("formula", "at", "expected"),
    [
        (sl.log(1 + (x * y) ** 2), {"x": 1e200, "y": 1e-200}, math.log(2)),
        (sl.log(1 + x * y + x * s), {"x": 1e-300, "y": 1.7e308, "s": 1.7e308}, math.log1p(3.4e8)),
        (sl.log(1 + (1e200 * x) ** 2), {"x": 1e-200}, math.log(2)),
        (sl.log(1 + (0.1 * x) ** 1000), {"x": 10}, math.log(2)),
    ],
)
def test_what_was_finite_stays_finite_where_a_rule_fires(formula, at, expected):
    assert value(formula, at) == pytest.approx(expected, rel=1e-12)


def test_formulas_nested_deeply_are_rewritten_at_every_level():
    e = x
    for _ in range(65):
        e = sl.log(1 + sl.exp(0.5 * e))
    source = sl.function([x], e).source
    assert source.count("softplus(") - 1 == 65
    assert "np.log(" not in source


@pytest.mark.parametrize(
    ("loss", "wrt", "at", "slope"),
    [
        (sl.sum(sl.where(v > 0, sl.log(s), 0)), s, {"v": [-1, -2], "s": 0}, 0),
        (sl.sum(sl.where(v > 0, sl.log(s), 0)), s, {"v": [1, -2], "s": 0}, math.inf),
        (sl.sum(sl.where(s > 0, v**2 / s, 0)), s, {"v": [1, 2], "s": 0}, 0),
        (sl.sum(sl.where(s > 0, v**2 / s, 0)), s, {"v": [math.inf, 2], "s": 0}, 0),
        (sl.sum(sl.where(s > 0, v**2 / s, 0)), v, {"v": [1, 2], "s": 0}, [0, 0]),
        (sl.sum(sl.where(m > 0, sl.log(A @ w), 0)), A, {"m": [1, -1], "A": [[1, 0], [0, 0]], "w": [1, 2]},
         [[1, 2], [0, 0]]),
        (sl.sum(sl.where(m > 0, -sl.sum(A * sl.log_softmax(A), axis="K"), 0)), A,
         {"m": [-1, -1], "A": [[math.inf, 0], [math.nan, 1]]}, [[0, 0], [0, 0]]),
        (sl.mean(sl.where(A > 1, s * sl.log(A), s * A)), s, {"A": [[1, 2], [0, 4]], "s": 3},
         (1 + math.log(2) + 0 + math.log(4)) / 4),
    ],
)  # fmt: skip
def test_a_branch_not_taken_has_no_slope_whatever_its_axes(loss, wrt, at, slope):
    np.testing.assert_allclose(value(sl.grad(loss, wrt), at), slope, rtol=1e-14)


def test_a_selection_takes_in_the_sums_over_axes_that_its_condition_does_not_have():
    loss = sl.sum(sl.where(m > 0, -sl.sum(A * sl.log_softmax(A), axis="K"), 0))
    assert str(sl.grad(loss, A)).count("where(") == 1


def test_selections_under_one_condition_are_one_after_a_sum():
    loss = sl.mean(sl.where(A > 1, s * sl.log(A), s * A))
    assert str(sl.grad(loss, s)) == "(Σwhere(A > 1, log(A), A))/(KN)"
