"""The classics of matrix calculus: each gradient in its textbook form, and right to 60 digits."""

import numpy as np
import pytest

import symloss as sl
from symloss.testing import check_gradient, random_values

A, B, C, X = (sl.matrix(name, "N N") for name in "ABCX")
a, b, x, y, v = (sl.vector(name, "N") for name in "abxyv")
F, z = sl.matrix("F", "M N"), sl.vector("z", "M")
D, w, t = sl.matrix("D", "M K"), sl.vector("w", "K"), sl.vector("t", "M")

CLASSICS = {
    "tr(AX)": (sl.trace(A @ X), X, "Aᵀ"),
    "tr(XᵀAX)": (sl.trace(X.T @ A @ X), X, "(A + Aᵀ) X"),
    "tr(AXᵀBXC)": (sl.trace(A @ X.T @ B @ X @ C), X, "BXCA + BᵀX AᵀCᵀ"),
    "aᵀXb": (a @ X @ b, X, "a bᵀ"),
    "xᵀAx": (x @ A @ x, x, "(A + Aᵀ) x"),
    "‖Fx − z‖²": (sl.norm(F @ x - z) ** 2, x, "2 Fᵀ(Fx − z)"),
    "Σ(Fx − z)²": (sl.sum((F @ x - z) ** 2), x, "2 Fᵀ(Fx − z)"),
    "‖Fx − z‖": (sl.norm(F @ x - z), x, "Fᵀ((Fx − z)/‖Fx − z‖)"),
    "log |det X|": (sl.logdet(X), X, "X⁻ᵀ"),
    "det X": (sl.det(X), X, "det(X)·X⁻ᵀ"),
    "tr(X⁻¹A)": (sl.trace(sl.inv(X) @ A), X, "−X⁻ᵀAᵀX⁻ᵀ"),
    "xᵀX⁻¹y": (x @ sl.inv(X) @ y, X, "−X⁻ᵀx (X⁻¹ y)ᵀ"),
    "aᵀ exp(x)": (a @ sl.exp(x), x, "a ⊙ exp(x)"),
    "(y ⊙ v)ᵀx": ((y * v) @ x, x, "y ⊙ v"),
    "logistic": (sl.sum(sl.log(1 + sl.exp(-t * (D @ w)))), w, "−Dᵀ(t ⊙ σ((−t) ⊙ Dw))"),
    "‖AX − B‖²": (sl.sum((A @ X - B) ** 2), X, "2 Aᵀ(AX − B)"),
}


@pytest.mark.parametrize(("loss", "wrt", "written"), CLASSICS.values(), ids=CLASSICS)
def test_a_classic_reads_as_in_the_textbook(loss, wrt, written):
    assert str(sl.grad(loss, wrt)) == written


@pytest.mark.parametrize(("loss", "wrt", "written"), CLASSICS.values(), ids=CLASSICS)
def test_a_classic_has_the_slopes_of_60_digits(loss, wrt, written):
    at = {X: random_values([X], seed=4)[X] + 2 * np.eye(2)}
    check_gradient(loss, wrt, at)


def test_the_square_of_a_norm_has_a_hessian_at_zero():
    assert str(sl.hessian(sl.norm(x) ** 2, x)) == "2I"
    assert str(sl.hessian(sl.norm(F @ x - z) ** 2, x)) == "2FᵀF"
