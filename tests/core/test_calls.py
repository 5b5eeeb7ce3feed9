"""What a compiled function accepts, and what it promises about the arrays it is given and gives."""

import itertools
import sys
import threading

import numpy as np
import pytest

import symloss as sl

x, y, s = sl.matrix("x", "N K"), sl.vector("y", "N"), sl.scalar("s")
f = sl.function([x, y], [sl.softmax(x) * y[:, None], sl.sum(x, axis=0)])
X, Y = np.arange(12.0).reshape(4, 3) / 7, np.linspace(-1, 1, 4)


class Frame:
    """Like a table of pandas or a tensor of torch: an array by protocol only."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype=dtype)


def read_only(values):
    values = values.copy()
    values.flags.writeable = False
    return values


LAYOUTS = {
    "fortran": np.asfortranarray,
    "reversed": lambda values: values[::-1, ::-1].copy()[::-1, ::-1],
    "strided": lambda values: np.repeat(np.repeat(values, 2, axis=0), 2, axis=1)[::2, ::2],
    "read-only": read_only,
    "big-endian": lambda values: values.astype(">f8"),
    "float32": lambda values: values.astype("float32"),
    "list": lambda values: values.tolist(),
    "tuple": lambda values: tuple(map(tuple, values.tolist())),
    "frame": Frame,
    "memory": lambda values: memoryview(np.ascontiguousarray(values)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_bits(layout):
    given = LAYOUTS[layout](np.random.default_rng(3).normal(size=(60, 70)))
    call = sl.function([x], [sl.exp(x), sl.sum(x, axis=0), sl.sum(x, axis=1), sl.log1p(x**2)])
    expected = call(np.ascontiguousarray(np.asarray(given), dtype="float64"))
    for found, wanted in zip(call(given), expected, strict=True):
        assert found.tobytes() == wanted.tobytes()


def test_a_stretched_array_is_accepted():
    stretched = np.broadcast_to(np.arange(3.0), (4, 3))
    assert f(stretched, Y)[1].tolist() == [0, 4, 8]


@pytest.mark.parametrize("value", [2, 2.0, True, np.float32(2), np.array(2.0), np.int8(2), [2.0][0]])
def test_scalars_are_accepted_in_every_form(value):
    found = sl.function([s], s * 3)(value)
    assert found.shape == ()
    assert found == 3 * float(value)


@pytest.mark.parametrize("shape", [(0, 3), (4, 0), (0, 0)])
def test_arrays_of_size_0_are_accepted(shape):
    total = sl.function([x], [2 * x, sl.sum(x, axis=1)])
    doubled, sums = total(np.ones(shape))
    assert doubled.shape == shape
    assert sums.tolist() == [0] * shape[0]


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name not in ("list", "tuple", "frame")])
def test_inputs_are_never_changed(layout):
    given = LAYOUTS[layout](X)
    before = np.array(given)
    f(given, Y)
    assert np.array_equal(np.asarray(given), before)


square = sl.matrix("square", (3, 3))
held = sl.shared(np.arange(9.0).reshape(3, 3), "held")
fixed = sl.constant(np.arange(9.0).reshape(3, 3))
VIEWS = {
    "itself": lambda e: e,
    "transposed": lambda e: e.T,
    "row": lambda e: e[0],
    "entry": lambda e: e[0, 1],
    "slice": lambda e: e[:, ::2],
    "reversed": lambda e: sl.flip(e),
    "reshaped": lambda e: e.reshape(9),
    "expanded": lambda e: sl.expand_dims(e, 0),
    "squeezed": lambda e: sl.squeeze(sl.expand_dims(e, 0)),
    "stretched": lambda e: sl.broadcast_to(e, (2, 3, 3)),
    "swapped": lambda e: sl.swapaxes(e, 0, 1),
    "diagonal": lambda e: sl.diag(e),
    "stopped": lambda e: sl.stop_gradient(e),
    "twice": lambda e: sl.stop_gradient(e).T[1:],
    "cast": lambda e: e.astype("float64"),
}
ROOTS = {"input": square, "shared": held, "constant": fixed, "computed": 2 * square}


@pytest.mark.parametrize(("root", "view"), [*itertools.product(ROOTS, VIEWS)])
def test_outputs_share_no_memory(root, view):
    start = ROOTS[root]
    outputs = [VIEWS[view](start), start, VIEWS[view](start), start.T]
    call = sl.function([square], outputs, on_unused="ignore")
    given = np.arange(9.0).reshape(3, 3)
    found = call(given)
    again = call(given)
    arrays = [*found, *again, given, held.params["holder"].value, fixed.params["value"]]
    for one, other in itertools.combinations(arrays, 2):
        assert not np.shares_memory(one, other)
    assert all(array.flags.writeable for array in found)


def test_writing_into_an_output_changes_no_later_call():
    call = sl.function([x], [x.T, sl.constant([1.0, 2.0]), held[0]])
    for output in call(X):
        output[...] = -1
    later = call(X)
    assert np.array_equal(later[0], X.T)
    assert later[1].tolist() == [1, 2]
    assert later[2].tolist() == [0, 1, 2]


def test_many_threads_may_call_one_function():
    rng = np.random.default_rng(2)
    inputs = [(rng.normal(size=(n + 1, 3)), rng.normal(size=n + 1)) for n in range(8)]
    expected = [f(*one) for one in inputs]
    wrong, barrier = [], threading.Barrier(8)

    def work(number):
        barrier.wait()
        for _ in range(50):
            found = f(*inputs[number])
            if any(not np.array_equal(a, b) for a, b in zip(found, expected[number], strict=True)):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_arguments_go_by_position_or_by_name():
    expected = f(X, Y)[0].tobytes()
    assert f(X, y=Y)[0].tobytes() == f(y=Y, x=X)[0].tobytes() == expected


NAMES = (
    "np sum f lam softmax logsumexp base64 math print len out self errstate range λ π e I N N_ K v".split()
)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_an_input_compiles(name):
    q = sl.matrix(name, "N K")
    big = sl.constant(np.arange(100.0))
    outputs = [sl.softmax(q) + sl.logsumexp(q, axis=1, keepdims=True) * q.shape[0], big.sum() + q.sum()]
    call = sl.function([q], outputs)
    plain = sl.function([x], [o for o in sl.core.walk.substitute(outputs, {q: x})])
    for found, wanted in zip(call(X), plain(X), strict=True):
        assert np.array_equal(found, wanted)
    assert np.array_equal(call(**{name: X})[0], call(X)[0])


@pytest.mark.parametrize("name", ["sum", "λ", "x", "softmaxes", "N"])
def test_every_name_of_a_function_compiles(name):
    assert sl.function([x], sl.sum(x), name=name)(X) == X.sum()


def test_the_checks_of_a_correct_call_are_cheap():
    call = sl.function([x, y], sl.sum(x, axis=1) + y)
    sympy = [name for name in sys.modules if name.split(".")[0] == "sympy"]
    seen = []

    def watch(frame, event, argument):
        if frame.f_globals.get("__name__", "").startswith("sympy"):
            seen.append(frame.f_code.co_name)

    sys.setprofile(watch)
    call(X, Y)
    sys.setprofile(None)
    assert sympy
    assert [name for name in seen if name != "__hash__"] == []
