"""Gradients in parts of a formula, under assumed equations, and with numbers beyond the float range."""

import math

import numpy as np
import pytest

import symloss as sl
from symloss.core.errors import GraphError

s, a, b = sl.scalar("s"), sl.scalar("a"), sl.scalar("b")
y = sl.vector("y", "K")


def test_a_target_inside_another_gets_what_it_gets_alone():
    inner = s**2
    loss = 3 * inner + s
    assert sl.grad(loss, [s, inner]) == [sl.grad(loss, s), sl.grad(loss, inner)]
    assert [str(g) for g in sl.grad(loss, [s, inner])] == ["6s + 1", "3"]


@pytest.mark.parametrize(
    ("inner", "loss", "written"),
    [
        (sl.softmax(y), lambda p: -sl.sum(y * sl.log(p)), "−y/softmax(y)"),
        (sl.sigmoid(s), lambda p: sl.log(p), "1/σ(s)"),
        (sl.exp(s), lambda e: sl.log(1 + e), "1/(1 + exp(s))"),
        (sl.exp(s), lambda e: sl.log(1 / e), "−1/exp(s)"),
        (sl.exp(y), lambda e: sl.log(sl.sum(e)), "1/(Σexp(y))"),
        (sl.logsumexp(y), lambda total: sl.sum(y - total), "−K"),
        (sl.exp(s), lambda e: e * s - s * e + e, "1"),
    ],
)
def test_a_target_is_varied_even_where_a_rule_would_look_into_it(inner, loss, written):
    assert str(sl.grad(loss(inner), inner)) == written


def test_a_fact_is_used_after_differentiation_only():
    assert str(sl.grad(sl.sum(y**2) ** 2, y, assume=[sl.eq(sl.sum(y**2), 1)])) == "4y"


@pytest.mark.parametrize("fact", [sl.eq(sl.sum(y), sl.sum(y)), sl.eq(a, a)])
def test_a_fact_that_says_nothing_changes_nothing(fact):
    assert sl.grad(sl.sum(y) * a * s, s, assume=[fact]) is sl.grad(sl.sum(y) * a * s, s)


def test_two_facts_may_say_the_same():
    assert str(sl.grad(a * b * s, s, assume=[sl.eq(a, b), sl.eq(b, a)])) == "b²"


@pytest.mark.parametrize("facts", [[sl.eq(sl.sum(y), 2 * sl.sum(y))], [sl.eq(a, b + 1), sl.eq(b, a + 1)]])
def test_a_fact_about_itself_is_refused(facts):
    with pytest.raises(GraphError) as caught:
        sl.grad(sl.sum(y) * a * b * s, s, assume=facts)
    text = "assume: an equation has its left side in its right side again: solve it for the left side"
    assert str(caught.value) == text


def test_a_fact_about_nothing_is_refused():
    with pytest.raises(GraphError) as caught:
        sl.grad(sl.sum(y) * s, s, assume=[sl.eq(sl.sum(y) - sl.sum(y), 1)])
    assert str(caught.value) == "assume: the left side of an equation is 0: write another side"


def test_a_mean_is_known_where_its_sum_is():
    z, t = sl.matrix("z", "N K"), sl.matrix("t", "N K")
    loss = sl.mean(-sl.sum(t * sl.log_softmax(z), axis="K"))
    gradient = sl.grad(loss, z, assume=[sl.eq(sl.mean(t, axis="K"), 0.25)])
    assert str(gradient) == "(1/N)((K/4) softmax(z) − t)"


@pytest.mark.parametrize(
    ("loss", "at", "slope"),
    [
        ((0.1 * s) ** 1000, 10.0, 100.0),
        ((3 * s) ** 1000, 1 / 3, 3000.0),
        (1e300 * (1e-300 * s), 2.0, 1.0),
        (1e200 * (1e200 * s) * 1e-300, 1.0, 1e100),
    ],
)
def test_numbers_beyond_the_float_range_cancel_exactly(loss, at, slope):
    assert sl.function([s], sl.grad(loss, s), on_unused="ignore")(at) == pytest.approx(slope, rel=1e-12)


def test_a_number_that_no_float_holds_is_written_as_a_product():
    gradient = sl.grad(1e300 * (1e300 * sl.exp(s)), s)
    assert sl.function([s], gradient)(-700.0) == pytest.approx(9.85967654375977e295, rel=1e-12)


def test_a_coefficient_beyond_half_precision_is_applied_in_steps():
    h = sl.scalar("h", dtype="float16")
    gradient = sl.grad(15624 * (64000 * h / 4) * h, h)
    value = sl.function([h], gradient)(np.float16(1e-5))
    assert value == pytest.approx(2 * 15624 * 16000 * float(np.float16(1e-5)), rel=2e-3)


def test_a_gradient_has_the_dtype_of_what_it_is_taken_in():
    single, double = sl.vector("a", "N", dtype="float32"), sl.vector("b", "N")
    gradient = sl.grad(sl.mean((single - double) ** 2), single)
    value = sl.function([single, double], gradient)(np.ones(2, "float32"), np.zeros(2))
    assert (gradient.dtype, value.dtype) == ("float32", "float32")


@pytest.mark.parametrize(
    ("base", "exponent", "slopes"),
    [
        (2.0, 0.0, [0, math.log(2), 0, 0.5]),
        (0.0, 0.0, [0, 0, 0, 0]),
        (0.0, 2.0, [0, 0, 2, 0]),
        (3.0, 2.0, [6, 9 * math.log(3), 2, 3 + 6 * math.log(3)]),
    ],
)
def test_the_slopes_of_a_power_and_their_slopes(base, exponent, slopes):
    power = a**b
    in_a, in_b = sl.grad(power, [a, b])
    values = sl.function([a, b], [in_a, in_b, *sl.grad(in_a, [a, b])])(base, exponent)
    np.testing.assert_allclose(values, slopes, rtol=1e-14)


def test_the_power_of_a_number_has_a_slope_without_a_selection():
    assert str(sl.grad(2**s, s)) == "2^s·log(2)"


A, S = sl.matrix("A", "N N"), sl.matrix("S", "N N")
x = sl.vector("x", "N")


@pytest.mark.parametrize(
    ("formula", "assume", "written"),
    [
        (lambda facts: sl.grad(x @ (A @ x), x, assume=facts), [sl.symmetric(A)], "2Ax"),
        (lambda facts: sl.hessian(x @ (A @ x), x, assume=facts), [sl.symmetric(A)], "2A"),
        (lambda facts: sl.grad(x @ (sl.inv(S) @ x), x, assume=facts), [sl.positive_definite(S)], "2S⁻¹ x"),
        (lambda facts: sl.grad(sl.logdet(S), S, assume=facts), [sl.symmetric(S)], "S⁻¹"),
        (lambda facts: sl.grad(x @ (A @ x), x, assume=facts), [sl.eq(A, A.T)], "2Ax"),
        (lambda facts: sl.grad(x @ (A @ x), x, assume=facts), [sl.eq(A.T, A)], "2Ax"),
        (lambda facts: sl.grad(sl.sum(sl.abs(x) ** 3), x, assume=facts), [sl.positive(x)], "3x²"),
        (lambda facts: sl.grad(sl.sum(sl.relu(x) * x), x, assume=facts), [sl.positive(x)], "2x"),
        (lambda facts: sl.simplify(sl.sqrt(x**2), assume=facts), [sl.positive(x)], "x"),
    ],
)
def test_symmetry_and_signs_are_used(formula, assume, written):
    assert str(formula(assume)) == written


def test_what_is_no_square_matrix_is_not_symmetric():
    with pytest.raises(sl.errors.ShapeError) as caught:
        sl.symmetric(sl.matrix("B", "N K"))
    assert str(caught.value) == "symmetric(): B: (N, K) is no square matrix: the two sizes must agree"
