"""Which dtype an operation gives: floats rule over integers, and integers are counted in int64."""

import itertools

import numpy as np
import pytest

import symloss as sl
from symloss.core.dtypes import SUPPORTED
from symloss.core.expr import FUNCTIONS as F

FLOATS = ["float16", "float32", "float64"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
ARITHMETIC = ["add", "subtract", "multiply", "floor_divide", "remainder", "power"]
pairs = pytest.mark.parametrize(("one", "other"), list(itertools.product(SUPPORTED, SUPPORTED)))


def operands(*dtypes):
    return [sl.vector(f"x{i}", 2, dtype=dtype) for i, dtype in enumerate(dtypes)]


def run(outputs, variables):
    values = [np.array([1, 1], v.dtype) for v in variables]
    return sl.function(variables, outputs, on_unused="ignore")(*values)


@pytest.mark.parametrize("floating", FLOATS)
@pytest.mark.parametrize("integer", INTEGERS)
@pytest.mark.parametrize("name", [*ARITHMETIC, "divide", "maximum", "logaddexp"])
def test_an_integer_adopts_the_float_dtype_it_meets(name, integer, floating):
    x, y = operands(integer, floating)
    for result in (F[name](x, y), F[name](y, x)):
        assert result.dtype == floating


@pytest.mark.parametrize("name", ["exp", "sigmoid", "sqrt", "divide", "logaddexp", "mean", "norm"])
@pytest.mark.parametrize("integer", ["int8", "uint64", "bool"])
def test_integers_alone_give_float64_where_values_are_real(name, integer):
    x, y = operands(integer, integer)
    result = F[name](x, y) if name in ("divide", "logaddexp") else F[name](x)
    assert result.dtype == "float64"
    assert run(result, [x, y]).dtype == "float64"


@pairs
def test_a_sum_has_the_dtype_that_was_inferred(one, other):
    x, y = operands(one, other)
    for result in (x + y, x * y, F["maximum"](x, y), F["where"](x > y, x, y), F["dot"](x, y)):
        assert run(result, [x, y]).dtype == result.dtype


@pytest.mark.parametrize("name", ["sum", "prod", "max", "mean", "var", "logsumexp", "argmax", "any"])
@pytest.mark.parametrize("dtype", SUPPORTED)
def test_a_reduction_has_the_dtype_that_was_inferred(name, dtype):
    (x,) = operands(dtype)
    result = F[name](x)
    assert run(result, [x]).dtype == result.dtype


def test_differences_of_small_integers_do_not_wrap_around():
    x, y = operands("uint8", "uint8")
    low, high = np.array([1, 0], "uint8"), np.array([2, 255], "uint8")
    assert sl.function([x, y], x - y)(low, high).tolist() == [-1, -255]
    assert sl.function([x, y], x + y)(high, high).tolist() == [4, 510]
    assert sl.function([x, y], F["dot"](x, y))(high, high) == 4 + 255 * 255


def test_the_absolute_value_of_the_smallest_integer_is_positive():
    (x,) = operands("int8")
    assert sl.function([x], [abs(x), -x, x**2])(np.array([-128, 1], "int8"))[0].tolist() == [128, 1]
    assert sl.function([x], -x)(np.array([-128, 1], "int8")).tolist() == [128, -1]
    assert sl.function([x], x**2)(np.array([-128, 1], "int8")).tolist() == [16384, 1]


def test_truth_values_are_counted_when_summed():
    x = sl.vector("x", "N")
    share = F["stop_gradient"](F["sum"](x > 0).astype("float64")) * F["sum"](x)
    assert sl.function([x], share)(np.array([1.0, 2, -1])) == 4
    assert sl.function([x], sl.grad(share, x))(np.array([1.0, 2, -1])).tolist() == [2, 2, 2]


def test_half_precision_is_added_up_in_single_precision():
    x = sl.matrix("x", "N K", dtype="float16")
    ones = np.ones((3000, 2), "float16")
    for name, expected in [
        ("sum", 3000),
        ("mean", 1),
        ("norm", np.sqrt(3000)),
        ("logsumexp", 1 + np.log(3000)),
    ]:
        value = sl.function([x], F[name](x, axis=0))(ones)
        assert value.dtype == "float16"
        np.testing.assert_allclose(value, [expected] * 2, rtol=1e-3)


def test_half_precision_keeps_large_logits():
    x = sl.vector("x", "N", dtype="float16")
    value, slope = sl.function([x], [(z := F["logsumexp"](x)), sl.grad(z, x)])(
        np.array([65504, 0], "float16")
    )
    assert (float(value), slope.tolist()) == (65504, [1, 0])


@pytest.mark.parametrize("number", [2, 2.5, True, np.float64(2), np.int64(2)])
@pytest.mark.parametrize("dtype", FLOATS)
def test_a_number_does_not_change_the_dtype(number, dtype):
    (x,) = operands(dtype)
    for result in (x * number, number + x, x / number, x**number, F["maximum"](x, number)):
        assert result.dtype == dtype
        assert run(result, [x]).dtype == dtype


@pytest.mark.parametrize("name", ["relu", "sign", "abs", "square"])
def test_truth_values_are_counted(name):
    x = sl.vector("x", "N", dtype="bool")
    result = F[name](x)
    value = run(result, [x])
    assert (result.dtype, value.dtype) == ("int64", "int64")


def test_the_largest_unsigned_integers_do_not_wrap_around():
    x = sl.vector("x", "N", dtype="uint64")
    value = sl.function([x], x - 1 - x)(np.array([0, 2**63 + 1], "uint64"))
    np.testing.assert_array_equal(value, [-1.0, 0.0])


def test_a_constant_of_a_wider_dtype_widens_the_result():
    x = sl.vector("x", "N", dtype="float16")
    result = x * sl.constant(np.float32(2))
    assert (result.dtype, run(result, [x]).dtype) == ("float32", "float32")
