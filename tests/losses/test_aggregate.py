"""`aggregate`: means, sums and weights; what has no weight has no say."""

import numpy as np
import pytest

import symloss as sl
from symloss.losses import aggregate, squared_error


def test_aggregate_without_weights_is_the_mean_or_the_sum():
    x = sl.matrix("x", "N M")
    assert aggregate(x) is x.mean()
    assert aggregate(x, mode="sum") is x.sum()


def total(loss, weights, mode):
    x, w = (sl.tensor(name, np.shape(value)) for name, value in (("x", loss), ("w", weights)))
    return aggregate(x, w, mode).eval({x: loss, w: weights})


@pytest.mark.parametrize(("mode", "expected"), [("mean", 5.0), ("sum", 20.0), ("normalized_sum", 2.5)])
def test_weights_multiply_and_normalise(mode, expected):
    assert total([1, 2, 3, 4], [2.0, 2.0, 2.0, 2.0], mode) == expected


def test_the_mean_divides_by_the_number_of_elements_not_by_the_weights():
    assert total([3, 3, 3], [1.0, 0.0, 0.0], "mean") == 1
    assert total([3, 3, 3], [1.0, 0.0, 0.0], "normalized_sum") == 3


@pytest.mark.parametrize(("mode", "expected"), [("mean", 1), ("sum", 6), ("normalized_sum", 1)])
@pytest.mark.parametrize("shape", [(2, 1), (1, 3), (3,), (2, 3), ()])
def test_weights_count_as_often_as_they_are_broadcast(shape, mode, expected):
    assert total(np.ones((2, 3)), np.ones(shape), mode) == expected


@pytest.mark.parametrize("kind", ["float64", "float32", "int64", "uint8", "bool"])
def test_weights_may_be_integers_or_truth_values(kind):
    x = sl.vector("x", 3, dtype="float32")
    loss = aggregate(x, np.array([1, 0, 1], kind), "normalized_sum")
    assert loss.eval({x: np.array([1, np.nan, 3], "float32")}) == 2
    assert loss.dtype == ("float64" if kind == "float64" else "float32")


@pytest.mark.parametrize("mode", ["mean", "sum", "normalized_sum"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_has_weight_0_gives_neither_value_nor_slope(bad, mode):
    p, t, w = sl.vector("p", 3), sl.vector("t", 3), sl.vector("w", 3)
    loss = aggregate(squared_error(p, t), w, mode)
    f = sl.function([p, t, w], [loss, sl.grad(loss, p)])
    clean, masked = ([1.0, x, 3.0] for x in (5.0, bad))
    for expected, got in zip(f(clean, [0, 0, 0], [1, 0, 2]), f(masked, [0, 0, 0], [1, 0, 2]), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_nan_with_a_weight_is_nan():
    assert np.isnan(total([1, np.nan], [1.0, 1.0], "mean"))


def test_weights_that_sum_to_0_leave_nothing_to_divide_by():
    assert np.isnan(total([1, 2], [0.0, 0.0], "normalized_sum"))
    assert total([1, 2], [0.0, 0.0], "mean") == 0


def test_no_elements_have_the_sum_0_and_the_mean_nan():
    x = sl.vector("x", "N")
    assert sl.function([x], aggregate(x, mode="sum"))([]) == 0
    assert np.isnan(sl.function([x], aggregate(x))([]))


def test_the_slope_in_a_weight_of_zero_is_the_loss_unless_that_has_no_value():
    x, w = sl.vector("x", 3), sl.vector("w", 3)
    slope = sl.function([x, w], sl.grad(aggregate(x, w, "sum"), w))([5.0, np.nan, np.inf], np.zeros(3))
    np.testing.assert_array_equal(slope, [5, 0, 0])


# What is empty, and what is missing ---------------------------------------------------------------
MODES = ["mean", "sum", "normalized_sum"]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bad", [5.0, np.nan, np.inf])
def test_weights_that_sum_to_0_may_give_the_loss_0_and_the_slope_0(mode, bad, dtype):
    p, t, w = (sl.vector(name, "N", dtype=dtype) for name in "ptw")
    loss = aggregate(squared_error(p, t), w, mode, empty="zero")
    value, slope = sl.function([p, t, w], [loss, sl.grad(loss, p)])(
        *(np.array(values, dtype) for values in ([1, 2], [0, bad], [0, 0]))
    )
    assert value == 0
    assert value.dtype == dtype
    np.testing.assert_array_equal(slope, np.zeros(2, dtype), strict=True)


@pytest.mark.parametrize("mode", MODES)
def test_no_examples_may_give_the_loss_0_and_the_slope_0(mode):
    x, v, t, w = sl.matrix("x", "N K"), sl.vector("v", "K"), sl.vector("t", "N"), sl.vector("w", "N")
    nothing = np.zeros((0, 2)), [1, 2], [], []
    for weights in (w, None) if mode != "normalized_sum" else (w,):
        loss = aggregate(squared_error(x @ v, t), weights, mode, empty="zero")
        f = sl.function([x, v, t, w], [loss, sl.grad(loss, v)], on_unused="ignore")
        value, slope = f(*nothing)
        assert value == 0
        np.testing.assert_array_equal(slope, [0, 0])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("weights", [[1.0, 3.0], [0.0, 2.0]])
def test_what_is_not_empty_is_the_same_under_either_policy(mode, weights):
    p, w = sl.vector("p", "N"), sl.vector("w", "N")
    for given in (w, None) if mode != "normalized_sum" else (w,):
        losses = [aggregate(p**2, given, mode, empty=empty) for empty in ("nan", "zero")]
        f = sl.function([p, w], [*losses, *(sl.grad(loss, p) for loss in losses)], on_unused="ignore")
        value, same_value, slope, same_slope = f([1, 3], weights)
        assert value == same_value
        np.testing.assert_array_equal(slope, same_slope)


def test_long_means_of_half_precision_keep_their_digits_under_either_policy():
    x = sl.vector("x", "N", dtype="float16")
    f = sl.function([x], aggregate(x, empty="zero"))
    assert f(np.full(100_000, 3, "float16")) == 3
    assert f(np.zeros(0, "float16")).dtype == "float16"


def test_a_loss_that_cannot_be_empty_is_averaged_as_it_is():
    x = sl.matrix("x", (2, 3))
    assert aggregate(x, empty="zero") is aggregate(x)


@pytest.mark.parametrize(
    ("empty", "text"),
    [
        ("zeros", "aggregate(): empty must be one of nan, zero, got 'zeros': did you mean 'zero'?"),
        ("ignore", "aggregate(): empty must be one of nan, zero, got 'ignore'"),
        (0, "aggregate(): empty must be one of nan, zero, got 0"),
    ],
)
def test_another_policy_is_refused(empty, text):
    with pytest.raises(sl.errors.DomainError) as found:
        aggregate(sl.vector("x", "N"), empty=empty)
    assert str(found.value) == text


@pytest.mark.parametrize(("mode", "value", "slopes"), [("mean", 2, [2, 0]), ("normalized_sum", 4, [4, 0])])
def test_weights_of_truth_values_leave_missing_targets_out(mode, value, slopes):
    p, t = sl.vector("p", "N"), sl.vector("t", "N")
    loss = aggregate(squared_error(p, t), sl.logical_not(sl.isnan(t)), mode, empty="zero")
    f = sl.function([p, t], [loss, sl.grad(loss, p)])
    for found, expected in zip(f([3, 1], [1, np.nan]), (value, slopes), strict=True):
        np.testing.assert_array_equal(found, expected)
    for found in f([3, 1], [np.nan, np.nan]):
        np.testing.assert_array_equal(found, np.zeros_like(found))
    assert np.isnan(f([np.nan, 1], [1, 1])[0])
