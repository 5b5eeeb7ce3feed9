"""What each loss and its gradient are at infinity, at certainty, at kinks and at NaN."""

import numpy as np
import pytest

import symloss as sl
from symloss import losses

INF, NAN = np.inf, np.nan
LOGITS, PROBABILITIES = losses.binary_crossentropy_logits, losses.binary_crossentropy

ELEMENTWISE = [
    ("no score is no loss", LOGITS, NAN, 1, NAN, NAN),
    ("no target is no loss", LOGITS, 1, NAN, NAN, NAN),
    ("no probability is no loss", PROBABILITIES, NAN, 0, NAN, NAN),
    ("no score is no loss", losses.hinge_loss, NAN, 1, NAN, NAN),
    ("an infinite error has the slope delta", losses.huber_loss, INF, 0, INF, 1),
    ("also below zero", losses.huber_loss, -INF, 0, INF, -1),
    ("no error has no slope", losses.huber_loss, 3, 3, 0, 0),
    ("no prediction is no loss", losses.huber_loss, NAN, 0, NAN, NAN),
    ("no error has no slope", losses.absolute_error, 3, 3, 0, 0),
    ("an infinite error is infinite", losses.absolute_error, -INF, 0, INF, -1),
    ("no prediction is no loss", losses.absolute_error, NAN, 0, NAN, NAN),
    ("a small error is half its square", losses.log_cosh, 2**-60, 0, 2**-121, 2**-60),
    ("a large error is the distance less log 2", losses.log_cosh, 800, 0, 800 - np.log(2), 1),
    ("an infinite error is infinite", losses.log_cosh, -INF, 0, INF, -1),
    ("no prediction is no loss", losses.log_cosh, NAN, 0, NAN, NAN),
    ("the slope at 0 is the mean of both sides", losses.quantile_loss, 3, 3, 0, 0),
    ("an infinite error is infinite", losses.quantile_loss, -INF, 0, INF, -0.5),
    ("no prediction is no loss", losses.quantile_loss, NAN, 0, NAN, NAN),
    ("a count where none is expected costs infinity", losses.poisson_nll, 0, 2, INF, -INF),
    ("no prediction is no loss", losses.poisson_nll, NAN, 0, NAN, NAN),
    ("no count where none is expected costs nothing", losses.poisson_nll_log, -INF, 0, 0, 0),
    ("a count where none is expected costs infinity", losses.poisson_nll_log, -INF, 2, INF, -2),
    ("a far score on the right side costs nothing", losses.focal_loss, 1e4, 1, 0, 0),
    ("a far score on the wrong side costs its distance", losses.focal_loss, 1e4, 0, 1e4, 1),
    ("an infinite score on the right side costs nothing", losses.focal_loss, INF, 1, 0, None),
    ("an infinite score on the wrong side costs infinity", losses.focal_loss, -INF, 1, INF, NAN),
    ("no score is no loss", losses.focal_loss, NAN, 1, NAN, NAN),
    ("the margin has half the slope", losses.binary_hinge_loss, 1, 1, 0, -0.5),
    ("also on the other side", losses.binary_hinge_loss, -1, 0, 0, 0.5),
    ("no score is no loss", losses.binary_hinge_loss, NAN, 1, NAN, NAN),
    ("no prediction is no loss", losses.squared_error, NAN, 0, NAN, NAN),
    ("an infinite error is infinite", losses.squared_error, -INF, 0, INF, -INF),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("sentence", "loss", "p", "t", "value", "slope"), ELEMENTWISE)
def test_elementwise(value_and_slope, sentence, loss, p, t, value, slope, dtype):
    got = value_and_slope(loss, np.array([p], dtype), np.array([t], dtype))
    np.testing.assert_array_equal(got[0], np.array([value], dtype), err_msg=sentence)
    if slope is not None:
        np.testing.assert_array_equal(got[1], np.array([slope], dtype), err_msg=sentence)


ROWS = [
    ("two classes that tie", [0, -INF, 0], 0, 0.6931471806, [-0.5, 0, 0.5]),
    ("scores far apart, right", [1e4, 0, -1e4], 0, 0, [0, 0, 0]),
    ("scores far apart, wrong", [1e4, 0, -1e4], 2, 2e4, [1, 0, -1]),
    ("nothing is possible", [-INF, -INF, -INF], 0, NAN, [NAN, NAN, NAN]),
    ("an infinite score", [INF, 0, 0], 0, NAN, [NAN, NAN, NAN]),
    ("no score", [NAN, 0, 0], 1, NAN, [NAN, NAN, NAN]),
]


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize(("sentence", "z", "t", "value", "slope"), ROWS)
def test_softmax_crossentropy(value_and_slope, sentence, z, t, value, slope, dense):
    targets = np.eye(len(z))[[t]] if dense else np.array([t])
    got = value_and_slope(losses.softmax_crossentropy, np.array([z], float), targets)
    np.testing.assert_allclose(got[0], [value], rtol=1e-9, atol=0, err_msg=sentence)
    np.testing.assert_allclose(got[1], [slope], rtol=1e-5, atol=1e-300, err_msg=sentence)


@pytest.mark.parametrize("leading", [(), (2,)])
def test_multiclass_hinge_rows_do_not_touch_one_another(value_and_slope, leading):
    """Among them a row without a number next to one with equal rivals, and a row without rivals."""
    rows = [
        ([0.0, 0.5, -3], 0, 1.5, [-1, 1, 0]),
        ([0.0, 0.5, 0.5], 0, 1.5, [-1, 0.5, 0.5]),
        ([NAN, 0.5, 0.25], 1, NAN, [NAN, NAN, NAN]),
        ([NAN, 0.5, 0.25], 0, NAN, [NAN, NAN, NAN]),
        ([1.0, 0.0, -3], 0, 0, [-0.5, 0.5, 0]),
        ([9.0, 9.0, 9.0], 2, 1, [0.5, 0.5, -1]),
        ([2.0, -INF, -INF], 0, 0, [0, 0, 0]),
        ([-INF, 0.0, 0.0], 0, INF, [-1, 0.5, 0.5]),
    ]
    for chosen in (rows, rows[:1], rows[::4], rows[1:4]):
        z, t, value, slope = (
            np.array([np.broadcast_to(e, (*leading, *np.shape(e))) for e in column])
            for column in zip(*chosen, strict=True)
        )
        got = value_and_slope(losses.multiclass_hinge_loss, z, t)
        np.testing.assert_array_equal(got[0], value)
        np.testing.assert_array_equal(got[1], slope)


@pytest.mark.parametrize("classes", [1, 2])
def test_a_single_class_has_no_margin_to_miss(value_and_slope, classes):
    z = np.array([[-5.0] + [-INF] * (classes - 1)])
    got = value_and_slope(losses.multiclass_hinge_loss, z, np.array([0]))
    np.testing.assert_array_equal(got[0], [0])
    np.testing.assert_array_equal(got[1], [[0] * classes])


@pytest.mark.parametrize(
    ("loss", "p", "t"),
    [
        (losses.squared_error, (0,), (0,)),
        (losses.huber_loss, (0,), (0,)),
        (losses.binary_crossentropy, (0,), (0,)),
        (losses.binary_crossentropy_logits, (0,), (0,)),
        (losses.hinge_loss, (0,), (0,)),
        (losses.softmax_crossentropy, (0, 3), (0, 3)),
        (losses.absolute_error, (0,), (0,)),
        (losses.log_cosh, (0,), (0,)),
        (losses.quantile_loss, (0,), (0,)),
        (losses.poisson_nll, (0,), (0,)),
        (losses.gaussian_nll, (0,), (0,)),
        (losses.focal_loss, (0,), (0,)),
        (losses.kl_divergence, (0, 3), (0, 3)),
        (losses.js_divergence, (0, 3), (0, 3)),
        (losses.dice_loss, (0, 3), (0, 3)),
        (losses.cosine_distance, (0, 3), (0, 3)),
        (losses.listmle, (0, 3), (0, 3)),
        (losses.categorical_crossentropy, (0, 3), (0, 3)),
    ],
)
def test_no_examples_have_no_losses(value_and_slope, loss, p, t):
    value, slope = value_and_slope(loss, np.zeros(p), np.zeros(t))
    assert value.shape == (0,)
    assert slope.shape == p


@pytest.mark.parametrize("gamma", [0, 0.5, 1, 2])
def test_the_slope_of_focal_loss_has_a_limit_at_certainty(value_and_slope, gamma):
    z = np.array([1e4, 800, 745, 700])
    value, slope = value_and_slope(losses.focal_loss, z, np.ones(4), gamma=gamma)
    assert np.all(value < 1e-300)
    assert np.all(np.abs(slope) < 1e-300)


@pytest.mark.parametrize("tau", [0.9, 0.25])
def test_a_quantile_has_the_mean_of_both_slopes_at_0(value_and_slope, tau):
    _, slope = value_and_slope(losses.quantile_loss, np.array([1.0, 2, 0]), np.ones(3), tau=tau)
    np.testing.assert_allclose(slope, [0.5 - tau, 1 - tau, -tau])


@pytest.mark.parametrize("logvar", [-800, -100, 0, 700])
def test_no_residual_has_a_likelihood_at_every_variance(logvar):
    p, t, v = (sl.vector(name, 1) for name in "ptv")
    loss = losses.gaussian_nll(p, t, v)
    value, dp, dv = sl.function([p, t, v], [loss, *sl.grad(sl.sum(loss), [p, v])])([3], [3], [logvar])
    np.testing.assert_allclose(value, (np.log(2 * np.pi) + logvar) / 2)
    assert dv == 0.5
    assert dp == 0 or logvar < -709, "where the precision itself overflows"


INNER = [
    ("nothing where both rule it out", losses.js_divergence, [0, 1], [0, 1], 0, [0, 0]),
    (
        "nothing in common",
        losses.js_divergence,
        [0, 1],
        [1, 0],
        np.log(2),
        [(np.log(2) - 1) / 2, np.log(2) / 2],
    ),
    ("certain and right", losses.categorical_crossentropy, [0, 1], [0, 1], 0, [0, -1]),
    ("certain and wrong", losses.categorical_crossentropy, [0, 1], [1, 0], INF, [-INF, 0]),
    ("huge vectors", losses.cosine_distance, [3e200, 4e200], [3e200, 4e200], 0, None),
    ("tiny vectors", losses.cosine_distance, [3e-200, 4e-200], [4e-200, -3e-200], 1, None),
    ("two empty regions", losses.dice_loss, [0, 0], [0, 0], 0, [1, 1]),
    ("two empty regions", losses.tversky_loss, [0, 0], [0, 0], 0, [0.5, 0.5]),
    ("scores far apart", losses.listnet, [1e4, 0], [1e4, 0], 0, [0, 0]),
    ("scores far apart, in order", losses.listmle, [1e4, 0], [2, 1], 0, [0, 0]),
    ("scores far apart, out of order", losses.listmle, [1e4, 0], [1, 2], 1e4, [1, -1]),
]


@pytest.mark.parametrize(("sentence", "loss", "p", "t", "value", "slope"), INNER)
def test_rows(value_and_slope, sentence, loss, p, t, value, slope):
    found = value_and_slope(loss, np.array([p], float), np.array([t], float))
    np.testing.assert_allclose(found[0], [value], rtol=1e-12, atol=1e-15, err_msg=sentence)
    if slope is not None:
        np.testing.assert_allclose(found[1], [slope], rtol=1e-12, atol=1e-15, err_msg=sentence)


def test_identical_embeddings_have_a_finite_slope(value_and_slope):
    x = np.ones((1, 3))
    a, p, n = (sl.matrix(name, (1, 3)) for name in "apn")
    loss = losses.triplet_loss(a, p, n)
    slopes = sl.function([a, p, n], sl.grad(sl.sum(loss), [a, p, n]))(x, x, x)
    np.testing.assert_array_equal(slopes, np.zeros((3, 1, 3)))


def test_of_tied_events_each_has_the_full_set_at_risk():
    s, t, e = np.array([0.5, -1, 2, 0.3]), np.array([3.0, 1, 1, 2]), np.array([1.0, 1, 1, 0])
    value = losses.cox_loss(s, t, e).eval()
    at_risk = [[0], [0, 1, 2, 3], [0, 1, 2, 3], [0, 3]]
    expected = [e[i] * (np.log(np.sum(np.exp(s[at_risk[i]]))) - s[i]) for i in range(4)]
    np.testing.assert_allclose(value, expected, atol=1e-15)


def test_hazards_far_apart_do_not_overflow():
    value = losses.cox_loss(np.array([1e4, -1e4]), np.array([1.0, 2]), np.ones(2)).eval()
    np.testing.assert_array_equal(value, [0, 0])
