"""Jacobians, Hessians and products with directions: their textbook forms, and their values of 60 digits."""

import mpmath
import numpy as np
import pytest

import symloss as sl
from symloss.core.evaluate import exact_values
from symloss.core.walk import topological
from symloss.testing import random_values

z, y, v = sl.vector("z", "K"), sl.vector("y", "K"), sl.vector("v", "K")
X, W, Y = sl.matrix("X", "N D"), sl.matrix("W", "D K"), sl.matrix("Y", "N K")
w, t, x, b = sl.vector("w", "D"), sl.vector("t", "N"), sl.vector("x", "D"), sl.vector("b", "K")
A = sl.matrix("A", "D D")
U, V, T = sl.matrix("U", "N R"), sl.matrix("V", "M R"), sl.matrix("T", "N M")
s = sl.scalar("s")
H = mpmath.mpf("1e-15")

cross_entropy = -sl.sum(y * sl.log_softmax(z))
multinomial = sl.mean(sl.logsumexp(X @ W, axis="K") - sl.sum(Y * (X @ W), axis="K"))
logistic = sl.mean(sl.losses.binary_crossentropy_logits(X @ w, t))
factors = sl.sum((T - U @ V.T) ** 2)
network = sl.mean(sl.logsumexp(sl.tanh(X @ W + b), axis="K"))


def variables(*formulas):
    return [node for node in topological(formulas) if node.op.name == "input"]


def point_for(*formulas, seed=0):
    return random_values(variables(*formulas), seed=seed)


def moved(point, steps):
    """The point with h added to some elements, as exact numbers."""
    changed = {k: np.array(a, dtype=object) for k, a in point.items()}
    with mpmath.workdps(60):
        for variable, index, step in steps:
            changed[variable][index] = mpmath.mpf(float(changed[variable][index])) + step
    return changed


def bent(point, moves):
    merged = {}
    for variable, index, step in moves:
        key = variable, index
        merged[key] = merged.get(key, 0) + step
    return moved(point, [(variable, index, step) for (variable, index), step in merged.items()])


def exact_jacobian(expr, wrt, point):
    shape = np.shape(exact_values([expr], point)[0])
    result = np.empty(shape + point[wrt].shape, dtype=object)
    with mpmath.workdps(60):
        for index in np.ndindex(*point[wrt].shape):
            up, down = (exact_values([expr], moved(point, [(wrt, index, h)]))[0] for h in (H, -H))
            result[(..., *index)] = (up - down) / (2 * H)
    return result.astype(float)


def exact_hessian(loss, wrt, wrt2, point):
    result = np.empty(point[wrt].shape + point[wrt2].shape)
    with mpmath.workdps(60):
        for i in np.ndindex(*point[wrt].shape):
            for j in np.ndindex(*point[wrt2].shape):
                total = mpmath.mpf(0)
                for a, c in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                    at = bent(point, [(wrt, i, a * H), (wrt2, j, c * H)])
                    total += a * c * exact_values([loss], at)[0].item()
                result[i + j] = total / (4 * H**2)
    return result


def value(formula, point):
    return sl.function(list(point), formula, on_unused="ignore")(*point.values())


# Textbook forms -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (sl.hessian(cross_entropy, z), "(diag(p) − p pᵀ) Σy, where p = softmax(z)"),
        (sl.hessian(cross_entropy, z, assume=[sl.eq(sl.sum(y), 1)]), "diag(p) − p pᵀ, where p = softmax(z)"),
        (sl.hessian(cross_entropy, z, y), "softmax(z)[:, None] − I"),
        (sl.hessian(logistic, w), "(1/N) Xᵀ·diag(p ⊙ (1 − p))·X, where p = σ(Xw)"),
        (sl.hessian(x @ A @ x, x), "A + Aᵀ"),
        (sl.hessian(factors, U), "2(VᵀV ⊗ I)"),
        (sl.hessian(sl.sum(z**2), z), "2I"),
        (sl.hessian(sl.sum(z**3), z), "6 diag(z)"),
        (sl.hessian(sl.sum(z) ** 2, z), "2"),
        (sl.hessian(sl.sum(z), z), "0"),
        (sl.hessian(sl.sum(z * y), z, y), "I"),
        (sl.jacobian(sl.softmax(z), z), "diag(p) − p pᵀ, where p = softmax(z)"),
        (sl.jacobian(X @ w, w), "X"),
        (sl.jacobian(X @ W, W), "I ⊗ X"),
        (sl.jacobian(X @ W, X), "Wᵀ ⊗ I"),
        (sl.jacobian(sl.exp(z), z), "diag(exp(z))"),
        (sl.jacobian(z, z), "I"),
        (sl.jacobian(s * z, s), "z"),
        (sl.jvp(sl.softmax(z), z, v), "p ⊙ (v − pᵀv), where p = softmax(z)"),
        (sl.vjp(X @ w, w, t), "Xᵀt"),
        (sl.hvp(logistic, w, x), "(1/N) Xᵀ(Xx ⊙ p ⊙ (1 − p)), where p = σ(Xw)"),
        (sl.hvp(x @ A @ x, x, w), "(A + Aᵀ) w"),
    ],
    ids=str,
)
def test_a_second_derivative_reads_as_in_a_textbook(formula, written):
    assert str(formula) == written


# Values ---------------------------------------------------------------------------------------------
CASES = {
    "cross-entropy": (cross_entropy, [z, y]),
    "multinomial regression": (multinomial, [W, X]),
    "logistic regression": (logistic, [w, X, t]),
    "a quadratic form": (x @ A @ x + sl.sum((A @ x) ** 3), [x, A]),
    "matrix factors": (factors, [U, V]),
    "a network": (network, [W, b]),
    "norms": (sl.norm(z * y) * sl.norm(z), [z, y]),
    "determinants": (sl.logdet(A @ A.T + 2 * sl.eye("D")), [A]),
    "inverses": (x @ sl.inv(A @ A.T + 2 * sl.eye("D")) @ x, [A, x]),
    "moments": (sl.var(z * y) + sl.std(z), [z]),
    "masks": (sl.sum(sl.where(z > 0, sl.exp(z * y), z**2)), [z, y]),
    "scans": (sl.sum(sl.cumsum(sl.exp(z)) ** 2 * y), [z, y]),
    "parts": (sl.sum(sl.concatenate([z, y * z])[::-1] ** 3 * sl.concatenate([y, z])), [z, y]),
}


@pytest.mark.parametrize(("loss", "wrt"), CASES.values(), ids=CASES)
def test_a_hessian_is_that_of_60_digits(loss, wrt):
    point = point_for(loss)
    for one in wrt:
        for other in wrt:
            found = sl.hessian(loss, one, other)
            assert found.shape == one.shape + other.shape
            np.testing.assert_allclose(
                value(found, point), exact_hessian(loss, one, other, point), rtol=1e-10, atol=1e-12
            )


@pytest.mark.parametrize(("loss", "wrt"), CASES.values(), ids=CASES)
def test_products_agree_with_the_matrices_of_60_digits(loss, wrt):
    point = point_for(loss)
    rng = np.random.default_rng(1)
    directions = [rng.normal(size=point[e].shape) for e in wrt]
    names = [sl.tensor(f"d{k}", e.shape) for k, e in enumerate(wrt)]
    point |= dict(zip(names, directions, strict=True))
    (slope, *_) = gradients = sl.grad(loss, wrt)
    along = sum(np.sum(value(g, point) * d) for g, d in zip(gradients, directions, strict=True))
    np.testing.assert_allclose(value(sl.jvp(loss, wrt, names), point), along, rtol=1e-10)
    rows = [
        sum(np.tensordot(exact_hessian(loss, one, other, point), d, d.ndim)
            for other, d in zip(wrt, directions, strict=True))
        for one in wrt
    ]  # fmt: skip
    for found, row in zip(sl.hvp(loss, wrt, names), rows, strict=True):
        np.testing.assert_allclose(value(found, point), row, rtol=1e-9, atol=1e-12)
    swept = sl.jvp(slope, wrt, names)
    np.testing.assert_allclose(value(swept, point), rows[0], rtol=1e-9, atol=1e-12)


OUTPUTS = {
    "softmax": (sl.softmax(X @ W), [X, W]),
    "a layer": (sl.tanh(X @ W + b), [X, W, b]),
    "a sum and a product": (sl.sum(X, axis=0) * x + x, [X, x]),
    "a layout": (sl.transpose(X)[:, :2] * x[:, None], [X, x]),
    "a solution": (sl.solve(A @ A.T + 2 * sl.eye("D"), x), [A, x]),
}


@pytest.mark.parametrize(("expr", "wrt"), OUTPUTS.values(), ids=OUTPUTS)
def test_a_jacobian_is_that_of_60_digits_and_so_are_its_products(expr, wrt):
    point = point_for(expr)
    rng = np.random.default_rng(2)
    shape = exact_values([expr], point)[0].shape
    cotangent = rng.normal(size=shape)
    u = sl.tensor("u", expr.shape)
    for one, found in zip(wrt, sl.jacobian(expr, wrt), strict=True):
        exact = exact_jacobian(expr, one, point)
        np.testing.assert_allclose(value(found, point), exact, rtol=1e-10, atol=1e-13)
        d, direction = sl.tensor("d", one.shape), rng.normal(size=point[one].shape)
        here = point | {d: direction, u: cotangent}
        moved_by = value(sl.Rop(expr, one, d), here)
        np.testing.assert_allclose(
            moved_by, np.tensordot(exact, direction, direction.ndim), rtol=1e-9, atol=1e-12
        )
        pulled = value(sl.Lop(expr, one, u), here)
        np.testing.assert_allclose(pulled, np.tensordot(cotangent, exact, len(shape)), rtol=1e-9, atol=1e-12)


def test_the_gauss_newton_product_is_that_of_the_matrices():
    outputs = sl.tanh(X @ W + b)
    loss = sl.mean(sl.logsumexp(outputs, axis="K") - sl.sum(Y * outputs, axis="K"))
    D = sl.matrix("V", "D K")
    point = point_for(loss, D)
    jac = exact_jacobian(outputs, W, point)
    scores = sl.matrix("scores", "N K")
    inner = sl.mean(sl.logsumexp(scores, axis="K") - sl.sum(Y * scores, axis="K"))
    at = {scores: exact_values([outputs], point)[0].astype(float), Y: point[Y]}
    curvature = exact_hessian(inner, scores, scores, at)
    expected = np.einsum("nkdl,nkmj,mjef,ef->dl", jac, curvature, jac, point[D])
    np.testing.assert_allclose(value(sl.ggnvp(loss, outputs, W, D), point), expected, rtol=1e-9)
    several = sl.ggnvp(loss, [outputs], [W], [D])
    np.testing.assert_allclose(value(several[0], point), expected, rtol=1e-9)


def test_the_gauss_newton_product_of_linear_outputs_is_the_hessian_product():
    D = sl.matrix("V", "D K")
    point = point_for(multinomial, D)
    full, halved = sl.hvp(multinomial, W, D), sl.ggnvp(multinomial, X @ W, W, D)
    np.testing.assert_allclose(value(full, point), value(halved, point), rtol=1e-12)


# What is asked --------------------------------------------------------------------------------------
def test_lists_give_lists():
    assert sl.jacobian(X @ W, [X, W]) == [sl.jacobian(X @ W, X), sl.jacobian(X @ W, W)]
    blocks = sl.hessian(network, [W, b])
    assert blocks == [[sl.hessian(network, i, j) for j in (W, b)] for i in (W, b)]
    assert sl.hessian(network, W, [W, b]) == blocks[0]
    assert sl.hessian(network, [W, b], b) == [row[1] for row in blocks]


def test_any_part_of_a_formula_may_be_varied():
    scores = X @ W
    assert str(sl.hessian(sl.sum(scores**2), scores)) == "2(I ⊗ I)"
    assert str(sl.jacobian(sl.exp(2 * z), 2 * z)) == "diag(exp(2z))"
    assert str(sl.hvp(sl.sum(scores**3), scores, Y)) == "6(XW ⊙ Y)"


def test_a_direction_is_held_constant():
    point = {z: np.array([1.0, 2.0])}
    np.testing.assert_allclose(value(sl.hvp(sl.sum(z**3), z, z), point), [6, 24])
    np.testing.assert_allclose(value(sl.jvp(z**2, z, z), point), [2, 8])
    np.testing.assert_allclose(value(sl.vjp(z**2, z, z), point), [2, 8])


def test_directions_may_be_numbers_and_arrays():
    tangent = sl.jvp(sl.exp(sl.vector("u", 2)), sl.vector("u", 2), [1.0, 0.0])
    np.testing.assert_allclose(tangent.eval({"u": [0, 0]}), [1, 0])
    assert str(sl.hvp(s**3, s, 2)) == "12s"


def test_third_derivatives_come_by_nesting():
    third = sl.jacobian(sl.hessian(sl.sum(sl.exp(z) * y), z), z)
    point = {z: np.array([0.3, -0.2]), y: np.array([1.0, 2.0])}
    expected = np.zeros((2, 2, 2))
    expected[0, 0, 0], expected[1, 1, 1] = np.exp(0.3), 2 * np.exp(-0.2)
    np.testing.assert_allclose(value(third, point), expected, rtol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_dtype_is_that_of_the_target(dtype):
    u = sl.vector("u", "K", dtype=dtype)
    for formula in (sl.hessian(sl.sum(u**3), u), sl.hvp(sl.sum(u**3), u, u), sl.jacobian(sl.exp(u), u)):
        assert formula.dtype == dtype
        assert formula.eval({u: np.ones(3, dtype)}).dtype == dtype


@pytest.mark.parametrize("scores", [[40.0, 0, 0], [800.0, 0, -800], [1.0, 2, 3], [30.0, 30, 0]])
def test_the_compiled_hessian_of_cross_entropy_keeps_its_tails(scores):
    z3 = sl.vector("z", 3)
    found = sl.function([z3], sl.hessian(-sl.log_softmax(z3)[0], z3))(scores)
    with mpmath.workdps(800):
        e = [mpmath.exp(mpmath.mpf(v)) for v in scores]
        p = [v / sum(e) for v in e]
        exact = [[float(p[i] * ((i == j) - p[j])) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(found, exact, rtol=4e-15, atol=5e-324)


def test_the_compiled_hessian_of_a_batch_keeps_its_tails():
    found = sl.function([Y], sl.hessian(sl.sum(sl.logsumexp(Y, axis=1)), Y))([[40.0, 0, 0], [0, 1, 2]])
    p = np.exp([40.0, 0, 0]) / np.exp([40.0, 0, 0]).sum()
    np.testing.assert_allclose(found[0, 0, 0, 0], 2 * p[1], rtol=1e-15)
    np.testing.assert_array_equal(found[0, :, 1], 0)
