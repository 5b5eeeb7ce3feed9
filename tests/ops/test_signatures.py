"""What help() says of a function is how it is called."""

import inspect

import numpy as np
import pytest

import symloss as sl
from symloss.core.expr import FUNCTIONS as F


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("exp", ["x"]), ("xlogy", ["x", "y"]), ("logit", ["p"]), ("maximum", ["x", "y"])],
)
def test_an_elementwise_function_names_its_arguments(name, arguments):
    assert list(inspect.signature(F[name]).parameters) == arguments


def test_a_function_of_the_users_names_its_arguments():
    made = sl.scalar_function("of_two_names", lambda height, width: height * width**2)
    assert list(inspect.signature(made).parameters) == ["height", "width"]


@pytest.mark.parametrize("name", ["heaviside", "polygamma", "logcosh"])
def test_what_only_derivatives_need_is_not_offered(name):
    assert not hasattr(sl, name)


def test_the_order_of_a_polygamma_function_is_a_parameter():
    x = sl.vector("x", "N")
    trigamma = F["polygamma"](1, x)
    assert trigamma.args == (x,)
    assert str(trigamma) == "ψ(1, x)"
    assert sl.latex(trigamma) == r"\psi^{(1)}(\mathbf{x})"
    np.testing.assert_allclose(trigamma.eval({x: [1.0]}), [np.pi**2 / 6], rtol=1e-14)
    with pytest.raises(sl.errors.DomainError) as error:
        F["polygamma"](-1, x)
    assert str(error.value) == (
        "polygamma(x: (N,)): n is -1, expected 0, 1, …: pass the order of a derivative"
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logcosh_is_accurate_near_zero_and_far_from_it(dtype):
    x = sl.vector("x", "N", dtype)
    value, slope = sl.function([x], [F["logcosh"](x), sl.grad(sl.sum(F["logcosh"](x)), x)])(
        np.array([0, 1e-5, -1e-5, 1, -1, 50, -1e4, 3e38, np.inf], dtype)
    )
    log_cosh_1 = 0.43378083048302719
    far = [50 - np.log(2), 1e4 - np.log(2), 3e38, np.inf]
    rtol = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(value, [0, 5e-11, 5e-11, log_cosh_1, log_cosh_1, *far], rtol=max(rtol, 1e-10))
    np.testing.assert_allclose(
        slope[[0, 1, 3, 5, 6, 7, 8]], [0, 1e-5, np.tanh(1), 1, -1, 1, 1], rtol=max(rtol, 1e-9)
    )
