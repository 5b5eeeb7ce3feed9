"""A user's function of numbers: value, derivatives, notation and NumPy come from one SymPy expression."""

import numpy as np
import pytest
import sympy

import symloss as sl
from symloss import testing
from symloss.core.expr import FUNCTIONS as F
from symloss.core.op import OPS

scalar_function = F["scalar_function"]
SMOOTH = {
    "sf_bump": lambda x: 1 / (1 + x**2),
    "sf_swish": lambda x: x / (1 + sympy.exp(-x)),
    "sf_mixed": lambda x, y: sympy.sin(x * y) + sympy.sqrt(2) * sympy.pi * sympy.atan(y) / 3,
    "sf_special": lambda x: sympy.erf(x) + sympy.loggamma(x**2 + 1) - sympy.erfc(2 * x),
    "sf_ends": lambda x, y: sympy.Max(x, y, 0) + sympy.Min(x, 2 * y) - abs(x),
    "sf_power": lambda x: (x**2 + 1) ** sympy.Rational(3, 2) / (x**2 + 2) ** 2,
    "sf_huber": lambda e, d: sympy.Piecewise((e**2 / 2, abs(e) <= d), (d * (abs(e) - d / 2), True)),
    "sf_three": lambda x: sympy.Piecewise((-x, x < -1), (x**2, x < 1), (sympy.exp(x), True)),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_every_fact_of_a_scalar_function_follows_from_its_expression(name):
    scalar_function(name, SMOOTH[name])
    testing.check_op(name)


@pytest.mark.parametrize("name", ["sf_bump", "sf_mixed", "sf_special", "sf_huber"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_scalar_function_keeps_the_dtype(name, dtype):
    f = scalar_function(name, SMOOTH[name])
    arguments = [sl.vector(f"x{i}", 3, dtype) for i in range(len(OPS[name].domain))]
    e = f(*arguments)
    values = [np.array([0.5, 1, 2], dtype)] * len(arguments)
    outputs = [e, *sl.grad(F["sum"](e), arguments)]
    assert {r.dtype.name for r in sl.function(arguments, outputs)(*values)} == {dtype}


def test_it_prints_by_its_name_and_its_latex_is_the_formula():
    bump = scalar_function("sf_bump", SMOOTH["sf_bump"])
    x = sl.scalar("x")
    assert str(bump(x + 1)) == "sf_bump(x + 1)"
    assert OPS["sf_bump"].latex.template == r"\frac{1}{#1^{2} + 1}"


def test_its_source_is_readable_numpy_that_runs_alone():
    mixed = scalar_function("sf_twice", lambda x: sympy.exp(-(x**2)) / (1 + sympy.exp(-(x**2))))
    x = sl.vector("x", "N")
    source = sl.function([x], mixed(x)).source
    kernel = source[source.index("def sf_twice") : source.index("@np.errstate")].strip()
    assert kernel.splitlines()[0] == "def sf_twice(x):"
    assert kernel.count("np.exp") == 1
    scope = {}
    exec(source, scope)
    np.testing.assert_allclose(scope["f"](np.array([0.0, 1])), [0.5, np.exp(-1) / (1 + np.exp(-1))])


def test_at_the_limit_of_two_cases_the_slope_is_the_mean_of_both():
    ramp = scalar_function("sf_ramp", lambda x: sympy.Piecewise((0, x < 0), (x, True)))
    x = sl.vector("x", 3)
    slope = sl.function([x], sl.grad(F["sum"](ramp(x)), x))
    assert slope(np.array([-1.0, 0, 1])).tolist() == [0, 0.5, 1]


def test_outside_of_every_case_the_value_is_nan():
    half = scalar_function("sf_half", lambda x: sympy.Piecewise((x, x > 0), (2 * x, x < -1)))
    x = sl.vector("x", 3)
    value, slope = sl.function([x], [half(x), sl.grad(F["sum"](half(x)), x)])(np.array([1.0, -0.5, -2]))
    np.testing.assert_array_equal(value, [1, np.nan, -4])
    np.testing.assert_array_equal(slope, [1, np.nan, 2])


def test_integers_are_taken_as_float64():
    bump = scalar_function("sf_bump", SMOOTH["sf_bump"])
    x = sl.vector("x", 2, "int8")
    assert sl.function([x], bump(x))(np.array([1, 2], "int8")).tolist() == [0.5, 0.2]


def test_the_same_name_and_expression_give_the_same_function():
    assert scalar_function("sf_bump", lambda x: 1 / (x**2 + 1)) is scalar_function(
        "sf_bump", SMOOTH["sf_bump"]
    )


def test_one_name_cannot_mean_two_things():
    scalar_function("sf_bump", SMOOTH["sf_bump"])
    with pytest.raises(sl.errors.NameError_) as error:
        scalar_function("sf_bump", lambda x: 1 / (1 + x**4))
    assert str(error.value) == (
        "scalar_function('sf_bump'): 'sf_bump' already means 1/(x**2 + 1): choose another name"
    )


@pytest.mark.parametrize("name", ["exp", "sum", "combine", "np", "check_labels"])
def test_a_name_of_symloss_is_taken(name):
    with pytest.raises(sl.errors.NameError_, match="already means a part of symloss"):
        scalar_function(name, lambda x: x + 1)


@pytest.mark.parametrize("name", ["two words", "", "lambda", "1x", "x); import os", "__class__ "])
def test_a_name_that_is_no_identifier_is_refused(name):
    with pytest.raises(sl.errors.NameError_):
        scalar_function(name, lambda x: x + 1)


@pytest.mark.parametrize(
    ("formula", "error", "text"),
    [
        (lambda x: 3, "GraphError", "the formula returns a int, not a SymPy expression"),
        (lambda x: "x + 1", "GraphError", "the formula returns a str, not a SymPy expression"),
        (lambda x: x > 0, "GraphError", "not a SymPy expression"),
        (lambda x, y: x**2, "GraphError", "y is not used"),
        (lambda x: x + sympy.Symbol("z"), "GraphError", "z is no argument"),
        (lambda: sympy.pi, "GraphError", "the formula is no function with arguments"),
        (3, "GraphError", "the formula is no function with arguments"),
        (lambda np: np + 1, "NameError_", "an argument is called 'np'"),
        (lambda x: sympy.besselj(0, x), "DomainError", "symloss has no operation for SymPy's besselj"),
        (lambda x: x * sympy.I, "DomainError", "the constant I is not real"),
    ],
)
def test_what_is_no_function_of_numbers_is_refused(formula, error, text):
    with pytest.raises(getattr(sl.errors, error)) as raised:
        scalar_function("sf_refused", formula)
    assert text in str(raised.value)
    assert "sf_refused" not in OPS


def test_a_function_without_a_derivative_says_so():
    steps = scalar_function("sf_steps", lambda x: sympy.floor(x) * x)
    x = sl.scalar("x")
    with pytest.raises(sl.errors.GradientError, match="sf_steps has no derivative"):
        sl.grad(steps(x), x)


def test_sympy_differentiates_a_function_once():
    square = sl.scalar_function("sf_square", lambda x: x**2 + 1)
    x = sl.scalar("x")
    op = square(x).op
    assert op.derivative(0) is op.derivative(0)
