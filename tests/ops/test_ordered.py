"""Sorting and the largest entries: NumPy's order, ties by the lowest position, and slopes that find back."""

import numpy as np
import pytest

import symloss as sl
from symloss import testing
from symloss.core.errors import AxisError, DomainError, DTypeError, GradientError

nan = np.nan
x, w = sl.vector("x", "N"), sl.vector("w", "N")
X = sl.matrix("X", "N K")
AT = np.array([[0.5, -1.0, 2.0, 0.5], [1.5, 1.5, -0.75, nan]])


@pytest.mark.parametrize("axis", [None, 0, 1, -1, "K"])
def test_the_order_is_numpys_along_each_axis(axis):
    number = 1 if axis == "K" else axis
    values, order = sl.function([X], [sl.sort(X, axis=axis), sl.argsort(X, axis=axis)])(AT)
    np.testing.assert_array_equal(values, np.sort(AT, number))
    np.testing.assert_array_equal(order, np.argsort(AT, number, kind="stable"))
    assert order.dtype == "int64"


@pytest.mark.parametrize("axis", [None, 0, -1, "K"])
@pytest.mark.parametrize("k", [1, 2])
def test_the_largest_entries_stand_where_they_are_said_to(axis, k):
    values, places = sl.function([X], [*sl.top_k(X, k, axis=axis)])(AT)
    flat, number = (AT.ravel(), 0) if axis is None else (AT, 0 if axis == 0 else 1)
    np.testing.assert_array_equal(values, np.take_along_axis(flat, places, number))
    np.testing.assert_array_equal(values, np.take(np.flip(np.sort(flat, number), number), range(k), number))


@pytest.mark.parametrize(
    ("at", "places"),
    [
        ([1, 2, 2, 2], [1, 2, 3]),
        ([0, 0, 0, 0], [0, 1, 2]),
        ([3, 1, 3, 2], [0, 2, 3]),
        ([1, nan, 2, nan], [1, 3, 2]),
    ],
    ids=str,
)
def test_the_lowest_position_of_a_tie_comes_first(at, places):
    assert sl.function([x], sl.top_k(x, 3)[1])(np.array(at, float)).tolist() == places


def test_many_ties_keep_their_order_too():
    at = np.random.default_rng(3).integers(0, 3, 5000).astype(float)
    order, places = sl.function([x], [sl.argsort(x), sl.top_k(x, 2000)[1]])(at)
    assert order.tolist() == sorted(range(5000), key=lambda i: at[i])
    assert places.tolist() == sorted(range(5000), key=lambda i: -at[i])[:2000]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool", "float16"])
def test_every_dtype_is_ordered_and_kept(dtype):
    k = sl.vector("k", "N", dtype=dtype)
    at = np.array([1, 0, 1], dtype)
    values, largest, places = sl.function([k], [sl.sort(k), *sl.top_k(k, 2)])(at)
    assert values.dtype == largest.dtype == dtype
    assert (values.tolist(), largest.tolist(), places.tolist()) == ([0, 1, 1], [1, 1], [0, 2])


def test_the_smallest_integer_is_the_smallest():
    k = sl.vector("k", "N", dtype="int8")
    assert sl.function([k], sl.top_k(k, 2)[1])(np.array([-128, 3, 127], "int8")).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("e", "text", "latex"),
    [
        (sl.sort(X), "sort(X)", r"\operatorname{sort}(X)"),
        (sl.sort(X, axis=0), "sort(X, N)", r"\operatorname{sort}_{N}(X)"),
        (sl.argsort(X, axis=0), "argsort(X, N)", r"\operatorname{argsort}_{N}(X)"),
        (sl.top_k(X, 2)[1], "arg_top_k(X, 2)", r"\operatorname{arg\,top}_{2}(X)"),
        (
            sl.top_k(x, 2)[0],
            "take_along_axis(x, arg_top_k(x, 2))",
            r"\operatorname{take}(\mathbf{x}, \operatorname{arg\,top}_{2}(\mathbf{x}))",
        ),
    ],
)
def test_an_order_reads_as_a_function(e, text, latex):
    assert (str(e), sl.latex(e, notation="matrix")) == (text, latex)


def test_a_slope_goes_back_to_where_its_entry_came_from():
    at, weights = np.array([3.0, 1.0, 2.0]), np.array([10.0, 20, 30])
    slope = sl.grad(sl.sum(w * sl.sort(x)), x)
    assert sl.function([x, w], slope)(at, weights).tolist() == [30, 10, 20]
    values, _ = sl.top_k(x, 2)
    assert sl.function([x], sl.grad(5 * values[0] + 7 * values[1], x))(at).tolist() == [5, 0, 7]


def test_a_tie_is_not_shared_but_keeps_its_order():
    at, weights = np.array([2.0, 2.0, 1.0]), np.array([10.0, 20, 30])
    assert sl.function([x, w], sl.grad(sl.sum(w * sl.sort(x)), x))(at, weights).tolist() == [20, 30, 10]
    assert sl.function([x], sl.grad(sl.sum(sl.top_k(x, 1)[0]), x))(at).tolist() == [1, 0, 0]


v, V = sl.vector("v", 4), sl.matrix("V", (2, 3))


@pytest.mark.parametrize(
    ("e", "variable"),
    [
        (sl.sort(V, axis=0) ** 2, V),
        (sl.exp(sl.sort(v)), v),
        (sl.top_k(V, 2)[0] ** 3, V),
        (sl.top_k(V, 2, axis=0)[0] ** 2, V),
    ],
    ids=str,
)
def test_first_and_second_slopes_are_central_differences_of_60_digits(e, variable):
    at = {v: np.array([0.5, -1, 2, 0.25]), V: np.array([[0.5, -1, 2], [1.5, 0.25, -0.75]])}
    testing.check_gradient(e, variable, {variable: at[variable]}, order=2)


v3 = sl.vector("v", 3)
MISTAKES = [
    (
        lambda: sl.top_k(v3, 4),
        DomainError,
        "top_k(v: (3,)): k is 4, for an axis of size 3: use 1, 2, … up to the size",
    ),
    (
        lambda: sl.top_k(x, 0),
        DomainError,
        "top_k(x: (N,)): k is 0, for an axis of size N: use 1, 2, … up to the size",
    ),
    (lambda: sl.top_k(x, 1.5), DTypeError, "top_k(x: (N,)): k is 1.5: use an int"),
    (
        lambda: sl.sort(sl.scalar("s")),
        AxisError,
        "sort(s: ()): axis -1 does not exist, as shape () has no axes: give an axis of the tensor, "
        "or a size name",
    ),
    (
        lambda: sl.argsort(X, axis="Z"),
        AxisError,
        "argsort(X: (N, K)): no axis 'Z' in shape (N, K): known: K, N",
    ),
]


@pytest.mark.parametrize(("build", "error", "text"), MISTAKES, ids=[text for _, _, text in MISTAKES])
def test_a_mistake_is_named(build, error, text):
    with pytest.raises(error) as caught:
        build()
    assert str(caught.value) == text


def test_more_than_there_are_is_refused_at_the_call():
    f = sl.function([x], sl.top_k(x, 2)[0])
    with pytest.raises(AxisError, match=r"arg_top_k\(x\), .* reaches up to 2 along an axis of size N = 1"):
        f(np.ones(1))


def test_a_position_has_no_derivative():
    with pytest.raises(
        GradientError, match=r"argsort\(x\): \(N,\), .* has no derivative, as it is a position"
    ):
        sl.grad(sl.sum(sl.argsort(x) * x.astype("float64")), x)
