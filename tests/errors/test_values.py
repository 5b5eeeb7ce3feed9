"""What `check="values"` refuses besides: NaN, what is no probability, and outputs that are not finite."""

import pickle
import warnings

import numpy as np
import pytest

import symloss as sl
from symloss import losses
from symloss.core.errors import LONGEST_MESSAGE, DomainError, NonFiniteError, ShapeError

INF, NAN = np.inf, np.nan
p, t, x, w = (sl.vector(name, "N") for name in ("p", "t", "level", "gap"))
z, y, q = (sl.matrix(name, "N C") for name in "zyq")
labels = sl.vector("labels", "N", dtype="int64")
half, single = sl.vector("half", "N", dtype="float16"), sl.matrix("single", "N C", dtype="float32")
m, s, yes = sl.matrix("mixed", (2, 2)), sl.scalar("s"), sl.vector("yes", "N", dtype="int8")


def checked(inputs, outputs, **options):
    return sl.function(inputs, outputs, check="values", on_unused="ignore", **options)


def refused(error, text, call):
    """Check the class of an error and its text, and that no warning comes before it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error) as found:
            call()
    assert str(found.value) == text
    assert len(text) <= LONGEST_MESSAGE


# NaN that comes in --------------------------------------------------------------------------------
FILL = "fill in what is missing, or compile with check='inputs'"


@pytest.mark.parametrize(
    ("variable", "value", "wrong"),
    [
        (x, [1, NAN, NAN], "2 of 3 values are NaN, first at index (1,)"),
        (z, [[1, 2], [3, NAN]], "1 of 4 values are NaN, first at index (1, 1)"),
        (s, NAN, "it is NaN"),
        (half, np.array([NAN], "float16"), "1 of 1 values are NaN, first at index (0,)"),
    ],
)
def test_nan_in_an_argument_is_refused(variable, value, wrong):
    text = f"f(), argument {variable.name}: {wrong}: {FILL}"
    refused(NonFiniteError, text, lambda: checked([variable], 2 * variable)(value))


def test_nan_in_a_shared_variable_is_refused():
    state = sl.shared(np.array([1.0, NAN]), "state")
    text = f"f(), shared variable state: 1 of 2 values are NaN, first at index (1,): {FILL}"
    refused(NonFiniteError, text, lambda: checked([], 2 * state)())


def test_shapes_are_checked_before_values():
    with pytest.raises(ShapeError):
        checked([x, w], x + w)([NAN], [1, 2])


def test_infinity_may_come_in():
    f = checked([z, y], losses.softmax_crossentropy(z, y))
    assert f([[0.0, -INF]], [[1, 0]]) == 0


# Probabilities ------------------------------------------------------------------------------------
NO_PROBABILITY = "is no probability, expected a number in [0, 1]: check the values, or use a loss of scores"
OF_PROBABILITIES = [
    (losses.binary_crossentropy, (p, t), (p, t)),
    (losses.binary_crossentropy_logits, (x, t), (t,)),
    (losses.focal_loss, (x, t), (t,)),
    (losses.dice_loss, (p, t), (p, t)),
    (losses.tversky_loss, (p, t), (p, t)),
    (losses.binary_hinge_loss, (x, t), (t,)),
    (lambda p, t: losses.binary_hinge_loss(p, t, log_odds=False), (p, t), (p, t)),
    (losses.binary_accuracy, (x, t), (t,)),
    (losses.cox_loss, (x, w, t), (t,)),
    (lambda p, t: losses.vae_bernoulli(p, t, x, w), (p, t), (p, t)),
    (lambda z, t: losses.vae_bernoulli_logits(z, t, x, w), (x, t), (t,)),
]
"""A loss, its arguments, and those that are probabilities."""
OF_DISTRIBUTIONS = [
    (losses.softmax_crossentropy, (z, y), (y,)),
    (losses.smoothed_softmax_crossentropy, (z, y), (y,)),
    (losses.categorical_crossentropy, (q, y), (q, y)),
    (losses.categorical_crossentropy, (q, labels), (q,)),
    (losses.kl_divergence, (q, y), (q, y)),
    (losses.js_divergence, (q, y), (q, y)),
]


def values(arguments, wrong, value):
    """Sound values of all arguments but one."""
    sound = {1: [0.5, 0.5], 2: [[0.5, 0.5], [0.25, 0.75]]}
    chosen = {a: [0, 1] if a is labels else sound[a.ndim] for a in arguments} | {wrong: value}
    return [chosen[a] for a in arguments]


@pytest.mark.parametrize(("loss", "arguments", "expected"), OF_PROBABILITIES)
@pytest.mark.parametrize(("value", "wrong"), [([0, 1.5], "1.5"), ([1, -0.5], "-0.5")])
def test_what_is_no_probability_is_refused_by_losses_that_take_them(loss, arguments, expected, value, wrong):
    formula = loss(*arguments)
    inputs = [*arguments, *({x, w} - {*arguments})]
    f = checked(inputs, formula)
    f(*values(inputs, None, None))
    for one in expected:
        text = f"f(), argument {one.name}: {wrong} at index (1,) {NO_PROBABILITY}"
        refused(DomainError, text, lambda one=one: f(*values(inputs, one, value)))
    for other in {*inputs} - {*expected}:
        f(*values(inputs, other, [0.5, 1.5]))


@pytest.mark.parametrize(("loss", "arguments", "expected"), OF_DISTRIBUTIONS)
def test_rows_that_do_not_sum_to_1_are_refused_by_losses_of_distributions(loss, arguments, expected):
    f = checked(arguments, loss(*arguments))
    f(*values(arguments, None, None))
    for one in expected:
        text = f"f(), argument {one.name}: the row at index (1,) sums to 1.25, expected 1"
        bad = [[0.5, 0.5], [0.5, 0.75]]
        refused(
            DomainError,
            f"{text}: divide each row by its sum",
            lambda one=one, bad=bad: f(*values(arguments, one, bad)),
        )
        text = f"f(), argument {one.name}: -0.5 at index (1, 0) {NO_PROBABILITY}"
        bad = [[0.5, 0.5], [-0.5, 1.5]]
        refused(DomainError, text, lambda one=one, bad=bad: f(*values(arguments, one, bad)))


def test_integers_and_a_single_row_are_checked_as_well():
    f = checked([p, yes], losses.binary_crossentropy(p, yes))
    text = f"f(), argument yes: 2 at index (0,) {NO_PROBABILITY}"
    refused(DomainError, text, lambda: f([0.5], np.array([2], "int8")))
    f = checked([p, t], losses.kl_divergence(p, t))
    text = "f(), argument p: the row sums to 0.75, expected 1: divide each row by its sum"
    refused(DomainError, text, lambda: f([0.5, 0.25], [0.5, 0.5]))
    assert f([], []) == 0


@pytest.mark.parametrize(
    ("dtype", "off", "sound"),
    [
        ("float64", 2e-6, False),
        ("float64", 0.5e-6, True),
        ("float32", 4e-6, False),
        ("float32", 1e-6, True),
        ("float16", 0.03125, False),
        ("float16", 0.0078125, True),
    ],
)
def test_rows_may_be_off_by_what_rounding_leaves(dtype, off, sound):
    a, b = (sl.matrix(name, "N C", dtype=dtype) for name in "ab")
    f = checked([a, b], losses.softmax_crossentropy(a, b))
    arrays = np.zeros((1, 2), dtype), np.array([[0.5, 0.5 + off]], dtype)
    if sound:
        f(*arrays)
    else:
        with pytest.raises(DomainError):
            f(*arrays)


@pytest.mark.parametrize(
    "formula",
    [
        lambda: sl.grad(sl.mean(losses.binary_crossentropy(p, t)), p),
        lambda: 2 * sl.grad(sl.sum(losses.binary_crossentropy(p, t)), p),
        lambda: sl.hessian(sl.sum(losses.binary_crossentropy(p, t)), p),
        lambda: sl.jacobian(losses.binary_crossentropy(p, t), p),
        lambda: sl.hvp(sl.sum(losses.binary_crossentropy(p, t)), p, x),
        lambda: losses.aggregate(losses.binary_crossentropy(p, t), x),
        lambda: sl.simplify(losses.binary_crossentropy(p, t) + sl.log(sl.exp(x))),
        lambda: losses.binary_crossentropy(p.astype("float32"), t.astype("float32")),
        lambda: losses.binary_crossentropy(sl.expand_dims(p, 1), t.reshape(t.shape[0], 1)),
    ],
)
def test_derivatives_casts_and_views_expect_what_the_loss_expects(formula):
    f = checked([p, t, x], formula())
    text = f"f(), argument p: 1.5 at index (1,) {NO_PROBABILITY}"
    refused(DomainError, text, lambda: f([0.5, 1.5], [0, 1], [1, 1]))


def test_rows_are_those_of_the_loss_not_of_a_transposed_variable():
    a, b = sl.matrix("a", "N N"), sl.matrix("b", "N N")
    f = checked([a, b], losses.softmax_crossentropy(a, b.T))
    np.testing.assert_allclose(f(np.zeros((2, 2)), [[1, 0.5], [0, 0.5]]), np.log([2, 2]))


def test_a_part_of_a_variable_expects_nothing_of_the_rest():
    f = checked([p, t], losses.binary_crossentropy(p[:1], t[:1]))
    np.testing.assert_allclose(f([0.5, 2], [1, 2]), [np.log(2)])


def test_other_formulas_of_the_same_variables_expect_nothing():
    loss = losses.binary_crossentropy(p, t)
    assert checked([p, t], sl.sum(losses.squared_error(p, t)))([3, 5], [1, 2]) == 13
    assert loss.shape == p.shape


def test_a_pickled_function_expects_what_it_did():
    f = pickle.loads(pickle.dumps(checked([p, t], sl.grad(sl.sum(losses.kl_divergence(p, t)), p))))
    text = "f(), argument t: the row sums to 1.25, expected 1: divide each row by its sum"
    refused(DomainError, text, lambda: f([0.5, 0.5], [0.5, 0.75]))
    loss = pickle.loads(pickle.dumps(losses.kl_divergence(p, t)))
    refused(DomainError, text, lambda: checked([p, t], loss)([0.5, 0.5], [0.5, 0.75]))


def test_givens_move_what_is_expected():
    f = checked([x, t], losses.binary_crossentropy(p, t), givens={p: x})
    text = f"f(), argument level: 1.5 at index (0,) {NO_PROBABILITY}"
    refused(DomainError, text, lambda: f([1.5], [1]))
    f = checked([x, t], losses.binary_crossentropy(p, t), givens={p: sl.sigmoid(x)})
    np.testing.assert_allclose(f([0], [1]), [np.log(2)])


def test_a_shared_variable_may_be_expected_to_hold_probabilities():
    prior = sl.shared(np.array([0.5, 1.5]), "prior")
    f = checked([s], losses.binary_crossentropy(prior, sl.stack([s, s])))
    text = f"f(), shared variable prior: 1.5 at index (1,) {NO_PROBABILITY}"
    refused(DomainError, text, lambda: f(1))


@pytest.mark.parametrize("check", ["inputs", "off"])
def test_other_checks_look_at_no_values(check):
    f = sl.function([p, t], losses.binary_crossentropy(p, t), check=check)
    assert np.isnan(f([1.5, NAN], [0.5, 0.5])).all()


# What is not finite inside ------------------------------------------------------------------------
KEEP = "keep the operands where it is finite"
CLIP = "clip or replace what is infinite, or compile with check='inputs'"


SCALE = "scale the operands"
WIDER = f"{SCALE}, or use a wider dtype"
BEGINNINGS = [
    (
        lambda: sl.log(x),
        {x: [1, 0, 2]},
        "log(level) built at HERE: the output is not finite, as this is minus infinity at index (1,), "
        f"from level: (3,) in [0, 2]: {KEEP}",
    ),
    (
        lambda: sl.sum(1 / sl.sqrt(x)),
        {x: [1, -1]},
        "sqrt(level) built at HERE: the output is not finite, as this is NaN at index (1,), "
        f"from level: (2,) in [-1, 1]: {KEEP}",
    ),
    (
        lambda: x / w,
        {x: [0, 1], w: [0, 1]},
        "divide(level, gap) built at HERE: the output is not finite, as this is NaN at index (0,), "
        f"from level: (2,) in [0, 1], gap: (2,) in [0, 1]: {KEEP}",
    ),
    (
        lambda: sl.sum(sl.exp(x) + 1),
        {x: [1, 1000]},
        "exp(level) built at HERE: the output is not finite, as this is infinite at index (1,), "
        f"from level: (2,) in [1, 1000], beyond the largest float64: {SCALE}",
    ),
    (
        lambda: 3 * (half * half),
        {half: [2, 300]},
        "cast(…) built at THERE: the output is not finite, as this is infinite at index (1,), "
        f"from multiply(…, …): (2,) in [12, 270000], beyond the largest float16: {WIDER}",
    ),
    (
        lambda: sl.exp(single),
        {single: [[2, 100]]},
        "exp(single) built at HERE: the output is not finite, as this is infinite at index (0, 1), "
        f"from single: (1, 2) in [2, 100], beyond the largest float32: {WIDER}",
    ),
    (
        lambda: x.astype("float16") * 0,
        {x: [2, 1e5]},
        "cast(level) built at HERE: the output is not finite, as this is infinite at index (1,), "
        f"from level: (2,) in [2, 100000], beyond the largest float16: {WIDER}",
    ),
    (
        lambda: sl.logdet(m) + s,
        {m: [[0, 0], [0, 0]], s: 1},
        "logdet(mixed) built at HERE: the output is not finite, as this is minus infinity, "
        f"from mixed: (2, 2) in [0, 0]: {KEEP}",
    ),
    (
        lambda: sl.mean(x) + s,
        {x: [], s: 1},
        "mean(level) built at HERE: the output is not finite, as this is NaN, "
        f"from level: (0,) without numbers: {KEEP}",
    ),
    (
        lambda: sl.sum(sl.log_softmax(x)) + sl.logsumexp(x),
        {x: []},
        "log_total(level, …) built at HERE: the output is not finite, as this is minus infinity, "
        f"from level: (0,) without numbers: {KEEP}",
    ),
    (
        lambda: 2 * x,
        {x: [1, INF]},
        f"argument level: the output is not finite, as this is infinite at index (1,): {CLIP}",
    ),
    (
        lambda: sl.where(x > 0, x, -INF) * 2,
        {x: [1, -1]},
        f"a constant built at HERE: the output is not finite, as this is minus infinity: {CLIP}",
    ),
]
"""A formula, arguments, and where a value that is not finite begins: on the line of the formula, or, in half
precision, which is computed in single, where the function is compiled."""


@pytest.mark.parametrize(("formula", "given", "text"), BEGINNINGS)
def test_the_operation_is_named_at_which_a_value_is_not_finite_any_more(formula, given, text):
    f = checked([*given], formula())
    arrays = [np.array(value, variable.dtype) for variable, value in given.items()]
    for word, line in (("THERE", checked.__code__), ("HERE", formula.__code__)):
        text = text.replace(word, f"test_values.py:{line.co_firstlineno + (word == 'THERE')}")
    refused(NonFiniteError, f"f(), {text}", lambda: f(*arrays))


NOT_TO_BLAME = [
    (lambda: sl.max(sl.where(w > 0, -INF, sl.log(x))), {x: [-1, 1], w: [0, 1]}, "log(level)"),
    (lambda: sl.where(w > 0, sl.exp(x * 1000), sl.log(x)), {x: [-1, 1], w: [0, 0]}, "log(level)"),
    (lambda: sl.sum(sl.where(w > 0, sl.exp(x), sl.log(w))), {x: [1, 1000], w: [1, -1]}, "log(gap)"),
    (lambda: 1 / (1 + sl.exp(x)) + sl.sqrt(w), {x: [1000, 1], w: [1, -1]}, "sqrt(gap)"),
    (lambda: 1 / x + sl.log(w), {x: [INF, 1], w: [1, 0]}, "log(gap)"),
    (lambda: sl.sum(1 / x), {x: [INF, 0]}, "divide(…, level)"),
]
"""A formula with several values that are not finite, arguments, and the operation that matters."""


@pytest.mark.parametrize(("formula", "given", "blamed"), NOT_TO_BLAME)
def test_what_does_not_reach_the_output_is_not_blamed(formula, given, blamed):
    with pytest.raises(NonFiniteError) as found:
        checked([*given], formula())(*given.values())
    assert str(found.value).startswith(f"f(), {blamed} built at ")


def test_which_output_it_is_is_named():
    f = checked([x], [x, sl.log2(x)])
    with pytest.raises(NonFiniteError, match="output 1 is not finite"):
        f([0])


def test_an_update_that_is_not_finite_is_refused_and_not_made():
    state = sl.shared(np.array([1.0, 2.0]), "state")
    f = checked([x], sl.sum(x), updates={state: sl.log(state - 1)})
    with pytest.raises(NonFiniteError, match="the update of state is not finite"):
        f([1.0])
    np.testing.assert_array_equal(sl.function([], state)(), [1, 2])


def test_what_is_not_finite_inside_is_no_matter_if_the_outputs_are():
    f = checked([x], sl.where(x > 0, sl.log(x), 0) + 1 / sl.exp(x))
    np.testing.assert_allclose(f([-1.0, 0.0, 1.0]), [np.e, 1, 1 / np.e])
    assert checked([half], sl.mean(half))(np.full(3000, 60000, "float16")) == 60000


def test_large_inputs_that_are_computed_in_blocks_are_looked_at():
    f = checked([z], sl.sum(sl.log1p(z), axis=1))
    rows = np.ones((3000, 500))
    rows[1234, 56] = -2
    with pytest.raises(NonFiniteError, match=r"log1p\(z\) built at .* NaN at index \(1234, 56\)"):
        f(rows)


def test_finite_values_are_those_of_the_other_checks():
    loss = losses.softmax_crossentropy(z, y)
    outputs = [loss, sl.grad(sl.sum(loss), z)]
    given = [[0.0, 1.0], [2.0, -1.0]], [[1, 0], [0.5, 0.5]]
    for found, expected in zip(
        checked([z, y], outputs)(*given), sl.function([z, y], outputs)(*given), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_another_check_is_refused():
    text = "function f: check is 'valeus': did you mean 'values'?"
    refused(DomainError, text, lambda: sl.function([x], x, check="valeus"))
