"""Running sums, products and log-sum-exps: NumPy's values, and slopes that are right at zeros and far out."""

import numpy as np
import pytest

import symloss as sl
from symloss import testing
from symloss.core.errors import AxisError

inf = np.inf
x, w = sl.vector("x", "N"), sl.vector("w", "N")
X = sl.matrix("X", "N K")
AT = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])


@pytest.mark.parametrize("axis", [None, 0, 1, -1, "K"])
@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (sl.cumsum, np.cumsum),
        (sl.cumprod, np.cumprod),
        (sl.logcumsumexp, lambda a, axis: np.log(np.cumsum(np.exp(a), axis))),
    ],
    ids=["cumsum", "cumprod", "logcumsumexp"],
)
def test_a_running_value_is_numpys_along_each_axis(ours, numpys, axis):
    value = sl.function([X], ours(X, axis=axis))(AT)
    expected = numpys(AT, 1 if axis == "K" else axis)
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    assert value.shape == expected.shape


@pytest.mark.parametrize(
    ("e", "text", "latex"),
    [
        (sl.cumsum(X, axis="K"), "cumsum(X, K)", r"\operatorname{cumsum}_{K}(X)"),
        (sl.cumprod(x), "cumprod(x)", r"\operatorname{cumprod}(\mathbf{x})"),
        (sl.logcumsumexp(X, axis=0), "logcumsumexp(X, N)", r"\operatorname{logcumsumexp}_{N}(X)"),
    ],
)
def test_a_running_value_reads_as_a_function(e, text, latex):
    assert (str(e), sl.latex(e, notation="matrix")) == (text, latex)


def test_the_slope_of_a_running_sum_is_the_running_sum_from_the_other_end():
    slope = sl.grad(sl.sum(w * sl.cumsum(x)), x)
    assert str(slope) == "flip(cumsum(flip(w)))"
    np.testing.assert_array_equal(sl.function([w], slope)([1.0, 2, 3]), [6, 5, 3])


def of_sum(running, at):
    """The value, and the gradient of its sum."""
    value, slope = sl.function([x], [running(x), sl.grad(sl.sum(running(x)), x)])(np.array(at, float))
    return value.tolist(), slope.tolist()


@pytest.mark.parametrize(
    ("at", "slope"),
    [
        ([0, 2, 3], [9, 0, 0]),
        ([2, 0, 3, 0, 5], [1, 8, 0, 0, 0]),
        ([0, 0], [1, 0]),
        ([3, 4, 0], [5, 3, 12]),
        ([1e100, 1e-200, 1e150], [1, 1e250, 1e-100]),
        ([], []),
    ],
    ids=str,
)
def test_the_slope_of_a_running_product_needs_no_division(at, slope):
    value, found = of_sum(sl.cumprod, at)
    assert value == np.cumprod(at).tolist()
    np.testing.assert_allclose(found, slope, rtol=1e-14)


@pytest.mark.parametrize(
    ("at", "value", "slope"),
    [
        ([1e4, 0, -1e4], [1e4, 1e4, 1e4], [3, 0, 0]),
        ([-1e4, 0, 1e4], [-1e4, 0, 1e4], [1, 1, 1]),
        ([1e300, -1e300, 1e300], [1e300] * 3, [2.5, 0, 0.5]),
        ([710.0, -745, 710], [710, 710, 710.6931471805599], [2.5, 0, 0.5]),
        ([40.0, 0], [40, 40], [2, 4.248354255291589e-18]),
        ([1e9, 1e9, 1e9], [1e9, 1e9 + np.log(2), 1e9 + np.log(3)], [11 / 6, 5 / 6, 1 / 3]),
        ([-inf, -inf, 0], [-inf, -inf, 0], [0, 0, 1]),
        ([-inf, 0, 0], [-inf, 0, 0.6931471805599453], [0, 1.5, 0.5]),
        ([0, -inf, 0], [0, 0, 0.6931471805599453], [2.5, 0, 0.5]),
        ([-inf, -inf], [-inf, -inf], [0, 0]),
        ([], [], []),
    ],
    ids=str,
)
def test_a_running_log_sum_exp_neither_overflows_nor_loses_its_slope(at, value, slope):
    found, gradient = of_sum(sl.logcumsumexp, at)
    np.testing.assert_allclose(found, value, rtol=1e-15)
    np.testing.assert_allclose(gradient, slope, rtol=1e-14, atol=0)


@pytest.mark.parametrize("hidden", [-inf, -1e3])
def test_a_masked_entry_has_no_slope_and_no_second_slope(hidden):
    loss = sl.sum(sl.logcumsumexp(x)[1:] ** 2)
    slope = sl.grad(loss, x)
    f = sl.function([x, w], [slope, sl.grad(sl.sum(w * slope), x)])
    for found in f(np.array([hidden, 0, 1, hidden, 2]), [1.0, 2, 3, 4, 5]):
        np.testing.assert_array_equal(found == 0, [True, False, False, True, False])


def test_signed_cotangents_meet_far_apart_exponents():
    slope = sl.grad(sl.sum(w * sl.logcumsumexp(x)), x)
    found = sl.function([x, w], slope)([-800.0, 0, 800, -800], [1.0, -2, 3, -5])
    np.testing.assert_allclose(found, [1, -2, -2, 0], rtol=1e-14)


v, V = sl.vector("v", 5), sl.matrix("V", (2, 3))
ZEROS, SIGNED = np.array([2.0, 0, -3, 0, 5]), np.array([0.5, -1.0, 2.0, 0, 1.5])


@pytest.mark.parametrize(
    ("e", "variable", "at"),
    [
        (sl.cumprod(v), v, ZEROS),
        (sl.cumprod(V, axis=0), V, AT * (AT > 0)),
        (sl.exp(sl.cumsum(v)), v, SIGNED),
        (sl.logcumsumexp(V, axis=1), V, 3 * AT),
        (sl.logcumsumexp(v) * sl.cumsum(v), v, SIGNED),
    ],
    ids=str,
)
def test_first_and_second_slopes_are_central_differences_of_60_digits(e, variable, at):
    testing.check_gradient(e, variable, {variable: at}, order=2)


@pytest.mark.parametrize("running", [sl.cumsum, sl.cumprod])
@pytest.mark.parametrize(("given", "found"), [("bool", "int64"), ("int8", "int64"), ("uint8", "uint64")])
def test_small_integers_do_not_wrap_around(running, given, found):
    k = sl.vector("k", "N", dtype=given)
    value = sl.function([k], running(k))(np.array([1, 1, 1], given))
    assert (running(k).dtype, value.dtype) == (np.dtype(found),) * 2
    assert value.tolist() == ([1, 2, 3] if running is sl.cumsum else [1, 1, 1])


def test_half_precision_is_added_up_in_single_precision():
    h = sl.vector("h", "N", dtype="float16")
    value = sl.function([h], sl.cumsum(h))(np.ones(3000, "float16"))
    assert (value.dtype, value[-1]) == ("float16", 3000)


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (
            lambda: sl.cumsum(sl.scalar("s"), 0),
            "cumsum(s: ()): axis 0 does not exist, as shape () has no axes: give an axis of the tensor, "
            "or a size name",
        ),
        (lambda: sl.cumprod(X, axis="Z"), "cumprod(X: (N, K)): no axis 'Z' in shape (N, K): known: K, N"),
        (
            lambda: sl.logcumsumexp(X, axis=2),
            "logcumsumexp(X: (N, K)): axis 2 is out of range [-2, 1] for shape (N, K): give an axis of the "
            "tensor, or a size name",
        ),
    ],
)
def test_an_axis_that_does_not_exist_is_named(build, text):
    with pytest.raises(AxisError) as caught:
        build()
    assert str(caught.value) == text
