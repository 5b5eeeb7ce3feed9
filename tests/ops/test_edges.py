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


EDGES = [
    Edge("xlogy at (0, y) has a slope", F["xlogy"], ([0.0], [0.5]), [0], ([-LN2], [0])),
    Edge("xlogy at (x, 0)", F["xlogy"], ([1.0], [0.0]), [-inf], ([-inf], [inf])),
    Edge("xlog1py at (0, −1)", F["xlog1py"], ([0.0], [-1.0]), [0], ([0], [0])),
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
    Edge(
        "so also by xlogy",
        lambda x, y: -F["sum"](F["xlogy"](y, F["softmax"](x))),
        ([0.0, -inf, 1], [0.0, 0, 1]),
        0.31326168751822286,
    ),
    Edge("root of 1 and a large square", lambda x: F["sqrt"](1 + x**2) - 1, ([1e200, 1e-9],), [1e200, 5e-19]),
    Edge(
        "log of a product that underflows",
        lambda x: F["log"](F["prod"](x)),
        ([1e-200, 1e-200],),
        -921.0340371976183,
    ),
    Edge("a product with two zeros", F["prod"], ([0.0, 0, 3],), 0, ([0, 0, 0],)),
    Edge("minimum of equals", F["minimum"], ([2.0], [2.0]), [2], ([0.5], [0.5])),
    Edge("ties of a minimum", F["min"], ([0.0, 1, 0],), 0, ([0.5, 0, 0.5],)),
    Edge("maximum with NaN", F["maximum"], ([nan], [1.0]), [nan], ([nan], [nan])),
    Edge("max of NaN", F["max"], ([nan, 1.0],), nan, ([nan, nan],)),
    Edge("norm of nothing", F["norm"], ([],), 0, ([],)),
    Edge("product of nothing", F["prod"], ([],), 1, ([],)),
    Edge("variance of nothing", F["var"], ([],), nan),
    Edge("standard deviation, squares overflow", F["std"], ([1e200, 2e200, 3e200],), 8.16496580927726e199),
    Edge(
        "standard deviation, squares underflow", F["std"], ([1e-200, 2e-200, 3e-200],), 8.16496580927726e-201
    ),
    Edge("xlogy of nothing and a negative", F["xlogy"], ([0.0, 0, 0], [-0.1, inf, 0]), [nan, 0, 0]),
    Edge("xlog1py of nothing and a negative", F["xlog1py"], ([0.0, 0, 0], [-1.1, inf, -1]), [nan, 0, 0]),
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
