"""Optimisers: the curvature is the Gauss-Newton matrix, steps are those by hand, and losses fall."""

import sys
from itertools import pairwise

import numpy as np
import pytest

import symloss as sl
from symloss import optimizers
from symloss.core.errors import (
    DomainError,
    DTypeError,
    GradientError,
    GraphError,
    InputError,
    NonFiniteError,
    ShapeError,
)
from symloss.optimizers import SGD, HessianFree, Settings, Update, sgd
from symloss.optimizers.conjugate import conjugate_gradients

SIZES = {"A": (4, 5), "a": (5,), "B": (5, 3), "b": (3,)}


class Network:
    """A small classifier as a formula, and once more in NumPy with its parameters in one flat vector."""

    def __init__(self, items=40, seed=0, dtype="float64"):
        rng = np.random.default_rng(seed)
        values = {name: rng.normal(size=shape) / 2 for name, shape in SIZES.items()}
        self.params = [sl.shared(value.astype(dtype), name) for name, value in values.items()]
        A, a, B, b = self.params
        self.x, self.t = sl.matrix("x", ("N", 4), dtype=dtype), sl.vector("t", "N", dtype="int64")
        self.hidden = sl.tanh(self.x @ A + a)
        self.scores = self.hidden @ B + b
        self.loss = sl.losses.softmax_crossentropy(self.scores, self.t).mean()
        self.inputs = [self.x, self.t]
        points = rng.normal(size=(items, 4))
        self.batch = (
            points.astype(dtype),
            (points[:, 0] > points[:, 1] * points[:, 2]) + 1 * (points[:, 3] > 1),
        )

    def optimizer(self, **options):
        return HessianFree(self.loss, self.scores, self.params, self.inputs, **options)

    def flat(self):
        return np.concatenate([sl.get_value(param).ravel() for param in self.params])

    def layers(self, flat):
        pieces = np.split(flat, np.cumsum([np.prod(shape) for shape in SIZES.values()])[:-1])
        A, a, B, b = (piece.reshape(shape) for piece, shape in zip(pieces, SIZES.values(), strict=True))
        hidden = np.tanh(self.batch[0] @ A + a)
        return hidden, hidden @ B + b

    def jacobian(self, flat, layer):
        """By complex steps: one column for each parameter, exact to rounding."""
        steps = flat + 1e-30j * np.eye(len(flat))
        return np.stack([self.layers(point)[layer].imag / 1e-30 for point in steps], axis=-1)

    def value(self, flat):
        scores = self.layers(flat)[1]
        top = scores.max(axis=1)
        logs = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
        return np.mean(logs - scores[np.arange(len(logs)), self.batch[1]])

    def slope_and_curvature(self, flat):
        scores, J = self.layers(flat)[1], self.jacobian(flat, 1)
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        H = np.einsum("nk,kl->nkl", p, np.eye(3)) - np.einsum("nk,nl->nkl", p, p)
        n = len(p)
        return np.einsum("nk,nkp->p", p - np.eye(3)[self.batch[1]], J) / n, np.einsum(
            "nkp,nkl,nlq->pq", J, H, J
        ) / n


def matrix_of(optimizer, damping, batch, size):
    columns = [optimizer._landscape.product(e, damping, batch) for e in np.eye(size)]
    return np.stack(columns, axis=1)


# Gradient descent ---------------------------------------------------------------------------------
def test_a_step_of_gradient_descent_is_that_by_hand():
    x, y = sl.vector("x", "N"), sl.vector("y", "N")
    w, b = sl.shared(2.0, "w"), sl.shared(-1.0, "b")
    optimizer = SGD(sl.mean((w * x + b - y) ** 2), [w, b], [x, y], learning_rate=0.1)
    assert optimizer.step([1, 2, 3], [1, 1, 1]) == pytest.approx((0 + 4 + 16) / 3)
    assert sl.get_value(w) == pytest.approx(2 - 0.1 * 2 / 3 * (0 * 1 + 2 * 2 + 4 * 3))
    assert sl.get_value(b) == pytest.approx(-1 - 0.1 * 2 / 3 * (0 + 2 + 4))


def test_the_rate_of_descent_is_1_by_default_and_may_be_a_shared_variable():
    w, rate = sl.shared(3.0, "w"), sl.shared(0.5, "rate")
    SGD(w**2 / 2, w, []).step()
    assert sl.get_value(w) == 0
    sl.set_value(w, 3)
    annealed = SGD(w**2 / 2, w, [], learning_rate=rate)
    annealed.step()
    sl.set_value(rate, 0.25)
    annealed.step()
    assert sl.get_value(w) == 3 * 0.5 * 0.75


def test_updates_are_formulas_that_function_takes():
    w, v = sl.shared([1.0, 2.0], "w"), sl.shared(np.float32(3), "v")
    updates = sgd(sl.sum(w**2) * v, [w, v], 0.25)
    assert list(updates) == [w, v]
    assert sl.equivalent(updates[w], w - w * v / 2)
    sl.function([], [], updates=updates)()
    assert sl.get_value(w).tolist() == [1 - 1.5, 2 - 3]
    assert sl.get_value(v) == 3 - 1.25
    assert sl.get_value(v).dtype == "float32"


# The curvature ------------------------------------------------------------------------------------
def test_the_product_is_that_of_the_explicit_gauss_newton_matrix():
    net = Network()
    flat = net.flat()
    slope, G = net.slope_and_curvature(flat)
    optimizer = net.optimizer()
    loss, gradient, _ = optimizer._landscape.start(net.batch)
    assert loss == pytest.approx(net.value(flat), rel=1e-14)
    np.testing.assert_allclose(gradient, slope, rtol=0, atol=1e-14)
    found = matrix_of(optimizer, 0.5, net.batch, len(flat))
    np.testing.assert_allclose(found, G + 0.5 * np.eye(len(flat)), rtol=0, atol=1e-10)


def test_structural_damping_adds_the_curvature_of_the_activations_alone():
    net = Network()
    flat = net.flat()
    J = net.jacobian(flat, 0)
    G = net.slope_and_curvature(flat)[1]
    optimizer = net.optimizer(structural={net.hidden: 0.25})
    found = matrix_of(optimizer, 2.0, net.batch, len(flat))
    wanted = G + 2 * np.eye(len(flat)) + 2 * 0.25 * np.einsum("nkp,nkq->pq", J, J) / len(J)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10)
    plain = net.optimizer()._landscape.start(net.batch)
    damped = optimizer._landscape.start(net.batch)
    assert damped[0] == plain[0]
    assert damped[1].tolist() == plain[1].tolist()


def test_a_parameter_with_a_penalty_is_an_output_as_well():
    net = Network()
    A = net.params[0]
    penalised = net.loss + 3 * sl.sum(A**2) / 2
    optimizer = HessianFree(penalised, [net.scores, A], net.params, net.inputs)
    found = matrix_of(optimizer, 0.0, net.batch, len(net.flat()))
    decay = np.diag([3.0] * 20 + [0.0] * 23)
    wanted = net.slope_and_curvature(net.flat())[1] + decay
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10)


# Conjugate gradients ------------------------------------------------------------------------------
def system(size=300, seed=1):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(size, size)))[0]
    return (Q * np.geomspace(1, 1e5, size)) @ Q.T, rng.normal(size=size)


@pytest.mark.parametrize("start", [0.0, 1.0])
def test_conjugate_gradients_solve_a_system(start):
    G, b = system(size=12)
    search = conjugate_gradients(lambda v: G @ v, b, np.full(12, start), 250, Settings(progress=0))
    np.testing.assert_allclose(search.solutions[-1], np.linalg.solve(G, b), rtol=1e-8)


def test_solutions_are_stored_at_these_iterations():
    stored = [5, 6, 7, 9, 11, 14, 18, 23, 29, 37, 48, 62, 80, 104, 135, 175, 227]
    G, b = system()
    search = conjugate_gradients(lambda v: G @ v, b, 0 * b, 250, Settings(progress=0))
    assert (search.iterations, len(search.solutions)) == (250, len(stored) + 1)
    for i, solution in zip(stored, search.solutions, strict=False):
        shorter = conjugate_gradients(lambda v: G @ v, b, 0 * b, i + 1, Settings(progress=0))
        assert shorter.solutions[-1].tolist() == solution.tolist()


def test_the_search_ends_where_the_model_falls_too_slowly():
    G, b = system()
    search = conjugate_gradients(lambda v: G @ v, b, 0 * b, 250, Settings(progress=1e-2))

    def model(i):
        x = conjugate_gradients(lambda v: G @ v, b, 0 * b, i + 1, Settings(progress=0)).solutions[-1]
        return x @ G @ x / 2 - b @ x

    def slow(i):
        gap = max(int(0.1 * i), 10)
        return i > gap and (model(i) - model(i - gap)) / model(i) < 1e-2 * gap

    assert 11 < search.iterations < 250
    assert [slow(i) for i in range(search.iterations)] == [False] * (search.iterations - 1) + [True]


def test_a_preconditioner_that_is_the_matrix_needs_one_iteration():
    diagonal, b = np.geomspace(1, 1e6, 50), np.ones(50)
    search = conjugate_gradients(lambda v: diagonal * v, b, 0 * b, 250, Settings(), diagonal)
    assert search.iterations == 1
    np.testing.assert_allclose(search.solutions[-1], b / diagonal)


def test_a_preconditioner_is_a_formula_for_each_parameter():
    scale = np.geomspace(1, 1e4, 30)
    w = sl.shared(np.zeros(30), "w")
    loss = sl.sum(sl.constant(scale) * (w - 1) ** 2) / 2
    settings = Settings(progress=0, power=1)
    plain = HessianFree(loss, w, w, [], settings=settings)
    scaled = HessianFree(loss, w, w, [], settings=settings, preconditioner=sl.constant(scale))
    for optimizer in (plain, scaled):
        sl.set_value(w, np.zeros(30))
        optimizer.step()
        np.testing.assert_allclose(sl.get_value(w), scale / (scale + 1), rtol=1e-4)
    assert scaled.history[0].iterations == 1 < plain.history[0].iterations


def test_the_preconditioner_is_the_damped_diagonal_to_the_power_three_quarters():
    w, curvatures = sl.shared(np.zeros(30), "w"), np.geomspace(1, 1e4, 30)
    diagonal = (curvatures + 1) ** (4 / 3) - 1
    loss = sl.sum(sl.constant(curvatures) * (w - 1) ** 2) / 2
    optimizer = HessianFree(loss, w, w, [], preconditioner=[sl.constant(diagonal)])
    optimizer.step()
    assert optimizer.history[0].iterations == 1
    np.testing.assert_allclose(sl.get_value(w), curvatures / (curvatures + 1))


# Hessian-free steps -------------------------------------------------------------------------------
def test_two_steps_on_a_parabola_are_those_by_hand():
    w = sl.shared(0.0, "w")
    optimizer = HessianFree((w - 3) ** 2 / 2, w, w, [])
    assert optimizer.step() == 4.5
    assert (sl.get_value(w), optimizer.damping) == (1.5, 0.66)
    assert optimizer.step() == 1.125
    assert sl.get_value(w) == pytest.approx(1.5 + 1.5 / 1.66, rel=1e-15)
    assert optimizer.history == [Update(4.5, 1.0, 1, 1.0), Update(1.125, 0.66, 1, 1.0)]


def solutions_by_hand(G, g, x):
    """The stored solutions of Gδ = −g, from a start."""
    r = d = -g - G @ x
    kept, values, next_kept = [], [], 5
    for i in range(250):
        step = r @ r / (d @ G @ d)
        x, old = x + step * d, r
        r = r - step * G @ d
        if r @ r < 1e-20:
            break
        d = r + r @ r / (old @ old) * d
        if i == next_kept:
            kept, next_kept = [*kept, x], int(1.3 * next_kept)
        values.append(-0.5 * (r - g) @ x)
        gap = max(int(0.1 * i), 10)
        if i > gap and values[i - gap] < 0 and 1 - values[i - gap] / values[i] < 5e-6 * gap:
            break
    return [*kept, x]


def by_hand(net, steps):
    """The method once more, with the explicit matrix: losses, dampings after each step, and rates."""
    flat, damping, last, record = net.flat(), 1.0, 0.0, []
    for _ in range(steps):
        E, (g, G) = net.value(flat), net.slope_and_curvature(flat)
        G = G + damping * np.eye(len(g))
        *kept, last = solutions_by_hand(G, g, 0.95 * last + 0 * g)
        change, error = last, net.value(flat + last)
        for tried in kept[::-1]:
            if net.value(flat + tried) > error:
                break
            change, error = tried, net.value(flat + tried)
        ratio = (error - E) / (change @ G @ change / 2 + g @ change)
        damping *= 1.5 if ratio < 0.25 else 0.66 if ratio > 0.75 else 1
        rate = 1.0
        while net.value(flat + rate * change) > E + rate * min(0.01 * g @ change, 0):
            rate *= 0.8
        flat = flat + rate * change
        record.append((E, damping, rate))
    return np.array(record)


def test_steps_on_a_network_are_those_with_the_explicit_matrix():
    net = Network()
    wanted = by_hand(net, 12)
    optimizer = net.optimizer()
    found = [(optimizer.step(*net.batch), optimizer.damping, optimizer.history[-1].rate) for _ in range(12)]
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert len({damping for _, damping, _ in found}) > 5


def test_the_damping_follows_the_ratio():
    damped = [Settings().damped(2.0, ratio) for ratio in (-1, 0.24, 0.25, 0.75, 0.76, np.nan)]
    assert damped == [3, 3, 2, 2, 2 * 0.66, 2]


def test_the_search_ends_at_a_progress_of_5e_6_by_default():
    G, b = system()
    searches = [
        conjugate_gradients(lambda v: G @ v, b, 0 * b, 2000, settings)
        for settings in (Settings(), Settings(progress=5e-6), Settings(progress=6e-6))
    ]
    found, same, sooner = (search.iterations for search in searches)
    assert sooner < found == same < 2000


def test_a_step_that_overshoots_is_shortened_and_the_damping_raised():
    w = sl.shared(5.0, "w")
    optimizer = HessianFree(sl.sqrt(1 + w**2), w, w, [], damping=1e-4)
    slope, curvature = 5 / 26**0.5, 26**-1.5 + 1e-4
    change = -slope / curvature
    wanted = [0.8**k for k in range(60)]
    wanted = next(r for r in wanted if np.hypot(1, 5 + r * change) <= 26**0.5 + 0.01 * r * slope * change)
    optimizer.step()
    assert wanted < 0.2
    assert optimizer.history[0].rate == pytest.approx(wanted)
    assert sl.get_value(w) == pytest.approx(5 + wanted * change)
    assert optimizer.damping == pytest.approx(1.5e-4)


def test_where_no_part_of_a_step_lowers_the_loss_nothing_moves():
    w = sl.shared(5.0, "w")
    optimizer = HessianFree(sl.sqrt(1 + w**2), w, w, [], damping=1e-4, settings=Settings(trials=3))
    optimizer.step()
    assert (sl.get_value(w), optimizer.history[0].rate) == (5, 0)


def test_a_change_that_makes_the_loss_nan_is_refused():
    w = sl.shared(0.1, "w")
    optimizer = HessianFree(-sl.log(w) + w, w, w, [], damping=1e-3)
    sl.set_value(w, 3.0)
    optimizer.step()
    assert optimizer.damping == pytest.approx(1.5e-3)
    assert 0 < sl.get_value(w) < 3


def test_at_a_stationary_point_nothing_changes():
    w = sl.shared([3.0, -1.0], "w")
    optimizer = HessianFree(sl.sum((w - [3, -1]) ** 2), w, w, [])
    assert optimizer.step() == 0
    assert sl.get_value(w).tolist() == [3, -1]
    assert optimizer.damping == 1
    assert optimizer.history == [Update(0.0, 1.0, 0, 0.0)]


def test_negative_curvature_ends_the_search_with_a_warning_and_raises_the_damping():
    w = sl.shared(1.0, "w")
    optimizer = HessianFree(-(w**2), w, w, [], damping=1.5)
    text = "HessianFree: the curvature along a direction is not positive and finite; the search ends"
    with pytest.warns(RuntimeWarning) as warned:
        optimizer.step()
    assert [str(one.message) for one in warned] == [text]
    assert warned[0].filename == __file__
    assert (sl.get_value(w), optimizer.damping) == (1, 2.25)


def test_30_updates_reach_the_loss_of_500_steps_of_gradient_descent():
    reached = []
    for rate in (0.3, 1.0, 3.0):
        net = Network(items=200)
        descent = SGD(net.loss, net.params, net.inputs, rate)
        reached.append([descent.step(*net.batch) for _ in range(501)][-1])
    net = Network(items=200)
    optimizer = net.optimizer()
    losses = [optimizer.step(*net.batch) for _ in range(31)]
    assert losses[-1] < min(reached)
    assert all(later <= earlier for earlier, later in pairwise(losses))


def test_training_is_deterministic_and_touches_nothing_global():
    before = np.random.get_state()[1].tolist()
    runs = []
    for _ in range(2):
        net = Network()
        optimizer = net.optimizer()
        seen = []
        optimizer.callback = seen.append
        for _ in range(5):
            optimizer.step(*net.batch)
        assert seen == optimizer.history
        runs.append((seen, net.flat().tolist()))
    assert runs[0] == runs[1]
    assert np.random.get_state()[1].tolist() == before


def test_parameters_of_float32_stay_float32():
    net = Network(dtype="float32")
    optimizer = net.optimizer(structural={net.hidden: 0.1})
    losses = [optimizer.step(*net.batch) for _ in range(5)]
    assert losses[-1] < losses[0]
    assert {sl.get_value(param).dtype.name for param in net.params} == {"float32"}


def test_a_preconditioned_and_damped_network_learns():
    net = Network()
    slopes = sl.grad(net.loss, net.params)
    optimizer = net.optimizer(preconditioner=[g**2 for g in slopes], structural={net.hidden: 0.1})
    losses = [optimizer.step(*net.batch) for _ in range(10)]
    assert losses[-1] < 0.6 * losses[0]


def test_names_that_are_taken_are_left_alone():
    w, damping, along = sl.shared(0.0, "w"), sl.scalar("damping"), sl.scalar("w_along")
    optimizer = HessianFree((w - damping) ** 2 + along, w, w, [damping, along])
    assert optimizer.step(3, 1) == 10
    assert sl.get_value(w) == pytest.approx(2)


# The record ---------------------------------------------------------------------------------------
def test_the_record_is_drawn_with_its_three_curves():
    net = Network()
    optimizer = net.optimizer()
    for _ in range(3):
        optimizer.step(*net.batch)
    axes = optimizer.plot().axes
    assert [one.get_ylabel() for one in axes] == ["loss", "damping", "CG iterations"]
    curves = [one.lines[0].get_ydata().tolist() for one in axes]
    assert curves == [list(curve) for curve in zip(*optimizer.history, strict=True)][:3]


def test_a_plot_without_matplotlib_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    w = sl.shared(1.0, "w")
    with pytest.raises(ImportError) as caught:
        HessianFree(w**2, w, w, []).plot()
    assert str(caught.value) == 'plot(): matplotlib is not installed: pip install "symloss[plot]"'


# Errors -------------------------------------------------------------------------------------------
W, V, K = sl.shared(1.0, "W"), sl.shared([1.0, 2.0], "V"), sl.shared(1, "K")
X = sl.vector("x", "N")
ERRORS = [
    (
        lambda: sgd(V**2, V, 1),
        GradientError,
        "sgd(): needs a scalar loss, got power(V, …): (2,): "
        "reduce it with mean() or sum(), or use jacobian()",
    ),
    (lambda: sgd(3, W, 1), GradientError, "sgd(): the loss is an int, not an Expr: build it with sl"),
    (
        lambda: sgd(W**2, [], 1),
        GraphError,
        "sgd(): there are no parameters: give the shared variables to be trained",
    ),
    (
        lambda: SGD(sl.sum(X), X, [X]),
        GraphError,
        "sgd(): a parameter is x: (N,), not a shared variable: make it with shared(value, name)",
    ),
    (
        lambda: sgd(W**2, [1.0], 1),
        GraphError,
        "sgd(): a parameter is a float, not a shared variable: make it with shared(value, name)",
    ),
    (
        lambda: sgd(W * K, [W, K], 1),
        DTypeError,
        "sgd(): the parameter K: () has dtype int64, which has no derivatives: hold a value of a float dtype",
    ),
    (
        lambda: sgd(W**2, [W, W], 1),
        GraphError,
        "sgd(): the parameter W: () is given twice: give each shared variable once",
    ),
    (
        lambda: HessianFree(W**2, W, [W, V], []),
        GradientError,
        "HessianFree(): the loss does not depend on the parameter V: (2,): "
        "leave it out, or build the loss with it",
    ),
    (
        lambda: sgd(W**2, W, -1),
        DomainError,
        "sgd(learning_rate=-1): learning_rate must be finite and not negative: give a number >= 0",
    ),
    (
        lambda: HessianFree(W**2, W, W, [], damping=-1),
        DomainError,
        "HessianFree(damping=-1): damping must be finite and not negative: give a number >= 0",
    ),
    (
        lambda: HessianFree(W**2, W, W, [], damping="much"),
        DomainError,
        "HessianFree(damping='much'): damping is no number: give a number >= 0",
    ),
    (
        lambda: HessianFree(W**2, W, W, [], iterations=2.5),
        DomainError,
        "HessianFree(iterations=2.5): iterations must be a whole number >= 1: give an int >= 1",
    ),
    (
        lambda: HessianFree(W**2, W, W, [], iterations=np.nan),
        DomainError,
        "HessianFree(iterations=nan): iterations must be a whole number >= 1: give an int >= 1",
    ),
    (
        lambda: HessianFree(W**2, W, W, [], settings={}),
        DomainError,
        "HessianFree(): settings is a dict: give Settings(...)",
    ),
    (
        lambda: HessianFree(W**2, W, W, [], structural=[W]),
        GraphError,
        "HessianFree(): structural is a list, expected a mapping: write {activations: weight}",
    ),
    (
        lambda: HessianFree(W**2, W, W, [], structural={W: 1}),
        ShapeError,
        "HessianFree(): structural damping of W: (): give activations, with a leading axis of items",
    ),
    (
        lambda: HessianFree(sl.sum(V) * W, [W, V], [W, V], [], preconditioner=[W, W]),
        GraphError,
        "HessianFree(): the preconditioner does not have one formula for each parameter, of its shape: "
        "the parameters are W: (), V: (2,)",
    ),
    (
        lambda: HessianFree(sl.sum(V) * W, W, [W, V], []),
        GradientError,
        "HessianFree(): no output depends on the parameter V: (2,): make it an output as well",
    ),
    (
        lambda: HessianFree(sl.sum(V**2), V, [V], [], preconditioner=[W]),
        GraphError,
        "HessianFree(): the preconditioner does not have one formula for each parameter, of its shape: "
        "the parameters are V: (2,)",
    ),
    (
        lambda: HessianFree(W**2, W, W, X),
        GraphError,
        "HessianFree(): inputs is an Expr, expected a list: write [x, y]",
    ),
    (
        lambda: HessianFree(W**2, [W, 2], W, []),
        GradientError,
        "HessianFree(): the output is an int, not an Expr: build it with sl",
    ),
    (
        lambda: HessianFree(W**2, sl.exp(W), W, []),
        GradientError,
        "HessianFree(): the loss is not computed from the output exp(W): (): "
        "give the part that the loss was built with",
    ),
    (
        lambda: Settings(warmth=1),
        DomainError,
        "Settings(warmth=1): warmth is outside [0, 1): give a number from 0 to less than 1",
    ),
    (
        lambda: Settings(raised=1),
        DomainError,
        "Settings(raised=1): raised must be finite and > 1: give a number > 1",
    ),
    (
        lambda: Settings(poor=0.8),
        DomainError,
        "Settings(poor=0.8): poor is above good: exchange them",
    ),
    (
        lambda: HessianFree(sl.mean(X) * W, W, W, [X]).step(),
        InputError,
        "step(): missing x: pass a value for each input",
    ),
]


@pytest.mark.parametrize(("mistake", "error", "text"), ERRORS)
def test_a_mistake_is_named_with_its_mend(mistake, error, text):
    with pytest.raises(error) as caught:
        mistake()
    assert str(caught.value) == text


def test_a_loss_that_is_not_finite_changes_nothing():
    w = sl.shared(1.0, "w")
    optimizer = HessianFree(sl.mean((w - X) ** 2), w, w, [X])
    with pytest.raises(NonFiniteError) as caught:
        optimizer.step([1, np.nan])
    assert str(caught.value) == "step(): the loss is not finite: check the batch and the parameters"
    assert (sl.get_value(w), optimizer.damping, optimizer.history) == (1, 1, [])


def test_the_optimisers_are_part_of_symloss():
    assert sl.optimizers is optimizers
    assert sorted(optimizers.__all__) == ["HessianFree", "SGD", "Settings", "Update", "progress", "sgd"]
