"""Rules in any layout: batches, transposed, repeated and kept axes; value, gradient and second derivative."""

import numpy as np
import pytest

import symloss as sl
from symloss import testing
from symloss.core.evaluate import exact_values
from symloss.core.walk import topological

exp, log, sqrt = sl.exp, sl.log, sl.sqrt
T, X, F = sl.tensor("T", (2, 3, 4)), sl.matrix("X", (3, 4)), sl.matrix("F", (3, 4))
S, W = sl.tensor("S", (2, 1, 3)), sl.matrix("W", (4, 2))
w, u, s = sl.vector("w", 4), sl.vector("u", 3), sl.scalar("s")

FORMULAS = {
    "weighted logsumexp": log(sl.sum(w * exp(X), axis=1)),
    "weighted logsumexp, two axes": log(sl.sum(w * exp(T), axis=(0, 2))),
    "weighted by a product": log(exp(X) @ w),
    "weighted by a matrix": log(exp(X) @ W),
    "weighted rows": log(u @ exp(X)),
    "weighted by an outer product": log(sl.sum(u[:, None] * w * exp(X))),
    "weighted by einsum": log(sl.einsum("bnd,d,n->b", exp(T), w, u)),
    "weighted mean, kept": log(sl.mean(w * exp(X), axis=1, keepdims=True)),
    "weighted softmax": w * exp(X) / sl.sum(w * exp(X), axis=1, keepdims=True),
    "weighted below": exp(X) / sl.sum(w * exp(X), axis=1, keepdims=True),
    "weighted below by a product": exp(X) / (exp(X) @ w)[:, None],
    "weighted mean": (exp(X) * X) @ w / (exp(X) @ w),
    "over the mean": exp(X) / sl.mean(exp(X), axis=0),
    "over the mean, transposed": (exp(X).T / sl.mean(exp(X), axis=1)),
    "softmax by None": exp(T) / sl.sum(exp(T), axis=1)[:, None],
    "norm": sqrt(sl.sum(T**2, axis=(0, 2))),
    "norm, kept": sqrt(sl.sum((X - w) ** 2, axis=0, keepdims=True)),
    "norm, transposed": sqrt(sl.sum(X.T * X.T, axis=0)),
    "root mean square": sqrt(sl.mean(X**2, axis=1)),
    "cubed norm": sl.sum(X**2, axis=1) ** 1.5,
    "norm of a product": sqrt(sl.sum((X * w) ** 2, axis=1)),
    "norm by einsum": sqrt(sl.einsum("nd,nd->n", X, X)),
    "root of fourth powers": sqrt(sl.sum(X**4)),
    "norm of an outer product": sqrt(sl.sum((u[:, None] * w) ** 2)),
    "norm by a trace": sqrt(sl.trace(X @ X.T)),
    "distances": sqrt(sl.sum((X[:, None] - X) ** 2 + 0.1, axis=2)),
    "distances and a number": sqrt(0.1 + sl.sum((X[:, None] - X) ** 2, axis=2)),
    "norm along a single": sqrt(sl.sum(S**2, axis=1)),
    "norm along a single, kept": sqrt(sl.sum(S**2, axis=(1, 2), keepdims=True)),
    "hypotenuse": sqrt(X**2 + w**2),
    "hypotenuse, transposed": sqrt(X.T**2 + u**2),
    "hypotenuse with numbers": sqrt(2 * X**2 + 3),
    "hypotenuse with a scalar": sqrt(s**2 + X**2) * X,
    "inverse cube of a hypotenuse": 1 / sqrt(1 + X**2) ** 3,
    "variance": sl.mean(T**2, axis=(0, 2)) - sl.mean(T, axis=(0, 2)) ** 2,
    "variance, kept": sl.mean(X**2, 1, keepdims=True) - sl.mean(X, 1, keepdims=True) ** 2,
    "variance of columns": sl.mean(F**2, 0) - sl.mean(F, 0) ** 2,
    "variance of columns, kept": sl.mean(F * F, 0, keepdims=True) - sl.mean(F, 0, keepdims=True) ** 2,
    "variance in a sum": X + sl.mean(X**2, 0) - sl.mean(X, 0) ** 2,
    "scatter of columns": sl.sum(X**2, 0) - sl.sum(X, 0) ** 2 / sl.sum(sl.ones_like(u)),
    "variance scaled in a sum": 2 * w - 3 * sl.mean(X**2, 0) + 3 * sl.mean(X, 0) ** 2,
    "variance of one": sl.mean(S**2, axis=1) - sl.mean(S, axis=1) ** 2,
    "variance of a product": sl.mean((X * w) ** 2) - sl.mean(X * w) ** 2,
    "deviation": sqrt(sl.mean(X**2, 0) - sl.mean(X, 0) ** 2 + 1e-3),
    "logsumexp less an entry": sl.logsumexp(T, axis=1) - T[:, 0],
    "less an entry of columns": sl.logsumexp(X, axis=0) - X[1],
    "less the last entry, scaled": 2 * sl.logsumexp(X, axis=1) - 2 * X[:, -1] + u,
    "less labelled entries": sl.logsumexp(F, axis=1) - F[[0, 1, 2], [1, 1, 3]],
    "less entries of other rows": sl.logsumexp(F, axis=1) - F[[1, 0, 2], [1, 1, 3]],
    "weighted log softmax": sl.sum(w * sl.log_softmax(X), axis=1),
    "weighted by a product, log softmax": sl.log_softmax(X) @ w,
    "weighted by einsum, log softmax": sl.einsum("nd,nd->", X, sl.log_softmax(X)),
    "weighted over rows": sl.einsum("nd,n->d", sl.log_softmax(X), u),
    "weighted thrice": sl.log_softmax(X) * u[:, None] * w * s,
    "log softmax times a matrix": sl.log_softmax(X).T @ X,
    "weighted and transposed": sl.sum(sl.log_softmax(X.T, axis=0) * X.T),
    "log of a product": log(sl.prod(X, axis=1)),
    "log of a product, kept": log(sl.prod(T, axis=1, keepdims=True)),
    "log of factors": log(X * exp(X.T @ X).sum() * exp(w)),
    "log of a quotient": log(2 * X * exp(w) / exp(u)[:, None]),
    "log of a softmax and a weight": log(sl.softmax(X) * w),
    "log of three terms": log(1 + exp(X) + 2 * exp(w)),
    "log of one and a sum": log(1 + sl.sum(exp(X), axis=1)),
    "log of two layouts": log(exp(u)[:, None] + exp(X)),
    "log of three layouts": log(3 * exp(X).T + exp(u) + 0.5),
    "log of a number and a weighted sum": log(2 + sl.sum(w * exp(X), axis=1)),
    "ratio": (exp(X) - 1) / X,
    "scaled ratio": (exp(2 * X) - 1) / X * w,
    "reciprocal of a ratio": X / (exp(X) - 1) * u[:, None],
    "transposed ratio": ((exp(X.T) - 1) / X.T),
    "share": exp(X) / (exp(X) + exp(w)),
    "share of three": exp(X) / (exp(X) + exp(-X) + 2),
    "share over a square": exp(X) / (2 + exp(X)) ** 2,
    "one less a sigmoid": (1 - sl.sigmoid(X.T)),
    "softplus with a new axis": sl.log(1 + exp(-X.T))[:, :, None],
    "softplus less its argument": sl.softplus(u)[:, None] - u[:, None],
    "sigmoid from above": exp(X.T) * sl.sigmoid(-X.T),
    "centred": X - sl.sum(sl.softmax(X) * X, axis=1, keepdims=True),
    "less the total": X - sl.softmax(X) * sl.sum(X, axis=1, keepdims=True),
    "centred, repeated": w - sl.sum(sl.softmax(X) * w, axis=1, keepdims=True),
    "centred, transposed": X.T - sl.sum(sl.softmax(X) * X, axis=1),
    "centred along the middle": T - sl.sum(sl.softmax(T, axis=1) * T, axis=1)[:, None],
    "relative entropy": X * log(X / w),
    "difference of logs": X * (log(X) - log(w)),
    "poisson": X - w * log(X),
    "focal": -((1 - X) ** 0.5) * log(X),
    "log over a root": log(X) / sqrt(1 - X),
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_what_is_compiled_has_the_value_and_the_slopes_of_what_was_written(formula):
    inputs = [node for node in topological([formula]) if node.op.name == "input"]
    point = testing.random_values(inputs, seed=5)
    found = sl.function(inputs, formula)(*point.values())
    exact = np.array(exact_values([formula], point)[0], dtype=float)
    assert found.shape == exact.shape
    np.testing.assert_allclose(found, exact, rtol=1e-11)
    testing.check_gradient(formula, inputs, point, order=2, rtol=1e-8)
