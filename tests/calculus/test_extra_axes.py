"""Derivative rules keep extra leading axes of the cotangent: several pulled back at once, or one by one."""

import numpy as np
import pytest

import symloss as sl
from symloss.calculus.reverse import pull_back
from symloss.core.dtypes import is_float
from symloss.core.leaves import INPUT
from symloss.core.op import OPS
from symloss.rewrite.books import recognition
from symloss.rewrite.normalise import Normaliser
from symloss.rewrite.present import present
from symloss.testing import cases

DIFFERENTIABLE = sorted(name for name, op in OPS.items() if not op.leaf and not op.undifferentiable)


def pulled(expr, cotangent, point, wrt):
    """The values of what a cotangent becomes in the variables `wrt`; None where nothing flows."""
    variable = sl.tensor("cotangent", cotangent.shape, expr.dtype)
    normal = Normaliser(rules=recognition())
    root, points = normal.written(expr), [normal.written(w) for w in wrt]
    flows = pull_back(root, normal.written(variable), points, normal)
    written = present([f for f in flows if f is not None], normal)
    f = sl.function([variable, *point], written, on_unused="ignore")
    values = iter(f(cotangent, *point.values()) if written else [])
    return [None if flow is None else next(values) for flow in flows]


def agree_one_by_one(expr, point, lead):
    """Pull back a stack of cotangents, and each alone."""
    wrt = [v for v in point if is_float(v.dtype)]
    shape = tuple(point_length(size) for size in expr.shape)
    stack = np.random.default_rng(4).normal(size=(*lead, *shape))
    together = pulled(expr, stack, point, wrt)
    for index in np.ndindex(*lead):
        alone = pulled(expr, stack[index], point, wrt)
        for variable, several, one in zip(wrt, together, alone, strict=True):
            assert (several is None) == (one is None)
            if one is not None:
                assert one.shape == point[variable].shape
                np.testing.assert_allclose(several[index], one, rtol=1e-12, atol=1e-12)


def point_length(size):
    assert isinstance(size, int)
    return size


@pytest.mark.parametrize("lead", [(2,), (1,), (3,), (2, 3)], ids=str)
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_a_stack_of_cotangents_is_pulled_back_as_each_of_them(name, lead):
    for expr, point in cases(OPS[name]):
        if is_float(expr.dtype) and expr.ndim + len(lead) <= 4:
            agree_one_by_one(expr, point, lead)


X, W, v = sl.matrix("X", (3, 2)), sl.matrix("W", (2, 4)), sl.vector("v", 2)
FORMULAS = {
    "a softmax of a product": sl.softmax(X @ W),
    "a log-softmax along rows": sl.log_softmax(X @ W, axis=0),
    "one hidden layer": sl.tanh(X @ W) @ W.T + v,
    "a naive softmax": sl.exp(X) / sl.sum(sl.exp(X), axis=1, keepdims=True),
    "selections": sl.where(X > 1, sl.log(X), 0) * v,
    "maxima": sl.max(X @ W, axis=1),
    "norms": X / sl.norm(X, axis=1, keepdims=True),
    "a repeated index": sl.einsum("ii->i", W[:, :2]) * v,
    "a part of a stack": sl.stack([X, 2 * X])[1, :, ::-1],
    "a scalar": sl.mean((X @ v) ** 2),
}


@pytest.mark.parametrize("lead", [(2,), (2, 2)], ids=str)
@pytest.mark.parametrize("expr", FORMULAS.values(), ids=FORMULAS)
def test_a_stack_is_pulled_back_through_a_formula_as_each_cotangent(expr, lead):
    rng = np.random.default_rng(8)
    variables = [n for n in sl.core.walk.topological([expr]) if n.op is INPUT]
    agree_one_by_one(expr, {n: rng.uniform(0.5, 1.5, n.shape) for n in variables}, lead)
