"""`simplify` and `equivalent`: what is proved, refuted with numbers, or neither."""

import numpy as np
import pytest

import symloss as sl
from symloss.rewrite.field import equal_in_field
from symloss.rewrite.normalise import Normaliser

z, y, x = sl.vector("z", "K"), sl.vector("y", "K"), sl.scalar("x")
A, B = sl.matrix("A", "N N"), sl.matrix("B", "N N")
LOSS = -sl.sum(y * sl.log_softmax(z))
ONE = [sl.eq(sl.sum(y), 1)]


@pytest.mark.parametrize(
    ("a", "b", "assume"),
    [
        (sl.grad(LOSS, z), sl.softmax(z) * sl.sum(y) - y, []),
        (sl.grad(LOSS, z), sl.softmax(z) - y, ONE),
        (sl.exp(z) / sl.sum(sl.exp(z)), sl.softmax(z), []),
        ((A @ B).T, B.T @ A.T, []),
        (sl.trace(A @ B), sl.sum(A * B.T), []),
        (sl.mean(z), sl.sum(z) / z.shape[0], []),
        (2 * x + x, 3 * x, []),
        (x - x, 0 * x, []),
        (x * (1 + x) - x, x**2, []),
        ((x + 1) ** 3, x**3 + 3 * x**2 + 3 * x + 1, []),
        ((x**2 - 1) / (x - 1), x + 1, []),
        (sl.exp(x) * sl.exp(-x), 1, []),
        (sl.exp(z + 2 * y) / sl.exp(y), sl.exp(z) * sl.exp(y), []),
        ((A + B) @ (A - B), A @ A - A @ B + B @ A - B @ B, []),
        (sl.softmax(z) / sl.sin(x) * (1 + x), (sl.softmax(z) + x * sl.softmax(z)) / sl.sin(x), []),
    ],
    ids=str,
)
def test_equal_formulas_are_proved_equal(a, b, assume):
    verdict = sl.equivalent(a, b, assume)
    assert verdict.proved
    assert verdict
    assert not verdict.refuted
    assert not verdict.unknown


@pytest.mark.parametrize(
    ("a", "b", "assume"),
    [
        (sl.grad(LOSS, z), sl.softmax(z) - y, []),
        (sl.grad(LOSS, z), y - sl.softmax(z), ONE),
        (A @ B, B @ A, []),
        (x, x + 1e-12, []),
        (sl.abs(x), x, []),
        (sl.sqrt(x**2), x, []),
        (sl.relu(x), sl.softplus(x), []),
    ],
    ids=str,
)
def test_different_formulas_are_refuted_with_numbers(a, b, assume):
    verdict = sl.equivalent(a, b, assume)
    assert verdict.refuted
    assert not verdict
    assert str(verdict).startswith("refuted: ")
    left, right = (
        sl.function(list(verdict.values), e, on_unused="ignore")(*verdict.values.values()) for e in (a, b)
    )
    np.testing.assert_allclose(left, verdict.left, rtol=1e-9)
    np.testing.assert_allclose(right, verdict.right, rtol=1e-9)
    for fact in assume:
        held = {node: value for node, value in verdict.values.items() if node is y}
        np.testing.assert_allclose(fact.args[0].eval(held), 1, rtol=1e-9)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (sl.exp(x / 2), sl.exp(x)),
        (sl.exp(z) * sl.exp(-y), sl.exp(z)),
        ((x + 1) ** 2, x**2 + 1),
        (A @ B, B @ A),
        (sl.max(z), sl.min(z)),
        (sl.sqrt(x), x),
        (sl.where(x > 0, x, 1), sl.where(x > 1, x, 1)),
    ],
    ids=str,
)
def test_the_finite_field_does_not_prove_what_is_wrong(a, b):
    normal = Normaliser()
    assert not equal_in_field(normal(a), normal(b))


def test_what_algebra_does_not_decide_is_unknown():
    verdict = sl.equivalent(sl.sin(x) ** 2 + sl.cos(x) ** 2, 1)
    assert verdict.unknown
    assert str(verdict) == "unknown: equal at every point that was tried, but their normal forms differ"


def test_formulas_of_different_shapes_are_not_compared():
    with pytest.raises(sl.errors.ShapeError) as caught:
        sl.equivalent(z, x)
    text = "equivalent(): z: (K,) and x: () differ in shape: compare formulas of one shape"
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("formula", "assume", "short"),
    [
        (x - x + sl.exp(x) / (1 + sl.exp(x)), [], "σ(x)"),
        (z + z - 2 * z, [], "0"),
        (sl.softmax(z) * sl.sum(y) - y, ONE, "softmax(z) − y"),
        (sl.mean(z), [], "mean(z)"),
        (x**2 + 1, [], "x² + 1"),
    ],
)
def test_a_formula_becomes_shorter_or_stays(formula, assume, short):
    assert str(sl.simplify(formula, assume)) == short
    assert sl.simplify(formula, assume).shape == formula.shape


def test_a_divisor_that_is_zero_everywhere_is_refused():
    for call in (
        lambda: sl.simplify((x - x) / (x - x)),
        lambda: sl.equivalent((x - x) / (x - x), 0),
        lambda: sl.simplify(x / x, assume=[sl.eq(x, 0)]),
    ):
        with pytest.raises(sl.errors.DomainError) as caught:
            call()
        assert str(caught.value) == "simplify: a divisor is 0 everywhere: guard it with where()"


@pytest.mark.parametrize("fact", [sl.eq(A.T, -A), sl.eq(A.T, 2 * A)])
def test_a_fact_that_never_ends_is_refused(fact):
    with pytest.raises(sl.errors.GraphError) as caught:
        sl.simplify(A.T, assume=[fact])
    assert str(caught.value).startswith("assume: an equation has its left side in its right side again")


def test_facts_about_scalars_hold_where_formulas_are_compared():
    assert sl.equivalent(x, sl.constant(4.0), assume=[sl.eq(x, 3)]).refuted
    assert sl.equivalent(x, sl.constant(3.0), assume=[sl.eq(x, 3)]).proved


def test_roundings_of_constants_refute_nothing():
    assert not sl.equivalent(x * 0.1 * 3, x * 0.3).refuted


def test_values_beyond_all_numbers_leave_the_question_open():
    assert not sl.equivalent(sl.exp(sl.exp(sl.exp(100 * x))), sl.exp(sl.exp(sl.exp(100 * x) + 1))).proved
