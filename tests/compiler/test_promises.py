"""What compiled functions and stored graphs promise: own names, own arrays, values that fit."""

import pickle
import threading
import warnings

import numpy as np
import pytest

import symloss as sl
from symloss.core.errors import DTypeError, FormatError, NameError_, ShapeError
from symloss.core.expr import apply
from symloss.core.op import OPS
from symloss.core.stored import load

v = sl.vector("v", 3)
X = sl.matrix("X", "N N")


@pytest.mark.parametrize("subscripts", ["ij->ji", "ii->i"])
def test_the_result_of_an_einsum_is_no_view_of_the_input(subscripts):
    given = np.ones((3, 3))
    result = sl.function([X], sl.einsum(subscripts, X))(given)
    assert not np.shares_memory(result, given)


E = sl.exp(X)


@pytest.mark.parametrize(
    "outputs",
    [[E.T, E.T[None]], [E[1:], E[1:][1:]], [E.T, E.T[0]], [E, E.T], [E.T, E.T], [E[0], E[1:], E[1:].T]],
    ids=["an axis more", "slices", "a row", "the matrix", "twice", "three"],
)
def test_no_output_is_a_view_of_another(outputs):
    results = sl.function([X], outputs)(np.ones((3, 3)))
    pairs = [(a, b) for k, a in enumerate(results) for b in results[:k]]
    assert not any(np.shares_memory(a, b) for a, b in pairs)


def test_a_constant_does_not_take_the_name_of_the_function():
    f = sl.function([v], v * 2 + sl.constant(np.arange(3.0)), name="C")
    np.testing.assert_array_equal(f([1, 2, 3]), [2, 5, 8])


def test_an_integer_that_does_not_fit_a_shared_variable_is_refused():
    counts = sl.shared(np.zeros(2, dtype=np.int8), "counts")
    with pytest.raises(DTypeError) as caught:
        sl.set_value(counts, [1, 300])
    text = "set_value(): the value of counts is outside the range of int8: declare a wider dtype"
    assert str(caught.value) == text
    np.testing.assert_array_equal(sl.get_value(counts), [0, 0])


def test_an_operation_is_recorded_once():
    record = OPS["exp"]
    with pytest.raises(NameError_) as caught:
        type(record)("exp", "Another.", record.shape, record.dtype, record.numpy, record.text, record.latex)
    assert str(caught.value) == "Op('exp'): an operation 'exp' exists already: choose another name"
    assert OPS["exp"] is record


def test_the_order_of_parameters_makes_no_other_node():
    total = sl.sum(v)
    assert apply(total.op, v, keepdims=False, axis=(0,)) is total


@pytest.mark.parametrize("damage", [{"roots": [9]}, {"nodes": None}, {"roots": [-1]}])
def test_a_damaged_record_is_refused(damage):
    stored = v.__reduce__()[1][0] | damage
    with pytest.raises(FormatError):
        load(stored)


def test_a_record_of_another_version_is_refused():
    with pytest.raises(FormatError) as caught:
        load({"version": 0})
    assert str(caught.value) == "load: version 0, expected 1: store the graph again"


def test_a_tensor_needs_dims():
    with pytest.raises(ShapeError) as caught:
        sl.tensor("q", None)
    assert str(caught.value) == "tensor('q'): dims is missing: name the sizes, as in 'N C'"


def test_the_warning_filters_are_as_before_after_calls_with_nothing():
    f = sl.function([x := sl.vector("x", "N")], sl.mean(x))
    before = list(warnings.filters)
    threads = [threading.Thread(target=lambda: [f(np.zeros(0)) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before


def test_a_function_is_the_same_after_pickling():
    f = sl.function([v], [sl.exp(v), sl.sum(v)], name="g")
    again = pickle.loads(pickle.dumps(f))
    assert again.source == f.source
    np.testing.assert_array_equal(again([1, 2, 3])[0], f([1, 2, 3])[0])


half, single = sl.scalar("half", "float16"), sl.scalar("single", "float32")
weights = sl.matrix("weights", "N K")


@pytest.mark.parametrize(
    ("inputs", "formula"),
    [
        ([single], sl.clip(single, 0, 1)),
        ([half], sl.clip(half, -1, 1)),
        ([half], sl.maximum(sl.minimum(half, 1), 0)),
        ([weights, single], sl.grad(sl.sum(sl.xlogy(weights, single)), weights)),
        ([weights, half], sl.grad(sl.sum(sl.xlog1py(weights, half)), weights)),
    ],
    ids=["clip", "clip of half", "pieces", "xlogy", "xlog1py"],
)
def test_a_result_has_the_dtype_that_the_formula_says(inputs, formula):
    values = [np.full((2, 3)[: e.ndim], 0.5, e.dtype) for e in inputs]
    assert sl.function(inputs, formula)(*values).dtype == formula.dtype
