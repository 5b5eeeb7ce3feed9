"""Compiled functions: calls, updates, givens, arrays to fill, pickles, and what they never touch."""

import pickle
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest

import symloss as sl
from symloss.core.errors import LabelRangeError

x, y = sl.vector("x", "N"), sl.vector("y", "N")
pair = sl.vector("pair", 2)
X, W = sl.matrix("X", "N D"), sl.matrix("W", "D K")
s = sl.scalar("s")


# Calls ----------------------------------------------------------------------------------------------
def test_one_formula_gives_an_array_and_a_list_gives_a_list():
    assert isinstance(sl.function([x], sl.sum(x))([1, 2]), np.ndarray)
    assert sl.function([x], [sl.sum(x)])([1, 2]) == [3]
    assert sl.function([], [])() == []


def test_arguments_come_by_position_or_by_name():
    f = sl.function([x, y], x - y)
    for found in (f([3, 5], [1, 2]), f([3, 5], y=[1, 2]), f(y=[1, 2], x=[3, 5])):
        np.testing.assert_array_equal(found, [2, 3])


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("layout", [np.asarray, np.flipud, lambda a: a[::1, ::2], lambda a: a.astype(">f8")])
def test_any_layout_of_an_argument_gives_the_same_bits(order, layout):
    value = layout(np.asarray(np.random.default_rng(0).normal(size=(7, 6)), order=order))
    f = sl.function([X], [sl.softmax(X), sl.sum(sl.exp(X), axis=0)])
    plain = np.ascontiguousarray(value, dtype="float64")
    for one, other in zip(f(value), f(plain), strict=True):
        assert one.tobytes() == other.tobytes()


def test_arguments_are_not_changed_and_may_be_read_only():
    value = np.array([[0.5, -1], [2, 3]])
    value.flags.writeable = False
    before = value.copy()
    sl.function([X], sl.grad(sl.sum(sl.relu(X) ** 2), X))(value)
    np.testing.assert_array_equal(value, before)


# Updates and givens ---------------------------------------------------------------------------------
def test_an_update_is_made_after_the_outputs_are_computed():
    w = sl.shared(np.array([1.0, 2.0]), "w")
    step = sl.function([pair], sl.sum(w * pair), updates={w: w - 0.5 * pair})
    assert step([2, 4]) == 10
    np.testing.assert_array_equal(sl.get_value(w), [0, 0])
    assert step([2, 4]) == 0


def test_all_updates_see_the_values_from_before():
    a, b = sl.shared(1.0, "a"), sl.shared(2.0, "b")
    swap = sl.function([], [], updates=[(a, b), (b, a)])
    swap()
    assert (sl.get_value(a), sl.get_value(b)) == (2, 1)


def test_gradient_descent_by_updates_reaches_the_minimum():
    w = sl.shared(np.zeros(2), "w")
    loss = sl.sum((w - sl.constant([3.0, -1.0])) ** 2)
    descend = sl.function([], loss, updates={w: w - 0.25 * sl.grad(loss, w)})
    losses = [float(descend()) for _ in range(60)]
    assert losses == sorted(losses, reverse=True)
    np.testing.assert_allclose(sl.get_value(w), [3, -1], atol=1e-12)


def test_a_failed_call_updates_nothing():
    w = sl.shared(np.zeros(2), "w")
    f = sl.function([pair], sl.sum(pair * w), updates={w: w + pair})
    with pytest.raises(sl.errors.ShapeError):
        f([1, 2, 3])
    np.testing.assert_array_equal(sl.get_value(w), [0, 0])


def test_givens_replace_variables_and_inner_expressions():
    inner = sl.exp(x)
    assert sl.function([x], sl.sum(inner * y), givens={y: x * 2})([0.0, 0.0]) == 0
    assert sl.function([y], sl.sum(inner * y), givens={inner: y})([1, 2]) == 5
    assert sl.function([y], sl.sum(pair * y[:2]), givens={pair: np.array([1.0, 3])})([1, 2]) == 7


def test_givens_exchange_two_variables():
    assert sl.function([x, y], sl.sum(x / y), givens={x: y, y: x})([2, 2], [1, 4]) == 2.5


# Arrays of the caller's -----------------------------------------------------------------------------
def test_out_is_filled_and_returned():
    f = sl.function([x], [sl.sum(x), x * 2])
    total, double = np.empty(()), np.empty(3)
    result = f([1, 2, 3], out=[total, double])
    assert result[0] is total
    assert result[1] is double
    assert total == 6
    np.testing.assert_array_equal(double, [2, 4, 6])


def test_out_for_one_output_is_one_array():
    target = np.empty(2)
    assert sl.function([x], x + 1)([1, 2], out=target) is target


def test_out_may_be_strided_and_is_else_untouched():
    target = np.zeros((2, 4))
    sl.function([x], x + 1)([1, 2], out=target[0, ::2])
    np.testing.assert_array_equal(target, [[2, 0, 3, 0], [0, 0, 0, 0]])


# Own arrays -----------------------------------------------------------------------------------------
VIEWS = {
    "an input": lambda: [X, X],
    "transposes": lambda: [X.T, X.T.T, sl.transpose(X)],
    "parts": lambda: [X[:1], X[::-1], X[..., None], X[0]],
    "layouts": lambda: [sl.reshape(X, -1), sl.ravel(X), sl.expand_dims(X, 0), sl.squeeze(X[None], 0)],
    "spread": lambda: [sl.broadcast_to(X, (3, *X.shape)), sl.broadcast_to(sl.sum(X), (2, 2))],
    "diagonals": lambda: [sl.diagonal(X @ X.T), sl.einsum("ij->ji", X)],
    "shared results": lambda: [sl.exp(X), sl.exp(X).T, sl.exp(X)[0], sl.exp(X)],
    "constants": lambda: [sl.constant(np.arange(6.0)), sl.constant(np.arange(100.0)), sl.sum(X)],
    "casts and stops": lambda: [X.astype("float64"), sl.stop_gradient(X), +X],
    "gradients": lambda: [sl.grad(sl.sum(X), X), sl.grad(sl.mean(X), X), sl.grad(sl.sum(X * 2), X)],
    "selections": lambda: [sl.where(X > 0, X, X), sl.clip(X, -10, 10), sl.maximum(X, X)],
}


@pytest.mark.parametrize("outputs", VIEWS.values(), ids=VIEWS)
def test_outputs_are_arrays_of_their_own_and_writeable(outputs):
    f = sl.function([X], outputs(), on_unused="ignore")
    value = np.arange(6.0).reshape(2, 3)
    first = f(value)
    for k, result in enumerate(first):
        assert not any(np.may_share_memory(result, other) for other in [value, *first[:k]])
        assert result.flags.writeable
        result[...] = -1
    np.testing.assert_array_equal(value, np.arange(6.0).reshape(2, 3))
    for result, again in zip(first, f(value), strict=True):
        assert not np.array_equal(result, again)


def test_the_value_of_a_shared_variable_is_not_given_away():
    w = sl.shared(np.ones(2), "w")
    f = sl.function([], [w, w[::-1]], updates={w: w * 1.0})
    for result in f():
        result[...] = 5
    np.testing.assert_array_equal(sl.get_value(w), [1, 1])


# Stored functions -----------------------------------------------------------------------------------
def test_a_pickled_function_computes_the_same_with_the_same_source():
    w = sl.shared(np.ones((3, 2)), "w")
    loss = sl.mean(sl.softmax(x[:3] @ w))
    f = sl.function([x], [loss, sl.grad(loss, x)], updates={w: 2 * w}, name="step")
    again = pickle.loads(pickle.dumps(f))
    assert again.source == f.source
    assert again.name == "step"
    for one, other in zip(f([1, 2, 3.0]), again([1, 2, 3.0]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_pickled_function_has_shared_variables_of_its_own():
    w = sl.shared(0.0, "w")
    f = sl.function([], w, updates={w: w + 1.0})
    again = pickle.loads(pickle.dumps(f))
    assert [float(f()), float(f()), float(again())] == [0, 1, 0]


def test_a_pickle_is_read_in_another_process(tmp_path):
    f = sl.function([X, W], [sl.softmax(X @ W), sl.grad(sl.sum(sl.softmax(X @ W) ** 2), W)])
    path = tmp_path / "f.pickle"
    path.write_bytes(pickle.dumps(f))
    code = (
        "import pickle, sys, numpy as np\n"
        f"f = pickle.load(open({str(path)!r}, 'rb'))\n"
        "print([r.tolist() for r in f(np.ones((2, 3)), np.eye(3, 2))])"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == str([r.tolist() for r in f(np.ones((2, 3)), np.eye(3, 2))])


def test_a_pickled_graph_is_the_same_object_again():
    e = sl.mean(sl.log(1 + sl.exp(X @ W))) + s
    assert pickle.loads(pickle.dumps(e)) is e


# Threads --------------------------------------------------------------------------------------------
def test_four_threads_call_one_function_500_times_each():
    loss = sl.mean(sl.logsumexp(X @ W, axis=1))
    f = sl.function([X, W], [loss, sl.grad(loss, W)])
    rng = np.random.default_rng(3)
    calls = [(rng.normal(size=(n + 2, 4)), rng.normal(size=(4, 3))) for n in range(4)]
    expected = [[r.tobytes() for r in f(*values)] for values in calls]
    wrong = []

    def work(k):
        for n in range(500):
            which = (k + n) % 4
            try:
                if [r.tobytes() for r in f(*calls[which])] != expected[which]:
                    wrong.append((k, n))
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_threads_build_one_node_for_one_formula():
    found = []
    barrier = threading.Barrier(4)

    def build():
        barrier.wait()
        e = x
        for k in range(200):
            e = sl.sin(e * (k + 2))
        found.append(e)

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(e is found[0] for e in found)


def test_an_update_of_integers_by_floats_is_refused():
    count = sl.shared(np.array(3), "count")
    with pytest.raises(sl.errors.DTypeError) as caught:
        sl.function([], [], updates={count: count * 0.5})
    text = "function f: update of count, of dtype int64, is float64: declare it as a float, or use .astype()"
    assert str(caught.value) == text


def test_functions_pickled_together_share_what_they_shared():
    w = sl.shared(np.ones(2), "w")
    total, step = sl.function([pair], sl.sum(w * pair)), sl.function([], [], updates={w: w + 1})
    loaded_total, loaded_step = pickle.loads(pickle.dumps([total, step]))
    loaded_step()
    assert loaded_total([1, 1]) == 4
    assert total([1, 1]) == 2


def test_labels_are_checked_against_the_classes_of_their_own_call():
    labels = sl.vector("labels", "N", "int64")
    f = sl.function([X, labels], sl.mean(sl.losses.softmax_crossentropy(X, labels)))
    three, four = (np.zeros((5, 3)), np.full(5, 2)), (np.zeros((5, 4)), np.full(5, 3))
    missed = []

    def work(values):
        for _ in range(100):
            if abs(f(*values) - np.log(values[0].shape[1])) > 1e-12:
                missed.append("value")
            try:
                f(three[0], four[1])
            except LabelRangeError:
                continue
            missed.append("error")

    threads = [threading.Thread(target=work, args=(values,)) for values in (three, four) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missed == []


@pytest.mark.parametrize(
    "other",
    [np.zeros((5, 3), "float32"), np.zeros((3, 5)).T, np.zeros((5, 3), ">f8"), [[0.0] * 3] * 5],
    ids=["narrower", "transposed", "big-endian", "list"],
)
def test_what_was_accepted_once_does_not_let_other_arrays_pass_as_they_are(other):
    f = sl.function([X], [X.T, sl.sum(sl.exp(X) + 1.5, axis=1)])
    for values in (np.zeros((5, 3)), other, np.zeros((5, 3))):
        columns, found = f(values)  # a copy of a view has the layout of what was taken
        assert columns.dtype == found.dtype == np.float64
        assert columns.flags.f_contiguous
        np.testing.assert_array_equal(found, np.full(5, 7.5))


def test_small_labels_below_0_are_refused_by_name_whatever_the_number_of_classes():
    labels = sl.vector("labels", "N", "int8")
    f = sl.function([X, labels], sl.pick(X, labels))
    with pytest.raises(LabelRangeError) as caught:
        f(np.ones((2, 300)), np.array([-1, 0], "int8"))
    assert str(caught.value) == (
        "f(): label -1 of labels at index (0,) is outside [0, 300): there is no ignore_index, so "
        "give ignored examples any label and the weight 0"
    )


def test_a_function_of_a_number_is_computed_beforehand_if_it_is_finite():
    for number, expected in ((2.0, "x + 0.6931471805599453"), (0.0, "np.log(np.float64(0)) + x")):
        formula = sl.log(sl.constant(number)) + x
        source = sl.function([x], formula).source
        assert set(expected.split(" + ")) <= set(source.partition("return ")[2].strip().split(" + "))
    assert sl.function([], sl.sin(sl.log(sl.constant(np.float32(3)))))().dtype == np.float32
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sl.function([], sl.log(sl.constant(0.0)))() == -np.inf
