"""The names of four earlier libraries: their signatures, their values, and where ours differ."""

import inspect
import subprocess
import sys
import warnings

import numpy as np
import pytest

import symloss as sl
import symloss.compat.hessianfree as hf
import symloss.compat.lasagne as lasagne
import symloss.compat.numpy_ml as ml
from symloss.compat import symjax

NAN, INF = np.nan, np.inf

SIGNATURES = [
    (lasagne, "align_targets", "predictions, targets"),
    (lasagne, "binary_crossentropy", "predictions, targets"),
    (lasagne, "categorical_crossentropy", "predictions, targets"),
    (lasagne, "squared_error", "a, b"),
    (lasagne, "aggregate", "loss, weights=None, mode='mean'"),
    (lasagne, "binary_hinge_loss", "predictions, targets, delta=1, log_odds=None, binary=True"),
    (lasagne, "multiclass_hinge_loss", "predictions, targets, delta=1"),
    (lasagne, "huber_loss", "predictions, targets, delta=1"),
    (lasagne, "binary_accuracy", "predictions, targets, threshold=0.5"),
    (lasagne, "categorical_accuracy", "predictions, targets, top_k=1"),
    (symjax, "huber", "targets, predictions, delta=1.0"),
    (symjax, "explained_variance", "y, ypred, axis=None, epsilon=1e-06"),
    (symjax, "vae", "x, x_hat, q_mean, q_cov, z_mean=None, z_cov=None, x_cov=None"),
    (symjax, "vae_gmm", "x, x_hat, z_mu, z_logvar, mu, logvar, logpi, logvar_x=0.0, eps=1e-08"),
    (symjax, "vae_comp_gmm", "x, x_hat, z_mu, z_logvar, mu, logvar, logpi, logvar_x=0.0, eps=1e-08"),
    (
        symjax,
        "FGMM_VAE",
        "x, x_rec, x_logvar, z_logvar, q_mu, q_logvar, mu, q_loggamma, q_logeta, logpi, logpia, "
        "mode='bernoulli', eps=1e-05",
    ),
    (symjax, "sparse_softmax_crossentropy_logits", "p, q"),
    (symjax, "softmax_crossentropy_logits", "p, q"),
    (symjax, "sparse_sigmoid_crossentropy_logits", "labels, logits"),
    (symjax, "hinge_loss", "predictions, targets, delta=1"),
    (symjax, "multiclass_hinge_loss", "predictions, targets, delta=1"),
    (symjax, "squared_differences", "x, y"),
    (symjax, "accuracy", "targets, predictions"),
    (symjax, "clustering_accuracy", "labels, predictions, n_clusters, n_labels=None"),
    (symjax, "Normal", "mean, cov"),
    (symjax, "KL", "X, Y"),
    (ml, "SquaredError", ""),
    (ml, "CrossEntropy", ""),
    (ml, "VAELoss", ""),
    (ml, "WGAN_GPLoss", "lambda_=10"),
    (
        ml,
        "NCELoss",
        "n_classes, noise_sampler, num_negative_samples, optimizer=None, init='glorot_uniform', "
        "subtract_log_label_prob=True, remove_accidental_hits=False",
    ),
    (hf, "SquaredError", ""),
    (hf, "CrossEntropy", ""),
    (hf, "ClassificationError", ""),
    (hf, "StructuralDamping", "weight, layers=None, optimizer=None"),
    (hf, "SparseL1", "weight, layers=None, target=0.0"),
    (hf, "SparseL2", "weight, layers=None, target=0.0"),
    (hf, "LossSet", "set"),
    (hf, "Nonlinearity", "stateful=False"),
    (hf, "Tanh", ""),
    (hf, "Logistic", ""),
    (hf, "Linear", ""),
    (hf, "ReLU", "max=10000000000.0"),
    (hf, "Gaussian", ""),
    (hf, "Softmax", "floor=None"),
    (hf, "SoftLIF", "sigma=1, tau_rc=0.02, tau_ref=0.002, amp=0.01"),
    (hf, "Continuous", "base, tau=1.0, dt=1.0"),
    (hf, "Plant", "stateful=True"),
]
METHODS = [
    (hf.LossFunction, ["loss", "d_loss", "d2_loss", "batch_loss"], "activities, targets"),
    (hf.LossSet, ["group_func"], "func_name, activities, targets"),
    (hf.Nonlinearity, ["activation"], "x"),
    (hf.Nonlinearity, ["d_activation"], "x, a"),
    (hf.Nonlinearity, ["reset"], "init=None"),
    (hf.Plant, ["__call__"], "x"),
    (hf.Plant, ["get_vecs"], ""),
    (ml.SquaredError, ["loss"], "y, y_pred"),
    (ml.SquaredError, ["grad"], "y, y_pred, z=None, act_fn=None"),
    (ml.CrossEntropy, ["loss", "grad"], "y, y_pred"),
    (ml.VAELoss, ["loss", "grad"], "y, y_pred, t_mean, t_log_var"),
    (ml.WGAN_GPLoss, ["loss", "grad"], "Y_fake, module, Y_real=None, gradInterp=None"),
    (ml.NCELoss, ["loss"], "X, target, neg_samples=None, retain_derived=True"),
    (ml.NCELoss, ["grad"], "retain_grads=True, update_params=True"),
    (ml.NCELoss, ["flush_gradients", "freeze", "unfreeze"], ""),
]


def arguments(of):
    shown = [str(p.replace(annotation=p.empty)) for p in inspect.signature(of).parameters.values()]
    return ", ".join(one for one in shown if one not in ("self", "**options"))


@pytest.mark.parametrize(("library", "name", "listed"), SIGNATURES)
def test_a_name_has_the_arguments_that_it_had(library, name, listed):
    assert arguments(getattr(library, name)) == listed


@pytest.mark.parametrize(("owner", "names", "listed"), METHODS)
def test_a_method_has_the_arguments_that_it_had(owner, names, listed):
    assert {arguments(getattr(owner, name)) for name in names} == {listed}


def test_importing_symloss_loads_none_of_it():
    code = "import sys, symloss; print([m for m in sys.modules if m.startswith('symloss.compat')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_give_arrays_and_formulas_give_formulas(dtype):
    p, t = np.array([1, 2], dtype), np.array([3, 5], dtype)
    assert lasagne.squared_error(p, t).dtype == dtype
    assert lasagne.squared_error(p, t).tolist() == [4, 9]
    x = sl.vector("x", 2, dtype)
    assert isinstance(lasagne.squared_error(x, t), sl.Expr)
    assert lasagne.squared_error(x, t).eval({x: p}).tolist() == [4, 9]
    assert symjax.huber(1.0, predictions=4.0) == 2.5
    assert symjax.explained_variance(np.zeros((2, 3)), np.zeros((2, 3)), axis=0).tolist() == [1, 1, 1]


def test_integers_and_floats_of_one_value_are_told_apart():
    assert symjax.squared_differences([1, 2], 3).dtype == "int64"
    assert symjax.squared_differences([1, 2], 3.0).dtype == "float64"
    assert symjax.squared_differences([1, 2], 3).dtype == "int64"


# Lasagne --------------------------------------------------------------------------------------------
def test_a_training_loss_of_lasagne_runs_with_one_import_changed():
    prediction, target = sl.matrix("prediction"), sl.vector("target", dtype="int32")
    loss = lasagne.objectives.categorical_crossentropy(prediction, target)
    loss = lasagne.objectives.aggregate(loss, mode="mean")
    f = sl.function([prediction, target], [loss, sl.grad(loss, prediction)])
    p, t = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]), np.array([1, 2], "int32")
    value, slope = f(p, t)
    np.testing.assert_allclose(value, -np.mean(np.log([0.5, 0.8])))
    np.testing.assert_allclose(slope, [[0, -1, 0], [0, 0, -0.625]])


def test_aggregate_is_the_mean_itself():
    x = sl.vector("x", "N")
    assert lasagne.aggregate(x) is x.mean()
    with pytest.raises(ValueError, match="mode must be"):
        lasagne.aggregate(x, mode="average")
    with pytest.raises(ValueError, match="require weights"):
        lasagne.aggregate(x, mode="normalized_sum")
    assert lasagne.aggregate(np.ones((2, 3)), np.ones((2, 1)), "normalized_sum") == 1
    assert lasagne.aggregate(np.array([1, NAN]), [2, 0], "sum") == 2


def test_a_column_meets_a_vector_without_becoming_a_matrix():
    column, vector = np.array([[0.5], [0.25]]), np.array([1.0, 0])
    for loss in ("binary_crossentropy", "squared_error", "huber_loss", "binary_accuracy"):
        assert getattr(lasagne, loss)(column, vector).shape == (2, 1)
    a, b = lasagne.align_targets(column, vector)
    assert a.shape == b.shape == (2, 1)


@pytest.mark.parametrize(
    "loss", ["categorical_crossentropy", "multiclass_hinge_loss", "categorical_accuracy"]
)
def test_a_rank_that_does_not_fit_is_a_type_error_as_it_was(loss):
    with pytest.raises(TypeError, match="rank mismatch"):
        getattr(lasagne, loss)(np.ones((2, 3)), np.ones((2, 3, 1)))


def test_leaving_out_log_odds_warns_and_takes_them():
    with pytest.warns(FutureWarning, match="log_odds") as caught:
        value = lasagne.binary_hinge_loss(np.array([0.5, 0.5]), np.array([1, 0]))
    assert value.tolist() == [0.5, 1.5]
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        certain = lasagne.binary_hinge_loss([1.0, 0, 1], [1.0, 0, 0], log_odds=False)
    assert certain.tolist() == [0, 0, INF]


def test_certainty_that_is_right_costs_nothing():
    p, t = sl.vector("p", 2), np.array([0.0, 1])
    loss = lasagne.binary_crossentropy(p, t)
    value, slope = sl.function([p], [loss, sl.grad(loss.sum(), p)])([0, 1])
    assert (value.tolist(), slope.tolist()) == ([0, 0], [1, -1])
    assert lasagne.categorical_crossentropy([[0.0, 1.0]], [[0.0, 1.0]]).tolist() == [0]
    assert lasagne.categorical_crossentropy(np.array([[0.5, 0.5]]), np.array([1])) == np.log(2)


@pytest.mark.parametrize("library", [lasagne, symjax])
@pytest.mark.parametrize("one_hot", [False, True])
def test_multiclass_hinge_works_shares_ties_and_refuses_what_is_not_one_hot(library, one_hot):
    t = np.array([1, 1])
    value = library.multiclass_hinge_loss(np.array([[0.1, 0.9], [0.6, 0.4]]), np.eye(2)[t] if one_hot else t)
    np.testing.assert_allclose(value, [0.2, 1.2])
    p = sl.matrix("p", (1, 3))
    slope = sl.grad(library.multiclass_hinge_loss(p, np.array([2])).sum(), p)
    assert slope.eval({p: [[1, 1, -1]]}).tolist() == [[0.5, 0.5, -1]]
    with pytest.raises(sl.errors.LabelRangeError):
        library.multiclass_hinge_loss(np.ones((1, 3)), np.array([[1.0, 1, 0]]))


def test_huber_has_a_float_half_and_a_finite_slope_at_infinity():
    assert lasagne.huber_loss(np.array([8]), np.array([3]), 3).tolist() == [10.5]
    p = sl.vector("p", 2)
    slope = sl.grad(lasagne.huber_loss(p, np.zeros(2), 3).sum(), p)
    assert slope.eval({p: [INF, -INF]}).tolist() == [3, -3]


@pytest.mark.parametrize(("k", "right"), [(1, [1, 0, 0, 0]), (2, [1, 1, 0, 0]), (9, [1] * 4)])
def test_of_equal_scores_the_lowest_classes_come_first(k, right):
    assert lasagne.categorical_accuracy(np.zeros((4, 4)), np.arange(4), top_k=k).tolist() == right
    with pytest.raises(sl.errors.DomainError):
        lasagne.categorical_accuracy(np.zeros((4, 4)), np.arange(4), top_k=0)


def test_nonlinearities_of_lasagne():
    x = np.array([-2.0, 0, 3])
    expected = {
        "sigmoid": 1 / (1 + np.exp(-x)),
        "softmax": np.exp(x) / np.exp(x).sum(),
        "tanh": np.tanh(x),
        "rectify": [0, 0, 3],
        "leaky_rectify": [-0.02, 0, 3],
        "very_leaky_rectify": [-2 / 3, 0, 3],
        "softplus": np.log1p(np.exp(x)),
        "elu": [np.expm1(-2), 0, 3],
        "selu": [1.0507009873554805 * 1.6732632423543772 * np.expm1(-2), 0, 3 * 1.0507009873554805],
        "linear": x,
        "identity": x,
    }
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(lasagne.nonlinearities, name)(x), values, err_msg=name)
    assert lasagne.LeakyRectify(0.5)(x).tolist() == [-1, 0, 3]
    np.testing.assert_allclose(lasagne.ScaledTanH(2 / 3, 1.7)(x), 1.7 * np.tanh(2 * x / 3))
    v = sl.vector("v", 3)
    assert sl.grad(lasagne.elu(v).sum(), v).eval({v: [-1000, 0, 1]}).tolist() == [0, 1, 1]


# SymJAX ---------------------------------------------------------------------------------------------
X, X_HAT = np.array([[0, 1], [0.5, 0.25]]), np.array([[0.1, 0.8], [0.5, 0.5]])
Z, Z_LOGVAR = np.array([[0.2, -0.4], [1, 0.5]]), np.array([[0, -0.5], [0.3, 0.1]])
MU, LOGVAR = np.array([[0.0, 0], [1, 1]]), np.array([[0, 0], [-0.5, 0.2]])


def test_vae_has_the_divergence_of_the_posterior_and_takes_variances():
    m, v = np.array([[0.5], [-1]]), np.array([[1], [0.5]])
    expected = [1.987877, 2.465701]
    np.testing.assert_allclose(symjax.vae(X, X_HAT, m, v), expected, atol=5e-7)
    given = symjax.vae(X, X_HAT, m, v, np.zeros(1), np.ones(1), np.ones(2))
    np.testing.assert_allclose(given, expected, atol=5e-7)


def test_vae_gmm_counts_the_prior_of_a_cluster_once():
    logpi = np.log([0.25, 0.75])
    loss, likelihood, share = symjax.vae_gmm(X, X_HAT, Z, Z_LOGVAR, MU, LOGVAR, logpi + 3)
    np.testing.assert_allclose(loss, [0.997987, 0.430267], atol=5e-7)
    np.testing.assert_allclose(share[:, 0], [0.495334, 0.145384], atol=5e-7)
    expected = -np.sum((X - X_HAT) ** 2, axis=1) / 2 + share @ logpi
    np.testing.assert_allclose(likelihood, expected)


def test_vae_comp_gmm_of_one_piece_is_vae_gmm_and_reconstruction_errors_cost():
    logpi = np.log([0.25, 0.75])
    pieces = Z[:, None], Z_LOGVAR[:, None], MU[None], LOGVAR[None], logpi[None]
    loss = symjax.vae_comp_gmm(X, X_HAT, *pieces)
    np.testing.assert_allclose(loss, [0.997987, 0.430267], atol=5e-7)
    assert np.all(symjax.vae_comp_gmm(X, X_HAT + 10, *pieces) > loss + 50)


@pytest.mark.parametrize(("mode", "value"), [("bernoulli", 1.898098), ("categorical", 1.600453)])
def test_factors_meet_in_the_same_latent_variable(mode, value):
    mu = np.array([[[1, 0], [0, 1]], [[0.5, 0.5], [-1, 1]]])
    gamma, half = np.log([[[0.6, 0.4], [0.3, 0.7]]]), np.log(np.full((2, 2), 0.5))
    found = symjax.FGMM_VAE(
        np.array([[0.3]]), np.array([[0.1]]), np.zeros(1), np.array([0, 0.2]), np.array([[0.5, -0.5]]),
        np.zeros((1, 2)), mu, gamma, np.log([[0.5, 0.25]]), half, half[0], mode=mode,
    )  # fmt: skip
    np.testing.assert_allclose(found, [value], atol=5e-7)


def test_crossentropies_of_logits():
    logits, p = np.array([[1.0, -INF, 2], [0, 0, 0]]), np.array([[0.5, 0, 0.5], [0.2, 0.3, 0.5]])
    expected = [np.log(np.exp(1) + np.exp(2)) - 1.5, np.log(3)]
    np.testing.assert_allclose(symjax.softmax_crossentropy_logits(p, logits), expected)
    sparse = symjax.sparse_softmax_crossentropy_logits(np.array([2, 0]), logits)
    np.testing.assert_allclose(sparse, [np.log1p(np.exp(-1)), np.log(3)])
    binary = symjax.sparse_sigmoid_crossentropy_logits([1.0, 1, 0], [INF, -800.0, -INF])
    assert binary.tolist() == [0, 800, 0]
    for label in (-1, 3):
        with pytest.raises(sl.errors.LabelRangeError):
            symjax.sparse_softmax_crossentropy_logits(np.array([label, 0]), logits)
    with pytest.raises(TypeError):
        symjax.sparse_softmax_crossentropy_logits(np.array([1.0, 0]), logits)


@pytest.mark.parametrize(
    "loss",
    [symjax.huber, symjax.hinge_loss, symjax.squared_differences, symjax.accuracy, ml.SquaredError().loss]
)  # fmt: skip
def test_a_column_and_a_vector_are_not_broadcast(loss):
    with pytest.raises(ValueError, match=r"\(3, 1\)|differ|labels"):
        loss(np.ones((3, 1)), np.ones(3))


def test_other_losses_of_symjax():
    np.testing.assert_allclose(symjax.huber([0.0, 0.0], [0.5, 3], 2.0), [0.125, 4])
    assert symjax.hinge_loss([0.5, 2.0], [-1.0, 1]).tolist() == [1.5, 0]
    assert symjax.squared_differences([1.0, 2], 3.0).tolist() == [4, 1]
    with pytest.raises(sl.errors.DomainError):
        symjax.huber([0.0], [1.0], 0)


def test_scores_of_symjax():
    assert symjax.explained_variance(np.array([5.0, 5]), np.array([1.0, 2])) == 0
    small = symjax.explained_variance(1e-4 * np.array([1.0, 2, 3]), np.zeros(3))
    np.testing.assert_allclose(small, 0, atol=1e-12)
    assert symjax.accuracy([1, 0, 1], np.array([[0, 1.0], [1, 0], [1, 0]])) == 2 / 3
    assert symjax.accuracy([1, 2, 3], np.array([1, 2, 0])) == 2 / 3
    with pytest.raises(ValueError, match="differ"):
        symjax.accuracy([1, 0, 3], np.array([1]))
    labels, found = np.array([3, 3, 4, 4]), np.array([0, 0, 1, 1])
    assert symjax.clustering_accuracy(labels, found, 2, n_labels=5) == 1
    with pytest.raises(sl.errors.LabelRangeError):
        symjax.clustering_accuracy(labels, found, 2)


def test_divergences_of_symjax_are_exact_and_weighted_by_the_first():
    m, v = np.array([[0.3, -2]]), np.array([[1e-6, 1e-9]])
    assert symjax.KL(symjax.Normal(m, v), symjax.Normal(m, v)).eval({}).tolist() == [0]
    p, q = np.array([0.5, 0.5, 0]), np.array([0.25, 0.5, 0.25])
    kl = symjax.KL(symjax.Categorical(p), symjax.Categorical(q))
    np.testing.assert_allclose(kl.eval({}), 0.5 * np.log(2))
    with pytest.raises(sl.errors.DomainError):
        symjax.KL(symjax.Categorical(p), symjax.Normal(m, v))


def test_normal_distributions_with_a_diagonal_and_a_full_covariance_agree():
    m, m0 = np.array([0.5, -1]), np.array([0.0, 2])
    v, v0 = np.array([0.5, 2]), np.array([1.5, 0.25])
    x, y = symjax.Normal(m, v), symjax.Normal(m0, v0)
    full_x, full_y = symjax.Normal(m, np.diag(v)), symjax.Normal(m0, np.diag(v0))
    kl = np.sum(v / v0 + (m - m0) ** 2 / v0 - 1 + np.log(v0 / v)) / 2
    for pair in ((x, y), (full_x, full_y)):
        np.testing.assert_allclose(symjax.KL(*pair).eval({}), kl)
    for one in (x, full_x):
        np.testing.assert_allclose(one.entropy().eval({}), 1 + np.log(2 * np.pi) + np.log(v).sum() / 2)
        density = -np.log(2 * np.pi) - np.sum(np.log(v) + (m0 - m) ** 2 / v) / 2
        np.testing.assert_allclose(one.log_prob(m0).eval({}), density)
