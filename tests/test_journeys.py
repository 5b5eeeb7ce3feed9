"""Two people use symloss from the first import to a result; each test is one step of theirs."""

import ast
import builtins
import re
import subprocess
import sys

import numpy as np
import pytest

import symloss as sl
from symloss.core.walk import topological

# A teacher prepares a lecture on cross-entropy ------------------------------------------------------
z, y = sl.vector("z", "K"), sl.vector("y", "K")
ONE_CLASS = [sl.eq(sl.sum(y), 1)]
NAMED = -sl.sum(y * sl.log_softmax(z))
NAIVE = -sl.sum(y * sl.log(sl.exp(z) / sl.sum(sl.exp(z))))
each_form = pytest.mark.parametrize("loss", [NAMED, NAIVE], ids=["named", "naive"])


def alone(source, *, calls=""):
    """What a fresh Python that knows nothing of symloss prints when it runs the source and then the calls."""
    command = [sys.executable, "-I", "-W", "error", "-c", f"{source}\n{calls}"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    return run.stdout


def test_the_import_is_silent():
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import symloss as sl"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == run.stderr == ""


def test_a_notebook_shows_a_bold_vector_and_where_it_lives():
    assert z._repr_latex_() == r"$\displaystyle \mathbf{z} \in \mathbb{R}^{K}$"


def test_the_loss_prints_as_one_line_and_as_a_typeset_formula():
    assert str(NAMED) == "−Σ(y ⊙ log_softmax(z))"
    assert NAMED._repr_latex_() == (
        r"$\displaystyle -\sum (\mathbf{y} \odot \operatorname{log\,softmax}(\mathbf{z}))$"
    )


@each_form
def test_the_sum_of_y_stays_as_nothing_says_that_it_is_1(loss):
    assert str(sl.grad(loss, z)) == "softmax(z)·Σy − y"


@each_form
def test_with_the_fact_the_gradient_is_softmax_minus_target(loss):
    assert str(sl.grad(loss, z, assume=ONE_CLASS)) == "softmax(z) − y"


@each_form
def test_the_compiled_loss_and_gradient_have_the_values_of_the_lecture(loss):
    value, slope = sl.function([z, y], [loss, sl.grad(loss, z)])([2, 1, 0.1], [1, 0, 0])
    assert round(float(value), 6) == 0.417030
    np.testing.assert_allclose(slope, [-0.340999, 0.242433, 0.098566], atol=5e-7)


@each_form
def test_scores_of_a_thousand_neither_overflow_nor_warn(loss):
    value, slope = sl.function([z, y], [loss, sl.grad(loss, z)])([1000, 0, -1000], [0, 1, 0])
    assert value == 1000
    assert slope.tolist() == [1, -1, 0]


def test_the_source_runs_where_it_is_pasted():
    source = sl.function([z, y], [NAMED, sl.grad(NAMED, z)]).source
    calls = "for result in f(np.array([2, 1, 0.1]), np.array([1.0, 0, 0])): print(result.round(6))"
    assert alone(source, calls=calls) == "0.41703\n[-0.340999  0.242433  0.098566]\n"


@each_form
def test_the_source_is_short_and_every_name_in_it_is_defined_and_used(loss):
    source = sl.function([z, y], [loss, sl.grad(loss, z)]).source
    statements = [s for d in ast.parse(source).body if isinstance(d, ast.FunctionDef) for s in d.body]
    assert len(statements) <= 23
    assert max(map(len, source.splitlines())) <= 88
    assert undefined(source) == unused(source) - {"_"} == set()


def names(source):
    """The names that a module reads, and those that it binds."""
    read, bound = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name)
    return read, bound


def undefined(source):
    read, bound = names(source)
    return read - bound - set(vars(builtins))


def unused(source):
    read, bound = names(source)
    return bound - read - {"f"}


@each_form
def test_the_derivation_ends_with_the_gradient_and_every_step_checks(loss):
    derivation = sl.derive(loss, z, assume=ONE_CLASS)
    assert str(derivation.steps[-1].after) == "softmax(z) − y"
    assert [step.check() for step in derivation.full().steps] == [True] * len(derivation.full())
    assert derivation.latex().startswith(r"\begin{aligned}")


@each_form
def test_the_hessian_is_a_diagonal_less_an_outer_product(loss):
    assert str(sl.hessian(loss, z, assume=ONE_CLASS)) == "diag(p) − p pᵀ, where p = softmax(z)"


@each_form
def test_the_compiled_hessian_has_the_values_of_the_lecture(loss):
    hessian = sl.function([z], sl.hessian(loss, z, assume=ONE_CLASS))([2, 1, 0.1])
    np.testing.assert_allclose(np.diag(hessian), [0.224719, 0.183659, 0.088851], atol=5e-7)
    np.testing.assert_allclose(hessian[[0, 0, 1], [1, 2, 2]], [-0.159764, -0.064955, -0.023896], atol=5e-7)
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), [0, 0.127919, 0.369309], atol=5e-7)


def test_the_loss_is_drawn():
    drawing = sl.draw(NAMED)
    assert "image/svg+xml" in drawing._repr_mimebundle_()
    assert drawing.dot().startswith("digraph")
    assert drawing.mermaid().startswith("flowchart")


def test_targets_of_another_size_are_refused_with_both_variables_and_both_sizes():
    other = sl.vector("y", "M")
    with pytest.raises(sl.errors.ShapeError) as refused:
        -sl.sum(other * sl.log_softmax(z))
    assert set(re.findall(r"\b[yzKM]\b", str(refused.value))) == {"y", "z", "K", "M"}


# A linear model on a batch, in matrix notation ------------------------------------------------------
X, W, Y = sl.matrix("X", "N D"), sl.matrix("W", "D K"), sl.matrix("Y", "N K")
lam = sl.scalar("lam")
ROWS = [sl.eq(sl.sum(Y, axis="K"), 1)]
BATCH = sl.mean(sl.logsumexp(X @ W, axis="K") - sl.sum(Y * (X @ W), axis="K")) + lam / 2 * sl.sum(W**2)
BY_LOG_SOFTMAX = -sl.mean(sl.sum(Y * sl.log_softmax(X @ W), axis="K")) + lam / 2 * sl.sum(W**2)


@pytest.fixture(scope="module")
def batch():
    """300 examples in 5 dimensions, in 3 classes drawn from a linear model."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(300, 5))
    weights = rng.normal(size=(5, 3))
    classes = np.argmax(points @ weights + rng.gumbel(size=(300, 3)), axis=1)
    return points, np.eye(3)[classes]


def test_the_batch_loss_prints_in_matrix_notation():
    assert str(BATCH) == "mean(logsumexp(XW, K) − Σ_K (Y ⊙ XW)) + (λ/2) Σ(W²)"


@pytest.mark.parametrize("loss", [BATCH, BY_LOG_SOFTMAX], ids=["logsumexp", "log_softmax"])
def test_with_the_fact_the_gradient_is_one_matrix_formula(loss):
    assert str(sl.grad(loss, W, assume=ROWS)) == "(1/N) Xᵀ(softmax(XW) − Y) + λW"


def test_the_gradient_is_typeset_in_matrix_notation():
    assert sl.grad(BATCH, W, assume=ROWS).latex() == (
        r"\frac{1}{N} X^{\top} (\operatorname{softmax}(X W) - Y) + \lambda \, W"
    )


def test_without_the_fact_the_row_sums_stay():
    assert str(sl.grad(BY_LOG_SOFTMAX, W)) == "(1/N) Xᵀ((Σ_K Y) ⊙ softmax(XW) − Y) + λW"


def test_the_loss_without_weights_is_the_entropy_of_three_equal_classes(batch):
    points, targets = batch
    value = sl.function([X, W, Y, lam], BATCH)(points, np.zeros((5, 3)), targets, 0.1)
    np.testing.assert_allclose(value, 1.0986122886681, rtol=1e-13)


@pytest.mark.parametrize("loss", [BATCH, BY_LOG_SOFTMAX], ids=["logsumexp", "log_softmax"])
def test_the_gradient_is_the_sum_written_out(batch, loss):
    points, targets = batch
    weights = np.random.default_rng(1).normal(size=(5, 3))
    expected = 0.1 * weights
    for x, t in zip(points, targets, strict=True):
        e = np.exp(x @ weights)
        expected = expected + np.outer(x, e / e.sum() - t) / len(points)
    found = sl.function([X, W, Y, lam], sl.grad(loss, W, assume=ROWS))(points, weights, targets, 0.1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)


def test_newton_steps_with_the_compiled_hessian_reach_the_minimum(batch):
    points, targets = batch
    at = [X, W, Y, lam]
    step = sl.function(at, [BATCH, sl.grad(BATCH, W), sl.hessian(BATCH, W)])
    weights = np.zeros((5, 3))
    for _ in range(5):
        _, slope, hessian = step(points, weights, targets, 0.1)
        weights = weights - np.linalg.solve(hessian.reshape(15, 15), slope.ravel()).reshape(5, 3)
    np.testing.assert_allclose(step(points, weights, targets, 0.1)[0], 0.8326286515, atol=5e-11)


def test_the_hessian_is_symmetric_and_its_product_needs_no_matrix(batch):
    points, _ = batch
    V = sl.matrix("V", "D K")
    hessian = sl.function([X, W, lam], sl.hessian(BATCH, W))(points, np.zeros((5, 3)), 0.1)
    assert hessian.shape == (5, 3, 5, 3)
    square = hessian.reshape(15, 15)
    np.testing.assert_allclose(square, square.T, atol=1e-15)
    np.testing.assert_allclose(np.linalg.eigvalsh(square)[0], 0.1, rtol=1e-12)
    rng = np.random.default_rng(2)
    weights, direction = rng.normal(size=(2, 5, 3))
    product = sl.function([X, W, lam, V], sl.hvp(BATCH, W, V))
    dense = sl.function([X, W, lam], sl.hessian(BATCH, W))(points, weights, 0.1)
    expected = np.tensordot(dense, direction, 2)
    np.testing.assert_allclose(product(points, weights, 0.1, direction), expected, rtol=1e-12, atol=1e-13)
    assert not re.search(r"einsum|eye", product.source)


# A network of two layers ----------------------------------------------------------------------------
W1, b1 = sl.matrix("W1", "D H"), sl.vector("b1", "H")
W2, b2 = sl.matrix("W2", "H K"), sl.vector("b2", "K")
PARAMETERS = [W1, b1, W2, b2]
NETWORK = sl.mean(-sl.sum(Y * sl.log_softmax(sl.relu(X @ W1 + b1) @ W2 + b2), axis="K"))


def test_the_four_gradients_of_a_network_are_matrix_formulas():
    assert list(map(str, sl.grad(NETWORK, PARAMETERS, assume=ROWS))) == [
        "(1/N) Xᵀ((P − Y) W₂ᵀ ⊙ [A > 0]), where P = softmax(relu(A)·W₂ + b₂), A = X W₁ + b₁",
        "(1/N) Σ_N ((P − Y) W₂ᵀ ⊙ [A > 0]), where P = softmax(relu(A)·W₂ + b₂), A = X W₁ + b₁",
        "(1/N) Hᵀ(P − Y), where P = softmax(H W₂ + b₂), H = relu(X W₁ + b₁)",
        "(1/N) Σ_N (P − Y), where P = softmax(relu(X W₁ + b₁)·W₂ + b₂)",
    ]


def test_no_delta_is_left_in_the_gradients_of_a_network():
    gradients = sl.grad(NETWORK, PARAMETERS, assume=ROWS)
    assert not {"eye", "contract", "combine"} & {node.op.name for node in topological(gradients)}


def test_the_gradients_of_a_network_are_backpropagation_by_hand():
    rng = np.random.default_rng(2)
    n, d, h, k = 40, 6, 5, 3
    x, t = rng.normal(size=(n, d)), np.eye(k)[rng.integers(0, k, n)]
    w1, c1, w2, c2 = (rng.normal(size=s) for s in [(d, h), h, (h, k), k])
    before = x @ w1 + c1
    hidden = np.where(before > 0, before, 0)
    scores = np.exp(hidden @ w2 + c2)
    error = (scores / scores.sum(1, keepdims=True) - t) / n
    back = (error @ w2.T) * (before > 0)
    expected = [x.T @ back, back.sum(0), hidden.T @ error, error.sum(0)]
    f = sl.function([X, Y, *PARAMETERS], sl.grad(NETWORK, PARAMETERS, assume=ROWS))
    for found, wanted in zip(f(x, t, w1, c1, w2, c2), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())
