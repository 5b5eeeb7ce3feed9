"""The edges of single operations, as a table: kinks, zeros, infinities, NaN, empty axes."""

from typing import NamedTuple

import numpy as np
import pytest

import symloss as sl
from symloss.core.expr import FUNCTIONS as F
from symloss.core.op import OPS

inf, nan = np.inf, np.nan
LN2 = 0.6931471805599453


class Edge(NamedTuple):
    """A formula of vectors, where it is evaluated, its value, and the gradients of its sum."""

    says: str
    formula: object
    at: tuple
    value: object
    gradient: tuple = ()


def bce(z, y):
    return F["softplus"]((1 - 2 * y) * z)


def huber(e, delta=1.5):
    size = F["abs"](e)
    return F["where"](size <= delta, e**2 / 2, delta * (size - delta / 2))


def pinball_as_maximum(e):
    return F["maximum"](0.9 * e, -0.1 * e)


def pinball_as_abs(e):
    return F["abs"](e) / 2 + 0.4 * e


def first(x):
    return x[0]


EDGES = [
    Edge("log_sigmoid far left is x", F["log_sigmoid"], ([-1e4],), [-1e4], ([1],)),
    Edge(
        "log sigmoid by hand is rewritten",
        lambda x: F["log"](1 / (1 + F["exp"](-x))),
        ([-1e4],),
        [-1e4],
        ([1],),
    ),
    Edge("softplus by hand is rewritten", lambda x: F["log"](1 + F["exp"](x)), ([745.2],), [745.2], ([1],)),
    Edge("softplus has no threshold", F["softplus"], ([20.02],), [20.020000002020339], ([0.99999999797966],)),
    Edge(
        "the slope of softplus is sigmoid",
        F["softplus"],
        ([16.4],),
        [16.40000007543458],
        ([0.9999999245654222],),
    ),
    Edge("the slope of sigmoid survives at 40", F["sigmoid"], ([40.0],), [1], ([4.248354255291589e-18],)),
    Edge("sigmoid keeps its subnormals", F["sigmoid"], ([-745.0],), [5e-324]),
    Edge("BCE of logits, far out", bce, ([1e4, 1e4, -1e4, -1e4], [1.0, 0, 0, 1]), [0, 1e4, 0, 1e4]),
    Edge("log_softmax far apart", F["log_softmax"], ([1e4, 0, -1e4],), [0, -1e4, -2e4]),
    Edge(
        "log_softmax of −inf",
        lambda x: F["log_softmax"](x)[0],
        ([0, -inf, 0],),
        -LN2,
        ([0.5, 0, -0.5],),
    ),
    Edge("logsumexp of nothing but −inf", F["logsumexp"], ([-inf, -inf],), -inf),
    Edge("softmax of nothing but −inf", F["softmax"], ([-inf, -inf],), [nan, nan]),
    Edge("softmax of +inf", F["softmax"], ([inf, 0, 0],), [nan] * 3),
    Edge("logsumexp of +inf", F["logsumexp"], ([inf, 0, 0],), inf),
    Edge("xlogy at (0, 0)", F["xlogy"], ([0.0], [0.0]), [0], ([0], [0])),
    Edge("xlogy at (0, y) has a slope", F["xlogy"], ([0.0], [0.5]), [0], ([-LN2], [0])),
    Edge("xlogy at (0, NaN)", F["xlogy"], ([0.0], [nan]), [nan], ([nan], [nan])),
    Edge("xlogy at (x, 0)", F["xlogy"], ([1.0], [0.0]), [-inf], ([-inf], [inf])),
    Edge("xlog1py at (0, −1)", F["xlog1py"], ([0.0], [-1.0]), [0], ([0], [0])),
    Edge("norm at 0", F["norm"], ([0.0, 0.0],), 0, ([0, 0],)),
    Edge("norm does not overflow", F["norm"], ([3e200, 4e200],), 5e200, ([0.6, 0.8],)),
    Edge("norm does not underflow", F["norm"], ([3e-200, 4e-200],), 5e-200, ([0.6, 0.8],)),
    Edge("norm at 0, by hand", lambda x: F["sqrt"](F["sum"](x**2)), ([0.0, 0.0],), 0, ([0, 0],)),
    Edge(
        "a penalty of a norm at 0",
        lambda x: (F["sqrt"](F["sum"](x**2)) - 1) ** 2,
        ([0.0, 0.0],),
        1,
        ([0, 0],),
    ),
    Edge("norm by hand, far out", lambda x: F["sqrt"](x @ x), ([3e200, 4e200],), 5e200, ([0.6, 0.8],)),
    Edge("norm by hand, near 0", lambda x: F["sqrt"](x @ x), ([3e-200, 4e-200],), 5e-200, ([0.6, 0.8],)),
    Edge(
        "distance of identical points",
        lambda x, y: F["sqrt"](F["sum"]((x - y) ** 2)),
        ([1.0, 2], [1.0, 2]),
        0,
        ([0, 0], [0, 0]),
    ),
    Edge("entropy at 0", lambda x: -x * F["log"](x), ([0.0],), [0]),
    Edge(
        "relative entropy at its edges",
        lambda x, y: x * F["log"](x / y),
        ([0.0, 0, 0.3, 0], [0.5, 0, 0, nan]),
        [0, 0, inf, nan],
    ),
    Edge(
        "Poisson likelihood of nothing",
        lambda x, y: x - y * F["log"](x),
        ([0.0, 3], [0.0, 2]),
        [0, 0.8027754226637806],
        ([1, 1 / 3], [0, -1.0986122886681098]),
    ),
    Edge("focal factor at 1", lambda x: -((1 - x) ** 0.5) * F["log"](x), ([1.0],), [0], ([0],)),
    Edge(
        "a class without weight may be impossible",
        lambda x, y: -F["sum"](y * F["log_softmax"](x)),
        ([0.0, -inf, 1], [0.0, 0, 1]),
        0.31326168751822286,
    ),
    Edge(
        "so also by xlogy",
        lambda x, y: -F["sum"](F["xlogy"](y, F["softmax"](x))),
        ([0.0, -inf, 1], [0.0, 0, 1]),
        0.31326168751822286,
    ),
    Edge("log1mexp by hand near 0", lambda x: F["log"](1 - F["exp"](-x)), ([1e-20],), [-46.051701859880914]),
    Edge("and far out", lambda x: F["log"](1 - F["exp"](-x)), ([50.0],), [-1.9287498479639178e-22]),
    Edge("log cosh by hand", lambda x: F["log"](F["cosh"](x)), ([1e-9, 800.0],), [5e-19, 800 - LN2]),
    Edge("root of 1 and a large square", lambda x: F["sqrt"](1 + x**2) - 1, ([1e200, 1e-9],), [1e200, 5e-19]),
    Edge(
        "log of a product that underflows",
        lambda x: F["log"](F["prod"](x)),
        ([1e-200, 1e-200],),
        -921.0340371976183,
    ),
    Edge("sqrt at 0", F["sqrt"], ([0.0],), [0], ([inf],)),
    Edge("sqrt at minus 0", F["sqrt"], ([-0.0],), [-0.0]),
    Edge("x**0 at 0", F["power"], ([0.0], [0.0]), [1], ([0], [0])),
    Edge("0**y in y", F["power"], ([0.0], [2.0]), [0], ([0], [0])),
    Edge("a negative base in y", F["power"], ([-2.0], [2.0]), [4], ([-4], [nan])),
    Edge("a product with one zero", F["prod"], ([0.0, 2, 3],), 0, ([6, 0, 0],)),
    Edge("a product with two zeros", F["prod"], ([0.0, 0, 3],), 0, ([0, 0, 0],)),
    Edge("|x| at 0", F["abs"], ([0.0],), [0], ([0],)),
    Edge("relu at 0", F["relu"], ([0.0],), [0], ([0.5],)),
    Edge("maximum(x, 0) at 0", lambda x: F["maximum"](x, 0), ([0.0],), [0], ([0.5],)),
    Edge("minimum of equals", F["minimum"], ([2.0], [2.0]), [2], ([0.5], [0.5])),
    Edge("huber at delta", huber, ([1.5, -1.5],), [1.125, 1.125], ([1.5, -1.5],)),
    Edge("huber far out", huber, ([1e200],), [1.5e200], ([1.5],)),
    Edge("pinball as a maximum at 0", pinball_as_maximum, ([0.0],), [0], ([0.4],)),
    Edge("pinball as an absolute value at 0", pinball_as_abs, ([0.0],), [0], ([0.4],)),
    Edge(
        "clip at its bounds",
        lambda x: F["clip"](x, -1, 1),
        ([-1.0, 0, 1, 2],),
        [-1, 0, 1, 1],
        ([0.5, 1, 0.5, 0],),
    ),
    Edge("ties of a maximum", F["max"], ([1.0, 1, 0],), 1, ([0.5, 0.5, 0],)),
    Edge("ties of a minimum", F["min"], ([0.0, 1, 0],), 0, ([0.5, 0, 0.5],)),
    Edge("relu of NaN", F["relu"], ([nan],), [nan], ([nan],)),
    Edge("maximum with NaN", F["maximum"], ([nan], [1.0]), [nan], ([nan], [nan])),
    Edge("max of NaN", F["max"], ([nan, 1.0],), nan, ([nan, nan],)),
    Edge(
        "where hides what it does not take",
        lambda x: F["where"](x > 0, F["log"](x), 0),
        ([0.0],),
        [0],
        ([0],),
    ),
    Edge("sin(x)/x", lambda x: F["where"](F["neq"](x, 0), F["sin"](x) / x, 1), ([0.0],), [1], ([0],)),
    Edge("sum of nothing", F["sum"], ([],), 0, ([],)),
    Edge("logsumexp of nothing", F["logsumexp"], ([],), -inf, ([],)),
    Edge("norm of nothing", F["norm"], ([],), 0, ([],)),
    Edge("product of nothing", F["prod"], ([],), 1, ([],)),
    Edge("variance of nothing", F["var"], ([],), nan),
    Edge("variance of equals", F["var"], ([3.3] * 5,), 0, ([0] * 5,)),
    Edge("standard deviation of equals", F["std"], ([3.3] * 5,), 0, ([0] * 5,)),
    Edge("standard deviation, squares overflow", F["std"], ([1e200, 2e200, 3e200],), 8.16496580927726e199),
    Edge(
        "standard deviation, squares underflow", F["std"], ([1e-200, 2e-200, 3e-200],), 8.16496580927726e-201
    ),
    Edge("xlogy of nothing and a negative", F["xlogy"], ([0.0, 0, 0], [-0.1, inf, 0]), [nan, 0, 0]),
    Edge("xlog1py of nothing and a negative", F["xlog1py"], ([0.0, 0, 0], [-1.1, inf, -1]), [nan, 0, 0]),
    Edge(
        "BCE of no probability", sl.losses.binary_crossentropy, ([1.1, -0.1, 1], [1.0, 0, 1]), [nan, nan, 0]
    ),
    Edge("variance of one, less one degree", lambda x: F["var"](x, ddof=1), ([2.0],), nan),
    Edge("variance with an offset", F["var"], ([1e8, 1e8 + 1, 1e8 + 2],), 2 / 3),
    Edge("subnormals are kept", lambda x: x * 1.0, ([5e-324],), [5e-324]),
    Edge(
        "log1mexp at both ends",
        F["log1mexp"],
        ([1e-20, 50.0],),
        [-46.051701859880914, -1.9287498479639178e-22],
    ),
    Edge(
        "log1mexp far out",
        F["log1mexp"],
        ([700.0],),
        [-9.8596765437597708e-305],
        ([9.8596765437597708e-305],),
    ),
    Edge(
        "log1mexp among the subnormals",
        F["log1mexp"],
        ([720.0],),
        [-2.032230802424e-313],
        ([2.032230802424e-313],),
    ),
    Edge("gammaln overflows to inf", F["gammaln"], ([1e306, inf, 0.0],), [inf, inf, inf]),
    Edge("trigamma at a negative number", lambda x: F["polygamma"](1, x), ([-1.5],), [nan]),
    Edge("rint rounds halves to even", F["rint"], ([0.5, 1.5, 2.5, -0.5, -1.5],), [0, 2, 2, -0.0, -2]),
]


def compiled(edge):
    variables = [sl.vector(f"x{i}", "N") for i in range(len(edge.at))]
    outputs = [edge.formula(*variables)]
    if edge.gradient:
        loss = F["sum"](outputs[0])
        outputs += sl.grad(loss, variables, disconnected="zeros")
    return sl.function(variables, outputs)(*[np.array(a, float) for a in edge.at])


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.says)
def test_an_edge_is_what_the_table_says(edge):
    value, *gradient = compiled(edge)
    np.testing.assert_allclose(value, edge.value, rtol=1e-13, atol=5e-324)
    for found, expected in zip(gradient, edge.gradient, strict=True):
        np.testing.assert_allclose(
            found, expected, rtol=2e-3 if edge.says.endswith("far out") else 1e-13, atol=0
        )


def test_the_hessian_of_a_norm_at_zero_is_zero():
    x = sl.vector("x", 3)
    slope = sl.grad(F["norm"](x), x)
    (second,) = sl.function([x], [sl.grad(F["sum"](slope), x)])(np.zeros(3))
    assert second.tolist() == [0, 0, 0]


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_square_root_of_a_zero_keeps_its_sign(zero):
    x = sl.scalar("x")
    assert np.signbit(sl.function([x], F["sqrt"](x))(zero)) == np.signbit(zero)


@pytest.mark.parametrize("name", ["max", "min"])
def test_an_extremum_of_nothing_is_refused_as_it_is_built(name):
    with pytest.raises(sl.errors.ShapeError, match=f"{name}.*an axis of size 0 has no extremum"):
        F[name](sl.matrix("x", "N 0"), axis=1)


KINKED = sorted((op for op in OPS.values() if op.kinks), key=lambda op: op.name)


@pytest.mark.parametrize("op", KINKED, ids=lambda op: op.name)
def test_the_slope_at_a_kink_is_the_mean_of_both_sides(op):
    x = sl.vector("x", "N")
    slope = sl.function([x], sl.grad(F["sum"](F[op.name](x)), x))
    for kink in op.kinks:
        left, at, right = slope(np.array([kink - 1e-9, kink, kink + 1e-9]))
        assert at == pytest.approx((left + right) / 2, abs=1e-15)


def test_kinks_are_stated():
    assert {op.name for op in KINKED} >= {"abs", "relu"}


@pytest.mark.parametrize("name", ["xlogy", "xlog1py"])
def test_the_second_derivatives_of_a_masked_logarithm_are_zero_where_it_is_masked(name):
    x, y = sl.vector("x", 1), sl.vector("y", 1)
    first = sl.grad(F["sum"](F[name](x, y)), [x, y])
    second = [sl.grad(F["sum"](g), v, disconnected="zeros") for g in first for v in (x, y)]
    at = {"xlogy": 0.0, "xlog1py": -1.0}[name]
    values = sl.function([x, y], second, on_unused="ignore")(np.zeros(1), np.full(1, at))
    assert [value.item() for value in values] == [0, 0, 0, 0]
