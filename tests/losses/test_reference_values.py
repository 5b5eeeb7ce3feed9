"""Values that the literature and earlier libraries state for these losses."""

import numpy as np
import pytest

import symloss as sl
from symloss import losses


def at(loss, predictions, targets, **options):
    return loss(np.asarray(predictions), np.asarray(targets), **options).eval()


def test_huber_loss_of_5_with_delta_3_is_10_and_a_half():
    assert at(losses.huber_loss, [5.0], [0.0], delta=3) == [10.5]


@pytest.mark.parametrize("delta", [1, 0.5, 4])
def test_huber_loss_and_its_slope_are_continuous_at_delta(value_and_slope, delta):
    around = delta * np.array([1 - 1e-15, 1, 1 + 1e-15])
    value, slope = value_and_slope(losses.huber_loss, around, np.zeros(3), delta=delta)
    np.testing.assert_allclose(value, delta**2 / 2, rtol=1e-14)
    np.testing.assert_allclose(slope, delta, rtol=1e-14)


def test_squared_error_has_no_factor_one_half():
    np.testing.assert_array_equal(at(losses.squared_error, [[1.0, 4.0]], [[3.0, 1.0]]), [[4, 9]])


def test_crossentropy_of_probabilities_through_logits_is_minus_their_logarithm():
    probabilities = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    loss = at(losses.softmax_crossentropy, np.log(probabilities), np.array([1, 2]))
    np.testing.assert_allclose(loss, [0.693147, 0.223144], atol=5e-7)
    np.testing.assert_allclose(loss.mean(), 0.458145, atol=5e-7)


def test_hinge_loss_takes_labels_as_they_are():
    loss = at(losses.hinge_loss, [0.5, 0.5, 0.5, 2.0], [1.0, -1.0, 0.0, 1.0])
    np.testing.assert_array_equal(loss, [0.5, 1.5, 1.0, 0.0])


def test_crossentropy_of_a_probability_is_that_of_its_logit():
    z, t = np.linspace(-3, 3, 7), np.array([0, 1, 0.5, 0.25, 1, 0, 1])
    from_logits = at(losses.binary_crossentropy_logits, z, t)
    np.testing.assert_allclose(
        at(losses.binary_crossentropy, 1 / (1 + np.exp(-z)), t), from_logits, rtol=1e-13
    )


def test_integer_labels_and_one_hot_rows_give_one_loss():
    scores, labels = np.random.default_rng(0).normal(size=(4, 5, 3)), np.arange(20).reshape(4, 5) % 3
    dense = at(losses.softmax_crossentropy, scores, np.eye(3)[labels])
    np.testing.assert_array_equal(at(losses.softmax_crossentropy, scores, labels), dense)


def test_two_classes_of_softmax_are_one_logit():
    z, t = np.linspace(-50, 50, 11), np.arange(11) % 2
    scores = np.stack([np.zeros(11), z], axis=1)
    binary = at(losses.binary_crossentropy_logits, z, t)
    np.testing.assert_allclose(at(losses.softmax_crossentropy, scores, t), binary, rtol=1e-14)


DTYPES = [
    ("float32", "float32", "float32"),
    ("float16", "float16", "float16"),
    ("float32", "int64", "float32"),
    ("int64", "float32", "float32"),
    ("int64", "int64", "float64"),
    ("uint8", "uint8", "float64"),
    ("bool", "bool", "float64"),
]


@pytest.mark.parametrize(("predictions", "targets", "result"), DTYPES)
@pytest.mark.parametrize(
    "name",
    ["squared_error", "huber_loss", "binary_crossentropy", "binary_crossentropy_logits", "hinge_loss"],
)
def test_integers_adopt_the_float_dtype_they_meet(name, predictions, targets, result):
    loss = getattr(losses, name)(np.array([1, 0, 1], predictions), np.array([1, 1, 0], targets))
    assert loss.dtype == result
    assert loss.eval().dtype == result


def test_unsigned_predictions_below_their_targets_do_not_wrap_around():
    assert at(losses.squared_error, np.array([2], "uint8"), np.array([3], "uint8")) == [1]


@pytest.mark.parametrize("delta", [2, 2.0, np.float64(2), np.int8(2), sl.constant(2), sl.scalar("delta")])
@pytest.mark.parametrize("loss", [losses.huber_loss, losses.hinge_loss])
def test_delta_never_changes_the_dtype(loss, delta):
    p, t = sl.vector("p", "N", dtype="float32"), sl.vector("t", "N", dtype="float32")
    assert loss(p, t, delta=delta).dtype == np.float32
