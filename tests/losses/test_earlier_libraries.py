"""Values that earlier libraries state, and where their formulas are wrong, the right ones."""

import itertools

import numpy as np
import pytest
from scipy import stats

import symloss as sl
from symloss import losses

NAN, INF = np.nan, np.inf


def at(loss, *arguments, **options):
    """The value of a loss at arrays; numbers in lists are floats."""
    arrays = [np.array(a, float) if isinstance(a, list) else a for a in arguments]
    variables = [sl.tensor(f"v{k}", np.shape(a), np.asarray(a).dtype.name) for k, a in enumerate(arrays)]
    return sl.function(variables, loss(*variables, **options), on_unused="ignore")(*arrays)


def slopes(loss, at_, *, wrt, **options):
    """The gradients of the sum of a loss in some of its arguments, by position."""
    variables = [sl.tensor(f"v{k}", np.shape(a), np.asarray(a).dtype.name) for k, a in enumerate(at_)]
    total = sl.sum(loss(*variables, **options))
    return sl.function(variables, sl.grad(total, [variables[k] for k in wrt]), on_unused="ignore")(*at_)


# Values ---------------------------------------------------------------------------------------------
def test_crossentropy_of_two_rows():
    rows, classes = [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], np.array([1, 2])
    for targets in (classes, np.eye(3)[classes]):
        value = at(losses.categorical_crossentropy, rows, targets)
        np.testing.assert_allclose(value, [0.693147, 0.223144], atol=5e-7)


X, X_HAT = [[0, 1], [0.5, 0.25]], [[0.1, 0.8], [0.5, 0.5]]


def test_gaussian_autoencoder_has_the_divergence_of_the_posterior_from_the_prior():
    value = at(losses.vae, X_HAT, X, [[0.5], [-1]], np.log([[1], [0.5]]))
    np.testing.assert_allclose(value, [1.987877, 2.465701], atol=5e-7)


def test_divergence_of_equal_normal_distributions_of_small_variance_is_0():
    m, v = np.array([[0.3, -2]]), np.log([[1e-6, 1e-9]])
    np.testing.assert_allclose(at(losses.gaussian_kl, m, v, m, v), 0, atol=1e-15)


MIXTURE = (
    [[0.2, -0.4], [1, 0.5]],
    [[0.2, -0.4], [1, 0.5]],
    [[0, -0.5], [0.3, 0.1]],
    [[0, 0], [1, 1]],
    [[0, 0], [-0.5, 0.2]],
    list(np.log([0.25, 0.75])),
)


def test_mixture_autoencoder_counts_the_prior_of_a_cluster_once():
    np.testing.assert_allclose(at(losses.vae_gmm, X_HAT, X, *MIXTURE), [0.997987, 0.430267], atol=5e-7)
    z, _, _, mean, logvar, logits = MIXTURE
    shares = np.exp(at(losses.log_responsibilities, z, mean, logvar, logits))
    np.testing.assert_allclose(shares[:, 0], [0.495334, 0.145384], atol=5e-7)
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_logits_of_clusters_need_no_normalisation():
    *others, logits = MIXTURE
    shifted = at(losses.vae_gmm, X_HAT, X, *others, list(np.array(logits) + 7))
    np.testing.assert_allclose(shifted, at(losses.vae_gmm, X_HAT, X, *MIXTURE), rtol=1e-12)


def test_pieces_of_a_code_add_up_and_reconstruction_errors_cost():
    z, m, v, mean, logvar, logits = (np.array(a, float) for a in MIXTURE)
    twice = [np.stack([a, a], axis=-2) for a in (z, m, v)] + [
        np.stack([a, a]) for a in (mean, logvar, logits)
    ]
    one, two = at(losses.vae_gmm, X_HAT, X, *MIXTURE), at(losses.vae_comp_gmm, X_HAT, X, *twice)
    reconstruction = np.sum((np.array(X) - X_HAT) ** 2, axis=1) / 2
    np.testing.assert_allclose(two - reconstruction, 2 * (one - reconstruction), rtol=1e-12)
    worse = at(losses.vae_comp_gmm, list(np.array(X_HAT) + 10), X, *twice)
    assert np.all(worse > two + 50)


FACTORS = (
    [[0.1]],
    [[0.3]],
    [[0.5, -0.5]],
    [[0.0, 0.0]],
    np.log([[[0.6, 0.4], [0.3, 0.7]]]),
    np.log([[0.5, 0.25]]),
    [[[1, 0], [0, 1]], [[0.5, 0.5], [-1, 1]]],
    np.log([[0.5, 0.5], [0.5, 0.5]]),
    np.log([0.5, 0.5]),
    [0.0],
    [0.0, 0.2],
)


@pytest.mark.parametrize(("bernoulli", "value"), [(True, 1.898098), (False, 1.600453)])
def test_factors_of_a_code(bernoulli, value):
    found = at(losses.fgmm_vae, *FACTORS, bernoulli=bernoulli)
    np.testing.assert_allclose(found, [value], atol=5e-7)


def test_factors_agree_with_the_sum_over_all_combinations():
    x_hat, x, m, v, gamma, eta, mean, _, _, _, z_logvar = (np.array(a, float) for a in FACTORS)
    g, h, total = np.exp(gamma[0]), np.exp(eta[0]), 0.0
    for a0, a1, c0, c1 in itertools.product([0, 1], repeat=4):
        share = np.prod([h[f] if a else 1 - h[f] for f, a in enumerate((a0, a1))]) * g[0, c0] * g[1, c1]
        gap = m[0] - a0 * mean[0, c0] - a1 * mean[1, c1]
        total += share * np.sum(np.log(2 * np.pi) + z_logvar + (np.exp(v[0]) + gap**2) / np.exp(z_logvar)) / 2
    entropy = np.sum(1 + np.log(2 * np.pi) + v) / 2
    chosen = np.sum(g * (gamma[0] - np.log(0.5))) + np.sum(
        h * np.log(h) + (1 - h) * np.log(1 - h) - np.log(0.5)
    )
    surprise = -stats.norm.logpdf(x.item(), x_hat.item())
    np.testing.assert_allclose(at(losses.fgmm_vae, *FACTORS), surprise + total - entropy + chosen, rtol=1e-12)


def test_an_impossible_cluster_and_a_certain_factor_cost_no_nan():
    gamma, eta = np.log(np.array([[[1, 1e-300], [0.3, 0.7]]])), np.array([[0.0, -1.0]])
    gamma[0, 0, 1] = -INF
    changed = (*FACTORS[:4], gamma, eta, *FACTORS[6:])
    assert np.all(np.isfinite(at(losses.fgmm_vae, *changed)))


@pytest.mark.parametrize("one_hot", [False, True])
def test_multiclass_hinge_of_two_rows(one_hot):
    p, t = [[0.1, 0.9], [0.6, 0.4]], np.array([1, 1])
    value = at(losses.multiclass_hinge_loss, p, np.eye(2)[t] if one_hot else t)
    np.testing.assert_allclose(value, [0.2, 1.2])


def test_bernoulli_autoencoder_and_its_slopes():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, (3, 4)).astype(float), rng.uniform(0.1, 0.9, (3, 4))
    m, v = rng.normal(size=(2, 3, 2))
    expected = -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p), 1) - np.sum(1 + v - m**2 - np.exp(v), 1) / 2
    np.testing.assert_allclose(at(losses.vae_bernoulli, p, y, m, v), expected)
    z = np.log(p / (1 - p))
    np.testing.assert_allclose(at(losses.vae_bernoulli_logits, z, y, m, v), expected)
    dp, dm, dv = slopes(losses.vae_bernoulli, (p, y, m, v), wrt=(0, 2, 3))
    np.testing.assert_allclose(dp, (1 - y) / (1 - p) - y / p)
    np.testing.assert_allclose(dm, m)
    np.testing.assert_allclose(dv, (np.exp(v) - 1) / 2)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_certainty_costs_nothing_or_infinity_in_every_precision(dtype):
    p, y = np.array([[1, 0, 1, 0]], dtype).T, np.array([[1, 0, 0, 1]], dtype).T
    m = v = np.zeros((4, 1), dtype)
    value = at(losses.vae_bernoulli, p, y, m, v)
    np.testing.assert_array_equal(value, [0, 0, INF, INF])
    (slope,) = slopes(losses.vae_bernoulli, (p, y, m, v), wrt=[0])
    np.testing.assert_array_equal(slope[:, 0], [-1, 1, INF, -INF])
    assert value.dtype == slope.dtype == dtype


# Where a reference is wrong -------------------------------------------------------------------------
def test_a_critic_is_pulled_down_on_fakes_and_up_on_real_ones():
    fake, real = np.array([0.5, 2, 1]), np.array([3.0, 1])
    d_fake, d_real = slopes(losses.wgan_critic, (fake, real), wrt=(0, 1))
    np.testing.assert_allclose(d_fake, [1 / 3] * 3)
    np.testing.assert_allclose(d_real, [-1 / 2] * 2)


def test_the_penalty_divides_by_its_own_number_of_points():
    fake, real, g = (np.array(a, float) for a in ([1, 2, 3], [4], [[3, 4], [0, 2]]))
    f, r, s = sl.vector("f", 3), sl.vector("r", 1), sl.matrix("s", (2, 2))
    x = sl.matrix("x", (2, 2))
    loss = losses.wgan_gp(f, r, sl.sum(s * x, axis=1), x, 10)
    value, slope = sl.function([f, r, s], [loss, sl.grad(loss, s)])(fake, real, g)
    np.testing.assert_allclose(value, 2 - 4 + 10 * (16 + 1) / 2)
    np.testing.assert_allclose(slope, 10 * np.array([4, 1])[:, None] * g / [[5], [2]])


def test_a_flat_critic_has_the_penalty_1_and_no_slope_of_it():
    s, x = sl.matrix("s", (2, 2)), sl.matrix("x", (2, 2))
    penalty = losses.gradient_penalty(sl.sum(s * x, axis=1), x)
    value, slope = sl.function([s], [penalty, sl.grad(sl.sum(penalty), s)])(np.zeros((2, 2)))
    assert value.tolist() == [1, 1]
    assert slope.tolist() == [[0, 0], [0, 0]]


def test_a_critic_of_two_layers_is_differentiated_through_its_slopes():
    x, W, w = sl.tensor("x", "N H B"), sl.tensor("W", "H B K"), sl.vector("w", "K")
    scores = sl.tanh(sl.einsum("nhb,hbk->nk", x, W)) @ w
    loss = losses.wgan_gp(sl.vector("f", "M"), sl.vector("r", "L"), scores, x)
    sl.testing.check_gradient(loss, [W, w])


def sampled():
    rng = np.random.default_rng(4)
    q = np.array([0.1, 0.2, 0.3, 0.4])
    return rng.normal(size=(3, 2)), np.array([1, 0, 3]), rng.normal(size=(4, 2)), rng.normal(size=4), q


@pytest.mark.parametrize("hits", [False, True])
@pytest.mark.parametrize("k", [1, 5])
def test_noise_contrastive_estimation_is_the_sum_written_out(hits, k):
    x, t, w, b, q = sampled()
    negatives = np.array([2, 3, 3, 2, 0])
    value = at(losses.nce_loss, x, t, w, b, negatives, np.log(k * q), remove_accidental_hits=hits)
    expected = []
    for i in range(3):
        score = [x[i] @ w[c] + b[c] - np.log(k * q[c]) for c in range(4)]
        noise = [c for c in negatives if not (hits and c == t[i])]
        expected.append(np.log1p(np.exp(-score[t[i]])) + sum(np.log1p(np.exp(score[c])) for c in noise))
    np.testing.assert_allclose(value, expected)


@pytest.mark.parametrize("hits", [False, True])
def test_slopes_of_noise_contrastive_estimation_are_right_where_a_negative_is_the_target(hits):
    x, w, b, q = sl.matrix("x", (3, 2)), sl.matrix("w", (4, 2)), sl.vector("b", 4), np.log(sampled()[4])
    loss = losses.nce_loss(x, np.array([1, 0, 3]), w, b, np.array([3, 3, 0]), q, remove_accidental_hits=hits)
    sl.testing.check_gradient(loss, [x, w, b], order=2)


@pytest.mark.parametrize("wrong", [4, -1])
@pytest.mark.parametrize("place", ["targets", "negatives"])
def test_noise_contrastive_estimation_refuses_classes_outside_the_range(wrong, place):
    x, t, w, b, q = sampled()
    negatives = np.array([2, 3])
    (t if place == "targets" else negatives)[0] = wrong
    with pytest.raises(sl.errors.LabelRangeError):
        at(losses.nce_loss, x, t, w, b, negatives, np.log(q))


def test_runners_up_that_tie_share_the_slope():
    (slope,) = slopes(losses.multiclass_hinge_loss, (np.array([[1.0, 1, -1]]), np.array([2])), wrt=[0])
    np.testing.assert_allclose(slope, [[0.5, 0.5, -1]])
    (slope,) = slopes(losses.multiclass_hinge_loss, (np.array([[1.0, 2, 0]]), np.array([1])), wrt=[0])
    np.testing.assert_allclose(slope, [[0.5, -0.5, 0]], err_msg="half at the margin")


def test_a_single_class_costs_nothing():
    assert at(losses.multiclass_hinge_loss, [[3.0], [-1.0]], np.array([0, 0])).tolist() == [0, 0]


@pytest.mark.parametrize("row", [[1, 1, 0], [0.5, 0.5, 0], [0, 0, 0], [2, 0, 0], [NAN, 0, 1]])
def test_multiclass_hinge_refuses_rows_that_are_not_one_hot(row):
    with pytest.raises(sl.errors.LabelRangeError):
        at(losses.multiclass_hinge_loss, [[1.0, 2, 3]], [row])


@pytest.mark.parametrize("label", [3, -1])
@pytest.mark.parametrize(
    "loss",
    [
        losses.multiclass_hinge_loss,
        losses.categorical_crossentropy,
        losses.smoothed_softmax_crossentropy,
        losses.categorical_accuracy,
        losses.classification_error,
        losses.accuracy,
    ],
)
def test_labels_outside_the_classes_are_refused(loss, label):
    with pytest.raises(sl.errors.LabelRangeError):
        at(loss, [[0.2, 0.3, 0.5]], np.array([label]))


def test_an_unknown_target_masks_value_slope_and_curvature_but_no_prediction():
    p, t = sl.vector("p", 4), sl.vector("t", 4)
    known = sl.logical_not(sl.isnan(t))
    loss = losses.aggregate(losses.squared_error(p, t) / 2, known, "sum")
    slope = sl.grad(loss, p)
    f = sl.function([p, t], [loss, slope, sl.grad(sl.sum(slope), p)])
    value, first, second = f([3, 5, 1, 2], [1, NAN, 1, NAN])
    assert value == 2
    np.testing.assert_array_equal(first, [2, 0, 0, 0])
    np.testing.assert_array_equal(second, [1, 0, 1, 0])
    assert np.isnan(f([NAN, 5, 1, 2], [1, NAN, 1, NAN])[0])
    assert f([0, 5, 1, 2], [INF, NAN, 1, NAN])[0] == INF


def test_losses_of_elements_and_of_items_add_up_for_each_item():
    p, t = sl.matrix("p", (2, 3)), sl.matrix("t", (2, 3))
    both = losses.loss_set([losses.softmax_crossentropy(p, t), losses.sparse_l2(p, 0.5)])
    P, T = np.arange(6.0).reshape(2, 3), np.eye(3)[:2]
    expected = at(losses.softmax_crossentropy, P, T) + 0.25 * np.sum(P**2, axis=1)
    np.testing.assert_allclose(both.eval({p: P, t: T}), expected)
    assert losses.loss_set([]).eval() == 0


@pytest.mark.parametrize("weight", [2, 2.0, np.int8(2)])
def test_a_sparse_penalty_has_no_slope_at_its_target_and_keeps_the_dtype(weight):
    a = np.array([0.5, 1, 3, NAN], "float32")
    (slope,) = slopes(losses.sparse_l1, [a], wrt=[0], weight=weight, target=1)
    np.testing.assert_array_equal(slope, [-2, 0, 2, NAN])
    assert slope.dtype == np.float32


def test_structural_damping_is_curvature_alone():
    a, damping = sl.vector("a", 3), sl.shared(0.5, "damping")
    loss = sl.sum(losses.structural_damping(sl.tanh(a), 3 * damping))
    slope = sl.grad(loss, a)
    second = sl.grad(sl.sum(slope), a)
    value, first, curvature = sl.function([a], [loss, slope, second])([0.5, -1, 2])
    assert value == 0
    np.testing.assert_array_equal(first, 0)
    np.testing.assert_allclose(curvature, 1.5 * (1 - np.tanh([0.5, -1, 2]) ** 2) ** 2)


def test_binary_hinge_takes_log_odds_unless_told_otherwise():
    assert at(losses.binary_hinge_loss, [0.5, 0.5], [1, 0]).tolist() == [0.5, 1.5]
    p = np.array([0.25, 0.75])
    from_p = at(losses.binary_hinge_loss, p, [1, 0], log_odds=False)
    np.testing.assert_allclose(from_p, 1 + np.log(3))
    assert at(losses.binary_hinge_loss, [1, 0, 1], [1, 0, 0], log_odds=False).tolist() == [0, 0, INF]
    assert at(losses.binary_hinge_loss, [0.5], [-1], binary=False).tolist() == [1.5]


@pytest.mark.parametrize(
    ("k", "right"), [(1, [1, 0, 0, 0]), (2, [1, 1, 0, 0]), (3, [1, 1, 1, 0]), (4, [1] * 4), (9, [1] * 4)]
)
def test_of_equal_scores_the_lowest_classes_come_first(k, right):
    value = at(losses.categorical_accuracy, np.zeros((4, 4)), np.arange(4), top_k=k)
    assert value.tolist() == [bool(r) for r in right]


def test_the_first_class_is_that_of_argmax():
    rng = np.random.default_rng(2)
    p, t = rng.integers(0, 3, (200, 4)).astype(float), rng.integers(0, 4, 200)
    assert np.array_equal(at(losses.categorical_accuracy, p, t), p.argmax(1) == t)
    assert np.array_equal(at(losses.categorical_accuracy, p, np.eye(4)[t]), p.argmax(1) == t)
    assert np.array_equal(at(losses.classification_error, p, np.eye(4)[t]), p.argmax(1) != t)
    assert at(losses.accuracy, p, t) == np.mean(p.argmax(1) == t)


def test_nan_does_not_find_a_class():
    p = [[NAN, 1.0], [1.0, NAN], [2.0, 1.0]]
    assert at(losses.categorical_accuracy, p, np.array([0, 0, 0])).tolist() == [False, False, True]


def test_rows_of_unknown_targets_are_no_errors_and_can_leave_the_rate():
    p, t = sl.matrix("p", (4, 2)), sl.matrix("t", (4, 2))
    wrong = losses.classification_error(p, t)
    rate = losses.aggregate(wrong, sl.logical_not(sl.any(sl.isnan(t), axis=1)), "normalized_sum")
    P, T = np.array([[1.0, 0]] * 4), np.array([[1, 0], [0, 1], [NAN, 1], [NAN, NAN]])
    assert wrong.eval({p: P, t: T}).tolist() == [False, True, False, False]
    assert rate.eval({p: P, t: T}) == 0.5


def test_labels_are_compared_with_labels():
    assert at(losses.accuracy, np.array([1, 2, 3]), np.array([1, 0, 3])) == 2 / 3
    with pytest.raises(sl.errors.ShapeError):
        at(losses.accuracy, np.array([1]), np.array([1, 0, 3]))
    assert np.isnan(at(losses.accuracy, np.array([], int), np.array([], int)))


def test_a_threshold_counts_as_yes():
    assert at(losses.binary_accuracy, [0.5, 0.4, 0.9, NAN], [1, 1, 0, 0]).tolist() == [1, 0, 0, 1]


def test_a_cluster_takes_its_most_frequent_label():
    clusters, labels = np.array([0, 0, 0, 1, 1, 2]), np.array([3, 3, 4, 4, 4, 0])
    value = at(losses.clustering_accuracy, clusters, labels, n_clusters=3, n_labels=5)
    np.testing.assert_allclose(value, 5 / 6)
    with pytest.raises(sl.errors.LabelRangeError):
        at(losses.clustering_accuracy, clusters, labels, n_clusters=3)


@pytest.mark.parametrize(
    ("predictions", "targets", "score"),
    [
        ([11, 12, 13], [1, 2, 3], 1),
        ([0, 0, 0], [1e-4, 2e-4, 3e-4], 0),
        ([1, 2], [5, 5], 0),
        ([7, 7], [5, 5], 1),
        ([0, 0, 0], [1, 2, 3], 0),
    ],
)
def test_explained_variance_has_no_constant_that_biases_it(predictions, targets, score):
    value = at(losses.explained_variance, [float(p) for p in predictions], [float(t) for t in targets])
    np.testing.assert_allclose(value, score, atol=1e-12)


def test_a_column_is_aligned_with_a_vector_if_asked_for():
    column, vector, open_ = sl.matrix("c", ("N", 1)), sl.vector("v", "N"), sl.matrix("o")
    for pair in ((column, vector), (vector, column)):
        assert [e.shape for e in losses.align_targets(*pair)] == [column.shape] * 2
    assert losses.align_targets(column, column) == (column, column)
    f = sl.function([open_, vector], losses.squared_error(*losses.align_targets(open_, vector)))
    assert f([[1], [2]], [0, 0]).tolist() == [[1], [4]]
    with pytest.raises(sl.errors.ShapeError):
        f([[1, 1], [2, 2]], [0, 0])
