"""The loss objects of numpy-ml and hessianfree: values, gradients, and where ours differ."""

import numpy as np
import pytest

import symloss as sl
import symloss.compat.hessianfree as hf
import symloss.compat.numpy_ml as ml

NAN, INF = np.nan, np.inf


def differences(f, x, step=1e-6):
    """The gradient of a number in an array, from central differences."""
    slope = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        slope[i] = (f(up) - f(down)) / (2 * step)
    return slope


# numpy-ml -------------------------------------------------------------------------------------------
class Cube:
    def grad(self, z):
        return 3 * z**2


def test_squared_error_of_numpy_ml():
    y, p = np.array([[1.0, 2], [3, 4]]), np.array([[2.0, 2], [5, 3]])
    loss = ml.SquaredError()
    assert loss(y, p) == loss.loss(y, p) == 3
    assert loss.grad(y, p).tolist() == [[1, 0], [2, -1]]
    assert loss.grad(y, p, np.full((2, 2), 2.0), Cube()).tolist() == [[12, 0], [24, -12]]
    np.testing.assert_allclose(loss.grad(y, p, np.zeros((2, 2)), sl.nonlinearities.tanh), p - y)
    assert str(loss) == "SquaredError"


def test_crossentropy_of_numpy_ml_is_exact():
    loss, p = ml.CrossEntropy(), np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    for y in (np.array([1, 2]), np.eye(3)[[1, 2]], np.eye(3, dtype=int)[[1, 2]]):
        np.testing.assert_allclose(loss(y, p), -np.log(0.5) - np.log(0.8))
        np.testing.assert_allclose(loss.grad(y, p), p - np.eye(3)[[1, 2]])
    assert loss(np.eye(3), np.eye(3)) == 0
    assert loss(np.array([0]), np.array([[0.0, 1]])) == INF
    assert loss.grad(np.array([0]), np.array([[0.0, 1]])).tolist() == [[-1, 1]]
    several = np.array([[1.0, 1, 0]])
    np.testing.assert_allclose(loss.grad(several, p[:1]), 2 * p[:1] - several, atol=1e-15)


@pytest.mark.parametrize(
    ("y", "p"),
    [
        ([[1.0, 0]], [[0.5, 0.6]]),
        ([[1.0, 0]], [[1.5, -0.5]]),
        ([[2.0, 0]], [[0.5, 0.5]]),
        ([[NAN, 0]], [[0.5, 0.5]]),
        ([[1.0, 0]], [[NAN, 0.5]]),
    ],
)
def test_crossentropy_of_numpy_ml_refuses_what_are_no_probabilities(y, p):
    with pytest.raises(ValueError, match="CrossEntropy"):
        ml.CrossEntropy().loss(np.array(y), np.array(p))
    with pytest.raises(IndexError):
        ml.CrossEntropy().loss(np.array([-1]), np.array([[0.5, 0.5]]))


def test_vae_of_numpy_ml_has_gradients_in_its_order():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, (3, 4)).astype(float), rng.uniform(0.1, 0.9, (3, 4))
    m, v = rng.normal(size=(2, 3, 2))
    loss = ml.VAELoss()
    cost = -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) - np.sum(1 + v - m**2 - np.exp(v)) / 2
    np.testing.assert_allclose(loss(y, p, m, v), cost / 3)
    dp, dv, dm = loss.grad(y, p, m, v)
    np.testing.assert_allclose(dp, (-y / p + (1 - y) / (1 - p)) / 3)
    np.testing.assert_allclose(dv, (np.exp(v) - 1) / 6)
    np.testing.assert_allclose(dm, m / 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_vae_of_numpy_ml_does_not_clip(dtype):
    p, y = np.array([[1, 0, 1, 0]], dtype).T, np.array([[1, 0, 0, 1]], dtype).T
    zeros = np.zeros((4, 1), dtype)
    assert ml.VAELoss().loss(y[:2], p[:2], zeros[:2], zeros[:2]) == 0
    dp, _, _ = ml.VAELoss().grad(y, p, zeros, zeros)
    assert dp.dtype == dtype
    assert dp[:, 0].tolist() == [-0.25, 0.25, INF, -INF]


def test_a_critic_is_pulled_down_on_fakes_and_up_on_real_ones():
    loss, fake, real = ml.WGAN_GPLoss(10), np.array([0.5, 2, 1]), np.array([3.0, 1])
    slopes = np.array([[3.0, 4], [0, 2], [0, 0], [1, 0]])
    assert str(loss) == "WGANLossGP(lambda_=10)"
    np.testing.assert_allclose(loss(fake, "C", real, slopes), 3.5 / 3 - 2 + 10 * (16 + 1 + 1) / 4)
    d_fake, d_real, d_slopes = loss.grad(fake, "C", real, slopes)
    np.testing.assert_allclose(d_fake, [1 / 3] * 3)
    np.testing.assert_allclose(d_real, [-1 / 2] * 2)
    np.testing.assert_allclose(d_slopes, [[12, 16], [0, 5], [0, 0], [0, 0]])
    np.testing.assert_allclose(loss(fake, "G"), -3.5 / 3)
    np.testing.assert_allclose(loss.grad(fake, "G"), [-1 / 3] * 3)


def test_a_critic_asks_for_what_it_needs():
    with pytest.raises(ValueError, match="Y_real"):
        ml.WGAN_GPLoss().loss(np.ones(2), "C")
    with pytest.raises(ValueError, match="module"):
        ml.WGAN_GPLoss().grad(np.ones(2), "D")


class Sampler:
    probs = np.array([0.1, 0.2, 0.3, 0.4])

    def __call__(self, k):
        return np.arange(k) % 4


def noise(**options):
    rng = np.random.default_rng(4)
    loss = ml.NCELoss(4, Sampler(), 3, **options)
    X, target = rng.normal(size=(2, 1, 2)), np.array([1, 3])
    loss.loss(X, target, np.array([0, 1, 2]), retain_derived=False)
    loss.parameters = {"W": rng.normal(size=(4, 2)), "b": rng.normal(size=(1, 4))}
    return loss, X, target


@pytest.mark.parametrize("hits", [False, True])
def test_noise_contrastive_estimation_is_the_sum_written_out_with_log_k_q(hits):
    loss, X, target = noise(remove_accidental_hits=hits)
    W, b = loss.parameters["W"], loss.parameters["b"][0]
    value, chance = loss(X, target, np.array([3, 3, 0]))
    expected = 0
    for i, t in enumerate(target):
        s = W @ X[i, 0] + b - np.log(3 * Sampler.probs)
        negatives = [c for c in (3, 3, 0) if not (hits and c == t)]
        expected += np.log1p(np.exp(-s[t])) + sum(np.log1p(np.exp(s[c])) for c in negatives)
        np.testing.assert_allclose(chance[i], 1 / (1 + np.exp(-s[t])))
    np.testing.assert_allclose(value, expected)


@pytest.mark.parametrize("hits", [False, True])
def test_all_gradients_agree_with_differences_where_a_negative_is_the_target(hits):
    loss, X, target = noise(remove_accidental_hits=hits)
    negatives = np.array([3, 3, 0])

    def value(**changed):
        kept, loss.parameters = loss.parameters, {**loss.parameters, **changed}
        found = loss.loss(X, target, negatives, retain_derived=False)[0]
        loss.parameters = kept
        return found

    loss.loss(X, target, negatives)
    dX = loss.grad(update_params=False)
    by_hand = differences(lambda x: loss.loss(x, target, negatives, retain_derived=False)[0], X)
    np.testing.assert_allclose(dX, by_hand, atol=1e-7)
    for name in ("W", "b"):
        expected = differences(lambda p, name=name: value(**{name: p}), loss.parameters[name])
        np.testing.assert_allclose(loss.gradients[name], expected, atol=1e-7)


def test_noise_contrastive_estimation_keeps_its_books():
    loss, X, target = noise(subtract_log_label_prob=False)
    W = loss.parameters["W"].copy()
    loss.loss(X, target)
    loss.grad(update_params=False)
    slope = loss.gradients["W"].copy()
    loss.update()
    np.testing.assert_allclose(loss.parameters["W"], W - 0.01 * slope)
    assert not loss.gradients["W"].any()
    loss.loss(X, target)
    loss.loss(X, target)
    assert len(loss.grad()) == 2
    assert loss.hyperparameters["n_classes"] == 4
    loss.freeze()
    value, chance = loss.loss(X, target, np.array([0, 0, 0]))
    np.testing.assert_allclose(value, -np.log(chance).sum())
    with pytest.raises(sl.errors.GraphError, match="frozen"):
        loss.grad()
    loss.unfreeze()
    with pytest.raises(ValueError, match="rank 2"):
        loss.loss(X[0], target)
    with pytest.raises(ValueError, match="2 negatives"):
        loss.loss(X, target, np.array([1, 2]))


def test_noise_contrastive_estimation_takes_an_optimizer_and_one_way_to_begin():
    loss, X, target = noise(optimizer=lambda parameter, slope, name: parameter * 0)
    loss.loss(X, target)
    loss.grad()
    assert not loss.parameters["W"].any()
    with pytest.raises(sl.errors.DomainError):
        ml.NCELoss(4, Sampler(), 3, init="zeros")


# hessianfree: losses --------------------------------------------------------------------------------
A, T = np.array([[1.0, 2], [3, 4]]), np.array([[0.0, NAN], [INF, 4]])


def test_squared_error_masks_targets_in_value_slope_and_curvature():
    loss = hf.loss_funcs.SquaredError()
    layers = [np.zeros((2, 3)), A]
    assert loss.loss(layers, T)[0] is None
    assert loss.loss(layers, T)[1].tolist() == [0.5, INF]
    assert loss.d_loss(layers, T)[1].tolist() == [[1, 0], [-INF, 0]]
    assert loss.d2_loss(layers, T)[1].tolist() == [[1, 0], [1, 1]]
    assert loss.batch_loss(layers, np.array([[0.0, NAN], [1, 4]])) == (0.5 + 2) / 2


def test_squared_error_hides_no_output_that_is_nan():
    a = np.array([[NAN, 2.0], [NAN, NAN]])
    t = np.array([[1.0, 2], [NAN, NAN]])
    loss = hf.SquaredError()
    np.testing.assert_array_equal(loss.loss([a], t)[0], [NAN, 0])
    np.testing.assert_array_equal(loss.d_loss([a], t)[0], [[NAN, 0], [0, 0]])
    with pytest.raises(ValueError, match="would broadcast"):
        loss.loss([np.ones((3, 1))], np.ones(3))


def test_sequences_are_summed_over_time():
    a, t = np.ones((2, 3, 4)), np.zeros((2, 3, 4))
    assert hf.SquaredError().loss([a], t)[0].tolist() == [6, 6]
    assert hf.SquaredError().batch_loss([a], t) == 6
    np.testing.assert_allclose(hf.CrossEntropy().loss([a / 4], np.eye(4)[t.argmax(-1)])[0], 3 * np.log(4))


def test_crossentropy_of_hessianfree():
    a, t = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]), np.eye(3)[[1, 2]]
    loss = hf.CrossEntropy()
    np.testing.assert_allclose(loss.loss([a], t)[0], [0.693147, 0.223144], atol=5e-7)
    np.testing.assert_allclose(loss.batch_loss([a], t), 0.458145, atol=1e-6)
    np.testing.assert_allclose(loss.d_loss([a], t)[0], -t / a)
    np.testing.assert_allclose(loss.d2_loss([a], t)[0], t / a**2)


def test_crossentropy_of_a_target_that_is_0_or_unknown_is_0():
    a, t = np.array([[0.0, 0, 1]]), np.array([[0.0, NAN, 1]])
    for name, value in (("loss", [0]), ("d_loss", [[0, 0, -1]]), ("d2_loss", [[0, 0, 1]])):
        np.testing.assert_array_equal(getattr(hf.CrossEntropy(), name)([a], t)[0], value)


def test_classification_error_has_a_rate_and_no_slope():
    a = np.array([[1.0, 0]] * 4)
    t = np.array([[1, 0], [0, 1], [NAN, 1], [NAN, NAN]])
    loss = hf.ClassificationError()
    assert loss.loss([a], t)[0].tolist() == [False, True, False, False]
    assert loss.batch_loss([a], t) == 0.25
    assert loss.rate([a], t) == 0.5
    assert np.isnan(loss.rate([a], np.full((4, 2), NAN)))
    for name in ("d_loss", "d2_loss"):
        with pytest.raises(sl.errors.GradientError):
            getattr(loss, name)([a], t)


def test_structural_damping_is_curvature_alone_and_follows_the_optimiser():
    class Optimizer:
        damping = 0.5

    layers, optimizer = [A, A, A, A.astype("float32"), A], Optimizer()
    loss = hf.StructuralDamping(3, optimizer=optimizer)
    assert loss.loss(layers, None) == loss.d_loss(layers, None) == [None] * 5
    assert loss.batch_loss(layers, None) == 0
    found = loss.d2_loss(layers, None)
    assert [x is None for x in found] == [True, False, False, False, True]
    assert found[3].dtype == np.float32
    assert np.all(found[1] == 1.5)
    optimizer.damping = 2
    assert np.all(loss.d2_loss(layers, None)[1] == 6)
    assert np.all(hf.StructuralDamping(3, [-1, 4]).d2_loss(layers, None)[4] == 3)


@pytest.mark.parametrize("layers", [1, [1, 1], (1,), slice(1, 2), None, np.array([-2])])
def test_sparse_penalties_of_chosen_layers(layers):
    a = np.array([[0.5, 1, 3, NAN]], "float32")
    one, two = hf.SparseL1(2, layers, 1), hf.SparseL2(2, layers, 1)
    for loss, name, value in (
        (one, "loss", [[1, 0, 4, NAN]]),
        (one, "d_loss", [[-2, 0, 2, NAN]]),
        (two, "loss", [[0.25, 0, 4, NAN]]),
        (two, "d_loss", [[-1, 0, 4, NAN]]),
        (two, "d2_loss", [[2, 2, 2, 2]]),
    ):
        before, found, after = getattr(loss, name)([A, a, A], None)
        assert before is None
        assert after is None
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, value)
    assert one.d2_loss([A, a, A], None) == [None] * 3


def test_layers_are_indices():
    with pytest.raises(TypeError, match="give an index"):
        hf.SparseL1(1, "last").loss([A, A], None)
    with pytest.raises(IndexError):
        hf.SparseL1(1, 2).loss([A, A], None)


def test_losses_of_items_and_of_elements_add_up():
    both = hf.LossSet([hf.SquaredError(), hf.SparseL2(1, -1), hf.SparseL1(1, 0)])
    a, t = np.array([[1.0, -2], [3, 4]]), np.zeros((2, 2))
    first, last = both.loss([a, a], t)
    assert first.tolist() == [3, 7]
    assert last.tolist() == [5, 25]
    assert both.d_loss([a, a], t)[1].tolist() == (2 * a).tolist()
    assert both.d2_loss([a, a], t)[1].tolist() == [[2, 2], [2, 2]]
    assert both.group_func("d2_loss", [a, a], t)[0] is None
    assert both.batch_loss([a, a], t) == 20
    assert hf.LossSet([]).loss([a, a], t) == [None, None]
    with pytest.raises(sl.errors.GradientError):
        hf.LossSet([both, hf.ClassificationError()]).d_loss([a, a], t)


def test_no_layers_and_no_items():
    with pytest.raises(ValueError, match="no layers"):
        hf.SquaredError().loss([], A)
    empty = np.zeros((0, 2))
    assert hf.SquaredError().loss([empty], empty)[0].shape == (0,)
    assert np.isnan(hf.SquaredError().batch_loss([empty], empty))


# hessianfree: nonlinearities ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "base", [hf.Tanh(), hf.Logistic(), hf.Linear(), hf.Gaussian(), hf.SoftLIF(), hf.nl.ReLU()]
)
def test_derivatives_agree_with_differences(base):
    x = np.array([[-2.0, -0.3, 0.7, 5]])
    a = base.activation(x)
    expected = differences(lambda v: np.sum(base.activation(v)), x)
    np.testing.assert_allclose(base.d_activation(x, a), expected, atol=1e-8)
    assert not base.stateful
    assert base.reset() is None
    edges = base.activation(np.array([-800.0, 800, NAN]))
    assert np.isnan(edges).tolist() == [False, False, True]


def test_relu_has_the_slope_1_on_the_closed_interval():
    relu, x = hf.ReLU(2), np.array([-1, 0, 1, 2, 3, NAN])
    np.testing.assert_array_equal(relu.activation(x), [0, 0, 1, 2, 2, NAN])
    slope = relu.d_activation(x, None)
    np.testing.assert_array_equal(slope, [0, 1, 1, 1, 0, NAN])
    assert slope.dtype == float


def test_softmax_has_its_whole_jacobian():
    x = np.array([[1000.0, 999, -INF], [0, 0, 0]])
    a, J = hf.Softmax().activation(x), hf.Softmax().d_activation(x, None)
    np.testing.assert_allclose(a.sum(axis=-1), 1, rtol=1e-15)
    np.testing.assert_allclose(J, [np.diag(p) - np.outer(p, p) for p in a], atol=1e-16)
    assert hf.Softmax(floor=1e-10).activation(x)[0, 2] == 1e-10


def test_soft_neurons_are_right_for_every_current():
    lif = hf.SoftLIF()
    rates = lif.activation(np.array([-5, 0, 1, 5, 40]))
    np.testing.assert_allclose(rates, [0.0978464, 0.5034730, 0.7505877, 1.7724338, 4.0098606], atol=5e-8)
    sharp = hf.SoftLIF(sigma=0.5)
    np.testing.assert_allclose(sharp.activation(np.array([1.0, 20])), [0.6554328, 3.3604371], atol=5e-8)
    np.testing.assert_allclose(sharp.softrelu(np.array([17.1])), 17.1)
    assert lif.softrelu(np.array([34.0])) == 34
    np.testing.assert_allclose(lif.lif(lif.softrelu(np.array([-5.0, 1]))), rates[[0, 2]])
    assert lif.lif(np.array([-1.0, 0])).tolist() == [0, 0]


def test_a_state_follows_its_input():
    neuron, x = hf.Continuous(hf.Logistic(), tau=2, dt=0.5), np.array([[1.0, 2]])
    outputs = []
    for s in ([0.25, 0.5], [0.4375, 0.875], [0.578125, 1.15625]):
        a = neuron.activation(x)
        outputs.append(a[0])
        assert neuron.state[0].tolist() == s
        d = neuron.d_activation(x, a)
        assert d.shape == (1, 2, 3)
        assert d[0, :, :2].tolist() == [[0.25, 0.75]] * 2
        np.testing.assert_allclose(d[..., 2], a * (1 - a))
    expected = [[0.5621765, 0.6224593], [0.6076632, 0.7057850], [0.6406359, 0.7606507]]
    np.testing.assert_allclose(outputs, expected, atol=5e-8)
    with pytest.raises(sl.errors.GraphError, match="call activation"):
        neuron.d_activation(x, a)


def test_a_state_is_not_its_output_and_takes_a_base_with_a_full_jacobian():
    linear, x = hf.Continuous(hf.Linear(), tau=2), np.ones((1, 2))
    linear.reset(init=np.array([[1.0, 3]]))
    out = linear.activation(x)
    out[:] = 7
    assert linear.activation(x).tolist() == [[1, 1.5]]
    soft = hf.Continuous(hf.Softmax(), tau=np.array([1.0, 2]))
    d = soft.d_activation(x, soft.activation(x))
    assert d.shape == (1, 2, 2, 3)
    assert d[0, :, :, 0].tolist() == [[1, 0], [0, 0.5]]
    assert d[0, :, :, 1].tolist() == [[0, 0], [0, 0.5]]
    np.testing.assert_allclose(d[..., 2], hf.Softmax().d_activation(soft.state, None))


def test_resetting_forgets_the_states_of_neuron_and_base():
    neuron, x = hf.Continuous(hf.Continuous(hf.Linear(), tau=2), tau=4), np.ones((1, 2))
    assert [neuron.activation(x)[0, 0] for _ in range(2)] == [0.125, 0.28125]
    neuron.reset()
    assert neuron.activation(x)[0, 0] == 0.125


def test_a_plant_is_defined_by_its_user():
    class Still(hf.Plant):
        def __call__(self, x):
            return x

        def get_vecs(self):
            return np.zeros(1), np.zeros(1)

    plant = Still()
    assert plant.stateful
    for call in (lambda: plant.activation(A), lambda: plant.d_activation(A, A)):
        with pytest.raises(sl.errors.GraphError, match="no layer"):
            call()
