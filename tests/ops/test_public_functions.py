"""The mathematics of the interface exists, under NumPy's names, as functions, methods and NumPy calls."""

import numpy as np
import pytest

import symloss as sl
from symloss.core.expr import FUNCTIONS as F
from symloss.core.op import OPS

NAMES = """
exp log log1p expm1 log2 log10 sqrt square abs sign reciprocal sin cos tan arcsin arccos arctan sinh cosh
tanh
erf erfc gammaln digamma sigmoid softplus log_sigmoid relu logit log1mexp xlogy xlog1py logaddexp
maximum minimum clip where isnan isfinite floor ceil rint logical_and logical_or logical_not eq neq lt le gt
ge sum prod mean var std max min argmax argmin any all logsumexp softmax log_softmax norm
dot matmul einsum tensordot outer transpose swapaxes reshape ravel expand_dims squeeze broadcast_to
concatenate stack flip roll tril triu eye diag diagonal trace one_hot take take_along_axis scatter_add
arange zeros ones full zeros_like ones_like stop_gradient scalar_function
inv solve det slogdet logdet cholesky cumsum cumprod logcumsumexp sort argsort top_k
""".split()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_the_interface_exists_and_is_documented(name):
    assert callable(F[name])
    assert F[name].__doc__.strip().split("\n")[0].endswith((".", "…"))


X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
AGAINST_NUMPY = {
    "sum over an axis": (lambda f, x: f("sum")(x, axis=0)),
    "mean, keeping dimensions": (lambda f, x: f("mean")(x, axis=1, keepdims=True)),
    "max over a tuple": (lambda f, x: f("max")(x, axis=(0, 1))),
    "std with ddof": (lambda f, x: f("std")(x, axis=0, ddof=1)),
    "argmin of all": (lambda f, x: f("argmin")(x)),
    "prod over all": (lambda f, x: f("prod")(x)),
    "clip": (lambda f, x: f("clip")(x, -0.5, 1)),
    "cumsum of all": (lambda f, x: f("cumsum")(x)),
    "cumprod along an axis": (lambda f, x: f("cumprod")(x, axis=0)),
    "sort": (lambda f, x: f("sort")(x)),
    "sort of all": (lambda f, x: f("sort")(x, axis=None)),
    "argsort along an axis": (lambda f, x: f("argsort")(x, axis=0)),
    "roll of all": (lambda f, x: f("roll")(x, 2)),
    "roll along an axis": (lambda f, x: f("roll")(x, -1, axis=1)),
    "flip": (lambda f, x: f("flip")(x, axis=1)),
    "stack": (lambda f, x: f("stack")([x, x + 1], axis=1)),
    "concatenate": (lambda f, x: f("concatenate")([x, x], axis=1)),
    "tensordot": (lambda f, x: f("tensordot")(x, x, axes=([1], [1]))),
    "tensordot over two axes": (lambda f, x: f("tensordot")(x, x, axes=2)),
    "outer": (lambda f, x: f("outer")(x[0], x[1])),
    "einsum without arrow": (lambda f, x: f("einsum")("ij,kj", x, x)),
    "einsum with dots": (lambda f, x: f("einsum")("...j,j->...", x, x[0])),
    "swapaxes": (lambda f, x: f("swapaxes")(x, 0, 1)),
    "tril": (lambda f, x: f("tril")(x, -1)),
    "triu": (lambda f, x: f("triu")(x, 1)),
    "diag of a vector": (lambda f, x: f("diag")(x[0])),
    "trace": (lambda f, x: f("trace")(f("matmul")(x, f("transpose")(x)))),
    "take": (lambda f, x: f("take")(x, np.array([2, 0]), axis=1)),
    "take from all": (lambda f, x: f("take")(x, np.array([5, 0]))),
    "expand_dims": (lambda f, x: f("expand_dims")(x, (0, 2))),
    "squeeze": (lambda f, x: f("squeeze")(f("expand_dims")(x, 1))),
    "broadcast_to": (lambda f, x: f("broadcast_to")(x[0], (4, 3))),
    "dot of vectors": (lambda f, x: f("dot")(x[0], x[1])),
    "where": (lambda f, x: f("where")(x > 0, x, 0)),
    "any": (lambda f, x: f("any")(x > 1, axis=0)),
    "all": (lambda f, x: f("all")(x > -2, axis=1)),
    "floor and remainder": (lambda f, x: f("floor")(x) + x % 0.75 + x // 0.75),
}


@pytest.mark.parametrize("says", AGAINST_NUMPY)
def test_a_function_does_what_numpy_does(says):
    formula = AGAINST_NUMPY[says]
    x = sl.matrix("x", (2, 3))
    e = formula(F.__getitem__, x)
    value = sl.function([x], e)(X)
    expected = formula(lambda name: getattr(np, name), X)
    np.testing.assert_allclose(value, expected, rtol=1e-14)
    assert value.shape == np.shape(expected) == e.shape


@pytest.mark.parametrize(
    "name", [n for n in NAMES if isinstance(getattr(np, n, None), np.ufunc) and getattr(np, n).nin == 1]
)
def test_numpy_functions_of_an_expression_are_ours(name):
    x = sl.vector("x", 2, "bool" if name == "logical_not" else "float64")
    assert getattr(np, name)(x) is F[name](x)


REDUCTIONS = """
sum prod mean var std max min any all logsumexp norm argmax argmin softmax log_softmax
cumsum cumprod logcumsumexp sort argsort
""".split()


@pytest.mark.parametrize("name", REDUCTIONS)
def test_an_axis_may_be_given_by_the_name_of_its_size(name):
    x = sl.matrix("x", "N K")
    assert F[name](x, axis="K") is F[name](x, axis=1) is F[name](x, axis=-1)


def test_labels_choose_and_scatter():
    x, k = sl.matrix("x", (2, 3)), sl.vector("k", 2, "int8")
    labels = np.array([2, 0], "int8")
    rows = [F["one_hot"](k, 3), F["pick"](x, k), F["take_along_axis"](x, F["expand_dims"](k, 1), axis=1)]
    hot, picked, along = sl.function([x, k], rows, on_unused="ignore")(X, labels)
    assert hot.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert picked.tolist() == along[:, 0].tolist() == [2.0, 1.5]
    added = sl.function([x, k], F["scatter_add"](F["zeros"]((4, 3)), k, x))(X, labels)
    assert added.tolist() == [X[1].tolist(), [0] * 3, X[0].tolist(), [0] * 3]


def test_a_sentence_documents_every_operation():
    assert [op.name for op in OPS.values() if not op.doc.endswith((".", "…"))] == []
