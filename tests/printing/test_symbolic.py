"""A formula given to SymPy has, once numbers stand in it, the value of the formula."""

import itertools
import pickle
import sys

import numpy as np
import pytest
import sympy as sp

import symloss as sl
from symloss import testing
from symloss.core.dtypes import FLOAT64
from symloss.core.evaluate import exact_values
from symloss.core.expr import apply
from symloss.core.leaves import INPUT, leaf
from symloss.core.notation import call
from symloss.core.op import OPS, Op
from symloss.ops.indexing import GETITEM, SCATTER, Index

RECORDS = sorted((op for op in OPS.values() if not op.leaf), key=lambda op: op.name)
K, N, D = sp.symbols("K N D", integer=True, positive=True)
i, j, k, l = sp.symbols("i j k l", integer=True, nonnegative=True)  # noqa: E741
x, n, z, y = sl.scalar("x"), sl.vector("n", "N"), sl.vector("z", "K"), sl.vector("y", "K")
X, W, A = sl.matrix("X", "N D"), sl.matrix("W", "D K"), sl.matrix("A", "N N")
M = sl.matrix("M", "N N")
T = sl.tensor("T", "N D K")
labels, b = sl.vector("labels", "N", dtype="int64"), sl.vector("b", "N", dtype="bool")
xs, zs, ys = sp.Symbol("x", real=True), sp.IndexedBase("z", real=True), sp.IndexedBase("y", real=True)
Xs, Ws = sp.IndexedBase("X", real=True), sp.IndexedBase("W", real=True)

UNDEFINED = {
    "max": lambda values: max(values.values()),
    "min": lambda values: min(values.values()),
    "argmax": lambda values: max(values, key=values.__getitem__)[0],
    "argmin": lambda values: min(values, key=values.__getitem__)[0],
    "sort": lambda values, place: sorted(values.values())[place],
    "argsort": lambda values, place: sorted(values, key=values.__getitem__)[place][0],
    "arg_top_k": lambda values, place: sorted(values, key=lambda at: (-values[at], at))[place][0],
    "det": lambda values: np.linalg.det(matrix(values)),
    "inv": lambda values, *place: np.linalg.inv(matrix(values))[place],
    "cholesky": lambda values, *place: symmetric_factor(matrix(values))[place],
}
"""The functions that SymPy does not have: of values by index, and of the place in the result."""


def matrix(values):
    return np.array([*values.values()]).reshape(np.array([*values][-1]) + 1)


def symmetric_factor(values):
    np.testing.assert_array_equal(values, values.T)
    return np.linalg.cholesky(values)


def value(formula, point):
    """The components of a formula in SymPy, with numbers for the variables and sums written out by SymPy."""
    lengths, elements = {}, {}
    for variable, array in point.items():
        whole = sl.to_sympy(variable)
        whole = whole.args[0] if variable.dtype.kind == "b" else whole
        lengths |= dict(zip(variable.shape, np.shape(array), strict=True))
        for at in np.ndindex(np.shape(array)):
            elements[whole.base[at] if at else whole] = sp.sympify(np.asarray(array)[at].item() + 0)
    lengths = {size: length for size, length in lengths.items() if not isinstance(size, int)}
    indices = sp.symbols(f"axis:{formula.ndim}", integer=True)
    entry = sl.to_sympy(formula, indices).subs(lengths)
    shape = [int(sp.sympify(size).subs(lengths)) for size in formula.shape]
    out = np.empty(shape)
    for at in np.ndindex(*shape):
        out[at] = number(entry.subs(dict(zip(indices, at, strict=True))), elements)
    return out


def number(entry, elements):
    entry = entry.doit().xreplace(elements).doit()
    for name, choose in UNDEFINED.items():

        def chosen(function, *rest, name=name, choose=choose):
            sizes, place = rest[: len(function.variables)], rest[len(function.variables) :]
            points = itertools.product(*[range(int(size)) for size in sizes])
            try:
                values = {at: number(function(*at), elements) for at in points}
                return sp.sympify(choose(values, *map(int, place)))
            except TypeError:
                return sp.Function(name)(function, *rest)  # it stands below an index that is not decided

        entry = entry.replace(sp.Function(name), chosen)
    entry = entry.doit().xreplace(elements).doit()
    return float(bool(entry)) if entry in (sp.true, sp.false) else float(entry)


@pytest.mark.parametrize("op", RECORDS, ids=lambda op: op.name)
def test_every_operation_has_its_value_in_sympy(op):
    for expr, point in testing.cases(op):
        (expected,) = exact_values([expr], point)
        np.testing.assert_allclose(value(expr, point), expected.astype(float), rtol=1e-10, atol=1e-12)


COMPOSED = [
    -sl.sum(y * sl.log_softmax(z)),
    sl.grad(-sl.sum(y * sl.log_softmax(z)), z),
    sl.grad(sl.mean((X @ sl.vector("w", "D") - n) ** 2), X),
    sl.softmax(X @ W, axis=0),
    sl.var(sl.exp(X) / sl.sum(X, axis=1, keepdims=True), axis=0, ddof=1),
    sl.norm(X.T @ X - sl.eye("D")),
    sl.max(X, axis=1) - sl.min(X),
    sl.max(sl.max(X, axis=1)[labels] + n),
    sl.argmax(X @ W, axis=1) * 2,
    sl.grad(sl.sum(sl.max(X * n[:, None], axis=1)), X),
    sl.relu(X - 0.5)[labels],
    sl.sum(sl.log(sl.sum(sl.where(X > 0.5, X, 0.25), axis=1))),
    sl.sum(sl.max(sl.where(X > 0.5, X, -X), axis=1)),
    sl.where(sl.sum(sl.where(X > 0.5, X, 0.1), axis=1) > 0.7, n, -n),
    sl.prod(sl.sum(sl.abs(X - 0.5), axis=1)) + sl.sum(sl.norm(sl.relu(X - 0.4), axis=1)),
    sl.sum(sl.exp(sl.sum(sl.tril(A), axis=0))),
    sl.concatenate([n, -n])[sl.sum(sl.where(X > 0.2, 2, 0), axis=1)],
    sl.sum(sl.concatenate([X, X * X], axis=1) @ sl.concatenate([sl.sum(X, axis=0), sl.sum(X, axis=0)])),
    sl.sum(sl.var(sl.concatenate([n, sl.sum(X, axis=1)])[:2] * sl.where(n[:2] > 0.5, n[:2], 1.0))),
    sl.logsumexp(X, axis=1)[labels],
    sl.logsumexp(X[labels] + sl.sum(X), axis=1),
    sl.where(b, n, -n) + sl.where(sl.any(X > 0.5), 1.0, 2.0),
    sl.logical_and(b, sl.logical_not(n > 0.5)),
    sl.where(sl.eq(b, n > 0.4), n, 0.0),
    sl.sum(b) + sl.all(sl.logical_or(b, n > 0)).astype("float64"),
    sl.sum(sl.grad(sl.sum(sl.prod(X, axis=1)), X), axis=1),
    X.reshape(-1),
    T.reshape("N", -1)[:, ::-1],
    sl.ravel(T),
    T.transpose(1, 2, 0)[-1],
    sl.concatenate([n, sl.sum(X, axis=1), n * 2]),
    sl.stack([n, n + 1], axis=1),
    sl.roll(X, 1) + sl.flip(X, axis=0),
    sl.grad(sl.sum(sl.flip(sl.roll(X, 1, axis=0)) ** 2), X),
    sl.tril(A, 1) + sl.diag(n) * sl.trace(A),
    sl.arange("N") * n + sl.constant([1, 2, 3]).astype("float64").sum(),
    X[-1] + X[0],
    X[1:, None, :-1],
    sl.one_hot(labels, "K") @ W.T,
    sl.grad(sl.sum(X[labels] ** 2), X),
    sl.prod(n) / sl.std(n),
    sl.mean(sl.losses.huber_loss(n, labels.astype("float64"))),
    sl.cumsum(X, axis=0) + sl.sum(sl.cumprod(sl.where(X > 0.5, X, -X), axis=1), axis=0),
    sl.cumsum(X)[:2] * sl.max(sl.logcumsumexp(n)),
    sl.max(sl.cumsum(X, axis=1), axis=0),
    sl.cumsum(n)[sl.argsort(n)] + sl.cumprod(sl.cumsum(n)),
    sl.cumsum(sl.concatenate([n, X[:, 0]]))[labels],
    sl.cumsum(sl.cumsum(X, axis=1)[:, ::-1], axis=0)[labels],
    sl.grad(sl.sum(sl.cumprod(X, axis=1) * X), X),
    sl.grad(sl.sum(sl.logcumsumexp(n) * n), n),
    sl.cumsum(sl.matrix("u", "N 1"), axis=1) + sl.cumprod(sl.matrix("u", "N 1"), axis=0),
    sl.inv(M) @ n + sl.solve(M, n) * sl.det(M),
    sl.solve(M, sl.cumsum(X, axis=0)) - sl.solve(M, sl.sum(X, axis=1))[:, None],
    sl.grad(sl.logdet(M) * sl.slogdet(M)[0], M),
    sl.cholesky(M @ M.T + sl.eye("N")),
    sl.det(M @ M.T)[None] * sl.sort(sl.inv(M), axis=0)[1],
    sl.top_k(X @ W, 2)[0] + sl.top_k(X @ W, 2)[1] * n[:, None],
    sl.grad(sl.sum(sl.sort(X, axis=0) ** 2 * n[:, None]), X),
    sl.sort(b)[::-1],
    sl.full(("N", 2), 0.1) * n[:, None] + sl.constant(np.array([1.5, -0.3])),
]


@pytest.mark.parametrize("formula", COMPOSED, ids=str)
def test_a_composed_formula_has_its_value_in_sympy(formula):
    lengths = {"N": 3, "D": 2, "K": 4}
    variables = [x, n, z, y, X, W, A, M, T, labels, b, sl.vector("w", "D"), sl.matrix("u", "N 1")]
    used = [
        v for v in variables if v.name in {d["name"] for _, d in sl.to_networkx(formula).nodes(data=True)}
    ]
    rng = np.random.default_rng(3)
    point = {
        v: testing.sample(rng, tuple(lengths.get(str(size), 1) for size in v.shape), v.dtype, (0.1, 0.9))
        for v in used
    }
    (expected,) = exact_values([formula], point)
    np.testing.assert_allclose(value(formula, point), expected.astype(float), rtol=1e-10, atol=1e-12)


def test_the_forms_are_those_of_a_textbook():
    assert sl.to_sympy(x) == xs
    assert sl.to_sympy(z) == zs[i]
    assert sl.to_sympy(X @ W) == sp.Sum(Xs[i, k] * Ws[k, j], (k, 0, D - 1))
    assert sl.to_sympy(sl.softmax(z)) == sp.exp(zs[i]) / sp.Sum(sp.exp(zs[j]), (j, 0, K - 1))
    assert sl.to_sympy(sl.eye("N")) == sp.KroneckerDelta(i, j)
    assert sl.to_sympy(sl.where(z > 0, z, 0.5)) == sp.Piecewise((zs[i], zs[i] > 0), (sp.Rational(1, 2), True))
    assert sl.to_sympy(sl.max(z)) == sp.Function("max")(sp.Lambda(i, zs[i]), K)
    assert sl.to_sympy(sl.prod(z)) == sp.Product(zs[i], (i, 0, K - 1))
    assert sl.to_sympy(sl.cumsum(z)) == sp.Sum(zs[j], (j, 0, i))
    assert sl.to_sympy(sl.cumprod(z)) == sp.Product(zs[j], (j, 0, i))
    assert sl.to_sympy(sl.logcumsumexp(z)) == sp.log(sp.Sum(sp.exp(zs[j]), (j, 0, i)))
    assert sl.to_sympy(sl.sort(z)) == sp.Function("sort")(sp.Lambda(j, zs[j]), K, i)
    assert sl.to_sympy(sl.mean(z)) == sp.Sum(zs[i], (i, 0, K - 1)) / K


def test_a_choice_below_two_sums_is_no_piecewise():
    formula = sl.to_sympy(sl.sum(sl.exp(sl.sum(sl.where(X > 0, X, 1.0), axis=1))))
    assert str(formula) == "Sum(exp(Sum(where(X[i, j] > 0, X[i, j], 1), (j, 0, D - 1))), (i, 0, N - 1))"
    (choice,) = formula.find(lambda part: part.func.__name__ == "where")
    entry = choice.args[1]
    assert choice.rewrite(sp.Piecewise) == sp.Piecewise((entry, entry > 0), (1, True))
    assert choice.subs(entry, 3) == 3
    assert choice.subs(entry, -3) == 1
    assert pickle.loads(pickle.dumps(formula)) == formula
    assert choice.diff(entry).subs(entry, 3) == 1


def test_free_indices_are_named_by_axis():
    assert sl.to_sympy(X, ("r", "c")) == Xs[sp.symbols("r c", integer=True, nonnegative=True)]
    assert sl.to_sympy(X.T, (j, i)) == Xs[i, j]
    assert sl.to_sympy(X @ W, (k, l)) == sp.Sum(Xs[k, i] * Ws[i, l], (i, 0, D - 1))
    assert sl.to_sympy(sl.vector("i", "j")) == sp.IndexedBase("i", real=True)[k]


def test_an_axis_of_size_one_has_the_index_zero():
    assert sl.to_sympy(sl.matrix("u", "N 1")) == sp.IndexedBase("u", real=True)[i, 0]
    assert sl.to_sympy(sl.sum(X, axis=1, keepdims=True)) == sp.Sum(Xs[i, k], (k, 0, D - 1)).subs(k, k)


def test_the_extreme_of_one_element_is_that_element():
    column = sl.matrix("u", "N 1")
    assert sl.to_sympy(sl.max(column, axis=1)) == sp.IndexedBase("u", real=True)[i, 0]
    assert sl.to_sympy(sl.argmin(column, axis=1)) == 0


def test_functions_of_matrices_are_those_of_all_entries():
    entries = sp.Lambda((k, l), sp.IndexedBase("M", real=True)[k, l])
    assert sl.to_sympy(sl.inv(M)) == sp.Function("inv")(entries, N, N, i, j)
    assert str(sl.to_sympy(sl.det(M))) == "det(Lambda((i, j), M[i, j]), N, N)"
    assert str(sl.to_sympy(sl.logdet(M))) == "log(Abs(det(Lambda((i, j), M[i, j]), N, N)))"
    assert str(sl.to_sympy(sl.solve(M, n))) == (
        "Sum(n[j]*inv(Lambda((k, l), M[k, l]), N, N, i, j), (j, 0, N - 1))"
    )
    assert str(sl.to_sympy(sl.cholesky(M))) == "cholesky(Lambda((k, l), M[k, l]/2 + M[l, k]/2), N, N, i, j)"


def test_functions_of_one_number_are_those_that_sympy_has():
    one = sl.matrix("u", "1 1")
    only = sp.IndexedBase("u", real=True)[0, 0]
    assert sl.to_sympy(sl.inv(one)) == 1 / only
    assert sl.to_sympy(sl.det(one)) == only
    assert sl.to_sympy(sl.cholesky(one)) == sp.sqrt(only)
    assert sl.to_sympy(sl.sort(one)) == only
    assert sl.to_sympy(sl.argsort(one)) == 0
    assert sl.to_sympy(sl.cumsum(one)) == only
    assert sl.to_sympy(sl.grad(sl.sum(sl.cumprod(one)), one)) == 1


def test_bound_indices_are_not_captured():
    nested = sl.sum(X, axis=1)[labels]
    chosen = sp.IndexedBase("labels", integer=True)
    assert sl.to_sympy(nested) == sp.Sum(Xs[sp.Mod(chosen[i], N), j], (j, 0, D - 1))
    twice = sl.sum(X * sl.sum(X, axis=1, keepdims=True))
    inner = sp.Sum(Xs[k, i], (i, 0, D - 1))
    assert sl.to_sympy(twice).dummy_eq(sp.Sum(Xs[k, j] * inner, (k, 0, N - 1), (j, 0, D - 1)))
    by_place = sl.sum(sl.exp(X), axis=1)[sl.argmax(X, axis=0)]
    point = {X: np.array([[0.1, 0.9], [0.7, 0.2], [0.3, 0.4]])}
    np.testing.assert_allclose(value(by_place, point), by_place.eval(point), rtol=1e-12)


def test_variables_of_whole_numbers_and_truth_values_are_such():
    assert sl.to_sympy(labels).is_integer
    assert sl.to_sympy(sl.vector("u", "N", dtype="uint8")).is_nonnegative
    assert sl.to_sympy(b) == sp.Ne(sp.IndexedBase("b", integer=True, nonnegative=True)[i], 0)


def test_numbers_are_exact_where_that_reads_well():
    assert sl.to_sympy(x * 0.5) == xs / 2
    assert sl.to_sympy(x * 0.1) == 0.1 * xs
    assert sl.to_sympy(sl.constant(float("inf"))) == sp.oo
    assert sl.to_sympy(sl.constant([2.0, 2.0])) == 2


@pytest.mark.parametrize(("shape", "index"), [((4,), [(None, None, -1)]), ((5,), [(3, 0, -2)]), ((5,), [-2])])
def test_slices_that_run_backwards_lead_to_the_same_elements(shape, index):
    a = leaf(INPUT, shape, FLOAT64, name="a")
    e = apply(GETITEM, a, index=Index(index))
    back = apply(SCATTER, e, index=Index(index), target=shape)
    point = {a: np.arange(1.0, shape[0] + 1)}
    for formula in (e, back):
        np.testing.assert_allclose(value(formula, point), exact_values([formula], point)[0].astype(float))


# What is refused ----------------------------------------------------------------------------------
def refusal(formula, *args):
    with pytest.raises(sl.errors.SymlossError) as caught:
        sl.to_sympy(formula, *args)
    return f"{type(caught.value).__name__}: {caught.value}"


def test_an_operation_without_a_form_is_named(monkeypatch):
    monkeypatch.setattr("symloss.core.op.OPS", dict(OPS))
    plain = call("mystery(#1)")
    mystery = Op(
        "mystery",
        "x.",
        shape=lambda c, a: a.shape,
        dtype=lambda a: a.dtype,
        numpy=plain,
        text=plain,
        latex=plain,
    )
    assert refusal(sl.sum(apply(mystery, n))) == (
        "GraphError: to_sympy(sum(…): ()): mystery has no form in SymPy: "
        "state `component` or `definition` in its record"
    )


def test_two_variables_of_one_name_are_refused():
    assert refusal(sl.vector("u", "N") + sl.scalar("u")) == (
        "GraphError: to_sympy(): two variables are called u: rename one"
    )


def test_indices_must_fit():
    mend = "give one name for each axis"
    assert refusal(X, ("i",)) == f"GraphError: to_sympy(X: (N, D)): got 1 indices for 2 axes: {mend}"
    assert refusal(X, ("i", "i")) == f"GraphError: to_sympy(X: (N, D)): an index is named twice: {mend}"
    assert refusal(X, ("i", 3)) == (
        f"GraphError: to_sympy(X: (N, D)): an index is neither a name nor a SymPy symbol: {mend}"
    )
    assert refusal(3) == "GraphError: to_sympy(): an int is no expression: pass an Expr or a list of them"


def test_what_sympy_cannot_handle_is_refused_under_a_small_stack():
    deep, wide, held = x, x, sl.constant(np.arange(2000.0))
    for _ in range(100_000):
        deep = sl.exp(deep)
    for _ in range(40):
        wide = wide * wide
    mend = "convert its parts one by one"
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(150)
    try:
        texts = [refusal(deep), refusal(wide), refusal(held)]
    finally:
        sys.setrecursionlimit(limit)
    assert texts == [
        f"LimitError: to_sympy(): exp(…) nests more than 100 operations: {mend}",
        "LimitError: to_sympy(): multiply(…, …) has more than 5000 operations, shared parts repeated: "
        + mend,
        "LimitError: to_sympy(): a constant has 2000 elements, more than 1000: pass it as a variable",
    ]


def test_names_are_never_read_as_sympy_text():
    named = leaf(INPUT, (), FLOAT64, name="__import__('os')")
    assert sl.to_sympy(named + 1) == sp.Symbol("__import__('os')", real=True) + 1
