"""How losses and their gradients read, and the source they compile to."""

import pytest

import symloss as sl
from symloss import losses


def p_and_t():
    return sl.vector("p", "N"), sl.vector("t", "N")


def z_and_y():
    return sl.vector("z", "N"), sl.vector("y", "N")


def scores_and_labels():
    return sl.matrix("Z", "N K"), sl.vector("t", "N", dtype="int64")


def scores_and_rows():
    return sl.matrix("Z", "N K"), sl.matrix("Y", "N K")


WRITTEN = [
    (losses.squared_error, p_and_t, "(p − t)²"),
    (losses.huber_loss, p_and_t, "where(|p − t| ≤ 1, (p − t)²/2, |p − t| − 0.5)"),
    (losses.binary_crossentropy, p_and_t, "−xlogy(t, p) − xlogy(1 − t, 1 − p)"),
    (losses.binary_crossentropy_logits, z_and_y, "softplus(z) − y ⊙ z"),
    (losses.softmax_crossentropy, scores_and_labels, "−pick(log_softmax(Z), t)"),
    (losses.softmax_crossentropy, scores_and_rows, "−Σ_K (Y ⊙ log_softmax(Z))"),
    (losses.hinge_loss, p_and_t, "relu(1 − t ⊙ p)"),
]

GRADIENTS = [
    (losses.squared_error, p_and_t, "(2/N)(p − t)"),
    (losses.huber_loss, p_and_t, "(1/N) where(|p − t| ≤ 1, p − t, sign(p − t))"),
    (losses.binary_crossentropy, p_and_t, "(1/N)((1 − t)/(1 − p) − t/p)"),
    (losses.binary_crossentropy_logits, z_and_y, "(1/N)(σ(z) − y)"),
    (losses.softmax_crossentropy, scores_and_labels, "(1/N)(softmax(Z) − onehot(t))"),
    (losses.softmax_crossentropy, scores_and_rows, "(1/N)((Σ_K Y) ⊙ softmax(Z) − Y)"),
    (losses.hinge_loss, p_and_t, "−(1/N)(t ⊙ [1 − t ⊙ p > 0])"),
    (losses.absolute_error, p_and_t, "(1/N) sign(p − t)"),
    (losses.log_cosh, p_and_t, "(1/N) tanh(p − t)"),
    (losses.poisson_nll, p_and_t, "(1/N)(1 − t/p)"),
    (losses.poisson_nll_log, z_and_y, "(1/N)(exp(z) − y)"),
    (losses.gaussian_nll, p_and_t, "(1/N)(p − t)"),
    (losses.kl_divergence, scores_and_rows, "−(1/N)(Y/Z)"),
    (losses.categorical_crossentropy, scores_and_rows, "−(1/N)(Y/Z)"),
    (losses.listnet, scores_and_rows, "(1/N)(softmax(Z) − softmax(Y))"),
    (losses.info_nce, scores_and_rows, "(1/N)(softmax(Z Yᵀ) − I) Y"),
    (losses.cosine_distance, p_and_t, "((p/‖p‖)(pᵀt)/‖p‖² − t/‖p‖)/‖t‖"),
    (losses.dice_loss, p_and_t, "(2 Σ(p ⊙ t) + 1)/u² − (2/u) t, where u = Σp + Σt + 1"),
    (losses.wgan_critic, p_and_t, "1/N"),
]

SOURCES = [
    (losses.squared_error, p_and_t, "return (p - t)**2"),
    (
        losses.huber_loss,
        p_and_t,
        "d = p - t\nv = np.abs(d)\nreturn np.where(v <= 1, d**2 / 2, v - 0.5)",
    ),
    (losses.binary_crossentropy, p_and_t, "return -xlogy(t, p) - xlog1py(1 - t, -p)"),
    (losses.binary_crossentropy_logits, z_and_y, "return softplus_minus(z, y)"),
    (losses.softmax_crossentropy, scores_and_labels, "return -log_softmax_at(Z, t)"),
    (
        losses.softmax_crossentropy,
        scores_and_rows,
        "return -np.sum(weighted(Y, log_softmax(Z, 1)), axis=1)",
    ),
    (losses.hinge_loss, p_and_t, "return np.maximum(1 - t * p, 0)"),
]


@pytest.mark.parametrize(("loss", "variables", "text"), WRITTEN)
def test_a_loss_reads_as_on_paper(loss, variables, text):
    assert str(loss(*variables())) == text


@pytest.mark.parametrize(("loss", "variables", "text"), GRADIENTS)
def test_the_gradient_of_its_mean_reads_as_on_paper(loss, variables, text):
    predictions, targets = variables()
    assert str(sl.grad(losses.aggregate(loss(predictions, targets)), predictions)) == text


@pytest.mark.parametrize(("loss", "variables", "source"), SOURCES)
def test_a_loss_compiles_to_readable_source(loss, variables, source):
    predictions, targets = variables()
    assert body(sl.function([predictions, targets], loss(predictions, targets)).source) == source


def body(source):
    """The statements of the function, without its docstring."""
    lines = source.rstrip().rpartition("\ndef ")[2].splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines[2:])


def test_rows_that_sum_to_1_shorten_the_gradient():
    Z, Y = scores_and_rows()
    loss = losses.aggregate(losses.softmax_crossentropy(Z, Y))
    gradient = sl.grad(loss, Z, assume=[sl.eq(sl.sum(Y, axis="K"), 1)])
    assert str(gradient) == "(1/N)(softmax(Z) − Y)"


def test_the_gradient_of_logistic_regression_reads_as_on_paper():
    X, w, y = sl.matrix("X", "N D"), sl.vector("w", "D"), sl.vector("y", "N")
    loss = losses.aggregate(losses.binary_crossentropy_logits(X @ w, y))
    assert str(sl.grad(loss, w)) == "(1/N) Xᵀ(σ(Xw) − y)"


def test_a_symbolic_delta_stays_a_symbol():
    p, t, delta = sl.scalar("p"), sl.scalar("t"), sl.scalar("delta")
    assert str(losses.hinge_loss(p, t, delta)) == "relu(δ − tp)"
    assert str(losses.huber_loss(p, t, delta)) == "where(|p − t| ≤ δ, (p − t)²/2, δ (|p − t| − δ/2))"


def test_the_gradient_of_an_autoencoder_in_its_logits_is_that_of_the_crossentropy():
    Z, Y, M, V = (sl.matrix(name, size) for name, size in zip("ZYMV", ["N D"] * 2 + ["N K"] * 2, strict=True))
    loss = losses.aggregate(losses.vae_bernoulli_logits(Z, Y, M, V))
    assert [str(g) for g in sl.grad(loss, [Z, M])] == ["(1/N)(σ(Z) − Y)", "(1/N) M"]


def test_a_penalty_that_is_curvature_alone_has_a_gradient_that_is_0_and_a_second_derivative():
    a = sl.vector("a", "N")
    slope = sl.grad(sl.sum(losses.structural_damping(a, 3)), a)
    assert str(slope) == "3(a − stop_gradient(a))"
    assert str(sl.grad(sl.sum(slope), a)) == "3"
