"""LaTeX: golden formulas in both notations, and what every formula must satisfy without a renderer."""

import re

import pytest

import symloss as sl
from symloss.core.dtypes import BOOL, FLOAT64
from symloss.core.expr import Expr, apply
from symloss.core.op import OPS

X, W, Y = sl.matrix("X", "N D"), sl.matrix("W", "D K"), sl.matrix("Y", "N K")
A, B, C = (sl.matrix(name, "N N") for name in "ABC")
x, y, z = sl.vector("x", "N"), sl.vector("y", "N"), sl.vector("z", "K")
s, t, u = sl.scalar("s"), sl.scalar("t"), sl.scalar("u")
p, delta, lam = sl.scalar("p"), sl.scalar("delta"), sl.scalar("lam")
labels = sl.vector("l", "N", dtype="int64")

MATRIX = [
    (sl.relu(delta - t * p), r"\max(0, \delta - t \, p)"),
    (lam * W, r"\lambda \, W"),
    (x * y, r"\mathbf{x} \odot \mathbf{y}"),
    (A @ (B * C), r"A (B \odot C)"),
    ((A @ B).T, r"(A B)^{\top}"),
    (x @ A @ y, r"\mathbf{x}^{\top} A \mathbf{y}"),
    (sl.outer(x, y), r"\mathbf{x} \mathbf{y}^{\top}"),
    (sl.sum(x * y), r"\sum (\mathbf{x} \odot \mathbf{y})"),
    (sl.sum(Y, axis="K"), r"\sum_{K} Y"),
    (s / t, r"\frac{s}{t}"),
    ((s / t) ** 2, r"\left(\frac{s}{t}\right)^{2}"),
    (sl.log(s / t), r"\log\left(\frac{s}{t}\right)"),
    (sl.log(s + t), r"\log(s + t)"),
    (sl.exp(-s) ** 2, r"(e^{-s})^{2}"),
    (sl.sqrt(s + t), r"\sqrt{s + t}"),
    (abs(s / t), r"\left\lvert \frac{s}{t} \right\rvert"),
    (2 * s, "2 s"),
    (s * 2, r"s \cdot 2"),
    (1e-5 * s, r"10^{-5} \, s"),
    (s * (t + u), "s (t + u)"),
    (s - (-t), "s - (-t)"),
    (sl.where(s > 0, t, u), r"\begin{cases} t & \text{if } s > 0 \\ u & \text{otherwise} \end{cases}"),
    (x[:, None] - y, r"{\mathbf{x}}_{[{:}, \text{None}]} - \mathbf{y}"),
    (sl.softmax(X @ W), r"\operatorname{softmax}(X W)"),
    (sl.softmax(Y, axis="N"), r"\operatorname{softmax}_{N}(Y)"),
    (sl.softmax(A, axis=0), r"\operatorname{softmax}_{\text{axis } 0}(A)"),
]
INDEX = [
    (X @ W, r"\sum_{d} X_{nd} \, W_{dk}"),
    (A @ B @ C, r"\sum_{n''} \left(\sum_{n'''} A_{nn'''} \, B_{n'''n''}\right) C_{n''n'}"),
    (x @ y, r"\sum_{n} x_{n} \, y_{n}"),
    (A.T @ x, r"\sum_{n'} A_{n'n} \, x_{n'}"),
    (A * x, r"A_{nn'} \, x_{n'}"),
    (sl.expand_dims(x, 1) - y, r"x_{n} - y_{n'}"),
    (x[:, None] * y, r"x_{n} \, y_{n'}"),
    (x[0] * y, r"x_{0} \, y_{n}"),
    (Y[labels], r"Y_{l_{n},k}"),
    (sl.diag(x), r"x_{n} \, \delta_{nn'}"),
    (sl.trace(A), r"\sum_{n} A_{nn}"),
    (sl.mean(Y), r"\frac{1}{K N} \sum_{n,k} Y_{nk}"),
    (sl.mean(Y, axis="N"), r"\frac{1}{N} \sum_{n} Y_{nk}"),
    (sl.logsumexp(z), r"\log \sum_{k} e^{z_{k}}"),
    (Y - sl.logsumexp(Y, axis="K", keepdims=True), r"Y_{nk} - \log \sum_{k'} e^{Y_{nk'}}"),
    (sl.max(Y, axis="K"), r"\max_{k} Y_{nk}"),
    (sl.softmax(Y), r"\operatorname{softmax}_{k}(Y_{nk})"),
    (sl.norm(x - y), r"\sqrt{\sum_{n} (x_{n} - y_{n})^{2}}"),
    (sl.log(sl.sum(sl.exp(z))) * sl.sum(z), r"\log\left(\sum_{k} e^{z_{k}}\right) \sum_{k} z_{k}"),
    (sl.pick(Y, labels), r"Y_{n,l_{n}}"),
    (sl.one_hot(labels, "K") - Y, r"[l_{n} = k] - Y_{nk}"),
    (sl.einsum("bij,bj->bi", sl.tensor("T", "B 3 4"), sl.matrix("v", "B 4")), r"\sum_{j} T_{bij} \, v_{bj}"),
    (sl.matrix("W1", "N K") @ z, r"\sum_{k} (W_{1})_{nk} \, z_{k}"),
    (sl.reshape(A, ("N", 1, "N")), r"\operatorname{reshape}_{(N, 1, N)}(A)_{n,0,n'}"),
]
NAMES = [
    ("x_1", "x_{1}"),
    ("alpha", r"\alpha"),
    ("W12", "W_{12}"),
    ("loss_weight", r"\mathrm{loss}_{\mathrm{weight}}"),
    ("frac", r"\mathrm{frac}"),
    ("input", r"\mathrm{input}"),
    ("Sigma", r"\Sigma"),
    ("y_pred", r"y_{\mathrm{pred}}"),
    ("sigma2_max", r"\sigma_{2,\mathrm{max}}"),
    ("a__b", "a_{b}"),
    ("a1b", r"\mathrm{a1b}"),
]


@pytest.mark.parametrize(("formula", "latex"), MATRIX, ids=[latex for _, latex in MATRIX])
def test_whole_tensors(formula: Expr, latex: str) -> None:
    assert formula.latex("matrix") == latex


@pytest.mark.parametrize(("formula", "latex"), INDEX, ids=[latex for _, latex in INDEX])
def test_one_component(formula: Expr, latex: str) -> None:
    assert formula.latex("index") == latex


@pytest.mark.parametrize(("name", "latex"), NAMES)
def test_names_are_escaped(name: str, latex: str) -> None:
    assert sl.scalar(name).latex() == latex


def test_vectors_are_bold() -> None:
    assert sl.vector("theta").latex() == r"\boldsymbol{\theta}"
    assert sl.vector("b1").latex() == r"\mathbf{b}_{1}"


def test_names_that_would_look_alike_stay_as_they_are_spelt() -> None:
    assert (sl.scalar("W1") + sl.scalar("W_1")).latex() == r"W_{1} + \mathrm{W\_1}"


def test_an_index_is_no_letter_of_a_variable() -> None:
    k = sl.scalar("k")
    assert (k * sl.sum(z)).latex("index") == r"k \sum_{k'} z_{k'}"


def test_auto_takes_the_shorter_notation_that_says_everything() -> None:
    assert (X @ W).latex() == "X W"
    assert sl.einsum("ij,ij->i", X, X).latex() == r"\sum_{d} X_{nd} \, X_{nd}"
    assert sl.pick(Y, labels).latex() == r"Y_{n,l_{n}}"
    assert sl.reshape(A, ("N", 1, "N")).latex() == sl.reshape(A, ("N", 1, "N")).latex("matrix")


def test_an_unknown_notation_is_refused() -> None:
    with pytest.raises(
        sl.errors.GraphError, match='unknown notation \'tensor\': use "auto", "matrix" or "index"'
    ):
        x.latex("tensor")


# Notebooks ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        (z, r"\mathbf{z} \in \mathbb{R}^{K}"),
        (X, r"X \in \mathbb{R}^{N \times D}"),
        (lam, r"\lambda \in \mathbb{R}"),
        (labels, r"\mathbf{l} \in \mathbb{Z}^{N}"),
        (sl.matrix("M", ("N", 3), dtype="bool"), r"M \in \{0, 1\}^{N \times 3}"),
        (sl.vector("n", dtype="uint8"), r"\mathbf{n} \in \mathbb{N}_{0}^{n_{n}}"),
        (z + 1, r"\mathbf{z} + 1"),
        (sl.constant(2.0), "2"),
    ],
)
def test_a_notebook_shows_the_formula_and_where_a_variable_lives(formula: Expr, shown: str) -> None:
    assert formula._repr_latex_() == rf"$\displaystyle {shown}$"


# What every formula must satisfy ------------------------------------------------------------------
COMMANDS = set(
    """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
    varsigma sigma tau upsilon phi chi psi omega Gamma Sigma boldsymbol mathbf mathrm mathbb operatorname text
    left right frac sqrt sum prod log max min sin cos tan arcsin arccos arctan sinh cosh tanh odot top
    otimes cdot bmod
    infty in times lvert rvert lVert rVert lfloor rfloor lceil rceil neq leq geq land lor lnot
    begin end quad""".split()
)


def complaints(latex: str) -> list[str]:
    """What a renderer would refuse."""
    found = [f"unknown {c}" for c in set(re.findall(r"\\([a-zA-Z]+)", latex)) - COMMANDS]
    bare = re.sub(r"\\[{}]", "", latex)
    depth = 0
    for sign in bare:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        found += ["a brace closes too early"] * (depth < 0)
    found += ["a brace stays open"] * (depth > 0)
    found += ["left without right"] * (bare.count(r"\left") != bare.count(r"\right"))
    found += ["two subscripts"] * bool(re.search(r"_\{[^{}]*\}_|\^\{[^{}]*\}\^", bare))
    return found + [f"private sign {c!r}" for c in latex if "\ue000" <= c <= "\uf8ff" or ord(c) >= 0xF0000]


def operations() -> list[Expr]:
    """Every operation, on scalars, vectors and matrices or on its samples."""
    result = []
    for op in list(OPS.values()):
        if op.leaf or op.recast:
            continue
        cases = [
            [sl.tensor(n, d) for n in "xyuv"[: len(op.domain)]] for d in ("", "N", "N K") if op.elementwise
        ]
        for args in cases:
            truth = op.name in ("where", "logical_and", "logical_or", "logical_not")
            first = [args[0] > 0, *args[1:]] if op.name == "where" else [a > 0 for a in args]
            result.append(apply(op, *(first if truth else args)))
        for *arguments, params in op.samples:
            if all(isinstance(shape, tuple) for shape in arguments):
                args = [sl.tensor(n, shape) for n, shape in zip("xyuv", arguments, strict=False)]
                result.append(apply(op, *args, **params))
    return [*result, X.astype("float32"), (X > 0) * X]


@pytest.mark.parametrize("notation", ["matrix", "index", "auto"])
@pytest.mark.parametrize("formula", operations(), ids=str)
def test_every_operation_gives_what_a_renderer_accepts(formula: Expr, notation: str) -> None:
    assert complaints(formula.latex(notation)) == []
    if formula.dtype == FLOAT64:
        assert complaints(((formula + 1) ** 2 * formula).latex(notation)) == []
    assert formula.dtype != BOOL or complaints((~formula).latex(notation)) == []
