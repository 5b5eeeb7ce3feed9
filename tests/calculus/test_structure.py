"""What a Hessian is made of: named, and used by products, diagonals and solutions."""

import numpy as np
import pytest

import symloss as sl

z, y, x, w, t = (sl.vector(name, size) for name, size in zip("zyxwt", "KKDDN", strict=True))
X, W, Y = sl.matrix("X", "N D"), sl.matrix("W", "D K"), sl.matrix("Y", "N K")
U, V, T = sl.matrix("U", "N R"), sl.matrix("V", "M R"), sl.matrix("T", "N M")
A, B = sl.matrix("A", "D D"), sl.matrix("B", "R R")
lam = sl.scalar("lam")
C = sl.tensor("C", "N K R")

cross_entropy = sl.logsumexp(z) - sl.sum(y * z)
logistic = sl.mean(sl.losses.binary_crossentropy_logits(X @ w, t))
multinomial = sl.mean(sl.logsumexp(X @ W, axis="K"))
factors = sl.sum((T - U @ V.T) ** 2)
spd = A @ A.T + sl.eye("D")

CASES = {
    "softmax": (
        sl.hessian(cross_entropy, z),
        "low-rank-plus-diagonal",
        "low rank plus diagonal: diag(p) − p pᵀ, where p = softmax(z)",
        False,
    ),
    "softmax with a ridge": (
        sl.hessian(cross_entropy, z) + lam**2 * sl.eye("K"),
        "low-rank-plus-diagonal",
        "low rank plus diagonal: diag(p) − p pᵀ + λ² I, where p = softmax(z)",
        True,
    ),
    "logistic": (
        sl.hessian(logistic, w),
        "gram",
        "gram: (1/N) Xᵀ·diag(p ⊙ (1 − p))·X, where p = σ(Xw)",
        True,
    ),
    "logistic with a ridge": (
        sl.hessian(logistic + lam**2 * sl.sum(w**2), w),
        "gram-plus-diagonal",
        "gram plus diagonal: (1/N) Xᵀ·diag(p ⊙ (1 − p))·X + 2λ² I, where p = σ(Xw)",
        True,
    ),
    "a quadratic form": (sl.hessian(x @ A @ x, x), "dense", "dense: A + Aᵀ", True),
    "the left factor": (
        sl.hessian(factors, U),
        "kronecker",
        "Kronecker product 2VᵀV ⊗ I",
        True,
    ),
    "the right factor": (sl.hessian(factors, V), "kronecker", "Kronecker product 2UᵀU ⊗ I", True),
    "a quadratic form of columns": (
        sl.hessian(sl.trace(W.T @ A @ W), W),
        "kronecker",
        "Kronecker product I ⊗ (A + Aᵀ)",
        True,
    ),
    "two factors": (
        sl.hessian(sl.trace(U.T @ (T @ T.T + sl.eye("N")) @ U @ (B @ B.T + sl.eye("R"))), U),
        "dense",
        None,
        True,
    ),
    "two Gram factors": (
        sl.hessian(sl.sum((T[:, :6].T @ U @ sl.exp(B)) ** 2), U),
        "kronecker",
        None,
        None,
    ),
    "cubes": (sl.hessian(sl.sum(W**3), W), "diagonal", "diagonal: diag(6W)", True),
    "a power of a cube": (sl.hessian(sl.sum(C**4), C), "diagonal", "diagonal: diag(12C²)", True),
    "rows of scores": (sl.hessian(sl.sum(sl.logsumexp(Y, axis=1)), Y), "block-diagonal", None, False),
    "rows of scores with a ridge": (
        sl.hessian(sl.sum(sl.logsumexp(Y, axis=1)) + sl.sum(Y**2), Y),
        "block-diagonal",
        None,
        True,
    ),
    "blocks of two axes": (
        sl.hessian(sl.sum(sl.logsumexp(C, axis=(1, 2))) + sl.sum(C**2), C),
        "block-diagonal",
        None,
        True,
    ),
    "a square of a product": (sl.hessian((z @ y) ** 2, z), "low-rank", "low rank: 2y yᵀ", False),
    "multinomial": (sl.hessian(multinomial, W), "dense", None, False),
    "a norm": (
        sl.hessian(sl.norm(z), z),
        "low-rank-plus-diagonal",
        "low rank plus diagonal: (1/‖z‖)(I − (z/‖z‖)(z/‖z‖)ᵀ)",
        None,
    ),
    "a linear loss": (sl.hessian(sl.sum(z), z), "zero", "zero: 0", False),
    "a sum": (sl.hessian(sl.sum(z) ** 2, z), "low-rank", None, False),
}
each = pytest.mark.parametrize(("matrix", "kind", "described", "regular"), CASES.values(), ids=CASES)


LENGTHS = {"N": 7, "M": 6, "D": 3, "K": 4, "R": 2}


def compiled(formulas, v):
    inputs = [X, W, Y, U, V, T, A, B, C, z, y, x, w, t, lam, v]
    rng = np.random.default_rng(0)
    point = {e: rng.uniform(0.2, 2, [LENGTHS[str(size)] for size in e.shape]) for e in inputs}
    return sl.function(inputs, formulas, on_unused="ignore")(*point.values()), point[v]


@each
def test_a_structure_is_named(matrix, kind, described, regular):
    found = sl.structure(matrix)
    assert found.kind == kind
    assert described is None or found.describe() == described
    assert repr(found) == f"<structure {found.describe()}>"
    assert found.to_dense() is matrix


@each
def test_products_diagonals_and_solutions_are_those_of_the_dense_matrix(matrix, kind, described, regular):
    found = sl.structure(matrix)
    v = sl.tensor("v", matrix.shape[: matrix.ndim // 2])
    wanted = [found.to_dense(), found.matvec(v), found.diagonal(), *([found.solve(v)] if regular else [])]
    (dense, product, diagonal, *solution), vector = compiled(wanted, v)
    size = vector.size
    square = dense.reshape(size, size)
    np.testing.assert_allclose(product.ravel(), square @ vector.ravel(), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(diagonal.ravel(), np.diag(square), rtol=1e-11, atol=1e-13)
    if regular:
        np.testing.assert_allclose(square @ solution[0].ravel(), vector.ravel(), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[3] is False])
def test_what_has_no_inverse_is_refused(name):
    matrix = CASES[name][0]
    with pytest.raises(sl.errors.DomainError) as caught:
        sl.structure(matrix).solve(sl.tensor("v", matrix.shape[: matrix.ndim // 2]))
    assert str(caught.value).endswith("has no inverse: add a ridge, as in structure(H + lam * eye)")


def test_the_core_of_a_kronecker_product_is_one_matrix_product():
    found = sl.structure(sl.hessian(factors, U))
    assert sl.function([V], found.core).source.rstrip().endswith("return 2 * (V.T @ V)")
    v = sl.matrix("v", "N R")
    for formula in (found.matvec(v), found.solve(v), found.diagonal()):
        source = sl.function([V, v, U], formula, on_unused="ignore").source
        assert "None, :, None" not in source
        assert "eye" not in source


def test_a_product_with_a_structure_builds_no_matrix():
    found = sl.structure(sl.hessian(multinomial, W))
    source = sl.function([X, W, sl.matrix("v", "D K")], found.matvec(sl.matrix("v", "D K"))).source
    assert "einsum" not in source
    assert "eye" not in source


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: sl.structure(z),
            sl.errors.ShapeError,
            "structure(): z: (K,) has no rows and columns: pass hessian(loss, wrt) in a vector or a matrix",
        ),
        (
            lambda: sl.structure(3),
            sl.errors.GraphError,
            "structure(): got an int, not an Expr: pass hessian(loss, wrt)",
        ),
        (
            lambda: sl.structure(sl.hessian(x @ A @ x, x)).matvec(z),
            sl.errors.ShapeError,
            "matvec(): z: (K,) does not have the shape (D,) of a row: the shapes must agree",
        ),
        (
            lambda: sl.structure(sl.matrix("M", "D K")).solve(x),
            sl.errors.ShapeError,
            "solve(): M: (D, K) is not square: use matvec()",
        ),
    ],
)
def test_what_is_no_hessian_is_refused(call, error, text):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "loss",
    [
        sl.sum(sl.diagonal(A) ** 2) + sl.sum(A**2),
        sl.sum(sl.diagonal(A)[0] * sl.diagonal(A) ** 2) + sl.sum(A**2),
        sl.sum(A * A.T) + 3 * sl.sum(A**2),
        sl.trace(A) ** 2 + sl.sum(A**2),
    ],
    ids=str,
)
def test_deltas_that_join_rows_with_rows_are_no_identity(loss):
    found, v = sl.structure(sl.hessian(loss, A)), sl.matrix("v", "D D")
    (dense, solution), vector = compiled([found.to_dense(), found.solve(v)], v)
    square = dense.reshape(vector.size, vector.size)
    np.testing.assert_allclose(square @ solution.ravel(), vector.ravel(), rtol=1e-9)


def test_a_hessian_of_one_element_is_diagonal():
    one = sl.vector("one", 1)
    found = sl.structure(sl.hessian(sl.sum((X[:, :1] * one) ** 2), one))
    assert found.kind == "diagonal"
    solved = sl.function([X, one], found.solve(one))([[1.0, 5.0], [2.0, 5.0]], [3.0])
    np.testing.assert_allclose(solved, [0.3])
