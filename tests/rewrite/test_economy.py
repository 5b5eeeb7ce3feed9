"""Compiled formulas take fewer passes; shapes, dtypes and extreme values stay what they were."""

import numpy as np
import pytest

import symloss as sl

N, v, w = sl.vector("n", "N"), sl.vector("v", "J"), sl.vector("w", "J")
A, W, Z = sl.matrix("A", "I J"), sl.matrix("W", "J K"), sl.matrix("Z", "N K")
labels = sl.vector("labels", "N", "int64")


def body(*outputs):
    source = sl.function([N, v, w, A, W, Z, labels], list(outputs), on_unused="ignore").source
    return source.partition("@np.errstate")[2]


def test_a_tensor_spread_over_a_diagonal_is_no_product_with_zeros():
    U, V = sl.matrix("U", "N R"), sl.matrix("V", "M R")
    weights, T = sl.matrix("weights", "N M"), sl.matrix("T", "N M")
    hessian = sl.hessian(sl.sum((weights * (T - U @ V.T)) ** 2), U)
    f = sl.function([weights, V], hessian)
    assert "np.eye" not in f.source
    o, second = np.random.default_rng(0).normal(size=(2, 4, 3))
    expected = 2 * np.einsum("im,mj,ml,ik->ijkl", o**2, second[:3], second[:3], np.eye(4))
    np.testing.assert_allclose(f(o, second[:3]), expected, rtol=1e-12)


def test_an_axis_of_size_one_is_repeated_along_the_diagonal():
    x = sl.tensor("x", (1,))
    assert (
        sl.function([x, N], sl.eye("N") * x + 0 * N)([2.0], np.ones(4)).tolist() == (2 * np.eye(4)).tolist()
    )


def test_a_delta_of_a_wider_dtype_still_widens():
    x = sl.vector("x", "N", "float32")
    assert sl.function([x], sl.eye("N") * x)(np.ones(3, "float32")).dtype == np.float64


def test_an_axis_put_in_is_kept_in_an_einstein_sum():
    f = sl.function([v, W], sl.einsum("ij,jk->ik", sl.expand_dims(v, 0), W))
    assert f(np.ones(3), np.ones((3, 2))).tolist() == [[3, 3]]


@pytest.mark.parametrize(("a", "expected"), [(1e-200, 1e200), (0.0, 0.0)])
def test_factors_are_multiplied_in_the_order_of_the_formula(a, expected):
    f = sl.function([A, w, W], sl.einsum("ij,jk->ik", A * w, W))
    assert f([[a]], [1e200], [[1e200]]).item() == expected


def test_value_and_slope_share_their_exponentials():
    loss = sl.mean(sl.losses.softmax_crossentropy(Z, labels))
    assert body(loss, sl.grad(loss, Z)).count("exponentials(") == 1
    loss = sl.mean(sl.losses.binary_crossentropy_logits(Z, Z * Z))
    assert body(loss, sl.grad(loss, Z)).count("np.exp(") == 1


def test_a_slope_at_labels_takes_in_the_factors_that_it_alone_has():
    loss = sl.mean(sl.losses.multiclass_hinge_loss(Z, labels))
    assert body(sl.grad(loss, Z)).count("*") == 1  # 1 / N for each row
    slope = sl.grad(sl.sum(sl.losses.softmax_crossentropy(Z, labels)), Z)
    assert "2 * " in body(2 * slope, slope)
    assert "2 * " not in body(2 * slope)


def test_two_factors_of_a_slope_that_would_overflow_together_do_not_meet():
    slope = sl.grad(sl.sum(sl.losses.softmax_crossentropy(Z, labels)), Z)
    s, column = sl.scalar("s"), sl.expand_dims(N, 1)
    f = sl.function([s, N, Z, labels], s * (column * slope))
    found = f(1e200, [1e200], [[0.0, -460.5170185988091]], [0])
    np.testing.assert_allclose(found, [[-1e200, 1e200]], rtol=1e-12)


def test_a_reduction_is_computed_once():
    assert body(sl.norm(Z, axis=1), Z / sl.norm(Z, axis=1, keepdims=True)).count("norm(") == 1


def test_a_choice_between_the_pieces_of_a_bent_square_is_none():
    loss = sl.mean(sl.losses.huber_loss(Z, Z @ W.T @ W))
    assert "np.where" not in body(loss)


@pytest.mark.parametrize("dtype", ["uint64", "int8", "uint8"])
def test_integers_that_are_clipped_keep_their_dtype_and_digits(dtype):
    k = sl.vector("k", "N", dtype=dtype)
    large = min(np.iinfo(dtype).max, 2**53 + 1)
    found = sl.function([k], sl.clip(k, 1, min(2**60, np.iinfo(dtype).max)))(np.array([large], dtype))
    assert found.dtype == dtype
    assert found[0] == large


def test_logsumexp_of_an_empty_slice_beside_its_softmax():
    assert sl.function([N], [sl.logsumexp(N[3:]), sl.softmax(N[3:])])(np.ones(3))[0] == -np.inf


def test_a_mean_of_sums_is_one_sum():
    rows = sl.sum(Z * Z, axis=1)
    assert "2 * np.sum(Z * Z) / N" in body(sl.mean(2 * rows))
    assert "np.sum(Z * Z, axis=1) / 2" in body(sl.mean(rows / 2))
    assert "np.mean(" in body(sl.mean(rows), rows)
    found = sl.function([Z], sl.mean(-rows / 2))(np.arange(12.0).reshape(3, 4))
    assert found == -sum(k * k for k in range(12)) / 2 / 3
    with np.testing.assert_no_warnings():
        assert np.isnan(sl.function([Z], sl.mean(-rows))(np.ones((0, 4))))


@pytest.mark.parametrize(("scale", "entries"), [(1e-200, [1e308, 1e308]), (1e200, [1e-320, 1e-320])])
def test_a_scale_that_keeps_a_sum_finite_stays_inside(scale, entries):
    found = sl.function([N], sl.sum(scale * N))(entries)
    np.testing.assert_allclose(found, 2 * scale * entries[0], rtol=1e-12)


def test_an_entropy_and_its_slope_have_their_logarithm_in_common():
    entropy = sl.sum(sl.xlogy(N, N))
    f = sl.function([N], [entropy, sl.grad(entropy, N)])
    assert "def xlogy" not in f.source
    assert f.source.count("masked_log(") == 2  # where it is defined, and where it is called
    value, slope = f([0.0, 0.5, 2.0])
    np.testing.assert_allclose(value, -0.5 * np.log(2) + 2 * np.log(2), rtol=1e-15)
    np.testing.assert_allclose(slope, [0, 1 - np.log(2), 1 + np.log(2)], rtol=1e-15)
    assert f([np.inf])[0] == np.inf
    assert np.isnan(f([-1.0])[0])


def test_a_masked_logarithm_has_the_shape_of_both_arguments():
    slope = sl.grad(sl.sum(sl.xlogy(Z, sl.expand_dims(N, 1))), Z)
    found = sl.function([N, Z], slope)([0.0, np.e], np.array([[0.0, 1.0], [np.inf, 0.0]]))
    assert found.tolist() == [[0, -np.inf], [1, 1]]


def test_minus_goes_to_a_number_that_stands_before_a_tensor():
    assert "-1 / (K * N) * np.exp(Z)" in body(sl.grad(sl.mean(-sl.exp(Z)), Z))


def test_axes_that_are_kept_stay_where_they_are_under_a_function():
    both = sl.norm(Z, axis=1, keepdims=True) * Z + sl.expand_dims(sl.norm(Z, axis=1) ** 2, 1)
    assert "v2 * Z + v2**2" in body(both)
    np.testing.assert_allclose(sl.function([Z], both)([[3, 4]]), [[40, 45]], rtol=1e-15)


def test_an_axis_that_is_put_in_elsewhere_is_not_the_one_that_was_kept():
    f = sl.function([Z], [sl.norm(Z, axis=0, keepdims=True), sl.expand_dims(sl.norm(Z, axis=0), 1)])
    assert [value.tolist() for value in f([[3, 0], [4, 1]])] == [[[5, 1]], [[5], [1]]]


def test_numbers_and_rows_meet_rows_before_they_meet_a_matrix():
    loss = sl.mean(sl.losses.triplet_loss(Z, 2 * Z, sl.exp(Z)))
    assert "2 / N * heaviside(" in sl.function([Z], sl.grad(loss, Z)).source
    f = sl.function([Z, N], sl.expand_dims(N, 1) * Z / 2)
    assert "n[..., None] / 2 * Z" in f.source
    np.testing.assert_array_equal(f([[3.0, 5]], [2]), [[3, 5]])
    T = sl.matrix("T", "N K")
    tversky = sl.function([Z, T], sl.grad(sl.mean(sl.losses.tversky_loss(Z, T)), Z))
    assert "(v / v2**2)[..., None] / 2 - T / v2[..., None]" in tversky.source


def test_a_product_that_is_needed_itself_stays_whole():
    product = sl.expand_dims(N, 1) * Z
    assert body(product, product / 2).count("* Z") == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", ["M", 3])
def test_each_row_against_all_others_needs_no_identity_matrix(size, dtype):
    x = sl.tensor("x", (size, size), dtype=dtype)
    loss = -sl.mean(sl.diagonal(sl.log_softmax(x)))
    f = sl.function([x], [loss, sl.grad(loss, x)])
    assert "np.eye" not in f.source
    scores = np.array([[30.0, 0, 1], [2, -40, 2], [0, 1, 0]], dtype)
    shares = np.exp(scores - scores.max(1, keepdims=True), dtype="float64")
    shares /= shares.sum(1, keepdims=True)
    value, slope = f(scores)
    np.testing.assert_allclose(value, -np.log(np.diagonal(shares)).mean(), rtol=1e-6)
    np.testing.assert_allclose(slope, (shares - np.eye(3)) / 3, rtol=1e-5, atol=1e-14)
    assert slope.dtype == dtype


def test_wide_targets_widen_the_slope():
    x = sl.matrix("x", "N K", dtype="float32")
    slope = sl.softmax(x) - sl.one_hot(labels, "K", "float64")
    assert sl.function([x, labels], slope)(np.zeros((1, 2), "float32"), [0]).dtype == np.float64
