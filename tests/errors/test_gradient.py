"""Every derivative that does not exist: the class of its error, and its whole text."""

import re

import numpy as np
import pytest

import symloss as sl
from symloss.core.errors import DomainError, GradientError, GraphError
from symloss.core.expr import FUNCTIONS
from symloss.core.op import OPS
from symloss.ops.family import elementwise

y, s = sl.vector("y", "N"), sl.scalar("s")
i, n, m = sl.vector("i", "N", dtype="int64"), sl.scalar("n", "int64"), sl.vector("m", "N", dtype="bool")


def broken(name, rule):
    """An operation of a user's whose derivative is wrong."""
    make = elementwise(
        name,
        doc="Twice the value.",
        meaning=lambda x: 2 * x,
        derivative=(rule,),
        numpy="2 * #1",
        latex="2 #1",
    )
    del FUNCTIONS[name], OPS[name]
    return make


no_expression = broken("no_expression", lambda g, z, x: None)
too_few = broken("too_few", lambda g: g)
wrong_shape = broken("wrong_shape", lambda g, z, x: sl.zeros((7,)))
wrong_dtype = broken("wrong_dtype", lambda g, z, x: sl.constant(1))


def case(row, build, error, text):
    return pytest.param(build, error, text, id=row)


CASES = [
    case(
        "50",
        lambda: sl.grad(y, y),
        GradientError,
        "grad(): needs a scalar loss, got y: (N,): reduce it with mean() or sum(), or use jacobian()",
    ),
    case(
        "50-number",
        lambda: sl.grad(3.0, y),
        GradientError,
        "grad(): the loss is a float, not an Expr: build it with sl",
    ),
    case(
        "50-None",
        lambda: sl.grad(None, y),
        GradientError,
        "grad(): the loss is a NoneType, not an Expr: build it with sl",
    ),
    case(
        "51",
        lambda: sl.grad(s * i.sum(), i),
        GradientError,
        "grad(): wrt i: (N,) has dtype int64, which has no derivatives: declare it with a float dtype",
    ),
    case(
        "51-bool",
        lambda: sl.grad(sl.where(m, y, 0).sum(), m),
        GradientError,
        "grad(): wrt m: (N,) has dtype bool, which has no derivatives: declare it with a float dtype",
    ),
    case(
        "52",
        lambda: sl.grad(s, 3),
        GradientError,
        "grad(): wrt is an int, not an Expr: pass a variable or another part of the loss",
    ),
    case(
        "52-name",
        lambda: sl.grad(s, "s"),
        GradientError,
        "grad(): wrt is a str, not an Expr: pass a variable or another part of the loss",
    ),
    case(
        "52-inside",
        lambda: sl.grad(s, [s, None]),
        GradientError,
        "grad(): wrt is a NoneType, not an Expr: pass a variable or another part of the loss",
    ),
    case(
        "52-set",
        lambda: sl.grad(s, {s}),
        GradientError,
        "grad(): wrt is a set, not an Expr: pass a variable or another part of the loss",
    ),
    case(
        "53",
        lambda: sl.grad(s, y),
        GradientError,
        "grad(): the loss does not depend on y: (N,), built at HERE: check wrt, or pass disconnected='zeros'",
    ),
    case(
        "53-constant",
        lambda: sl.grad(s, sl.constant(3.0)),
        GradientError,
        "grad(): the loss does not depend on constant: (), built at HERE: check wrt, or pass "
        "disconnected='zeros'",
    ),
    case(
        "53-stopped",
        lambda: sl.grad(sl.stop_gradient(s), s),
        GradientError,
        "grad(): the loss does not depend on s: (), built at HERE: check wrt, or pass disconnected='zeros'",
    ),
    case(
        "53-option",
        lambda: sl.grad(s, y, disconnected="zero"),
        DomainError,
        "grad(): disconnected is 'zero': did you mean 'zeros'?",
    ),
    case(
        "54-floor",
        lambda: sl.grad(sl.floor(s), s),
        GradientError,
        "grad(): floor(s): (), built at HERE, has no derivative, as it is piecewise constant: "
        "wrap it in stop_gradient() to treat it as constant",
    ),
    case(
        "54-sign",
        lambda: sl.grad(sl.sign(s), s),
        GradientError,
        "grad(): sign(s): (), built at HERE, has no derivative, as it is piecewise constant: wrap"
        " it in stop_gradient() to treat it as constant",
    ),
    case(
        "54-floor_divide",
        lambda: sl.grad(s // 2, s),
        GradientError,
        "grad(): floor_divide(s, …): (), built at HERE, has no derivative, as it is piecewise "
        "constant: wrap it in stop_gradient() to treat it as constant",
    ),
    case(
        "54-argmax",
        lambda: sl.grad(y.sum() + sl.argmax(y), y),
        GradientError,
        "grad(): argmax(y): (), built at HERE, has no derivative, as it is a position: wrap it in"
        " stop_gradient() to treat it as constant",
    ),
    case(
        "54-eq",
        lambda: sl.grad(sl.eq(s, 1) * s, s),
        GradientError,
        "grad(): eq(s, …): (), built at HERE, has no derivative, as it is piecewise constant: "
        "wrap it in stop_gradient() to treat it as constant",
    ),
    case(
        "54-gt",
        lambda: sl.grad((s > 1).astype("float64"), s),
        GradientError,
        "grad(): gt(s, …): (), built at HERE, has no derivative, as it is piecewise constant: "
        "wrap it in stop_gradient() to treat it as constant",
    ),
    case(
        "54-isnan",
        lambda: sl.grad(sl.isnan(s) + s, s),
        GradientError,
        "grad(): isnan(s): (), built at HERE, has no derivative, as it is a truth value: wrap it "
        "in stop_gradient() to treat it as constant",
    ),
    case(
        "54-int",
        lambda: sl.grad(s.astype("int64") * s, s),
        GradientError,
        "grad(): cast(s): (), built at HERE, has no derivative, as its dtype is int64: wrap it in"
        " stop_gradient() to treat it as constant",
    ),
    case(
        "55",
        lambda: sl.grad(n * 2, s),
        GradientError,
        "grad(): the loss multiply(n, …): () has dtype int64, which has no derivatives: build it "
        "from tensors of a float dtype",
    ),
    case(
        "59-result",
        lambda: sl.grad(no_expression(s), s),
        GraphError,
        "grad(), derivative of no_expression in argument 0: the rule gave a NoneType: return a "
        "tensor of a float dtype",
    ),
    case(
        "59-arity",
        lambda: sl.grad(too_few(s), s),
        GraphError,
        "grad(), derivative of too_few in argument 0: the rule does not take g, z and 1 "
        "arguments: write it as lambda g, z, x, …: …",
    ),
    case(
        "59-shape",
        lambda: sl.grad(wrong_shape(s), s),
        GraphError,
        "grad(), derivative of wrong_shape in argument 0: the rule gave shape (7,), expected (): "
        "return the shape of the argument or of the result",
    ),
    case(
        "59-dtype",
        lambda: sl.grad(wrong_dtype(s), s),
        GraphError,
        "grad(), derivative of wrong_dtype in argument 0: the rule gave int64: return a tensor of"
        " a float dtype",
    ),
    case(
        "assume",
        lambda: sl.grad(s, s, assume=[3]),
        GraphError,
        "grad(): the assumption an int is not an equation: write it with sl.eq(left, right)",
    ),
    case(
        "assume-formula",
        lambda: sl.grad(s, s, assume=[s + 1]),
        GraphError,
        "grad(): the assumption add(s, …): () is not an equation: write it with sl.eq(left, right)",
    ),
    case(
        "assume-list",
        lambda: sl.grad(s, s, assume=sl.eq(s, 1)),
        GraphError,
        "grad(): assume is an Expr, expected a list: write [sl.eq(left, right)]",
    ),
]


def unplaced(text):
    """An error's text without the lines of this file, which move."""
    return re.sub(r"test_\w+\.py:\d+", "HERE", text)


@pytest.mark.parametrize(("build", "error", "text"), CASES)
def test_a_derivative_that_does_not_exist_is_named(build, error, text):
    with pytest.raises(error) as caught:
        build()
    assert type(caught.value) is error
    assert unplaced(str(caught.value)) == text
    assert len(text) <= 400


def test_the_place_is_where_the_operation_was_built():
    rounded = sl.floor(s)
    line = rounded.site[1]
    loss = rounded * s
    with pytest.raises(GradientError, match=rf"floor\(s\): \(\), built at test_gradient\.py:{line}, "):
        sl.grad(loss, s)


def test_what_is_stopped_counts_as_constant():
    assert sl.grad(sl.stop_gradient(sl.floor(s)) * s, s).eval({s: 2.5}) == 2
    assert sl.grad(sl.stop_gradient((s > 1).astype("float64")) * s, s).eval({s: 2.5}) == 1


def test_conditions_and_indices_need_no_derivative():
    assert sl.grad(sl.where(s > 1, s, 0), s).eval({s: 2.5}) == 1
    assert sl.grad(y[sl.argmax(y)], y).eval({y: [1.0, 3.0]}).tolist() == [0, 1]


def test_the_gradient_of_a_maximum_has_a_gradient():
    twice = sl.grad((sl.grad(sl.max(y) ** 2, y) * np.array([1.0])).sum(), y)
    assert twice.eval({y: [1.0, 3.0]}).tolist() == [0, 2]


def test_a_repeated_wrt_gets_its_gradient_each_time():
    first, second = sl.grad(s**2, [s, s])
    assert first is second


def test_disconnected_parts_may_get_zeros():
    assert sl.grad(s, y, disconnected="zeros").eval({y: np.ones(3)}).tolist() == [0, 0, 0]


def test_a_gradient_error_is_also_a_type_error():
    with pytest.raises(TypeError):
        sl.grad(y, y)
