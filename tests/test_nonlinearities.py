"""Activations: values and slopes, also in the tails and at kinks, and steps through time."""

import mpmath
import numpy as np
import pytest

import symloss as sl
from symloss import nonlinearities as nl
from symloss.testing import check_gradient

NAN, INF = np.nan, np.inf
ACTIVATIONS = {
    "tanh": nl.tanh,
    "logistic": nl.logistic,
    "linear": nl.linear,
    "relu": nl.relu,
    "relu to 1/2": lambda x: nl.relu(x, max=0.5),
    "gaussian": nl.gaussian,
    "softmax": nl.softmax,
    "softmax above 0.2": lambda x: nl.softmax(x, floor=0.2),
    "softlif": nl.softlif,
    "softlif of 1/2": lambda x: nl.softlif(x, sigma=0.5),
}


def value_and_slope(f, at, dtype="float64"):
    x = sl.vector("x", "N", dtype=dtype)
    y = f(x)
    return sl.function([x], [y, sl.grad(sl.sum(y), x)])(np.array(at, dtype))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_first_and_second_derivatives_agree_with_differences_of_60_digits(name):
    x = sl.matrix("x", (2, 3))
    check_gradient(ACTIVATIONS[name](x), x, {x: np.array([[0.3, -1.2, 2], [0.1, 0.7, -3]])}, order=2)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_dtype_stays_and_integers_become_floats(name, dtype):
    f = ACTIVATIONS[name]
    value, slope = value_and_slope(f, [-1, 0.25, 2], dtype)
    assert value.dtype == slope.dtype == dtype
    x = np.array([-1, 0, 2])
    if name != "linear":
        np.testing.assert_allclose(f(x).eval(), f(x.astype(float)).eval())
        assert f(x).dtype == np.float64


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_stays_nan(name):
    value, slope = value_and_slope(ACTIVATIONS[name], [NAN])
    assert np.isnan(value).all()
    assert np.isnan(slope).all() or name == "linear" or name.startswith("softmax")


EDGES = [
    (nl.tanh, [0, 800, -800, INF], [0, 1, -1, 1], [1, 0, 0, 0]),
    (nl.logistic, [0, 800, -800, -INF], [0.5, 1, 0, 0], [0.25, 0, 0, 0]),
    (nl.relu, [0, -1, 2, INF], [0, 0, 2, INF], [0.5, 0, 1, 1]),
    (ACTIVATIONS["relu to 1/2"], [0, 0.25, 0.5, 1], [0, 0.25, 0.5, 0.5], [0.5, 1, 0.5, 0]),
    (nl.gaussian, [0, 40, -40], [1, 0, 0], [0, 0, 0]),
    (nl.softmax, [1000, 0], [1, 0], [0, 0]),
    (ACTIVATIONS["softmax above 0.2"], [1000, 0], [1, 0.2], [0, 0]),
    (nl.softmax, [3], [1], [0]),
    (nl.softlif, [-1e4, -INF, INF], [0, 0, 5], [0, 0, 0]),
]


@pytest.mark.parametrize(("f", "at", "value", "slope"), EDGES)
def test_edges(f, at, value, slope):
    found = value_and_slope(f, at)
    np.testing.assert_allclose(found[0], value, rtol=1e-12, atol=0)
    np.testing.assert_allclose(found[1], slope, rtol=1e-12, atol=1e-100)


SOFTLIF = [
    (1, -5, 0.0978464),
    (1, 0, 0.5034730),
    (1, 1, 0.7505877),
    (1, 5, 1.7724338),
    (1, 40, 4.0098606),
    (0.5, 1, 0.6554328),
    (0.5, 20, 3.3604371),
]


@pytest.mark.parametrize(("sigma", "x", "value"), SOFTLIF)
def test_softlif_has_the_values_that_are_known(sigma, x, value):
    np.testing.assert_allclose(nl.softlif(np.array([float(x)]), sigma).eval(), [value], atol=5e-8)


def softlif(x, sigma):
    j = sigma * mpmath.log1p(mpmath.exp(x / sigma))
    return mpmath.mpf(0.01) / (mpmath.mpf(0.002) + mpmath.mpf(0.02) * mpmath.log1p(1 / j))


@pytest.mark.parametrize("sigma", [0.5, 1, 2])
@pytest.mark.parametrize("y", [-700, -300, -34, -33.9, 0, 33.9, 34, 34.2, 1e4, 1e8])
def test_softlif_is_accurate_where_other_forms_switch_or_overflow(y, sigma):
    x = y * sigma
    value, slope = value_and_slope(lambda e: nl.softlif(e, sigma), [x])
    with mpmath.workdps(400):
        exact = softlif(mpmath.mpf(x), sigma)
        np.testing.assert_allclose(value, float(exact), rtol=1e-13)
        np.testing.assert_allclose(slope, float(mpmath.diff(lambda u: softlif(u, sigma), x)), rtol=1e-12)


@pytest.mark.parametrize(("name", "bad"), [("sigma", 0), ("tau_rc", -1), ("amp", INF), ("tau_ref", NAN)])
def test_softlif_refuses_parameters_that_are_not_positive(name, bad):
    with pytest.raises(sl.errors.DomainError) as raised:
        nl.softlif(np.array([1.0]), **{name: bad})
    assert (
        str(raised.value) == f"softlif({name}={bad!r}): {name} must be positive and finite: give a number > 0"
    )


# Through time -------------------------------------------------------------------------------------
def test_a_continuous_neuron_has_the_values_that_are_known():
    neuron = nl.Continuous(nl.logistic, tau=2, dt=0.5)
    state, x = np.zeros(2), np.array([1.0, 2])
    for expected, out in (
        ([0.25, 0.5], [0.5621765, 0.6224593]),
        ([0.4375, 0.875], [0.6076632, 0.7057850]),
        ([0.578125, 1.15625], [0.6406359, 0.7606507]),
    ):
        after, y = neuron(state, x)
        state = after.eval()
        np.testing.assert_allclose(state, expected)
        np.testing.assert_allclose(y.eval(), out, atol=5e-8)


def test_a_step_has_the_slopes_c_and_1_minus_c_and_that_of_its_base():
    s, x = sl.vector("s", 3), sl.vector("x", 3)
    after, out = nl.Continuous(nl.logistic, tau=2, dt=0.5)(s, x)
    f = sl.function([s, x], [*sl.grad(after.sum(), [x, s]), sl.grad(out.sum(), after), out])
    dx, ds, dout, y = f([0.1, 0.2, 0.3], [1, 2, 3])
    np.testing.assert_allclose(dx, 0.25)
    np.testing.assert_allclose(ds, 0.75)
    np.testing.assert_allclose(dout, y * (1 - y))


@pytest.mark.parametrize("base", [nl.logistic, nl.softmax, nl.linear, nl.softlif])
@pytest.mark.parametrize("tau", [2, [2.0, 1.0, 4.0]])
def test_a_sequence_is_unrolled_and_differentiable_through_time(base, tau):
    x, s = sl.tensor("x", (2, 4, 3)), sl.matrix("s", (2, 3))
    neuron = nl.Continuous(base, tau, 0.5)
    outputs = neuron.unroll(x, s)
    assert outputs.shape == (2, 4, 3)
    check_gradient(outputs, [x, s])
    X, state = np.random.default_rng(0).normal(size=(2, 4, 3)), np.zeros((2, 3))
    c, found = 0.5 / np.array(tau), neuron.unroll(x).eval({x: X})
    for t in range(4):
        state = (1 - c) * state + c * X[:, t]
        np.testing.assert_allclose(found[:, t], base(state).eval())


def test_a_time_constant_is_learned():
    x, tau = sl.tensor("x", (2, 3, 2)), sl.vector("tau", 2)
    check_gradient(nl.Continuous(nl.tanh, tau, 0.5).unroll(x), [tau, x])


def test_a_step_keeps_the_dtype():
    x = sl.vector("x", 2, dtype="float32")
    after, out = nl.Continuous(nl.tanh, [2.0, 3.0], 0.5)(sl.zeros(2, dtype="float32"), x)
    assert after.dtype == out.dtype == np.float32


@pytest.mark.parametrize("tau", [0, -1.0, INF, [1.0, 0.0]])
def test_a_time_constant_is_positive(tau):
    with pytest.raises(sl.errors.DomainError, match="tau must be positive and finite: give"):
        nl.Continuous(nl.tanh, tau)


def test_a_sequence_states_its_number_of_steps():
    with pytest.raises(sl.errors.GraphError) as raised:
        nl.Continuous(nl.tanh).unroll(sl.tensor("x", "N T D"))
    text = "unroll(): the number of steps of x: (N, T, D) is not known, or 0: declare the length of that axis"
    assert str(raised.value) == text


class Cart(nl.Plant):
    """A position that a push moves, and that shall return to 0."""

    def start(self):
        return sl.matrix("start", (2, 1))

    def step(self, state, x):
        after = state + x
        return after, sl.concatenate([after, after**2], axis=1), -after


def test_a_plant_answers_what_a_network_does():
    plant, w = Cart((2, 3, 2)), sl.matrix("w", (2, 1))
    outputs = plant.run(lambda given: given @ w, 1)
    inputs, targets = plant.get_vecs()
    assert (inputs.shape, targets.shape, outputs.shape) == ((2, 3, 2), (2, 3, 1), (2, 3, 1))
    W, first = np.array([[-0.5], [0.1]]), np.array([[1.0], [2.0]])
    got = sl.function([w, plant.start()], [inputs, targets, outputs])(W, first)
    state, x = first, np.zeros((2, 1))
    for t in range(3):
        state = state + x
        given = np.concatenate([state, state**2], axis=1)
        x = given @ W
        for array, expected in zip(got, (given, -state, x), strict=True):
            np.testing.assert_allclose(array[:, t], expected)
    check_gradient(sl.losses.aggregate(sl.losses.squared_error(outputs, targets)), w)


def test_a_plant_forgets_at_a_reset():
    plant = Cart((2, 3, 2))
    plant(np.zeros((2, 1)))
    plant.reset(init=np.ones((2, 1)))
    with pytest.raises(sl.errors.GraphError, match=r"get_vecs\(\): no step has been made: call the plant"):
        plant.get_vecs()
    np.testing.assert_array_equal(plant(np.ones((2, 1))).eval(), [[2, 4], [2, 4]])


def test_a_plant_has_a_shape_of_three_entries_and_states_its_step():
    with pytest.raises(sl.errors.ShapeError, match=r"Plant\(\): shape has 2 entries: give \(N, T, D\)"):
        Cart((2, 3))
    with pytest.raises(TypeError, match="abstract"):
        nl.Plant((2, 3, 2))
