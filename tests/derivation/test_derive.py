"""Derivations: their steps, what they say, and that every one is checked."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

import symloss as sl
from symloss.calculus.variation import Variation
from symloss.derivation.checks import flow_holds, same_value

z, y = sl.vector("z", "K"), sl.vector("y", "K")
X, W1, W2, Y = sl.matrix("X", "N D"), sl.matrix("W1", "D H"), sl.matrix("W2", "H K"), sl.matrix("Y", "N K")
b1, b2, s = sl.vector("b1", "H"), sl.vector("b2", "K"), sl.scalar("s")
A, x = sl.matrix("A", "D D"), sl.vector("x", "D")

LOSS = -sl.sum(y * sl.log_softmax(z))
NAIVE = -sl.sum(y * sl.log(sl.exp(z) / sl.sum(sl.exp(z))))
ONE = [sl.eq(sl.sum(y), 1)]
NETWORK = sl.mean(sl.losses.softmax_crossentropy(sl.relu(X @ W1 + b1) @ W2 + b2, Y))

LECTURE = """\
∂L/∂z for L = −Σ(y ⊙ log_softmax(z))
1. product rule: a product is linear in each factor: what comes in meets the other factors
   ∂L/∂log_softmax(z) = (−1) y
                      = −y
2. derivative of log_softmax: log_softmax(x) passes g on as g − softmax(x) ⊙ Σg
   ∂L/∂z = −y − softmax(z) ⊙ Σ(−y)
         = softmax(z)·Σy − y
3. assumed: Σy = 1
   ∂L/∂z = softmax(z)·Σy − y
         = softmax(z) − y"""


def test_a_derivation_reads_as_a_lecture():
    assert str(sl.derive(LOSS, z, assume=ONE)) == LECTURE


def test_what_was_written_naively_is_recognised_first():
    steps = sl.derive(NAIVE, z, assume=ONE).steps
    assert [step.rule for step in steps[:2]] == ["softmax", "log_of_softmax"]
    assert str(steps[1].before) == "log(softmax(z))"
    assert str(steps[1].after) == "log_softmax(z)"
    assert [str(step) for step in steps[2:]] == [str(step) for step in sl.derive(LOSS, z, assume=ONE).steps]


CASES = {
    "cross-entropy": (LOSS, z, ONE, 1),
    "cross-entropy, naive": (NAIVE, z, ONE, 1),
    "its Hessian": (LOSS, z, ONE, 2),
    "a network, first layer": (NETWORK, W1, [sl.eq(sl.sum(Y, axis="K"), 1)], 1),
    "a network, last bias": (NETWORK, b2, [], 1),
    "a quadratic form": (x @ A @ x, x, [], 2),
    "a shared part": (sl.sum(sl.exp(x) * sl.sin(sl.exp(x))), x, [], 1),
    "a part of a formula": (sl.sum((X @ W1) ** 2), X @ W1, [], 1),
    "a logistic loss": (sl.mean(sl.softplus(X @ x) - sl.vector("t", "N") * (X @ x)), x, [], 2),
    "a norm": (sl.norm(x * 2), x, [], 2),
    "a selection": (sl.sum(sl.where(x > 0.5, sl.log(x), x**2)), x, [], 1),
    "a scalar": (s**3 / (1 + s), s, [], 1),
    "labels": (
        sl.mean(sl.losses.softmax_crossentropy(X @ W1, sl.vector("labels", "N", dtype="int64"))),
        W1,
        [],
        1,
    ),
}
each = pytest.mark.parametrize(("loss", "wrt", "assume", "order"), CASES.values(), ids=CASES)


@each
def test_every_step_checks_and_the_last_one_is_the_derivative(loss, wrt, assume, order):
    derivation = sl.derive(loss, wrt, assume, order)
    expected = sl.grad(loss, wrt, assume) if order == 1 else sl.hessian(loss, wrt, assume=assume)
    assert derivation.steps[-1].after is derivation.result is expected
    assert [step.rule for step in derivation.full().steps if not step.check()] == []
    assert derivation.check()


@each
def test_each_step_goes_on_from_what_is_known(loss, wrt, assume, order):
    derivation = sl.derive(loss, wrt, assume, order)
    assert all(step.law and step.rule for step in derivation.chain)
    assert set(derivation.steps) <= set(derivation.full().steps)
    assert len(derivation) == len(derivation.steps) <= len(derivation.full())


def test_a_wrong_step_does_not_check():
    recognised, *_, assumed = sl.derive(NAIVE, z, assume=ONE).steps
    assert not same_value(NAIVE, recognised.before, 2 * recognised.after, [])
    assert not same_value(NAIVE, assumed.before, assumed.after, [])
    assert same_value(NAIVE, assumed.before, assumed.after, [(sl.sum(y), sl.constant(1.0))])


def test_a_wrong_rule_does_not_check():
    varied = Variation("test", [LOSS], [z], [])
    flows = []
    varied.pulled(varied.roots[0], None, [z], flows)
    assert flows
    for flow in flows:
        assert flow_holds(LOSS, flow, {})
        assert not flow_holds(LOSS, flow._replace(value=2 * flow.value, rule=2 * flow.rule), {})
        assert not flow_holds(LOSS, flow._replace(value=2 * flow.value), {})


def test_paths_that_meet_are_added_up():
    steps = sl.derive(sl.sum(sl.exp(x) * sl.sin(sl.exp(x))), x).steps
    (met,) = [step for step in steps if step.rule == "sum over paths"]
    assert met.quantity == "∂L/∂exp(x)"
    assert sum(step.quantity.endswith("along one path") for step in steps) == 2


def test_a_hidden_result_is_an_exercise():
    exercise = sl.derive(LOSS, z, assume=ONE).hide(2)
    assert "softmax(z)·Σy − y" not in str(exercise).split("\n3.")[0]
    assert "= …" in str(exercise)
    assert r"\ldots" in exercise.latex()
    assert "…" in exercise.html()
    assert exercise.check()
    assert str(sl.derive(LOSS, z, assume=ONE)) == LECTURE
    with pytest.raises(sl.errors.AxisError) as caught:
        exercise.hide(9)
    assert str(caught.value) == "hide(): there is no step 9 among 3: steps are numbered from 1"


def test_latex_is_one_aligned_block():
    latex = sl.derive(LOSS, z, assume=ONE, order=2).latex()
    assert latex.startswith("\\begin{aligned}\n")
    assert latex.endswith("\n\\end{aligned}")
    assert latex.count("{") == latex.count("}")
    lines = latex.splitlines()[1:-1]
    assert all(line.endswith(r"\\") for line in lines[:-1])
    assert all("&=" in line for line in lines)


def test_markdown_is_a_numbered_list_of_formulas():
    text = sl.derive(LOSS, z, assume=ONE).markdown()
    assert text.count("$\\displaystyle") == 3
    assert "\n3. *assumed*" in text
    bundle = sl.derive(LOSS, z)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/markdown"}


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.links = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_needs_nothing_else():
    page = sl.derive(sl.sum(sl.where(x > 0, x, 0)), x).html()
    tags = Tags()
    tags.feed(page)
    assert tags.open == tags.links == []
    assert "x &gt; 0" in page


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: sl.derive(LOSS, z, order=3), sl.errors.DomainError, "derive(): order is 3: use 1 or 2"),
        (
            lambda: sl.derive(LOSS, [z, y]),
            sl.errors.GradientError,
            "derive(): wrt is a list of 2: a derivation follows one target: derive each of them alone",
        ),
        (
            lambda: sl.derive(z, z),
            sl.errors.GradientError,
            "derive(): needs a scalar loss, got z: (K,): reduce it with mean() or sum(), or use jacobian()",
        ),
    ],
)
def test_what_cannot_be_derived_is_refused(call, error, text):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


def test_a_step_is_a_value():
    (step, *_) = sl.derive(LOSS, z).steps
    assert replace(step, hidden=True).hidden
    assert not step.hidden


def test_a_sum_is_bracketed_where_a_slope_in_it_is_named():
    steps = sl.derive(sl.sin(sl.exp(s) + s), s).steps
    assert steps[0].quantity == "∂L/∂(exp(s) + s)"
    assert sl.derive(sl.sin(sl.exp(s)), s).steps[0].quantity == "∂L/∂exp(s)"
