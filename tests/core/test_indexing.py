"""Indexing follows NumPy, in shape and in value, for indices of every kind."""

import numpy as np
import pytest

import symloss as sl

random = np.random.default_rng(1)
SHAPES = [(4,), (3, 4), (2, 3, 4), (2, 1, 3, 2)]


def entry(size, with_arrays):
    """An index entry along an axis of that size."""
    kinds = ["int", "slice", "slice", "all"] + (["array", "array"] if with_arrays else [])
    kind = random.choice(kinds)
    if kind == "int":
        return int(random.integers(-size, size))
    if kind == "array":
        shape = [(), (2,), (1,), (2, 1)][random.integers(4)]
        return random.integers(-size, size, shape)
    if kind == "all":
        return slice(None)
    start, stop = (None if random.random() < 0.4 else int(random.integers(-size - 1, size + 2)) for _ in "ab")
    return slice(start, stop, [None, 1, 2, -1, -2][random.integers(5)])


def index(shape, with_arrays):
    """An index of some of the axes of a shape, with None and ... strewn in."""
    left = random.integers(len(shape) + 1)
    right = random.integers(left, len(shape) + 1)
    dots = [Ellipsis] if right < len(shape) or random.random() < 0.3 else []
    front = [entry(size, with_arrays) for size in shape[:left]]
    back = [entry(size, with_arrays) for size in shape[right:]]
    entries = [*front, *dots, *back]
    if random.random() < 0.4:
        entries.insert(random.integers(len(entries) + 1), None)
    return tuple(entries)


def cases(with_arrays, count):
    for _ in range(count):
        shape = SHAPES[random.integers(len(SHAPES))]
        yield shape, index(shape, with_arrays)


@pytest.mark.parametrize(("shape", "chosen"), [*cases(False, 100), *cases(True, 200)], ids=str)
def test_indexing_is_numpys(shape, chosen):
    values = np.arange(float(np.prod(shape))).reshape(shape)
    x = sl.tensor("x", shape)
    expected = values[chosen]
    found = x[chosen]
    assert found.shape == expected.shape
    assert found.eval({x: values}).tolist() == expected.tolist()


@pytest.mark.parametrize(
    "chosen", [(0, slice(None), [1, 2]), ([0, 1], None, [1, 2]), (slice(None), 0, [0, 1])]
)
def test_index_arrays_are_placed_as_numpy_places_them(chosen):
    values = np.arange(24.0).reshape(2, 3, 4)
    x = sl.tensor("x", values.shape)
    assert x[chosen].eval({x: values}).tolist() == values[chosen].tolist()


def test_symbolic_indices_choose_at_the_call():
    x, i = sl.matrix("x", "N K"), sl.vector("i", "M", dtype="int64")
    values, chosen = np.arange(6.0).reshape(2, 3), np.array([2, 0, -1])
    assert x[:, i].shape == (x.shape[0], i.shape[0])
    assert x[:, i].eval({x: values, i: chosen}).tolist() == values[:, chosen].tolist()
    assert x[i].eval({x: values, i: [1, 1, 0]}).tolist() == values[[1, 1, 0]].tolist()


@pytest.mark.parametrize("whole", [..., slice(None), (slice(None), ...), ()])
def test_the_whole_is_the_tensor_itself(whole):
    x = sl.matrix("x", "N K")
    assert x[whole] is x
