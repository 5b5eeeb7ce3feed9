"""Values that the literature and earlier libraries state for these losses."""

import numpy as np
import pytest
from scipy import special, stats
from scipy.spatial import distance
from sklearn import metrics

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
    [
        "squared_error",
        "huber_loss",
        "absolute_error",
        "log_cosh",
        "quantile_loss",
        "poisson_nll",
        "gaussian_nll",
        "binary_crossentropy",
        "binary_crossentropy_logits",
        "categorical_crossentropy",
        "focal_loss",
        "hinge_loss",
        "binary_hinge_loss",
        "dice_loss",
        "kl_divergence",
        "cosine_distance",
        "listmle",
    ],
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


# Against SciPy and scikit-learn ---------------------------------------------------------------------
RNG = np.random.default_rng(7)
REAL, OTHER = RNG.normal(size=(2, 6, 4))
SHARES, TARGETS = RNG.dirichlet(np.ones(4), (2, 6))
COUNTS, RATES = RNG.poisson(3, 6).astype(float), RNG.uniform(0.5, 6, 6)
FACTOR = RNG.normal(size=(6, 4, 4))
COVARIANCES = FACTOR @ FACTOR.transpose(0, 2, 1) + np.eye(4)


def test_likelihood_of_counts_is_that_of_scipy_without_its_constant():
    expected = -stats.poisson.logpmf(COUNTS, RATES) - special.gammaln(COUNTS + 1)
    np.testing.assert_allclose(at(losses.poisson_nll, RATES, COUNTS), expected)
    np.testing.assert_allclose(at(losses.poisson_nll_log, np.log(RATES), COUNTS), expected)


def test_likelihood_of_numbers_is_that_of_scipy():
    expected = -stats.norm.logpdf(OTHER, REAL, np.exp(SHARES / 2))
    np.testing.assert_allclose(at(losses.gaussian_nll, REAL, OTHER, logvar=SHARES), expected)


@pytest.mark.parametrize("covariance", [COVARIANCES[0], COVARIANCES])
def test_likelihood_of_vectors_is_that_of_scipy(covariance):
    each = np.broadcast_to(covariance, (6, 4, 4))
    expected = [-stats.multivariate_normal.logpdf(t, p, c) for p, t, c in zip(REAL, OTHER, each, strict=True)]
    found = at(losses.multivariate_gaussian_nll, REAL, OTHER, covariance=covariance)
    np.testing.assert_allclose(found, expected)


def test_divergences_are_those_of_scipy():
    np.testing.assert_allclose(
        at(losses.kl_divergence, SHARES, TARGETS), stats.entropy(TARGETS, SHARES, axis=1)
    )
    expected = distance.jensenshannon(SHARES, TARGETS, axis=1) ** 2
    np.testing.assert_allclose(at(losses.js_divergence, SHARES, TARGETS), expected)


def test_the_divergence_of_normal_distributions_is_the_mean_log_ratio():
    m, v, m0, v0 = 0.3, -0.7, -0.2, 0.4
    q, p = stats.norm(m, np.exp(v / 2)), stats.norm(m0, np.exp(v0 / 2))
    expected = q.expect(lambda x: q.logpdf(x) - p.logpdf(x))
    found = losses.gaussian_kl(np.array([m]), np.array([v]), m0, v0).eval()
    np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_quantile_loss_is_that_of_scikit_learn():
    expected = metrics.mean_pinball_loss(OTHER[0], REAL[0], alpha=0.3)
    np.testing.assert_allclose(at(losses.quantile_loss, REAL[0], OTHER[0], tau=0.3).mean(), expected)


@pytest.mark.parametrize("predictions", [[2.5, 2.5, 2.5], [3.0, 3.0, 3.0], [2.5, 2.5, 2.75], [1.0, 2.0, 3.0]])
def test_explained_variance_of_constant_targets_is_that_of_scikit_learn_and_has_no_slope(predictions):
    p, t = sl.vector("p", "N"), sl.vector("t", "N")
    score = losses.explained_variance(p, t)
    value, slope = sl.function([p, t], [score, sl.grad(score, p)])(predictions, [2.5] * 3)
    assert value == metrics.explained_variance_score([2.5] * 3, predictions)
    assert slope.tolist() == [0, 0, 0]


def test_targets_are_constant_also_where_their_mean_is_rounded():
    assert np.mean([3.3] * 3) != 3.3
    assert at(losses.explained_variance, [1.0, 2, 3], [3.3] * 3) == 0


def test_explained_variance_is_that_of_scikit_learn():
    expected = metrics.explained_variance_score(OTHER, REAL, multioutput="raw_values")
    np.testing.assert_allclose(at(losses.explained_variance, REAL, OTHER, axis=0), expected)


def test_cosine_distance_is_that_of_scipy():
    expected = [distance.cosine(p, t) for p, t in zip(REAL, OTHER, strict=True)]
    np.testing.assert_allclose(at(losses.cosine_distance, REAL, OTHER), expected)


def test_dice_and_jaccard_of_masks_are_those_of_scipy():
    p, t = RNG.integers(0, 2, (2, 30)).astype(float)
    np.testing.assert_allclose(at(losses.dice_loss, p, t, smooth=0), distance.dice(p > 0, t > 0))
    jaccard = at(losses.tversky_loss, p, t, alpha=1, beta=1, smooth=0)
    np.testing.assert_allclose(jaccard, distance.jaccard(p > 0, t > 0))
    half = at(losses.tversky_loss, p, t, smooth=0.5)
    np.testing.assert_allclose(half, at(losses.dice_loss, p, t, smooth=1))


def test_smoothing_is_crossentropy_with_smoothed_targets():
    labels = np.array([0, 3, 1, 2, 2, 0])
    rows = 0.9 * np.eye(4)[labels] + 0.1 / 4
    expected = at(losses.softmax_crossentropy, REAL, rows)
    for targets in (labels, np.eye(4)[labels]):
        np.testing.assert_allclose(at(losses.smoothed_softmax_crossentropy, REAL, targets), expected)
    z, t = sl.matrix("z", "N C"), sl.vector("t", "N", dtype="int64")
    assert losses.smoothed_softmax_crossentropy(z, t, 0) is losses.softmax_crossentropy(z, t)


def test_focal_loss_without_a_weight_is_crossentropy():
    t = RNG.integers(0, 2, (6, 4)).astype(float)
    expected = at(losses.binary_crossentropy_logits, REAL, t)
    np.testing.assert_allclose(at(losses.focal_loss, REAL, t, gamma=0), expected)
    p = np.where(t == 1, 1 / (1 + np.exp(-REAL)), 1 / (1 + np.exp(REAL)))
    np.testing.assert_allclose(at(losses.focal_loss, REAL, t), -((1 - p) ** 2) * np.log(p))


def test_info_nce_is_crossentropy_with_the_own_key():
    expected = at(losses.softmax_crossentropy, REAL @ OTHER.T / 0.5, np.arange(6))
    np.testing.assert_allclose(at(losses.info_nce, REAL, OTHER, temperature=0.5), expected)


def test_the_likelihood_of_an_order_is_drawn_place_by_place():
    scores, relevances = REAL[0], np.array([2.0, 7, 1, 5])
    order = np.argsort(-relevances)
    expected = -sum(
        np.log(np.exp(scores[order[k]]) / np.sum(np.exp(scores[order[k:]]))) for k in range(len(order))
    )
    np.testing.assert_allclose(at(losses.listmle, scores, relevances), expected)


def test_listnet_compares_the_chances_of_the_first_place():
    expected = -np.sum(special.softmax(OTHER, 1) * special.log_softmax(REAL, 1), axis=1)
    np.testing.assert_allclose(at(losses.listnet, REAL, OTHER), expected)


def test_a_triplet_compares_squared_distances():
    near, far = np.sum((REAL - OTHER) ** 2, 1), np.sum((REAL - SHARES) ** 2, 1)
    found = losses.triplet_loss(REAL, OTHER, SHARES, delta=0.5).eval()
    np.testing.assert_allclose(found, np.maximum(near - far + 0.5, 0))
