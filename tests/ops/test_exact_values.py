"""The independent evaluation of graphs: exact, for every kind of node, however deep."""

import sys
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest

import symloss as sl
from symloss.core.evaluate import exact_values
from symloss.core.expr import FUNCTIONS as F


def value(e, values=None, digits=60):
    return exact_values([e], values or {}, digits)[0]


def test_values_have_as_many_digits_as_are_asked_for():
    x = sl.scalar("x")
    found = value(F["exp"](x), {x: 1}, digits=50).item()
    with mp.workdps(50):
        assert abs(found - mp.e) < mp.mpf(10) ** -48


def test_numbers_are_what_their_bits_say():
    x = sl.scalar("x")
    assert value(x * 0.1, {x: 1}).item() == mp.mpf(0.1)
    assert value(x / 3 * 3, {x: mp.mpf(1)}, digits=30).item() == pytest.approx(1, abs=1e-29)


def test_sizes_shared_variables_and_constants_have_values():
    x, w = sl.vector("x"), sl.shared(np.array([1.0, 2, 3]), "w")
    assert value(F["mean"](x * w), {x: [1, 1, 1]}).item() == 2
    assert value(F["zeros"](x.shape) + F["arange"](x.shape[0]), {x: [5, 5, 5]}).tolist() == [0, 1, 2]


def test_truth_values_and_integers_stay_what_they_are():
    x, k = sl.vector("x", 3), sl.vector("k", 3, "int64")
    assert value(x > 0, {x: [1, 0, -1]}).tolist() == [True, False, False]
    assert value(k // 2, {k: [7, -7, 0]}).tolist() == [3, -4, 0]
    assert value(F["cast"](x, np.dtype("int64")), {x: [1.9, -1.9, 0]}).tolist() == [1, -1, 0]


@pytest.mark.parametrize(
    ("formula", "at", "expected"),
    [
        (lambda x: 1 / x, 0.0, "+inf"),
        (lambda x: x / x, 0.0, "nan"),
        (lambda x: F["log"](x), 0.0, "-inf"),
        (lambda x: F["log"](x), -1.0, "nan"),
        (lambda x: F["sigmoid"](x), -np.inf, "0.0"),
        (lambda x: F["relu"](x), np.nan, "nan"),
        (lambda x: F["where"](F["isnan"](x), 7, x), np.nan, "7.0"),
        (lambda x: F["where"](x > 0, F["log"](x), 0), -1.0, "0.0"),
        (lambda x: F["xlogy"](x, x), 0.0, "0.0"),
    ],
)
def test_infinities_and_nan_follow_ieee_arithmetic(formula, at, expected):
    x = sl.scalar("x")
    assert mp.nstr(value(formula(x), {x: at}).item()) == expected


def test_a_deep_graph_needs_no_deep_stack():
    e = x = sl.scalar("x")
    for _ in range(3000):
        e = F["sin"](e) + 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        found = value(e, {x: 0.5}, digits=20).item()
    finally:
        sys.setrecursionlimit(limit)
    assert abs(mp.sin(found) + 1 - found) < 1e-15


def test_a_subexpression_can_be_given_a_value():
    x = sl.scalar("x")
    inner = F["exp"](x)
    assert value(inner + 1, {inner: Fraction(1, 4)}).item() == mp.mpf(1.25)


def test_what_has_no_value_is_named():
    x = sl.vector("x", "N")
    with pytest.raises(sl.errors.InputError, match=r"no value for x: \(N,\)"):
        value(F["sum"](x))
    with pytest.raises(sl.errors.ShapeError, match=r"x: \(N,\) got a value of shape \(2, 2\)"):
        value(F["sum"](x), {x: np.ones((2, 2))})
    y = sl.vector("y", "N")
    with pytest.raises(sl.errors.ShapeError, match="N is 2 and 3"):
        value(x + y, {x: [1, 2], y: [1, 2, 3]})
