"""Sizes: NumPy's rules where they are known, agreement where they have names, unification elsewhere."""

import numpy as np
import pytest
import sympy

import symloss as sl
from symloss.core import shapes
from symloss.core.errors import AxisError, ShapeError

x, y = sl.matrix("x", "N K"), sl.vector("y", "N")
N, K = x.shape
random = np.random.default_rng(0)
PAIRS = [
    tuple(tuple(int(n) for n in random.choice([1, 1, 2, 3, 0], random.integers(0, 4))) for _ in range(2))
    for _ in range(300)
]


def numpy_shape(*pair):
    try:
        return np.broadcast_shapes(*pair)
    except ValueError:
        return None


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_broadcasting_is_numpys(pair):
    expected = numpy_shape(*pair)
    if expected is None:
        with pytest.raises(ShapeError):
            shapes.broadcast(pair, "add")
    else:
        assert shapes.broadcast(pair, "add") == expected
        assert (sl.tensor("p", pair[0]) + sl.tensor("q", pair[1])).shape == expected


def test_the_pairs_are_of_both_kinds():
    fitting = sum(numpy_shape(*pair) is not None for pair in PAIRS)
    assert 50 < fitting < 250


def test_equal_names_are_one_size():
    assert sl.vector("a", "N").shape == sl.vector("b", "N").shape
    assert (x + sl.matrix("z", (1, "K"))).shape == (N, K)


@pytest.mark.parametrize("other", ["M", 3])
def test_different_names_do_not_agree(other):
    with pytest.raises(ShapeError):
        y + sl.vector("z", other)


def test_open_sizes_take_the_size_they_meet():
    v = sl.vector("v")
    assert (v + y).shape == (N,)
    assert (v + sl.vector("w", 3)).shape == (3,)


def test_open_sizes_are_unified_at_the_call():
    v, w, u = sl.vector("v"), sl.vector("w"), sl.matrix("u")
    f = sl.function([u, v, w], (u @ v) + w)
    assert f(np.ones((2, 3)), np.ones(3), np.ones(2)).tolist() == [4, 4]
    with pytest.raises(ShapeError, match="axis 1 of u has length 3 but axis 0 of v has length 2"):
        f(np.ones((2, 3)), np.ones(2), np.ones(2))
    with pytest.raises(ShapeError, match="axis 0 of u has length 2 but axis 0 of w has length 1"):
        f(np.ones((2, 3)), np.ones(3), np.ones(1))


def test_unification_goes_through_a_chain_of_open_sizes():
    a, b, c = sl.vector("a"), sl.vector("b"), sl.vector("c")
    f = sl.function([a, b, c, y], (a + b).sum() + (b + c).sum() + (c + y).sum())
    assert f([1, 2], [1, 2], [1, 2], [1, 2]) == 18
    with pytest.raises(ShapeError, match="N is 3 in a and 2 in y"):
        f([1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2])


@pytest.mark.parametrize("dims", ["N C", "N, C", "N,C", ("N", "C"), ["N", sympy.Symbol("C")]])
def test_dims_are_written_in_several_ways(dims):
    assert sl.matrix("q", dims) is sl.matrix("q", "N C")


@pytest.mark.parametrize("symbol", [sympy.Symbol("N"), sympy.Symbol("N", integer=True), N])
def test_a_symbol_of_the_users_is_the_size_of_that_name(symbol):
    assert sl.vector("q", (symbol,)).shape == (N,)


@pytest.mark.parametrize("size", [3, np.int64(3), "3", sympy.Integer(3)])
def test_fixed_sizes_are_python_ints(size):
    (found,) = sl.vector("q", (size,)).shape
    assert found == 3
    assert type(found) is int


def test_sizes_are_numbers_in_formulas():
    values = np.arange(6.0).reshape(3, 2)
    assert (x / N).eval({x: values}).tolist() == (values / 3).tolist()
    assert (x * (N / 2) + (K - 1) ** 2).eval({x: values}).tolist() == (values * 1.5 + 1).tolist()
    assert (N * sl.sum(x) - N).eval({x: values}) == 42
    assert (N / sl.sum(x)).eval({x: values}) == 0.2
    assert not (sl.sum(x) < N).eval({x: values})


def test_sizes_are_entries_of_shapes():
    flat = sl.reshape(x, (N * K,))
    assert flat.shape == (N * K,)
    joined = sl.concatenate([x, sl.zeros((1, K))])
    assert joined.shape == (N + 1, K)
    assert joined.reshape((N * K + K,)).eval({x: np.ones((2, 3))}).shape == (9,)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda: sl.ones((N // 2,)), (2,)),
        (lambda: sl.ones((N % 3, K)), (2, 3)),
        (lambda: sl.zeros_like(x[::2]), (3, 3)),
        (lambda: sl.zeros_like(x[::-3][::2]), (1, 3)),
        (lambda: sl.ones(((N + 1) / 2,)), (3,)),
        (lambda: x.reshape((-1, K * N / 5)), (5, 3)),
        (lambda: x[: N // 2], (2, 3)),
        (lambda: x[1:-1], (3, 3)),
        (lambda: x[-2:], (2, 3)),
    ],
)
def test_computed_sizes_are_computed_at_the_call(build, expected):
    node = build()
    assert sl.function([x], node, on_unused="ignore")(np.ones((5, 3))).shape == expected


@pytest.mark.parametrize("axis", ["K", 1, -1, ("K",), [1], np.int8(1), None, (0, "K")])
def test_an_axis_is_a_number_or_the_name_of_its_size(axis):
    numbers = {"K": 1}
    entries = [numbers.get(a, a) for a in axis] if isinstance(axis, tuple | list) else numbers.get(axis, axis)
    plain = tuple(entries) if isinstance(entries, list) else entries
    values = np.arange(6.0).reshape(2, 3)
    found = sl.sum(x, axis=axis).eval({x: values})
    assert found.tolist() == values.sum(axis=plain).tolist()


def test_a_name_that_two_axes_share_is_refused():
    with pytest.raises(AxisError):
        sl.sum(sl.matrix("q", "N N"), axis="N")


def test_a_slice_within_a_known_shape_reaches_no_further():
    a = sl.matrix("a", (3, 4))
    assert a[:10].shape == (3, 4)
    assert a[5:].shape == (0, 4)


def test_a_slice_of_a_named_size_lies_within_it():
    f = sl.function([x], x[:4])
    assert f(np.ones((5, 2))).shape == (4, 2)
    with pytest.raises(AxisError, match=r"reaches up to 4 along an axis of size N = 3"):
        f(np.ones((3, 2)))


def test_what_is_recorded_is_kept_within_the_block():
    v = sl.vector("v")
    with shapes.recording() as facts:
        shapes.same(v.shape[0], 3)
        shapes.at_most(2, N)
    shapes.same(v.shape[0], 4)
    assert facts == [("=", v.shape[0], 3), ("<=", 2, N)]
