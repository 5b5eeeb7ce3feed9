"""A function of NumPy's gives for expressions what the same function of ours gives, or an error."""

import numpy as np
import pytest

import symloss as sl
from symloss.core.errors import DTypeError

X, T, v = sl.matrix("X", "N D"), sl.tensor("T", "N N N"), sl.vector("v", 3)


@pytest.mark.parametrize(
    ("numpys", "ours"),
    [
        (lambda: np.sum(X, 1), lambda: sl.sum(X, axis=1)),
        (lambda: np.sum(X, keepdims=True), lambda: sl.sum(X, keepdims=True)),
        (lambda: np.std(X, 0, ddof=1), lambda: sl.std(X, axis=0, ddof=1)),
        (lambda: np.clip(v, 0, 1), lambda: sl.clip(v, 0, 1)),
        (lambda: np.clip(v, a_min=0, a_max=1), lambda: sl.clip(v, 0, 1)),
        (lambda: np.einsum("ij,ik->jk", X, X), lambda: sl.einsum("ij,ik->jk", X, X)),
        (lambda: np.where(v > 0, v, 0), lambda: sl.where(v > 0, v, 0)),
        (lambda: np.stack([v, v], 1), lambda: sl.stack([v, v], axis=1)),
        (lambda: np.reshape(v, (3, 1)), lambda: sl.reshape(v, (3, 1))),
        (lambda: np.trace(X.T @ X), lambda: sl.trace(X.T @ X)),
        (lambda: np.sort(X, 0), lambda: sl.sort(X, axis=0)),
        (lambda: np.argsort(X), lambda: sl.argsort(X)),
        (lambda: np.argsort(X, axis=None), lambda: sl.argsort(X, axis=None)),
        (lambda: np.sort(X, None), lambda: sl.sort(X, axis=None)),
        (lambda: np.cumsum(X), lambda: sl.cumsum(X)),
        (lambda: np.cumprod(X, 1), lambda: sl.cumprod(X, axis=1)),
    ],
)
def test_numpy_builds_the_same_expression(numpys, ours):
    assert numpys() is ours()


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (
            lambda: np.linalg.norm(X, 1),
            "numpy.linalg.norm(): has no symbolic counterpart: did you mean 'norm'?",
        ),
        (
            lambda: np.sum(X, 0, np.float32),
            "numpy.sum(): dtype= has no symbolic counterpart: use .astype()",
        ),
        (
            lambda: np.linalg.inv(X),
            "numpy.linalg.inv(): has no symbolic counterpart: did you mean 'inv'?",
        ),
        (lambda: np.sort(v, stable=True), "numpy.sort(): stable= has no symbolic counterpart: leave it out"),
        (lambda: np.trace(T), "numpy.trace(): has no symbolic counterpart: did you mean 'trace'?"),
    ],
)
def test_what_would_mean_something_else_is_refused(build, text):
    with pytest.raises(DTypeError) as caught:
        build()
    assert str(caught.value) == text
