"""The checks that users run find what is wrong, and say what it is."""

import dataclasses
import itertools

import numpy as np
import pytest
import sympy

import symloss as sl
from symloss import testing
from symloss.core.expr import FUNCTIONS
from symloss.core.expr import FUNCTIONS as F
from symloss.core.notation import Notation
from symloss.core.op import OPS
from symloss.ops.along import spread
from symloss.ops.family import by_position, elementwise
from symloss.rewrite.books import recognition_rules, stability_rules
from symloss.rewrite.rule import DOMAIN, EXACT, NAN, SIGN0, STABILITY, Rule, wild

CheckError = testing.CheckError
NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def _registers_nothing():
    """Operations that a test makes are forgotten after it."""
    ops, functions = dict(OPS), dict(FUNCTIONS)
    yield
    for table, before in ((OPS, ops), (FUNCTIONS, functions)):
        table.clear()
        table.update(before)


def cube(**changes):
    facts = {
        "doc": "The third power.",
        "meaning": lambda x: x**3,
        "derivative": (lambda g, z, x: g * 3 * x**2,),
        "numpy": Notation("#1**3", 6, (9,)),
        "latex": Notation("#1^3", 6, (9,)),
    }
    return elementwise(f"cube_{next(NUMBERS)}", **(facts | changes))


def test_a_right_operation_passes():
    testing.check_op(cube())


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"derivative": (lambda g, z, x: g * 2 * x**2,)},
            r"check_gradient\(\): the gradient in a0\[0\] is .*central diff",
        ),
        (
            {"derivative": (lambda g, z, x: g * 3 * F["stop_gradient"](x**2),)},
            "check_gradient.*central differences",
        ),
        ({"derivative": None}, "it states no derivative, no definition, and no reason for that"),
        (
            {"numpy": Notation("#1**2", 6, (9,))},
            r"the value at \[0\] is .*, by its meaning .*: mend its NumPy",
        ),
        ({"meaning": lambda x: sympy.sin(x)}, "by its meaning"),
        (
            {"definition": lambda x: x**2, "derivative": None},
            "its definition has another value than its meaning",
        ),
        (
            {"dtype": lambda x: np.dtype("float32")},
            "the dtype is inferred as float32 and comes out as float64",
        ),
        ({"doc": "the third power"}, "its doc is no sentence"),
        ({"latex": Notation("")}, "its latex notation is empty"),
        ({"domain": ()}, "it states no domain"),
        ({"reference": lambda x: x**2}, "its reference and its meaning differ"),
    ],
)
def test_a_wrong_operation_is_told_what_is_wrong(changes, text):
    with pytest.raises(CheckError, match=text):
        testing.check_op(cube(**changes))


def test_a_wrong_shape_rule_is_noticed():
    op = dataclasses.replace(OPS["flip"], name="flip_one", reference=lambda x, axis: x[:1])
    expr, point = testing.cases(op)[0]
    with pytest.raises(CheckError, match=r"check_op\('flip_one'\): the shape is inferred as \(2, 3\)"):
        testing.check_value(expr, point)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"definition": None, "derivative": by_position((lambda g, z, x: 2 * spread(g, z, x) + 0 * x,))},
            "check_gradient.*central differences",
        ),
        (
            {"numpy": Notation("np.sum(#1«, keepdims»)")},
            "the shape is inferred as|the value at",
        ),
    ],
    ids=["derivative", "axis"],
)
def test_a_wrong_reduction_is_told_what_is_wrong(request, changes, text):
    op = dataclasses.replace(OPS["sum"], name=f"sum_{request.node.callspec.id}", **changes)
    with pytest.raises(CheckError, match=text):
        testing.check_op(op)


def test_an_operation_may_be_given_by_name_or_as_its_function():
    testing.check_op("softplus")
    testing.check_op(F["logaddexp"])


def test_a_formula_of_any_shape_passes():
    x, w = sl.matrix("X", "N D"), sl.vector("w", "D")
    testing.check_gradient(F["softmax"](x @ w), [x, w], order=2)


def test_a_formula_is_checked_where_the_user_says():
    x = sl.vector("x", 2)
    testing.check_gradient(F["sum"](F["log"](x)), x, {x: [1e-3, 5.0]})


def test_a_wrong_derivative_inside_a_formula_is_noticed():
    wrong = cube(derivative=(lambda g, z, x: g * x**2,))
    x = sl.scalar("x")
    with pytest.raises(CheckError) as error:
        testing.check_gradient(wrong(2 * x), x, {x: 1.0})
    assert str(error.value) == (
        "check_gradient(): the gradient in x is np.float64(8.0): central differences give 24.0"
    )


def test_a_point_without_a_slope_is_no_success():
    x = sl.scalar("x")
    with pytest.raises(CheckError, match=r"there is no slope in x at that point: pass values inside"):
        testing.check_gradient(F["log"](x), x, {x: -1.0})


def test_only_variables_are_checked():
    x = sl.scalar("x")
    with pytest.raises(sl.errors.GraphError, match="is no variable"):
        testing.check_gradient(x**2, x**2)
    with pytest.raises(sl.errors.GradientError, match="the dtype is int64"):
        testing.check_gradient(F["argmax"](sl.vector("v", 3)), x)


def test_a_check_error_is_an_assertion_error_and_one_of_symloss():
    assert issubclass(CheckError, AssertionError)
    assert issubclass(CheckError, sl.errors.SymlossError)


# Rules --------------------------------------------------------------------------------------------
RULES = (*recognition_rules(), *stability_rules())
x, y = wild("x"), wild("y")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_of_the_books_passes(rule):
    testing.check_rule(rule)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            Rule("halves", F["log"](1 + F["exp"](x)), F["softplus"](x / 2), STABILITY),
            "differ, for example near",
        ),
        (Rule("outside", F["log"](x**2), 2 * F["log"](x), DOMAIN, (-4.0, -1.0)), "differ, for example near"),
        (Rule("rounds", F["log"](F["exp"](x)), x, EXACT), "tagged EXACT, but at v_x = .* the sides are"),
        (Rule("signs", F["abs"](x), F["maximum"](x, -x), EXACT), "tagged EXACT, but at v_x = "),
        (
            Rule("hides", F["xlogy"](x, x), x * F["log"](x), SIGN0, (0.1, 4.0)),
            "tagged SIGN0, but at v_x = 0.0 the sides are 0.0 and nan",
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_wrong_rule_is_told_what_is_wrong(rule, text):
    with pytest.raises(CheckError, match=text):
        testing.check_rule(rule)


def test_a_weaker_tag_allows_what_a_stronger_one_does_not():
    testing.check_rule(Rule("signs", F["abs"](x), F["maximum"](x, -x), SIGN0))
    testing.check_rule(Rule("hides", F["xlogy"](x, x), x * F["log"](x), NAN, (0.1, 4.0)))


def test_a_rule_that_never_fires_is_noticed():
    rule = Rule("deaf", F["sin"](x) ** 2, 1 - F["cos"](x) ** 2, STABILITY)
    with pytest.raises(CheckError, match="it does not fire on"):
        testing.check_fires(rule, F["sin"](sl.vector("v", "n")))


def test_no_operation_of_a_users_replaces_what_prints_an_expression():
    formula = sl.scalar("x") + 1
    elementwise(
        "text", doc="Itself.", meaning=lambda x: x, derivative=None, numpy="np.positive(#1)", latex="#1"
    )
    assert str(formula) == "x + 1"
