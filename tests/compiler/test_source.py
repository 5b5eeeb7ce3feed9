"""The source that functions compile to: golden modules, which run alone and compute the same."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

import symloss as sl

GOLDEN = pathlib.Path(__file__).parent / "golden"


def cross_entropy():
    z, y = sl.vector("z", "K"), sl.vector("y", "K")
    loss = -sl.sum(y * sl.log_softmax(z))
    return sl.function([z, y], [loss, sl.grad(loss, z)])


def multinomial_regression():
    X, W, Y, lam = sl.matrix("X", "N D"), sl.matrix("W", "D K"), sl.matrix("Y", "N K"), sl.scalar("lam")
    scores = X @ W
    loss = sl.mean(sl.logsumexp(scores, axis="K") - sl.sum(Y * scores, axis="K")) + lam / 2 * sl.sum(W**2)
    return sl.function([X, W, Y, lam], [loss, sl.grad(loss, W, assume=[sl.eq(sl.sum(Y, axis="K"), 1)])])


def two_layers():
    X, Y = sl.matrix("X", "N D"), sl.matrix("Y", "N K")
    W1, b1, W2, b2 = (
        sl.matrix("W1", "D H"),
        sl.vector("b1", "H"),
        sl.matrix("W2", "H K"),
        sl.vector("b2", "K"),
    )
    scores = sl.relu(X @ W1 + b1) @ W2 + b2
    loss = sl.mean(-sl.sum(Y * sl.log_softmax(scores), axis="K"))
    gradients = sl.grad(loss, [W1, b1, W2, b2], assume=[sl.eq(sl.sum(Y, axis="K"), 1)])
    return sl.function([X, Y, W1, b1, W2, b2], [loss, *gradients])


def least_squares():
    A, v, b = sl.matrix("A", "N D"), sl.vector("v", "D"), sl.vector("b", "N")
    loss = sl.mean((A @ v - b) ** 2)
    return sl.function([A, v, b], [loss, sl.grad(loss, v)], name="least_squares")


def logistic_regression():
    X, w, y = sl.matrix("X", "N D"), sl.vector("w", "D"), sl.vector("y", "N")
    loss = sl.mean(sl.log(1 + sl.exp(X @ w)) - y * (X @ w))
    return sl.function([X, w, y], [loss, sl.grad(loss, w)])


def hinge():
    scores, labels = sl.vector("scores", "N"), sl.vector("labels", "N")
    loss = sl.mean(sl.relu(1 - scores * labels))
    return sl.function([scores, labels], [loss, sl.grad(loss, scores)])


def integer_targets():
    Z, t = sl.matrix("Z", "N K"), sl.vector("t", "N", dtype="int64")
    loss = sl.mean(-sl.log_softmax(Z)[sl.arange("N"), t])
    return sl.function([Z, t], [loss, sl.grad(loss, Z)])


def constants():
    x = sl.vector("x", 3, "float32")
    weights = np.array([0.5, -0.0, np.inf], dtype="float32")
    return sl.function([x], [x[::-1] * weights + 0.1, sl.mean(x)])


def masked_logarithm():
    x = sl.vector("x", "N")
    loss = sl.sum(sl.where(x > 0, sl.log(x), 0))
    return sl.function([x], [loss, sl.grad(loss, x)])


FUNCTIONS = [
    cross_entropy,
    multinomial_regression,
    two_layers,
    least_squares,
    logistic_regression,
    hinge,
    integer_targets,
    constants,
    masked_logarithm,
]
each_function = pytest.mark.parametrize("build", FUNCTIONS, ids=lambda build: build.__name__)


def golden(build):
    return GOLDEN / f"{build.__name__}.py"


def arguments(f, seed=0):
    """Random arguments of a compiled function; every size is 3."""
    rng = np.random.default_rng(seed)
    shapes = [(3,) * variable.ndim for variable in f.signature.inputs]
    return [
        (rng.normal(size=shape) if variable.dtype.kind == "f" else rng.integers(0, 3, shape)).astype(
            variable.dtype
        )
        for shape, variable in zip(shapes, f.signature.inputs, strict=True)
    ]


@each_function
def test_the_source_is_the_golden_one(build):
    assert build().source == golden(build).read_text(encoding="utf-8")


@each_function
def test_the_golden_module_computes_what_the_function_computes(build):
    f = build()
    spec = importlib.util.spec_from_file_location(f"golden_{build.__name__}", golden(build))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    values = arguments(f)
    for one, other in zip(f(*values), getattr(module, f.name)(*values), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == np.asarray(other).dtype


@each_function
def test_the_golden_module_is_as_ruff_formats_it_and_needs_only_numpy(build):
    text = golden(build).read_text(encoding="utf-8")
    assert set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE)) <= {"numpy", "base64", "math"}
    assert max(map(len, text.splitlines())) <= 110
    assert not re.search(r"\((\w+)\)(\.T|\*\*)", text)


def test_every_golden_module_belongs_to_a_test():
    assert {path.stem for path in GOLDEN.glob("*.py")} == {build.__name__ for build in FUNCTIONS}


def test_the_source_does_not_depend_on_the_seed_of_hashes():
    code = (
        f"import importlib.util as u; s = u.spec_from_file_location('t', {__file__!r});"
        "m = u.module_from_spec(s); s.loader.exec_module(m);"
        "print('\\f'.join(build().source for build in m.FUNCTIONS))"
    )
    printed = set()
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
        run = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=True
        )
        printed.add(run.stdout)
    assert printed == {"\f".join(build().source for build in FUNCTIONS) + "\n"}


# Each value is computed once ------------------------------------------------------------------------
x, y = sl.vector("x", "N"), sl.vector("y", "N")
X = sl.matrix("X", "N D")


def test_what_outputs_share_is_computed_once():
    e = sl.exp(x) * y
    source = sl.function([x, y], [sl.sum(e), e / 2, sl.exp(x), sl.sin(e)]).source
    assert source.count("np.exp(") == 1


def test_a_gradient_shares_what_the_loss_has_computed():
    loss = sl.sum(sl.tanh(sl.sin(x) * y))
    source = sl.function([x, y], [loss, *sl.grad(loss, [x, y])]).source
    assert source.count("np.sin(") == source.count("np.cos(") == source.count("np.tanh(") == 1


def test_an_update_shares_what_the_outputs_have_computed():
    w = sl.shared(np.ones(2), "w")
    e = sl.exp(w)
    f = sl.function([], [sl.sum(e)], updates={w: e})
    assert f.source.count("np.exp(") == 1


# Names ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    ["np", "sum", "softmax", "log_softmax", "f", "s", "e", "N", "C", "axis", "print", "base64", "math", "λ"],
)
def test_a_variable_may_have_any_name(name):
    variable, other = sl.matrix(name, "N K"), sl.vector("other", "K")
    big = sl.constant(np.arange(100.0))
    outputs = [
        sl.softmax(variable) * sl.exp(other) + sl.exp(variable) / sl.mean(variable),
        sl.sum(sl.log_softmax(variable) + sl.sum(big)),
    ]
    f = sl.function([variable, other], outputs)
    values = np.array([[0.5, -1], [2, 0.25]]), np.array([1.0, 2.0])
    shifted = np.exp(values[0])
    share = shifted / shifted.sum(1, keepdims=True)
    np.testing.assert_allclose(f(*values)[0], share * np.exp(values[1]) + shifted / values[0].mean())
    np.testing.assert_allclose(f(*values)[1], np.log(share).sum() + 4 * 4950)
    np.testing.assert_array_equal(f(**dict(zip([name, "other"], values, strict=True)))[0], f(*values)[0])


def test_sizes_named_like_variables_keep_apart():
    K = sl.scalar("K")
    rows = sl.matrix("rows", "N K")
    f = sl.function([K, rows], sl.mean(rows, axis=0) * K + sl.grad(sl.mean(rows * K), K))
    np.testing.assert_allclose(f(10.0, [[1, 2], [3, 4]]), [22.5, 32.5])


def test_a_function_has_the_name_it_is_given(tmp_path):
    f = sl.function([x], x + 1, name="successor")
    assert "def successor(x):" in f.source
    f.save(tmp_path / "saved.py")
    spec = importlib.util.spec_from_file_location("saved", tmp_path / "saved.py")
    saved = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(saved)
    np.testing.assert_array_equal(saved.successor(np.array([1.0, 2.0])), [2, 3])


# Constants and sizes --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "value",
    [
        np.array([1.0, -0.0, np.inf, -np.inf, 5e-324, 1e300, 0.1]),
        np.array([[1, -2], [3, 2**62]]),
        np.array([True, False]),
        np.arange(200.0).reshape(2, 100) / 7,
        np.arange(65, dtype="int8"),
        np.zeros((0, 3)),
        np.array([0.1, 65504], dtype="float16"),
    ],
    ids=lambda value: f"{value.dtype}{value.shape}",
)
def test_an_array_constant_keeps_every_bit(value):
    inner = sl.constant(value)
    found = sl.function([], inner)()
    assert found.dtype == value.dtype
    assert found.tobytes() == value.tobytes()
    assert found.shape == value.shape


@pytest.mark.parametrize("value", [0.0, -0.0, np.inf, -np.inf, 0.1, 1e300, 5e-324, 3.0, -2.5, 2.0**60])
def test_a_number_keeps_every_bit(value):
    assert sl.function([], sl.constant(value))().tobytes() == np.float64(value).tobytes()
    with np.errstate(all="ignore"):
        expected = np.float64(2) * np.float64(value)
    assert sl.function([y], y * value)([2.0]).tobytes() == expected.tobytes()


def test_sizes_are_read_off_the_arguments():
    f = sl.function(
        [X], [sl.mean(X), sl.reshape(X, -1), sl.one_hot(sl.argmax(X, axis=1), "D"), sl.ones("D N")]
    )
    value = np.array([[1.0, 5, 2], [9, 4, 3]])
    mean, flat, hot, ones = f(value)
    assert mean == 4
    np.testing.assert_array_equal(flat, value.ravel())
    np.testing.assert_array_equal(hot, [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(ones, np.ones((3, 2)))


# Dtypes ---------------------------------------------------------------------------------------------
h = sl.matrix("h", "N K", "float32")
labels = sl.vector("labels", "N", "int64")
weights = sl.scalar("weights", "float32")
SINGLE = {
    "a mean and its gradient": lambda: [sl.mean(h), sl.grad(sl.mean(h), h)],
    "the size as a number": lambda: [sl.log(sl.mean(sl.exp(h))), sl.mean(h) * h.shape[0]],
    "integer targets": lambda: cross_entropy_of_labels(),
    "numbers alone": lambda: [sl.sqrt(sl.constant(np.float32(2))) * weights, weights / 3 + 0.1],
    "a choice of a number": lambda: [sl.where(h > 0, h, 2.5) * h, sl.where(h > 0, h, 0)],
    "powers": lambda: [h**2, h**0.5, 2**h, weights**3],
    "integers met": lambda: [h * sl.expand_dims(labels, 1), sl.sum(h, axis=1) / labels],
    "moments": lambda: [sl.var(h), sl.std(h, axis=0), sl.norm(h), sl.logsumexp(h)],
    "comparisons counted": lambda: [sl.mean(sl.where(h > weights, 1, 0) * h)],
}


def cross_entropy_of_labels():
    loss = -sl.mean(sl.sum(sl.one_hot(labels, "K", dtype="float32") * sl.log_softmax(h), axis=1))
    return [loss, sl.grad(loss, h)]


@pytest.mark.parametrize("outputs", SINGLE.values(), ids=SINGLE)
def test_single_precision_stays_single(outputs):
    roots = outputs()
    f = sl.function([h, labels, weights], roots, on_unused="ignore")
    values = f(np.full((2, 3), 0.5, "float32"), np.array([1, 2]), np.float32(2))
    assert [root.dtype.name for root in roots] == ["float32"] * len(roots)
    assert [value.dtype.name for value in values] == ["float32"] * len(roots)
