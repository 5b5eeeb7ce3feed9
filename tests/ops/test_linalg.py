"""Inverses, systems, determinants and Cholesky factors: formulas, printing, dtypes, batches and errors."""

import numpy as np
import pytest
import sympy

import symloss as sl
from symloss import testing
from symloss.calculus.reverse import pull_back
from symloss.core.errors import DomainError, GraphError, ShapeError
from symloss.core.walk import topological
from symloss.ops.normal import delta
from symloss.rewrite.books import recognition
from symloss.rewrite.normalise import Normaliser
from symloss.rewrite.present import present

A, B, S = (sl.matrix(name, "N N") for name in "ABS")
R, X = sl.matrix("R", "N K"), sl.matrix("X", "M N")
b, c = sl.vector("b", "N"), sl.vector("c", "N")
T = sl.tensor("T", "J N N")

PLAIN = np.array([[2.0, -0.5, 0.3], [0.4, -1.5, 0.7], [-0.2, 0.6, 1.8]])
POSITIVE = np.array([[2.0, 0.5, -0.3], [0.5, 1.5, 0.2], [-0.3, 0.2, 0.9]])
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])


# How they read ------------------------------------------------------------------------------------
READINGS = [
    (sl.inv(A), "A⁻¹", "A^{-1}"),
    (sl.inv(A).T, "A⁻ᵀ", r"A^{-\top}"),
    (sl.inv(A + B).T, "(A + B)⁻ᵀ", r"(A + B)^{-\top}"),
    (sl.inv(A + B).T @ b, "(A + B)⁻ᵀb", r"(A + B)^{-\top} \mathbf{b}"),
    (sl.inv(A).T @ b, "A⁻ᵀb", r"A^{-\top} \mathbf{b}"),
    (A @ sl.inv(B).T, "A B⁻ᵀ", r"A B^{-\top}"),
    (sl.inv(A) @ b, "A⁻¹ b", r"A^{-1} \mathbf{b}"),
    (sl.inv(sl.inv(A).T), "(A⁻ᵀ)⁻¹", r"(A^{-\top})^{-1}"),
    (sl.inv(A).T ** 2, "(A⁻ᵀ)²", r"(A^{-\top})^{2}"),
    ((A**-1).T, "(1/A)ᵀ", r"\left(\frac{1}{A}\right)^{\top}"),
    (sl.inv(A.T), "(Aᵀ)⁻¹", r"(A^{\top})^{-1}"),
    (sl.inv(A + B), "(A + B)⁻¹", "(A + B)^{-1}"),
    (sl.inv(A @ B), "(AB)⁻¹", "(A B)^{-1}"),
    (sl.inv(A**2), "(A²)⁻¹", "(A^{2})^{-1}"),
    (sl.inv(A) ** 2, "(A⁻¹)²", "(A^{-1})^{2}"),
    (A**-1, "1/A", r"\frac{1}{A}"),
    (sl.solve(A, b), "A⁻¹ b", r"A^{-1} \mathbf{b}"),
    (sl.solve(A, b + c), "A⁻¹ (b + c)", r"A^{-1} (\mathbf{b} + \mathbf{c})"),
    (sl.solve(A + B, b), "(A + B)⁻¹·b", r"(A + B)^{-1} \mathbf{b}"),
    (sl.solve(A, b * c), "A⁻¹ (b ⊙ c)", r"A^{-1} (\mathbf{b} \odot \mathbf{c})"),
    (sl.solve(A, b) * c, "A⁻¹ b ⊙ c", r"A^{-1} \mathbf{b} \odot \mathbf{c}"),
    (sl.solve(A, -b), "A⁻¹ (−b)", r"A^{-1} (-\mathbf{b})"),
    (sl.solve(A, b) ** 2, "(A⁻¹ b)²", r"(A^{-1} \mathbf{b})^{2}"),
    (sl.solve(A, R).T, "(A⁻¹ R)ᵀ", r"(A^{-1} R)^{\top}"),
    (b @ sl.solve(A, b), "bᵀA⁻¹ b", r"\mathbf{b}^{\top} A^{-1} \mathbf{b}"),
    (sl.det(A + B), "det(A + B)", r"\det(A + B)"),
    (sl.logdet(A), "log |det A|", r"\log \lvert \det A \rvert"),
    (sl.logdet(A @ B), "log |det (AB)|", r"\log \lvert \det (A B) \rvert"),
    (sl.logdet(A) ** 2, "(log |det A|)²", r"(\log \lvert \det A \rvert)^{2}"),
    (sl.logdet(A) * b, "(log |det A|) b", r"(\log \lvert \det A \rvert) \mathbf{b}"),
    (b * sl.logdet(A), "b·log |det A|", r"\mathbf{b} \, \log \lvert \det A \rvert"),
    (sl.slogdet(A)[0], "sign(det(A))", r"\operatorname{sign}(\det(A))"),
    (sl.cholesky(S), "cholesky(S)", r"\operatorname{cholesky}(S)"),
]


@pytest.mark.parametrize(("e", "text", "latex"), READINGS, ids=[text for _, text, _ in READINGS])
def test_a_formula_reads_as_mathematics(e, text, latex):
    assert (str(e), sl.latex(e, notation="matrix")) == (text, latex)


@pytest.mark.parametrize(
    ("loss", "wrt", "text"),
    [
        (sl.logdet(A), A, "A⁻ᵀ"),
        (sl.log(sl.det(A)), A, "A⁻ᵀ"),
        (sl.det(A), A, "det(A)·A⁻ᵀ"),
        (sl.trace(sl.inv(A)), A, "−A⁻ᵀA⁻ᵀ"),
        (sl.trace(sl.inv(A) @ B), A, "−A⁻ᵀBᵀA⁻ᵀ"),
        (c @ sl.solve(A, b), b, "(Aᵀ)⁻¹·c"),
        (c @ sl.solve(A, b), A, "−(Aᵀ)⁻¹·c (A⁻¹ b)ᵀ"),
        (sl.sum(sl.solve(A, R) ** 2), R, "2(Aᵀ)⁻¹·A⁻¹ R"),
        (b @ sl.solve(S, b) / 2 + sl.logdet(S) / 2, S, "(S⁻ᵀ − (Sᵀ)⁻¹·b (S⁻¹ b)ᵀ)/2"),
    ],
    ids=str,
)
def test_a_gradient_is_the_formula_of_the_textbooks(loss, wrt, text):
    assert str(sl.grad(loss, wrt)) == text


def test_the_source_calls_numpy():
    loss = b @ sl.solve(A, b) + sl.logdet(A)
    source = sl.function([A, b], [loss, sl.grad(loss, A)]).source
    for line in ("np.linalg.solve(A, b)", "np.linalg.slogdet(A)[1]", "np.linalg.inv(A).T"):
        assert line in source


# Values -------------------------------------------------------------------------------------------
STACK = np.stack([PLAIN, POSITIVE])
AGAINST_NUMPY = {
    "inv": (sl.inv, np.linalg.inv, STACK),
    "det": (sl.det, np.linalg.det, STACK),
    "sign": (lambda a: sl.slogdet(a)[0], lambda a: np.linalg.slogdet(a)[0], STACK),
    "logabsdet": (lambda a: sl.slogdet(a)[1], lambda a: np.linalg.slogdet(a)[1], STACK),
    "cholesky": (sl.cholesky, np.linalg.cholesky, POSITIVE + np.zeros((2, 1, 1))),
    "a vector for each matrix": (
        lambda a: sl.solve(a, [1.0, 2, 3]),
        lambda a: np.linalg.solve(a, np.array([1.0, 2, 3])),
        STACK,
    ),
    "a matrix for each matrix": (
        lambda a: sl.solve(a, np.ones((3, 2))),
        lambda a: np.linalg.solve(a, np.ones((3, 2))),
        STACK,
    ),
}


@pytest.mark.parametrize(("ours", "numpys", "at"), AGAINST_NUMPY.values(), ids=AGAINST_NUMPY)
def test_leading_axes_are_a_batch_as_in_numpy(ours, numpys, at):
    a = sl.tensor("a", at.shape)
    value = sl.function([a], ours(a))(at)
    np.testing.assert_allclose(value, numpys(at), rtol=1e-14)
    assert value.shape == ours(a).shape


def test_logdet_is_the_second_of_slogdet():
    assert sl.slogdet(A)[1] is sl.logdet(A)


def test_large_and_singular_matrices_have_a_logdet():
    f = sl.function([A], [sl.logdet(A), sl.slogdet(A)[0], sl.det(A)])
    logdet, sign, det = f(1e-5 * np.eye(100))
    assert (sign, det) == (1, 0)
    np.testing.assert_allclose(logdet, 100 * np.log(1e-5), rtol=1e-14)
    assert [value.item() for value in f(SINGULAR)] == [-np.inf, 0, 0]


@pytest.mark.parametrize(("given", "found"), [("int8", "float64"), ("float16", "float16"), ("float32",) * 2])
def test_integers_are_taken_as_float64_and_floats_keep_their_dtype(given, found):
    m, v = sl.matrix("m", (2, 2), given), sl.vector("v", 2, given)
    results = [sl.inv(m), sl.solve(m, v), sl.det(m), *sl.slogdet(m), sl.cholesky(m)]
    assert {e.dtype for e in results} == {np.dtype(found)}
    values = sl.function([m, v], results)(np.array([[2, 1], [1, 3]], given), np.array([1, 3], given))
    assert {value.dtype for value in values} == {np.dtype(found)}
    np.testing.assert_allclose(values[1], [0, 1], atol=1e-3)
    np.testing.assert_allclose(values[2], 5, rtol=1e-3)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_gradient_has_the_dtype_of_the_matrix(dtype):
    m = sl.matrix("m", (2, 2), dtype)
    slope = sl.function([m], sl.grad(sl.logdet(m), m))(np.array([[2, 0], [0, 4]], dtype))
    assert slope.dtype == dtype
    np.testing.assert_allclose(slope, [[0.5, 0], [0, 0.25]], rtol=1e-3)


# Derivatives --------------------------------------------------------------------------------------
M, P, Z = sl.matrix("M", (3, 3)), sl.matrix("P", (3, 3)), sl.matrix("Z", (2, 3))
Q, u, v = sl.tensor("Q", (2, 3, 3)), sl.vector("u", 3), sl.vector("v", 3)
L = sl.cholesky(P)
BY_FACTOR = sl.sum(sl.solve(L, u) ** 2) + 2 * sl.sum(sl.log(sl.diag(L)))
VALUES = {
    **{M: PLAIN, P: POSITIVE, Z: PLAIN[:2], Q: STACK},
    **{u: np.array([0.5, -0.25, 1.0]), v: np.array([1.0, 2.0, -0.5])},
}
FORMULAS = {
    "a quadratic form": u @ sl.solve(M, v) + sl.det(M) * sl.logdet(M),
    "a Gaussian": u @ sl.solve(P, u) + sl.logdet(P),
    "a Gaussian by its factor": BY_FACTOR,
    "a Gram matrix": sl.logdet(Z @ Z.T) + sl.sum(sl.inv(Z @ Z.T)),
    "a stack": sl.sum(sl.solve(Q, u) * sl.det(Q)[:, None]) + sl.sum(sl.logdet(Q)),
    "the sign": sl.slogdet(M)[0] * sl.logdet(M),
    "a system of systems": sl.solve(sl.inv(M) @ P, sl.solve(P, v)) ** 2,
}


@pytest.mark.parametrize("e", FORMULAS.values(), ids=FORMULAS)
def test_a_gradient_is_what_central_differences_of_60_digits_give(e):
    variables = [n for n in sl.core.walk.topological([e]) if n.name]
    testing.check_gradient(e, variables, {n: VALUES[n] for n in variables}, order=2)


def test_both_ways_to_a_gaussian_have_one_gradient():
    direct = u @ sl.solve(P, u) + sl.logdet(P)
    f = sl.function([P, u], [sl.grad(BY_FACTOR, P), sl.grad(direct, P)])
    one, other = f(POSITIVE, np.array([1.0, -2, 0.5]))
    np.testing.assert_allclose(one, other, rtol=1e-12)
    np.testing.assert_allclose(one, one.T, rtol=1e-12)


def test_the_jacobian_of_a_solution_in_the_right_side_is_the_inverse():
    normal = Normaliser(rules=recognition())
    root, variable = normal.written(sl.solve(A, b)), normal.written(b)
    (flow,) = pull_back(root, normal(delta(A.shape[0], A.dtype)), [variable], normal)
    assert present([flow], normal) == [sl.inv(A)]


def test_the_sign_of_a_determinant_contributes_nothing():
    slope = sl.grad(sl.slogdet(A)[0] + sl.sum(A), A)
    assert slope is sl.grad(sl.sum(A), A)


# Errors -------------------------------------------------------------------------------------------
ROW = sl.matrix("r", (3, 4))
THREE, STACKED = sl.matrix("t", (3, 3)), sl.tensor("s", (2, 3, 3))
BUILT = [
    (
        lambda: sl.inv(ROW),
        ShapeError,
        "inv(r: (3, 4)): needs a square matrix: the last two sizes must agree",
    ),
    (lambda: sl.det(R), ShapeError, "det(R: (N, K)): needs a square matrix: the last two sizes must agree"),
    (
        lambda: sl.slogdet(R),
        ShapeError,
        "slogdet(R: (N, K)): needs a square matrix: the last two sizes must agree",
    ),
    (
        lambda: sl.cholesky(b),
        ShapeError,
        "cholesky(b: (N,)): needs a matrix, got rank 1: use expand_dims()",
    ),
    (
        lambda: sl.logdet("x"),
        GraphError,
        "logdet(str): a str is no expression, number or array: pass an Expr, or constant(value)",
    ),
    (
        lambda: sl.solve(THREE, sl.vector("v", 4)),
        ShapeError,
        "solve(t: (3, 3), v: (4,)): got 3 unknowns for 4 rows: b is a vector, or has the rows last but one; "
        "stack vectors with expand_dims(b, -1)",
    ),
    (
        lambda: sl.solve(STACKED, sl.matrix("v", (2, 3))),
        ShapeError,
        "solve(s: (2, 3, 3), v: (2, 3)): got 3 unknowns for 2 rows: b is a vector, or has the rows last but "
        "one; stack vectors with expand_dims(b, -1)",
    ),
    (
        lambda: sl.solve(THREE, 2.0),
        ShapeError,
        "solve(t: (3, 3), constant: ()): the right side is a scalar: give a vector or a matrix",
    ),
    (
        lambda: sl.solve(STACKED, sl.tensor("v", (4, 3, 1))),
        ShapeError,
        "solve(s: (2, 3, 3), v: (4, 3, 1)): cannot broadcast (2,) with (4,): axis -1 is 2 and 4: the sizes "
        "must be equal, or one of them 1",
    ),
]


@pytest.mark.parametrize(("build", "error", "text"), BUILT, ids=[text for _, _, text in BUILT])
def test_a_mistake_is_named_as_the_formula_is_built(build, error, text):
    with pytest.raises(error) as caught:
        build()
    assert str(caught.value) == text


CALLED = [
    (sl.inv(A), SINGULAR, "inv(A: (2, 2)) built at test_linalg.py:LINE: Singular matrix"),
    (
        sl.solve(A, sl.sum(A, axis=0)),
        SINGULAR,
        "solve(A: (2, 2), sum(A): (2,)) built at test_linalg.py:LINE: Singular matrix",
    ),
    (
        sl.cholesky(A),
        -np.eye(2),
        "cholesky(A: (2, 2)) built at test_linalg.py:LINE: Matrix is not positive definite",
    ),
]


@pytest.mark.parametrize(("e", "at", "text"), CALLED, ids=[text for _, _, text in CALLED])
def test_a_matrix_without_a_result_is_named_at_the_call(e, at, text):
    f = sl.function([A], e)
    with pytest.raises(DomainError) as caught:
        f(at)
    head, tail = text.split("LINE")
    found = str(caught.value)
    assert found.startswith(f"f(), {head}")
    assert found.removeprefix(f"f(), {head}").lstrip("0123456789") == (
        f"{tail}: check the values of the arguments"
    )


def test_sizes_left_open_are_checked_at_the_call():
    m = sl.matrix("m")
    with pytest.raises(ShapeError) as caught:
        sl.function([m], sl.inv(m))(np.ones((2, 3)))
    assert str(caught.value) == (
        "f(): axis 0 of m has length 2 but axis 1 of m has length 3: both must have the same length there"
    )


# Forms that compute well --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "matrix",
    [
        SINGULAR,
        np.arange(1.0, 10).reshape(3, 3),
        np.zeros((2, 2)),
        np.diag([1.0, 0, 0]),
        np.diag([2.0, 3, 0]),
    ],
    ids=["of 2 rows", "of 3 rows", "of zeros", "of rank 1", "of rank 2"],
)
def test_the_gradient_of_a_determinant_at_a_singular_matrix_is_the_matrix_of_cofactors(matrix):
    value, slope = sl.function([A], [sl.det(A), sl.grad(sl.det(A), A)])(matrix)
    exact = sympy.Matrix(matrix.astype(int)).adjugate().T
    np.testing.assert_allclose(slope, np.array(exact, float), rtol=1e-13, atol=1e-14)
    assert abs(value) < 1e-14


def test_the_cofactors_of_a_stack_with_a_singular_matrix():
    stack = np.array([SINGULAR, [[1, 2], [3, 5]]])
    slope = sl.function([T], sl.grad(sl.sum(sl.det(T)), T))(stack)
    np.testing.assert_allclose(slope, [[[4, -2], [-2, 1]], [[5, -3], [-2, 1]]], rtol=1e-13)


def test_an_inverse_that_is_multiplied_is_never_formed():
    forms = [sl.inv(A) @ b, b @ sl.inv(A) @ c, sl.inv(A + S).T @ R, sl.trace(sl.inv(A) @ B)]
    for form in [*forms, sl.grad(forms[1], A), sl.grad(forms[1], b)]:
        inputs = [node for node in topological([form]) if node.op.name == "input"]
        source = sl.function(inputs, form).source
        assert "solve(" in source
        assert "inv(" not in source


def test_a_system_is_solved_with_more_digits_than_its_inverse_has():
    hilbert = 1.0 / (np.arange(8)[:, None] + np.arange(8) + 1)
    exact = np.array(sympy.Matrix(hilbert.tolist()).applyfunc(sympy.Rational) * sympy.ones(8, 1), float)[:, 0]
    found = sl.function([A, b], sl.inv(A) @ b)(hilbert, exact)
    residual = np.abs(hilbert @ found - exact).max()
    assert (
        residual
        <= 4 * np.spacing(np.abs(exact).max())
        < np.abs(hilbert @ (np.linalg.inv(hilbert) @ exact) - exact).max()
    )
