"""Formulas of half precision are recognised like others, computed in single precision, rounded once."""

import numpy as np
import pytest

import symloss as sl

x = sl.vector("x", "N", dtype="float16")
NAMED = {
    "norm(": sl.sqrt(sl.sum(x**2)),
    "log_softmax(": sl.log(sl.exp(x) / sl.sum(sl.exp(x))),
    "variance(": sl.mean(x**2) - sl.mean(x) ** 2,
}


@pytest.mark.parametrize("name", NAMED)
def test_a_formula_along_an_axis_has_its_name(name):
    assert name in sl.function([x], NAMED[name]).source


@pytest.mark.parametrize("name", ["norm(", "variance("])
def test_its_hessian_has_the_digits_of_single_precision(name):
    wide = sl.vector("x", "N")
    formula = sl.sqrt(sl.sum(wide**2)) if name == "norm(" else sl.mean(wide**2) - sl.mean(wide) ** 2
    at = np.array([3e-3, 4e-3, 1.0], "float16")
    (exact,) = sl.function([wide], [sl.hessian(formula, wide)])(at.astype(float))
    (found,) = sl.function([x], [sl.hessian(NAMED[name], x)])(at)
    np.testing.assert_array_equal(found, exact.astype("float16"))


def test_what_is_in_between_is_neither_rounded_nor_overflows():
    (found,) = sl.function([x], [sl.exp(x) / (1000 * sl.exp(x - 1))])([12.0, 0.5])
    np.testing.assert_array_equal(found, np.full(2, np.e / 1000).astype("float16"))


def test_a_rounding_that_was_asked_for_is_kept():
    wide = sl.vector("w", "N", dtype="float32")
    (found,) = sl.function([wide], [wide.astype("float16").astype("float32")])(np.array([0.1], "float32"))
    assert found == np.float32(np.float16(0.1)) != np.float32(0.1)
