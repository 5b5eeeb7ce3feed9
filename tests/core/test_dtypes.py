"""How dtypes combine: floats rule over the integers that they meet."""

import itertools

import numpy as np
import pytest

import symloss as sl
from symloss.core.dtypes import SUPPORTED, promote, to_float

FLOATS = ["float16", "float32", "float64"]
INTEGERS = "int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool".split()


@pytest.mark.parametrize(("kept", "met"), [*itertools.product(FLOATS, INTEGERS)])
def test_a_float_keeps_its_dtype_beside_integers(kept, met):
    assert promote(SUPPORTED[kept], SUPPORTED[met]) == kept
    assert promote(SUPPORTED[met], SUPPORTED[kept]) == kept
    assert (sl.vector("p", "N", dtype=kept) + sl.vector("q", "N", dtype=met)).dtype == kept


@pytest.mark.parametrize(("one", "other"), [*itertools.product(FLOATS, FLOATS)])
def test_of_two_floats_the_wider_rules(one, other):
    assert promote(SUPPORTED[one], SUPPORTED[other]) == max(one, other, key=FLOATS.index)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("int8", "int16", "int16"),
        ("int8", "uint8", "int16"),
        ("int64", "uint64", "float64"),
        ("bool", "bool", "bool"),
        ("bool", "uint8", "uint8"),
        ("uint32", "int32", "int64"),
    ],
)
def test_integers_combine_as_in_numpy(one, other, both):
    assert promote(SUPPORTED[one], SUPPORTED[other]) == both


def test_three_meet_at_once():
    assert promote(SUPPORTED["int64"], SUPPORTED["float32"], SUPPORTED["bool"]) == "float32"


@pytest.mark.parametrize("name", [*FLOATS, *INTEGERS])
def test_a_real_function_of_integers_gives_float64(name):
    assert to_float(SUPPORTED[name]) == (name if name in FLOATS else "float64")
    assert sl.exp(sl.vector("q", "N", dtype=name)).dtype == (name if name in FLOATS else "float64")


@pytest.mark.parametrize(("kept", "met"), [*itertools.product(FLOATS, ["int8", "int64", "bool"])])
def test_the_array_has_the_dtype_that_the_formula_says(kept, met):
    p, q = sl.vector("p", "N", dtype=kept), sl.vector("q", "N", dtype=met)
    formula = p * q + 1
    assert formula.dtype == kept
    value = sl.function([p, q], formula)(np.ones(2, dtype=kept), np.ones(2, dtype=met))
    assert value.dtype == kept


@pytest.mark.parametrize("number", [2, 2.5, True, np.float64(2.5), np.int8(2)])
def test_a_number_does_not_widen_a_float(number):
    p = sl.vector("p", "N", dtype="float32")
    assert (p * number).dtype == "float32"
    assert sl.function([p], p * number)(np.ones(2, dtype="float32")).dtype == "float32"
