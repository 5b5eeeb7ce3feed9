"""Equal graphs are one object, for as long as anyone holds it, in every thread and at every depth."""

import copy
import gc
import sys
import threading
import weakref
from fractions import Fraction

import numpy as np
import pytest

import symloss as sl
from symloss.core import walk
from symloss.core.expr import Expr
from symloss.core.keys import hashable, one_for_all
from symloss.core.leaves import lift
from symloss.ops.normal import combine, raise_

x, y = sl.matrix("x", "N K"), sl.vector("y", "K")


def test_equal_formulas_are_one_object():
    assert sl.exp(x @ y) is sl.exp(x @ y)
    assert sl.sum(x, axis=1) is sl.sum(x, axis=-1) is sl.sum(x, axis="K") is x.sum(axis=(1,))
    assert sl.matrix("x", "N, K") is sl.matrix("x", ("N", "K")) is x
    assert sl.constant(np.ones(3)) is sl.constant([1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda: sl.constant(0.0), lambda: sl.constant(-0.0)),
        (lambda: sl.constant(1), lambda: sl.constant(True)),
        (lambda: sl.constant(1), lambda: sl.constant(1.0)),
        (lambda: sl.constant([0.0]), lambda: sl.constant([-0.0])),
        (lambda: sl.constant(np.ones(2)), lambda: sl.constant(np.ones(2, dtype="float32"))),
        (lambda: sl.constant(np.ones((2, 1))), lambda: sl.constant(np.ones((1, 2)))),
        (lambda: sl.full((2,), 0.0), lambda: sl.full((2,), -0.0)),
        (lambda: sl.vector("v"), lambda: sl.vector("v", "N")),
        (lambda: sl.vector("v", 3), lambda: sl.vector("v", 3, dtype="float32")),
        (lambda: sl.vector("v", "N"), lambda: sl.vector("w", "N")),
        (lambda: x - 1, lambda: 1 - x),
        (lambda: sl.sum(x, axis=0), lambda: sl.sum(x, axis=0, keepdims=True)),
        (lambda: sl.shared(1.0, "w"), lambda: sl.shared(1.0, "w")),
    ],
)
def test_what_differs_is_two_objects(one, other):
    assert one() is not other()


@pytest.mark.parametrize(
    ("one", "other"), [(0.0, -0.0), (1, True), (1, 1.0), (np.int8(1), np.int16(1)), ((1,), (True,))]
)
def test_keys_tell_apart_what_python_takes_for_equal(one, other):
    assert hashable(one) != hashable(other)
    assert hash(hashable(one)) is not None


def test_a_nan_in_a_key_is_equal_to_itself():
    assert hashable(float("nan")) == hashable(float("nan"))


def test_a_number_is_never_used_twice():
    seen = set()
    for count in range(200):
        uid = (x + float(count)).uid
        assert uid not in seen
        seen.add(uid)
    gc.collect()
    assert (x + 0.5).uid > max(seen)


def test_what_nobody_holds_is_dropped():
    node = sl.tanh(x) * 17
    gone = weakref.ref(node)
    del node
    gc.collect()
    assert gone() is None


def test_copies_are_the_same_object():
    node = sl.exp(x)
    assert copy.copy(node) is node
    assert copy.deepcopy([node])[0] is node


def test_threads_get_the_same_objects():
    barrier, found = threading.Barrier(8), [None] * 8

    def build(number):
        barrier.wait()
        found[number] = [sl.sin(x * float(count)) + y for count in range(100)]

    threads = [threading.Thread(target=build, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for others in found[1:]:
        assert all(a is b for a, b in zip(found[0], others, strict=True))


@pytest.fixture
def shallow():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(150)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("shallow")
def test_a_chain_of_100_000_nodes_is_built_walked_and_dropped():
    s = node = sl.scalar("s")
    for _ in range(100_000):
        node = sl.sin(node)
    order = walk.topological([node])
    assert len(order) == 100_001
    assert order[0] is s
    assert walk.rebuild([node], lambda one, args: one.with_args(args)) == [node]
    gone = weakref.ref(node)
    del node, order
    gc.collect()
    assert gone() is None


def test_arguments_come_before_their_users():
    node = sl.exp(x) * sl.exp(x) + sl.sum(sl.exp(x))
    order = walk.topological([node])
    place = {one: i for i, one in enumerate(order)}
    assert len(place) == len(order)
    assert all(place[arg] < place[one] for one in order for arg in one.args)


def test_substitution_keeps_what_it_does_not_change():
    inside = sl.exp(x)
    (changed,) = walk.substitute([inside + y], {y: sl.vector("z", "K")})
    assert changed is inside + sl.vector("z", "K")


def test_users_are_counted_by_position():
    e = sl.exp(x)
    counts = walk.users([e * e, e])
    assert counts[e] == 3
    assert counts[x] == 1


def test_changing_an_array_does_not_change_the_constant_made_of_it():
    array = np.ones(3)
    node = sl.constant(array)
    array[0] = 5
    assert node.eval().tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [(2, "float32", "2"), (True, "float32", "1"), (Fraction(1, 2), "float32", "0.5"), (2.5, "int32", "2.5")],
)
def test_a_number_yields_to_what_it_meets_unless_it_would_be_cut_off(value, dtype, text):
    node = lift("add", sl.vector("v", dtype=dtype), value)[1]
    assert isinstance(node, Expr)
    assert node.dtype == (dtype if not isinstance(value, float) else "float64")
    assert float(node.params["value"]) == float(text)


# Parameters that nodes share --------------------------------------------------------------------------
def test_equal_parameters_are_one_object():
    new = sl.matrix("params_are_shared", "N K")
    assert sl.sum(new, axis=1).params is sl.sum(sl.exp(new), axis=1).params
    assert sl.exp(new).params is sl.sin(new).params


@pytest.mark.parametrize(("first", "second"), [(2, Fraction(2)), (Fraction(2), 2)])
def test_a_parameter_is_of_the_type_that_it_was_given_in(first, second):
    raise_(x, first)
    combine((first, 7), (x, y))
    assert type(raise_(sl.exp(x), second).params["exponent"]) is type(second)
    assert type(combine((second, 7), (x, sl.exp(y))).params["coefs"][0]) is type(second)


def test_parameters_that_may_be_large_are_not_kept():
    class Large:
        pass

    value = Large()
    kept = weakref.ref(value)
    assert one_for_all({"value": value})[1] == {"value": value}
    del value
    assert kept() is None
