"""Formulas on one line: golden texts, precedence, names."""

import pytest

import symloss as sl

A, B, C = (sl.matrix(name, "N N") for name in "ABC")
x, y = sl.vector("x", "N"), sl.vector("y", "N")
s, t, u = sl.scalar("s"), sl.scalar("t"), sl.scalar("u")
lam, loss = sl.scalar("lam"), sl.scalar("loss_weight")

PRECEDENCE = [
    # Products of two kinds
    (A @ (B * C), "A (B ⊙ C)"),
    ((A * B) @ C, "(A ⊙ B) C"),
    ((A @ B) * C, "AB ⊙ C"),
    (A * (B @ C), "A ⊙ BC"),
    (A @ B @ C, "ABC"),
    ((A * B).T, "(A ⊙ B)ᵀ"),
    (A.T @ B, "AᵀB"),
    (A @ B.T, "A Bᵀ"),
    # Vectors in the place of matrices
    (x @ y, "xᵀy"),
    (A @ x, "Ax"),
    (x @ A, "xᵀA"),
    ((x @ A) @ y, "xᵀAy"),
    ((A @ x) @ y, "(Ax)ᵀy"),
    (A @ (x @ B), "A (xᵀB)"),
    ((x @ y) * A, "(xᵀy) A"),
    (sl.outer(x, y), "x yᵀ"),
    (sl.diag(x) - sl.outer(x, x), "diag(x) − x xᵀ"),
    # Signs
    (s - (t - u), "s − (t − u)"),
    (s - t - u, "s − t − u"),
    (s - (-t), "s − (−t)"),
    (s * -2, "s (−2)"),
    (-2 * s, "−2s"),
    (-(A @ B), "−AB"),
    ((-s) ** 2, "(−s)²"),
    (-(s**2), "−s²"),
    # Quotients and powers
    (s / t / u, "(s/t)/u"),
    (s / (t / u), "s/(t/u)"),
    (s / (t * u), "s/(tu)"),
    (s * (t / u), "s (t/u)"),
    ((s / t) ** 2, "(s/t)²"),
    (s ** (-1), "s⁻¹"),
    ((s**t) ** u, "(s^t)^u"),
    (s ** (t**u), "s^(t^u)"),
    (s ** (t + 1), "s^(t + 1)"),
    (sl.exp(s) ** 2, "exp(s)²"),
    # Sums and other signs before their argument
    (sl.sum(x) ** 2, "(Σx)²"),
    (sl.sum(x**2), "Σ(x²)"),
    (sl.sum(x + y), "Σ(x + y)"),
    (sl.sum(x) * sl.sum(y), "(Σx) Σy"),
    (sl.sum(A, axis=0) * x, "(Σ_0 A) ⊙ x"),
    (x * sl.sum(A, axis=0), "x ⊙ Σ_0 A"),
    # Functions next to factors
    (t * sl.exp(s), "t·exp(s)"),
    (sl.exp(s) * t, "exp(s)·t"),
    (2 * sl.log(s), "2 log(s)"),
    (s * (t + u), "s (t + u)"),
    (abs(s) * t, "|s|·t"),
    (s * (t % u), "s (t mod u)"),
    (s - t % u, "s − (t mod u)"),
    (sl.where(s > 0, t, u), "where(s > 0, t, u)"),
    (~(s > t), "¬(s > t)"),
    # Numbers
    (s * 2 * 3, "s·2·3"),
    (1e-5 * s, "1e−05·s"),
    (s * float("inf"), "s·∞"),
    # Broadcasting
    (x[:, None] - y, "x[:, None] − y"),
    (sl.expand_dims(x, 1) - y, "x[:, None] − y"),
    (sl.sum(sl.broadcast_to(x, ("K", "N"))), "Σbroadcast(x, (K, N))"),
]


@pytest.mark.parametrize(("formula", "text"), PRECEDENCE, ids=[text for _, text in PRECEDENCE])
def test_a_formula_reads_as_the_graph_says(formula: sl.Expr, text: str) -> None:
    assert str(formula) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x_1", "x₁"),
        ("alpha", "α"),
        ("lam", "λ"),
        ("W12", "W₁₂"),
        ("sigma2", "σ₂"),
        ("loss_weight", "loss_weight"),
        ("y_pred", "y_pred"),
        ("frac", "frac"),
        ("Sigma", "Sigma"),
    ],
)
def test_names(name: str, text: str) -> None:
    assert str(sl.scalar(name)) == text


def test_names_that_would_look_alike_stay_as_they_are_spelt() -> None:
    assert str(sl.scalar("W1") + sl.scalar("W_1")) == "W₁ + W_1"
    assert str(sl.scalar("α") - sl.scalar("alpha")) == "α − alpha"


def test_letters_that_spell_another_variable_are_kept_apart() -> None:
    a, b, ab = sl.scalar("a"), sl.scalar("b"), sl.scalar("ab")
    assert str(a * b) == "ab"
    assert str(a * b + ab) == "a b + ab"
    assert str(loss * lam) == "loss_weight·λ"


def test_a_part_is_never_named_like_a_variable() -> None:
    part = sl.log(s + t)
    for name in ("u", "v"):
        formula = part * part + sl.scalar(name)
        assert str(formula).count(f"{name} = ") == 0


def test_parts_stand_before_those_that_they_mention() -> None:
    h = sl.relu(A @ B + x)
    p = sl.softmax(h @ sl.matrix("W2", "N N") + y)
    assert str((h.T @ (p - A)).T) == "(Hᵀ(P − A))ᵀ, where P = softmax(H W₂ + y), H = relu(AB + x)"
