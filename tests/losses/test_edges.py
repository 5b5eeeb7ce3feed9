"""What each loss and its gradient are at infinity, at certainty, at kinks and at NaN."""

import numpy as np
import pytest

import symloss as sl
from symloss import losses

INF, NAN = np.inf, np.nan
LOGITS, PROBABILITIES = losses.binary_crossentropy_logits, losses.binary_crossentropy

ELEMENTWISE = [
    ("a far score on the right side costs nothing", LOGITS, 1e4, 1, 0, 0),
    ("a far score on the wrong side costs its distance", LOGITS, 1e4, 0, 1e4, 1),
    ("also below zero", LOGITS, -1e4, 1, 1e4, -1),
    ("an infinite score on the right side costs nothing", LOGITS, INF, 1, 0, 0),
    ("also below zero", LOGITS, -INF, 0, 0, 0),
    ("an infinite score on the wrong side costs infinity", LOGITS, INF, 0, INF, 1),
    ("also below zero", LOGITS, -INF, 1, INF, -1),
    ("no score is no loss", LOGITS, NAN, 1, NAN, NAN),
    ("no target is no loss", LOGITS, 1, NAN, NAN, NAN),
    ("a certain no that is right costs nothing", PROBABILITIES, 0, 0, 0, 1),
    ("a certain yes that is right costs nothing", PROBABILITIES, 1, 1, 0, -1),
    ("a certain no that is wrong costs infinity", PROBABILITIES, 0, 1, INF, -INF),
    ("a certain yes that is wrong costs infinity", PROBABILITIES, 1, 0, INF, INF),
    ("what is no probability has no loss", PROBABILITIES, 1.1, 0.5, NAN, None),
    ("no probability is no loss", PROBABILITIES, NAN, 0, NAN, NAN),
    ("the margin has half the slope", losses.hinge_loss, 1, 1, 0, -0.5),
    ("also on the other side", losses.hinge_loss, -1, -1, 0, 0.5),
    ("no score is no loss", losses.hinge_loss, NAN, 1, NAN, NAN),
    ("an infinite error has the slope delta", losses.huber_loss, INF, 0, INF, 1),
    ("also below zero", losses.huber_loss, -INF, 0, INF, -1),
    ("a huge error does not overflow", losses.huber_loss, 1e200, 0, 1e200, 1),
    ("the slope at delta is delta", losses.huber_loss, 1, 0, 0.5, 1),
    ("no error has no slope", losses.huber_loss, 3, 3, 0, 0),
    ("no prediction is no loss", losses.huber_loss, NAN, 0, NAN, NAN),
    ("no prediction is no loss", losses.squared_error, NAN, 0, NAN, NAN),
    ("an infinite error is infinite", losses.squared_error, -INF, 0, INF, -INF),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("sentence", "loss", "p", "t", "value", "slope"), ELEMENTWISE)
def test_elementwise(value_and_slope, sentence, loss, p, t, value, slope, dtype):
    dtype = "float64" if abs(p) == 1e200 else dtype
    got = value_and_slope(loss, np.array([p], dtype), np.array([t], dtype))
    np.testing.assert_array_equal(got[0], np.array([value], dtype), err_msg=sentence)
    if slope is not None:
        np.testing.assert_array_equal(got[1], np.array([slope], dtype), err_msg=sentence)


ROWS = [
    ("an impossible other class changes nothing", [1, -INF, 0], 0, 0.3132616875, [-0.268941, 0, 0.268941]),
    ("an impossible labelled class costs infinity", [1, -INF, 0], 1, INF, [0.731059, -1, 0.268941]),
    ("two classes that tie", [0, -INF, 0], 0, 0.6931471806, [-0.5, 0, 0.5]),
    ("scores far apart, right", [1e4, 0, -1e4], 0, 0, [0, 0, 0]),
    ("scores far apart, wrong", [1e4, 0, -1e4], 2, 2e4, [1, 0, -1]),
    ("nothing is possible", [-INF, -INF, -INF], 0, NAN, [NAN, NAN, NAN]),
    ("an infinite score", [INF, 0, 0], 0, NAN, [NAN, NAN, NAN]),
    ("no score", [NAN, 0, 0], 1, NAN, [NAN, NAN, NAN]),
    ("one class", [3], 0, 0, [0]),
]


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize(("sentence", "z", "t", "value", "slope"), ROWS)
def test_softmax_crossentropy(value_and_slope, sentence, z, t, value, slope, dense):
    targets = np.eye(len(z))[[t]] if dense else np.array([t])
    got = value_and_slope(losses.softmax_crossentropy, np.array([z], float), targets)
    np.testing.assert_allclose(got[0], [value], rtol=1e-9, atol=0, err_msg=sentence)
    np.testing.assert_allclose(got[1], [slope], rtol=1e-5, atol=1e-300, err_msg=sentence)


def test_the_gradient_of_softmax_crossentropy_sums_to_0(value_and_slope):
    scores = np.random.default_rng(1).normal(size=(50, 7)) * 30
    _, slope = value_and_slope(losses.softmax_crossentropy, scores, np.arange(50) % 7)
    assert np.all(np.abs(slope.sum(axis=1)) <= 2 * np.spacing(np.abs(slope).max(axis=1)))


def test_the_largest_half_precision_score_has_a_finite_crossentropy(value_and_slope):
    scores = np.array([[65504, 0]], "float16")
    value, slope = value_and_slope(losses.softmax_crossentropy, scores, np.array([1]))
    assert value.tolist() == [65504]
    assert slope.tolist() == [[1, -1]]
    assert value.dtype == slope.dtype == np.float16


@pytest.mark.parametrize("dtype", "int8 int16 int32 int64 uint8 uint16 uint32 uint64".split())
def test_labels_may_be_any_integers(value_and_slope, dtype):
    value, _ = value_and_slope(losses.softmax_crossentropy, np.zeros((2, 3)), np.array([2, 0], dtype))
    np.testing.assert_allclose(value, np.log(3))


@pytest.mark.parametrize("label", [3, -1, -100])
def test_a_label_outside_the_classes_is_refused_at_the_call(value_and_slope, label):
    with pytest.raises(
        sl.errors.LabelRangeError, match=rf"label {label} of t at index \(1,\) is outside \[0, 3\)"
    ):
        value_and_slope(losses.softmax_crossentropy, np.zeros((2, 3)), np.array([0, label]))


@pytest.mark.parametrize(
    ("loss", "p", "t"),
    [
        (losses.squared_error, (0,), (0,)),
        (losses.huber_loss, (0,), (0,)),
        (losses.binary_crossentropy, (0,), (0,)),
        (losses.binary_crossentropy_logits, (0,), (0,)),
        (losses.hinge_loss, (0,), (0,)),
        (losses.softmax_crossentropy, (0, 3), (0, 3)),
    ],
)
def test_no_examples_have_no_losses(value_and_slope, loss, p, t):
    value, slope = value_and_slope(loss, np.zeros(p), np.zeros(t))
    assert value.shape == (0,)
    assert slope.shape == p
