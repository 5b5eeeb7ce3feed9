"""Masked slopes and differences that would cancel: where their rules fire, and where they must not."""

import numpy as np
import pytest

import symloss as sl

x, y, p = sl.vector("x", "N"), sl.vector("y", "N"), sl.vector("p", "N")
X, w, b = sl.matrix("X", "N D"), sl.vector("w", "D"), sl.scalar("b")
Z, Y, t = sl.matrix("Z", "N K"), sl.matrix("Y", "N K"), sl.vector("t", "N", dtype="int64")


def result(inputs, formula):
    """The line that the compiled formula ends with."""
    return sl.function(inputs, formula).source.rstrip().splitlines()[-1].strip()


@pytest.mark.parametrize(
    ("inputs", "formula", "kernel"),
    [
        ([x, y], lambda: sl.softplus(x) - y * x, "softplus_minus"),
        ([x, y], lambda: -(x * y) + sl.softplus(x), "softplus_minus"),
        ([x, y], lambda: sl.log(1 + sl.exp(x)) - y * x, "softplus_minus"),
        ([X, w, b, y], lambda: sl.softplus(X @ w + b) - y * (X @ w + b), "softplus_minus"),
        ([x, y], lambda: 3 * (sl.sigmoid(x) - y), "sigmoid_minus"),
        ([x, y], lambda: y - sl.sigmoid(x), "sigmoid_minus"),
        ([Z, Y], lambda: sl.softmax(Z) - Y, "softmax_minus"),
        ([Z, t], lambda: sl.softmax(Z) - sl.one_hot(t, "K"), "softmax_minus"),
        ([x, y], lambda: sl.xlogy(y, 1 - x), "xlog1py"),
        ([x], lambda: sl.log(1 - x), "log1p"),
    ],
)
def test_a_difference_that_would_cancel_is_computed_otherwise(inputs, formula, kernel):
    assert kernel in result(inputs, formula())


@pytest.mark.parametrize(
    ("inputs", "formula"),
    [
        ([x, y], lambda: sl.softplus(x) + y * p),
        ([x, y], lambda: sl.softplus(x) - y * p),
        ([x, y], lambda: sl.sigmoid(x) + y),
        ([x, y], lambda: sl.sigmoid(x) - 2 * y),
        ([x, y], lambda: sl.sigmoid(x) - sl.sigmoid(y)),
        ([x], lambda: sl.sigmoid(x) - 0.5),
        ([Z, y], lambda: sl.softmax(Z) - sl.expand_dims(y, 1)),
    ],
)
def test_near_misses_stay_as_they_were_written(inputs, formula):
    source = sl.function([*inputs, p], formula(), on_unused="ignore").source
    assert "_minus" not in source


def test_the_branch_not_taken_has_no_slope():
    u = sl.scalar("u")
    slope = sl.grad(sl.where(u > 0, sl.log(u), 0), u)
    assert str(slope) == "where(u > 0, 1/u, 0)"
    assert slope.eval({u: 0.0}) == 0


def test_slopes_of_two_branches_are_one_choice():
    loss = sl.mean(sl.where(x > 0, sl.exp(x), x**2))
    assert str(sl.grad(loss, x)) == "(1/N) where(x > 0, exp(x), 2x)"


def test_choices_under_different_conditions_stay_apart():
    loss = sl.sum(sl.where(x > 0, y * x, 0) + sl.where(x > 1, 0, p * x))
    assert str(sl.grad(loss, x)) == "where(x > 1, 0, p) + where(x > 0, y, 0)"


def test_a_mask_that_the_user_wrote_still_multiplies():
    masked = sl.function([x, y], sl.where(x > 0, 1, 0) * y)
    np.testing.assert_array_equal(masked([-1.0, 1.0], [np.inf, 2.0]), [np.nan, 2.0])


def test_a_product_of_fewer_axes_is_no_part_of_a_logistic_loss():
    total, scores = sl.vector("u", 3), sl.matrix("s", "N K")
    formula = sl.sum(total) * sl.sum(sl.softmax(scores)) - sl.softplus(sl.softmax(scores))
    assert sl.function([total, scores], formula)([1, 2, 3], [[0.0, 1.0]]).shape == (1, 2)
