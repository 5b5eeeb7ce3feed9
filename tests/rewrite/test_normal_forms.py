"""Normal forms: one node for each value, however it was written; facts; and selections outermost."""

import itertools

import numpy as np
import pytest

import symloss as sl
from symloss.rewrite.books import recognition
from symloss.rewrite.normalise import Normaliser

a, b, c = sl.scalar("a"), sl.scalar("b"), sl.scalar("c")
u, v = sl.vector("u", "D"), sl.vector("v", "D")
A, B, C = sl.matrix("A", "N D"), sl.matrix("B", "D K"), sl.matrix("C", "K N")
S, R = sl.matrix("S", "D D"), sl.matrix("R", "D D")


def normal(*formulas, rules=None):
    """The normal forms of formulas, made by one normaliser."""
    one = Normaliser(rules=rules)
    return [one(formula) for formula in formulas]


def same(*formulas):
    """Whether all formulas have one normal form, in whatever order they are met."""
    for order in itertools.islice(itertools.permutations(formulas), 6):
        first, *others = normal(*order)
        assert all(form is first for form in others)


# One node for each value ----------------------------------------------------------------------------
@pytest.mark.parametrize("terms", [(a, b, c), (u, 2 * v, sl.exp(u)), (A @ B, sl.exp(C.T), sl.sum(B, axis=0))])
def test_sums_have_one_form_whatever_the_order(terms):
    same(*[x + y + z for x, y, z in itertools.permutations(terms)], terms[0] + (terms[1] + terms[2]))


@pytest.mark.parametrize("factors", [(a, b, c), (u, sl.sin(v), a), (A, sl.exp(A), v)])
def test_products_have_one_form_whatever_the_order(factors):
    same(*[x * y * z for x, y, z in itertools.permutations(factors)], factors[0] * (factors[1] * factors[2]))


def test_matrix_products_have_one_form_whatever_the_notation():
    same(
        A @ B @ C,
        A @ (B @ C),
        (C.T @ B.T @ A.T).T,
        sl.einsum("nd,dk,km->nm", A, B, C),
        sl.einsum("km,nd,dk->nm", C, A, B),
        sl.tensordot(A @ B, C, axes=1),
        sl.sum(sl.expand_dims(A @ B, 2) * C, axis=1),
    )


def test_inner_products_have_one_form():
    same(u @ v, v @ u, sl.sum(u * v), sl.dot(v, u), sl.trace(sl.outer(u, v)), sl.einsum("i,i->", v, u))


def test_traces_have_one_form():
    same(
        sl.trace(S @ R),
        sl.trace(R @ S),
        sl.trace(R.T @ S.T),
        sl.sum(S * R.T),
        sl.einsum("ij,ji->", S, R),
        sl.sum(sl.diagonal(S @ R)),
    )


def test_quotients_powers_and_roots_have_one_form():
    same(a / b, a * (1 / b), a * b**-1, a * sl.reciprocal(b), -a / -b)
    same(a * a * a, a**3, a**2 * a, sl.square(a) * a, (a**3) ** 1)
    same(sl.sqrt(a), a**0.5)


def test_means_have_one_form():
    same(
        sl.mean(A),
        sl.mean(sl.mean(A, axis=0)),
        sl.mean(sl.mean(A, axis=1)),
        sl.sum(sl.mean(A, axis=0)) / A.shape[1],
    )


def test_what_does_not_fit_in_one_product_has_one_form_in_any_order():
    many = [sl.scalar(f"m{k}") for k in range(16)]

    def product(order):
        result = many[order[0]]
        for k in order[1:]:
            result = result * many[k]
        return result

    form, again = normal(product(range(16)), product(range(16)))
    assert form is again
    assert Normaliser()(form) is form


# What vanishes and what collects --------------------------------------------------------------------
def test_identity_matrices_vanish():
    same(
        A,
        A @ sl.eye("D"),
        sl.eye("N") @ A,
        sl.eye("N") @ A @ sl.eye("D").T,
        sl.einsum("ij,jk->ik", A, sl.eye("D")),
    )


def test_the_trace_of_an_identity_is_its_size():
    same(sl.trace(sl.eye("N")) * sl.mean(A), sl.sum(A) / A.shape[1])
    assert normal(sl.trace(sl.eye(4)))[0] is normal(sl.constant(4.0))[0]


def test_an_identity_picks_the_diagonal():
    same(sl.sum(S * sl.eye("D")), sl.trace(S))


def test_ones_vanish_and_leave_their_size():
    same(A, A * sl.ones_like(A), sl.ones("N D") * A)
    same(sl.sum(sl.ones_like(A)) * a, sl.sum(sl.sum(sl.ones_like(A), axis=0) * a))


def test_what_cancels_is_zero():
    same(sl.zeros_like(u), u - u, 2 * u - u - u, 0 * u)
    same(a, a + b - b, a + 0, 1 * a, a - 0)


def test_like_terms_collect():
    same(5 * u, 2 * u + 3 * u, u + 4 * u, 10 * u / 2, 6 * u - u)
    same(a * u + b * u, (a + b) * u, u * b + a * u)


def test_common_factors_leave_sums():
    same(A @ B + A @ B, 2 * (A @ B))
    same(A.T @ (A @ v) - A.T @ sl.sin(A @ u), A.T @ (A @ v - sl.sin(A @ u)))
    assert "Aᵀ" in str(sl.grad(sl.sum((A @ v) ** 2) + sl.sum(sl.sin(A @ v)), v))


@pytest.mark.parametrize(
    "formula",
    [
        a / b + c,
        A.T @ (sl.softmax(A @ B) - C.T),
        sl.mean(sl.log(1 + sl.exp(A @ v))),
        sl.exp(A - sl.max(A, axis=1, keepdims=True)) / 3,
        sl.where(u > 0, u, 0) * v - u / (1 + v * v),
        sl.norm(A, axis=0) + sl.var(u),
        sl.einsum("ij,ij,kj->ik", S, R, S),
    ],
    ids=str,
)
def test_normalising_twice_is_normalising_once(formula):
    for rules in (None, recognition()):
        (form,) = normal(formula, rules=rules)
        assert normal(form, rules=rules) == [form]


# Facts ----------------------------------------------------------------------------------------------
Y, Z = sl.matrix("Y", "N K"), sl.matrix("Z", "N K")
y = sl.vector("y", "K")
weights = sl.vector("weights", "N")


def under(formula, *facts):
    """The normal form of a formula under facts."""
    return Normaliser([fact.args for fact in facts])(formula)


@pytest.mark.parametrize(
    ("fact", "formula", "becomes"),
    [
        (sl.eq(sl.sum(y), 1), sl.sum(y) * a, a),
        (sl.eq(sl.sum(y), 1), sl.sum(2 * y), sl.constant(2.0)),
        (sl.eq(2 * sl.sum(y), 1), sl.sum(y) * a, a / 2),
        (sl.eq(sl.sum(Y, axis=1), 1), sl.sum(Y, axis=1) * weights, weights),
        (sl.eq(sl.sum(Y, axis=1), 1), sl.sum(Y), sl.sum(sl.ones_like(Y[:, 0]))),
        (sl.eq(sl.sum(Y, axis=1), 1), weights @ sl.sum(Y, axis=1), sl.sum(weights)),
        (sl.eq(sl.sum(Y, axis=1), weights), sl.sum(Y), sl.sum(weights)),
        (sl.eq(sl.sum(Y), 3), sl.sum(Y) * a, 3 * a),
        (sl.eq(u @ v, 0), sl.sum(u * v) + a, a),
        (sl.eq(S @ S, S), S @ S @ u, S @ u),
    ],
    ids=str,
)
def test_a_fact_is_used(fact, formula, becomes):
    assert under(formula, fact) is normal(becomes)[0]


@pytest.mark.parametrize(
    ("fact", "formula"),
    [
        (sl.eq(sl.sum(y), 1), sl.sum(y * y)),
        (sl.eq(sl.sum(y), 1), sl.sum(sl.exp(y))),
        (sl.eq(sl.sum(Y, axis=1), 1), sl.sum(Y, axis=0)),
        (sl.eq(sl.sum(Y, axis=1), 1), sl.sum(Z, axis=1)),
        (sl.eq(sl.sum(Y, axis=1), 1), sl.sum(Y * Z, axis=1)),
        (sl.eq(sl.sum(Y), 1), sl.sum(Y, axis=1)),
    ],
    ids=str,
)
def test_a_fact_about_something_else_changes_nothing(fact, formula):
    assert under(formula, fact) is normal(formula)[0]


def test_a_known_sum_of_something_repeated_counts_each_repetition():
    loss = a * sl.sum(sl.softmax(A, axis=1))
    assert sl.function([A, a], sl.grad(loss, a), on_unused="ignore")(np.zeros((7, 3)), 1.0) == 7


# Selections stay outermost --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("loss", "at", "slope"),
    [
        (lambda x: sl.where(x > 0, sl.log(x), 0), 0.0, 0.0),
        (lambda x: sl.where(x > 0, sl.sqrt(x), 0), 0.0, 0.0),
        (lambda x: sl.where(x > 0, x * sl.log(x), 0), 0.0, 0.0),
        (lambda x: sl.where(sl.eq(x, 0), 1, sl.sin(x) / x), 0.0, 0.0),
        (lambda x: 3 * sl.where(x > 0, 1 / x, 0) * 2, 0.0, 0.0),
        (lambda x: sl.exp(sl.where(x > 0, sl.log(x), 0)), 0.0, 0.0),
        (lambda x: sl.where(x > 0, sl.log(x), 0), 2.0, 0.5),
        (lambda x: sl.where(x < 700, sl.exp(x), 0), 1000.0, 0.0),
    ],
)
def test_what_a_condition_masks_has_no_slope(loss, at, slope):
    x = sl.scalar("x")
    value, found = sl.function([x], [loss(x), sl.grad(loss(x), x)])(at)
    assert np.isfinite(value)
    assert found == slope
