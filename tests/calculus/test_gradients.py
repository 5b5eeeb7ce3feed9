"""Gradients of formulas of every structure, against central differences of 60 digits."""

import random

import numpy as np
import pytest

import symloss as sl
from symloss.core.walk import topological
from symloss.testing import check_gradient, weighted_sum

N3 = sl.vector("v", 3)
ROW, COLUMN = sl.matrix("row", (1, 3)), sl.matrix("column", (2, 1))
M, Q = sl.matrix("M", (2, 3)), sl.matrix("Q", (3, 3))
ONE, NONE = sl.vector("one", 1), sl.tensor("none", (2, 0))
CUBE = sl.tensor("cube", (2, 3, 3))
s, t = sl.scalar("s"), sl.scalar("t")

STRUCTURES = {
    "a scalar met by a matrix": (s * M + s, [s, M]),
    "a vector met by a matrix": (M * N3 - N3, [N3, M]),
    "a row and a column": (ROW * COLUMN + ROW / (COLUMN + 3), [ROW, COLUMN]),
    "a column met by a cube": (sl.exp(COLUMN[:, :, None] * CUBE), [COLUMN, CUBE]),
    "one axis of size 1": (ONE * N3 + ONE, [ONE, N3]),
    "size 1 squeezed and spread again": (sl.squeeze(ROW, 0) * M + sl.expand_dims(ONE, 0), [ROW, M, ONE]),
    "a matrix of no elements": (sl.sum(NONE, axis=1) * s, [s, NONE]),
    "the same variable five times": ((s * s + s) / (s * s + 2 * s + 5), [s]),
    "the same matrix on both sides": (M @ M.T @ M, [M]),
    "a shared subexpression": (sl.sin(sl.exp(M)) * sl.exp(M) + sl.exp(M) ** 2, [M]),
    "a diagonal": (sl.einsum("ii->i", Q) * N3, [Q, N3]),
    "a trace": (sl.einsum("ii->", Q @ Q), [Q]),
    "an index three times": (sl.einsum("ij,ij,ij->i", M, M, M), [M]),
    "an index summed alone": (sl.einsum("ij,k->k", M, N3), [M, N3]),
    "diagonals of a cube": (sl.einsum("k,kii->", sl.sum(M, axis=1), CUBE), [M, CUBE]),
    "a diagonal put back": (sl.diag(N3) @ Q + sl.einsum("i->i", N3), [N3, Q]),
    "a permuted product": (sl.einsum("ij,jk,kl->li", M, Q, Q), [M, Q]),
    "an outer product": (sl.outer(N3, sl.sin(N3)), [N3]),
    "parts put together": (sl.concatenate([M, ROW * 2, M[:1]]), [M, ROW]),
    "parts taken and stacked": (sl.stack([M[0], M[1] * N3], axis=1), [M, N3]),
    "steps and reversals": (M[::-1, ::2] * M[:, 1:], [M]),
    "elements by number, some twice": (N3[np.array([0, 2, 2, 1])] ** 2, [N3]),
    "a layout there and back": (sl.reshape(sl.transpose(M), (3, 2)) + sl.reshape(M, (3, 2)), [M]),
    "sums over every choice of axes": (
        sl.sum(CUBE) * sl.sum(CUBE, axis=(0, 2)) + sl.sum(CUBE, axis=1, keepdims=True)[0],
        [CUBE],
    ),
    "moments": (sl.mean(M, axis=0) * sl.var(M, axis=0) + sl.std(M), [M]),
    "a softmax of itself": (sl.softmax(sl.softmax(M) @ Q), [M, Q]),
    "selections of what else is infinite": (sl.where(M > 0.5, sl.log(M - 0.5), 0) * N3, [M, N3]),
    "products with a zero factor": (sl.prod(M - M[:, :1] * sl.constant([1.0, 0, 0]), axis=1), [M]),
    "a power of two variables": ((s * s + 1) ** t, [s, t]),
}


@pytest.mark.parametrize(("formula", "wrt"), STRUCTURES.values(), ids=STRUCTURES)
def test_a_gradient_is_the_slope_of_60_digits(formula, wrt):
    check_gradient(formula, wrt)


SMOOTH = [name for name in STRUCTURES if "infinite" not in name and "no elements" not in name]


@pytest.mark.parametrize("name", SMOOTH)
def test_the_gradient_of_a_gradient_is_the_slope_of_the_gradient(name):
    formula, wrt = STRUCTURES[name]
    for gradient in sl.grad(weighted_sum(formula), wrt, disconnected="zeros"):
        again = weighted_sum(gradient, seed=1)
        inside = [variable for variable in wrt if variable in topological([again])]
        if inside:
            check_gradient(again, inside)


def test_the_third_derivative_comes_from_nesting():
    third = s**5 * sl.exp(s)
    for _ in range(3):
        third = sl.grad(third, s)
    value = sl.function([s], third)(1.0)
    assert value == pytest.approx((60 + 3 * 20 + 3 * 5 + 1) * np.e, rel=1e-14)


# What may stand in wrt ------------------------------------------------------------------------------
def test_a_list_of_targets_gives_a_list_of_gradients_in_their_order():
    gradients = sl.grad(sl.sum(M * N3) * s, [s, M, N3])
    assert [g.shape for g in gradients] == [(), (2, 3), (3,)]
    assert gradients == [sl.grad(sl.sum(M * N3) * s, target) for target in (s, M, N3)]


def test_an_inner_expression_is_a_target_like_a_variable():
    scores = M @ N3
    loss = sl.logsumexp(scores) + sl.sum(M)
    assert sl.grad(loss, scores) is sl.softmax(scores)


def test_the_chain_rule_joins_at_an_inner_expression():
    hidden = sl.tanh(M @ N3)
    loss = sl.sum(hidden**3)
    outside, whole = sl.grad(loss, hidden), sl.grad(loss, N3)
    joined = sl.grad(sl.sum(sl.stop_gradient(outside) * hidden), N3)
    values = np.array([[0.5, 1, -1], [2, 0.25, 0]]), np.array([1.0, -0.5, 0.75])
    f = sl.function([M, N3], [whole, joined])
    np.testing.assert_allclose(*f(*values), rtol=1e-14)


def test_the_gradient_of_a_variable_in_itself_is_one():
    assert sl.grad(s, s).eval({}) == 1
    np.testing.assert_array_equal(
        sl.function([N3], sl.grad(sl.sum(N3), N3), on_unused="ignore")([7, 8, 9]), 1
    )


# What has no slope ----------------------------------------------------------------------------------
def test_what_is_stopped_counts_as_a_constant():
    loss = sl.sum(sl.stop_gradient(sl.exp(N3)) * N3)
    assert sl.grad(loss, N3) is sl.stop_gradient(sl.exp(N3))


def test_a_variable_behind_a_stop_alone_has_gradient_zero_only_where_that_is_asked_for():
    loss = sl.sum(sl.stop_gradient(N3) * s)
    with pytest.raises(sl.errors.GradientError):
        sl.grad(loss, N3)
    zero = sl.grad(loss, N3, disconnected="zeros")
    np.testing.assert_array_equal(sl.function([N3], zero, on_unused="ignore")([1, 2, 3]), 0)


def test_integers_inside_pass_no_slope_and_stop_none():
    labels = sl.vector("labels", 2, dtype="int64")
    picked = sl.take_along_axis(M, sl.expand_dims(labels, 1), axis=1)
    check_gradient(picked * sl.expand_dims(labels, 1), M, {labels: np.array([2, 0])})


def test_a_comparison_passes_no_slope():
    check_gradient(sl.where(M > N3, M * N3, sl.sin(M)), [M, N3])


# Sizes and dtypes -----------------------------------------------------------------------------------
def test_open_sizes_are_those_of_the_arguments():
    x, w = sl.matrix("x"), sl.vector("w")
    gradient = sl.function([x, w], sl.grad(sl.mean((x @ w) ** 2), w))
    for n, d in [(1, 1), (3, 2), (2, 5)]:
        points = np.arange(n * d, dtype=float).reshape(n, d)
        np.testing.assert_allclose(gradient(points, np.ones(d)), 2 / n * points.T @ points.sum(1))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_gradient_has_the_dtype_of_its_variable(dtype):
    x, y = sl.matrix("x", "N K", dtype), sl.vector("y", "N", "int64")
    w = sl.vector("w", "K", dtype)
    loss = sl.mean(sl.logsumexp(x * w, axis=1) * y) + sl.log(sl.mean(sl.exp(w))) / 3
    for target, gradient in zip([x, w], sl.grad(loss, [x, w]), strict=True):
        assert gradient.dtype == target.dtype
        found = sl.function([x, y, w], gradient)(np.ones((3, 2), dtype), np.arange(3), np.ones(2, dtype))
        assert found.dtype == target.dtype


# Size of the graph ----------------------------------------------------------------------------------
def random_graph(seed):
    """A scalar in which earlier nodes are used again and again."""
    chance = random.Random(seed)
    pool = [sl.vector("u", "N"), sl.vector("w", "N")]
    ones = [sl.sin, sl.exp, sl.tanh, sl.sigmoid, lambda e: e**2, lambda e: e / 3, sl.relu]
    twos = [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b, sl.maximum]
    for _ in range(40):
        a, b = chance.choice(pool[-8:]), chance.choice(pool[-8:])
        pool.append(chance.choice(ones)(a) if chance.random() < 0.5 else chance.choice(twos)(a, b))
    return sl.mean(sum(pool[-3:]))


@pytest.mark.parametrize("seed", range(12))
def test_a_gradient_has_at_most_five_nodes_for_each_of_the_loss(seed):
    loss = random_graph(seed)
    gradients = sl.grad(loss, [sl.vector("u", "N"), sl.vector("w", "N")], disconnected="zeros")
    assert len(topological([loss, *gradients])) <= 5 * len(topological([loss])) + 50


def test_a_scalar_loss_of_all_structures_at_once_has_the_right_slopes():
    loss = sum(weighted_sum(STRUCTURES[name][0]) for name in SMOOTH)
    check_gradient(loss, [s, t, N3, ROW, ONE])


@pytest.mark.parametrize(
    ("formula", "slope"),
    [
        (lambda d: sl.log(d), [[1, 0], [0, 0.5]]),
        (lambda d: 1 / d, [[-1, 0], [0, -0.25]]),
        (lambda d: sl.sqrt(d), [[0.5, 0], [0, 0.5 / np.sqrt(2)]]),
    ],
    ids=["log", "reciprocal", "sqrt"],
)
def test_what_a_diagonal_leaves_out_needs_no_slope(formula, slope):
    X = sl.matrix("X", (2, 2))
    found = sl.function([X], sl.grad(sl.sum(formula(sl.diag(X))), X))(np.diag([1.0, 2.0]))
    np.testing.assert_allclose(found, slope, rtol=1e-15)


def test_values_given_to_a_check_say_how_long_the_sizes_are():
    v, m = sl.vector("v", "K"), sl.vector("m", "K")
    check_gradient(sl.sum(m**2 * v), [v, m], {v: np.ones(5), m: np.ones(5)}, order=2)
    check_gradient(m**2 * v, m, {m: np.ones(5)}, order=2)


@pytest.mark.parametrize(("formula", "slope"), [(sl.sqrt(s**4), 0), (sl.sqrt(s**2), 0), ((s**6) ** 0.5, 0)])
def test_a_root_of_an_even_power_has_a_slope_at_zero(formula, slope):
    assert sl.grad(formula, s).eval({s: 0.0}) == slope
