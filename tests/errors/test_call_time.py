"""Every mistake made in a call of a compiled function: the class of its error, and its whole text."""

import pickle
import re
import warnings

import numpy as np
import pytest

import symloss as sl
from symloss.core.errors import (
    AxisError,
    DomainError,
    DTypeError,
    GraphError,
    InputError,
    LabelRangeError,
    ShapeError,
)

x, y = sl.matrix("x", "N K"), sl.vector("y", "N")
a, s = sl.matrix("a", (3, 4)), sl.scalar("s")
u, v, w = sl.matrix("u"), sl.vector("v"), sl.vector("w")
labels = sl.vector("labels", "N", dtype="int64")
p = sl.vector("p", "N", dtype="float32")
flat = sl.vector("flat", (x.shape[0] * x.shape[1],))

X, Y = np.arange(6.0).reshape(2, 3), np.ones(2)
f = sl.function([x, y], [x.sum(axis=1) + y, (x * y.sum()).sum()])
double = sl.function([y], 2 * y)
single = sl.function([p], 2 * p)
picked = sl.function([x, labels], sl.pick(x, labels))


class Unreadable:
    """What torch does with a tensor that requires a gradient."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("call detach() first")


class Sparse:
    """Like a matrix of scipy.sparse."""

    def tocsr(self):
        return self


def matrix(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.matrix(values)


def read_only(values):
    values = np.array(values)
    values.flags.writeable = False
    return values


def case(row, build, error, text):
    return pytest.param(build, error, text, id=row)


CASES = [
    case(
        "60",
        lambda: f(X),
        InputError,
        "f(): missing y: pass a value for each input",
    ),
    case(
        "60-all",
        lambda: f(),
        InputError,
        "f(): missing x, y: pass a value for each input",
    ),
    case(
        "60-eval",
        lambda: x.eval({}),
        InputError,
        "eval(): no value for x: give a mapping from variables to values",
    ),
    case(
        "61",
        lambda: f(X, Y, Y),
        InputError,
        "f(): got 3 arguments, expected 2 (x, y): drop the extra ones",
    ),
    case(
        "62",
        lambda: double(yy=Y),
        InputError,
        "f(): no input 'yy': known: y",
    ),
    case(
        "62-far",
        lambda: f(X, Y, height=3),
        InputError,
        "f(): no input 'height': known: x, y",
    ),
    case(
        "62-eval",
        lambda: x.eval({x: X, y: Y}),
        InputError,
        "eval(): y is no variable of the expression: drop it",
    ),
    case(
        "63",
        lambda: f(X, Y, x=X),
        InputError,
        "f(): x is given twice: pass it once",
    ),
    case(
        "64",
        lambda: f(X[0], Y),
        ShapeError,
        "f(): x has shape (3,), expected (N, K): pass an array of rank 2, not 1",
    ),
    case(
        "64-scalar",
        lambda: f(X, 3.0),
        ShapeError,
        "f(): y has shape (), expected (N,): pass an array of rank 1, not 0",
    ),
    case(
        "65",
        lambda: sl.function([a], 2 * a)(np.ones((3, 5))),
        ShapeError,
        "f(): a has shape (3, 5), expected (3, 4): axis 1 must have length 4",
    ),
    case(
        "65-derived",
        lambda: sl.function([v], sl.reshape(v, (2, 3)))(np.ones(5)),
        ShapeError,
        "f(): v has shape (5,), expected (6,): axis 0 must have length 6",
    ),
    case(
        "65-product",
        lambda: sl.function([flat, x], [flat.sum(), x.sum()])(np.ones(5), X),
        ShapeError,
        "f(): flat has shape (5,), expected (K*N,): axis 0 must have length K*N = 6",
    ),
    case(
        "66",
        lambda: f(X, np.ones(3)),
        ShapeError,
        "f(): N is 2 in x and 3 in y: both must have the same length there",
    ),
    case(
        "66-open",
        lambda: sl.function([u, v], u @ v)(X, np.ones(2)),
        ShapeError,
        "f(): axis 1 of u has length 3 but axis 0 of v has length 2: both must have the same length there",
    ),
    case(
        "66-quotient",
        lambda: sl.function([v, u], v.reshape((-1, 3)) + u)(np.ones(6), np.ones((3, 3))),
        ShapeError,
        "f(): u has shape (3, 3), expected (?/3, 3): axis 0 must have length ?/3 = 2",
    ),
    case(
        "67",
        lambda: sl.function([u, v], u + v, check="off")(X, np.ones(4)),
        ShapeError,
        "f(), add(u: (2, 3), v: (4,)) built at HERE: the shapes do not fit: check the shapes of "
        "the arguments",
    ),
    case(
        "67-reshape",
        lambda: sl.function([v], v.reshape((-1, 3)))(np.ones(5)),
        ShapeError,
        "f(): reshape(v), built at HERE, needs ?/3 = 1.66667 to be a whole number: check the "
        "shapes of the arguments",
    ),
    case(
        "67-matmul",
        lambda: sl.function([u, v], sl.exp(u) @ v, check="off")(X, np.ones(4)),
        ShapeError,
        "f(), matmul(exp(u): (2, 3), v: (4,)) built at HERE: the shapes do not fit: check the "
        "shapes of the arguments",
    ),
    case(
        "67-square",
        lambda: sl.function([u], sl.trace(u))(X),
        ShapeError,
        "f(): axis 0 of u has length 2 but axis 1 of u has length 3: both must have the same length there",
    ),
    case(
        "67-squeeze",
        lambda: sl.function([u], sl.squeeze(u, 1))(X),
        ShapeError,
        "f(): u has shape (2, 3), expected (?, 1): axis 1 must have length 1",
    ),
    case(
        "67-index",
        lambda: sl.function([x], x[7])(X),
        AxisError,
        "f(): getitem(x), built at HERE, reaches up to 8 along an axis of size N = 2: index "
        "within the axis, or pass longer arrays",
    ),
    case(
        "67-slice",
        lambda: sl.function([x], x[:10])(X),
        AxisError,
        "f(): getitem(x), built at HERE, reaches up to 10 along an axis of size N = 2: index "
        "within the axis, or pass longer arrays",
    ),
    case(
        "68",
        lambda: single(np.ones(3)),
        DTypeError,
        "f(), argument p: dtype float64 is not cast to float32, as digits could be lost: convert "
        "it with .astype('float32'), or compile with casting='same_kind'",
    ),
    case(
        "69",
        lambda: single(np.array([2**60])),
        DTypeError,
        "f(), argument p: dtype int64 is not cast to float32, as digits could be lost: convert it"
        " with .astype('float32')",
    ),
    case(
        "69-list",
        lambda: single([1e300]),
        DTypeError,
        "f(), argument p: dtype float64 is not cast to float32, as digits could be lost: convert "
        "it with .astype('float32'), or compile with casting='same_kind'",
    ),
    case(
        "68-labels",
        lambda: sl.function([x, labels], sl.pick(x, labels), casting="same_kind")(
            X, np.array([2**63], "uint64")
        ),
        LabelRangeError,
        "f(), argument labels: an integer of dtype uint64 is outside the range of int64: check the labels",
    ),
    case(
        "70",
        lambda: double(np.ones(3) * 1j),
        DTypeError,
        "f(), argument y: dtype complex128 is not supported: give numbers of dtype float64",
    ),
    case(
        "71",
        lambda: double(np.array([1, None])),
        DTypeError,
        "f(), argument y: dtype object is not supported: give numbers of dtype float64",
    ),
    case(
        "71-None",
        lambda: double(None),
        DTypeError,
        "f(), argument y: a NoneType gives dtype object, which is not supported: give numbers of "
        "dtype float64",
    ),
    case(
        "72",
        lambda: double("abc"),
        DTypeError,
        "f(), argument y: a str gives dtype <U3, which is not supported: give numbers of dtype float64",
    ),
    case(
        "72-strings",
        lambda: double(np.array(["1"])),
        DTypeError,
        "f(), argument y: dtype <U1 is not supported: give numbers of dtype float64",
    ),
    case(
        "72-ragged",
        lambda: double([[1], [1, 2]]),
        DTypeError,
        "f(), argument y: a list does not make an array: rows must have equal lengths",
    ),
    case(
        "73",
        lambda: double(Unreadable()),
        DTypeError,
        "f(), argument y: a Unreadable does not make an array: convert it to NumPy",
    ),
    case(
        "73-expr",
        lambda: double(y),
        DTypeError,
        "f(), argument y: an Expr is not accepted: pass its value, as from .eval()",
    ),
    case(
        "74",
        lambda: double(np.ma.array([1.0, 2.0], mask=[False, True])),
        DTypeError,
        "f(), argument y: a MaskedArray is not accepted: pass the mask as a weight, and fill the "
        "masked entries",
    ),
    case(
        "75",
        lambda: sl.function([x], 2 * x)(matrix([[1.0]])),
        DTypeError,
        "f(), argument x: a matrix is not accepted: use np.asarray",
    ),
    case(
        "76",
        lambda: sl.function([x], 2 * x)(Sparse()),
        DTypeError,
        "f(), argument x: a Sparse is not accepted: use .toarray()",
    ),
    case(
        "77",
        lambda: sl.function([x], sl.max(x, axis=0))(np.ones((0, 3))),
        ShapeError,
        "f(), max(x: (0, 3)) built at HERE: there are no elements to choose from: pass arrays "
        "with elements along that axis",
    ),
    case(
        "77-argmax",
        lambda: sl.function([x], sl.argmax(x, axis=0))(np.ones((0, 3))),
        ShapeError,
        "f(), argmax(x: (0, 3)) built at HERE: there are no elements to choose from: pass arrays "
        "with elements along that axis",
    ),
    case(
        "79",
        lambda: picked(X, [0, 3]),
        LabelRangeError,
        "f(): label 3 of labels at index (1,) is outside [0, 3): labels count from 0",
    ),
    case(
        "79-one_hot",
        lambda: sl.function([labels], sl.one_hot(labels, 3))([4]),
        LabelRangeError,
        "f(): label 4 of labels at index (0,) is outside [0, 3): labels count from 0",
    ),
    case(
        "79-computed",
        lambda: sl.function([x, labels], sl.pick(x, labels % 4))(X, [0, 3]),
        LabelRangeError,
        "f(), pick(x: (2, 3), remainder(labels, …): (2,)) built at HERE: label 3 at index (1,) "
        "outside [0, 3): check the integers",
    ),
    case(
        "79-index",
        lambda: sl.function([x, labels], x[:, labels])(X, [0, 5]),
        LabelRangeError,
        "f(), getitem(x: (2, 3), labels: (2,)) built at HERE: index 5 is out of bounds for axis 1"
        " with size 3: check the integers",
    ),
    case(
        "80",
        lambda: picked(X, [0, -1]),
        LabelRangeError,
        "f(): label -1 of labels at index (1,) is outside [0, 3): there is no ignore_index, so "
        "give ignored examples any label and the weight 0",
    ),
    case(
        "81",
        lambda: picked(X, [0, np.nan]),
        DTypeError,
        "f(), argument labels: dtype float64 is not cast to int64, as digits could be lost: "
        "convert it with .astype('int64')",
    ),
    case(
        "81-float",
        lambda: picked(X, np.array([0.0, 1.0])),
        DTypeError,
        "f(), argument labels: dtype float64 is not cast to int64, as digits could be lost: "
        "convert it with .astype('int64')",
    ),
    case(
        "81-bool",
        lambda: picked(X, [True, False]),
        DTypeError,
        "f(), argument labels: dtype bool is not cast to int64: a truth value is no class label",
    ),
    case(
        "82",
        lambda: picked(X, np.array([0, 2**63 + 1], dtype="uint64")),
        LabelRangeError,
        "f(), argument labels: an integer of dtype uint64 is outside the range of int64: check the labels",
    ),
    case(
        "82-python",
        lambda: picked(X, [0, 2**70]),
        DTypeError,
        "f(), argument labels: a list gives dtype object, which is not supported: give numbers of"
        " dtype int64",
    ),
    case(
        "88-shape",
        lambda: double(Y, out=np.empty(3)),
        InputError,
        "f(): out for output 0 has shape (3,) and dtype float64, expected (2,) and float64: pass "
        "np.empty((2,), dtype='float64')",
    ),
    case(
        "88-dtype",
        lambda: double(Y, out=np.empty(2, dtype="float32")),
        InputError,
        "f(): out for output 0 has shape (2,) and dtype float32, expected (2,) and float64: pass "
        "np.empty((2,), dtype='float64')",
    ),
    case(
        "88-alias",
        lambda: double(Y, out=Y),
        InputError,
        "f(): out for output 0 shares memory with an input or another output: pass np.empty((2,),"
        " dtype='float64')",
    ),
    case(
        "88-type",
        lambda: double(Y, out=[1.0, 2.0]),
        InputError,
        "f(): out has 2 arrays for 1 outputs: give one for each output",
    ),
    case(
        "88-inside",
        lambda: double(Y, out=["a"]),
        InputError,
        "f(): out for output 0 is a str: pass np.empty((2,), dtype='float64')",
    ),
    case(
        "88-read-only",
        lambda: double(Y, out=read_only([1.0, 2.0])),
        InputError,
        "f(): out for output 0 is read-only: pass np.empty((2,), dtype='float64')",
    ),
    case(
        "91",
        lambda: sl.function([labels], sl.power(2, labels))([-1]),
        DomainError,
        "f(), power(constant: (), labels: (1,)) built at HERE: Integers to negative integer "
        "powers are not allowed: check the values of the arguments",
    ),
    case(
        "set-shape",
        lambda: sl.set_value(sl.shared(np.ones(2), "w"), np.ones(3)),
        ShapeError,
        "set_value(): w has shape (2,), the value has (3,): keep the shape",
    ),
    case(
        "set-dtype",
        lambda: sl.set_value(sl.shared(np.arange(2), "w"), [0.5, 1.5]),
        DTypeError,
        "set_value(): w has dtype int64, the value has float64: keep the dtype",
    ),
    case(
        "set-type",
        lambda: sl.set_value(sl.shared(np.ones(2), "w"), "a"),
        DTypeError,
        "set_value(w): dtype 'str' is not supported: use float16, float32, float64, int8, int16, "
        "int32, int64, uint8, uint16, uint32, uint64, bool",
    ),
    case(
        "set-input",
        lambda: sl.set_value(x, X),
        GraphError,
        "set_value(): x holds no value: make it with shared(value, name)",
    ),
]


def unplaced(text):
    """An error's text without the lines of this file, which move."""
    return re.sub(r"test_\w+\.py:\d+", "HERE", text)


@pytest.mark.parametrize(("call", "error", "text"), CASES)
def test_a_mistake_in_a_call_is_named(call, error, text):
    with pytest.raises(error) as caught:
        call()
    assert type(caught.value) is error
    assert unplaced(str(caught.value)) == text


@pytest.mark.parametrize(("call", "error", "text"), CASES)
def test_a_text_says_the_call_what_is_wrong_and_the_mend(call, error, text):
    assert len(text) <= 400
    assert re.fullmatch(r"\w+\([^)]*\).*?: .*: .*", text, re.DOTALL)
    assert not re.search(r"\{\w", text)


def test_what_numpy_raised_is_the_cause_and_the_place_is_where_it_was_built():
    total = u + v
    line = total.site[1]
    with pytest.raises(ShapeError, match=rf"built at test_call_time\.py:{line}: ") as caught:
        sl.function([u, v], total * 2, check="off")(X, np.ones(4))
    assert isinstance(caught.value.__cause__, ValueError)


def test_the_place_is_found_in_a_long_program():
    part = x
    for _ in range(200):
        part = sl.sin(part) + 1
    wrong = sl.pick(part, labels * 2)
    with pytest.raises(LabelRangeError, match=rf"pick\(add\(…, …\): \(2, 3\), .*:{wrong.site[1]}: label 4 "):
        sl.function([x, labels], sl.exp(wrong).sum())(X, [0, 2])


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
def test_labels_of_every_integer_dtype_are_accepted(dtype):
    assert picked(X, np.array([0, 2], dtype=dtype)).tolist() == [0, 5]


def test_integers_that_a_float_keeps_are_accepted():
    assert single(np.array([2**24])).tolist() == [2.0**25]
    assert double(np.array([2**53])).tolist() == [2.0**54]
    assert single([1, 2]).dtype == np.float32


def test_results_are_written_into_arrays_of_the_caller():
    out = np.empty(2)
    assert double(Y, out=out) is out
    assert out.tolist() == [2, 2]
    first, second = f(X, Y, out=[np.empty(2), np.empty(())])
    assert first.tolist() == [4, 13]
    assert second == 30


def test_an_input_may_be_called_out():
    out = sl.scalar("out")
    assert sl.function([out], out + 1)(out=1) == 2


def test_a_wider_float_is_rounded_where_that_is_asked_for():
    rounding = sl.function([p], 2 * p, casting="same_kind")
    assert rounding(np.array([0.1, 2.0])).tolist() == (2 * np.array([0.1, 2.0], "float32")).tolist()
    assert rounding(np.array([2**60])).tolist() == [2.0**61]
    with pytest.raises(DTypeError):
        rounding(np.array([1j]))


def test_a_stored_function_keeps_its_checks():
    rounding = pickle.loads(pickle.dumps(sl.function([p], 2 * p, casting="same_kind", name="g")))
    assert rounding(np.array([0.5])).tolist() == [1]
    with pytest.raises(InputError, match=r"^g\(\): missing p: "):
        rounding()


def test_the_slope_of_a_mean_of_nothing_names_the_empty_axis():
    v = sl.vector("v", "N")
    f = sl.function([v], sl.grad(sl.mean(v), v))
    with pytest.raises(sl.errors.DomainError) as caught:
        f(np.zeros(0))
    assert "it divides by the length of an empty axis: pass arrays with elements" in str(caught.value)
