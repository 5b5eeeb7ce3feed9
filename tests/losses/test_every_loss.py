"""What holds for every loss by being registered: its docstring, its gradients, its dtypes and its errors."""

import re

import numpy as np
import pytest

import symloss as sl
from symloss import losses
from symloss.core.leaves import INPUT
from symloss.core.walk import topological
from symloss.losses.letters import LETTERS, variables
from symloss.testing import check_gradient, random_values

METRICS = {name for name in LETTERS if "accuracy" in name} | {"classification_error"}
LOGARITHMS = {"fgmm_vae": "G e P a"}
"""Variables that stand for the logarithm of a probability."""
CATALOGUE = losses.catalogue()
TOOLS = {"aggregate", "align_targets", "catalogue", "log_responsibilities", "loss_set"}


def built(name, kind="float64", lengths=None):
    """The loss on variables with the letters of its docstring."""
    return getattr(losses, name)(*variables(LETTERS[name], kind, lengths))


def inputs(loss):
    """The variables that a loss is made of."""
    return [node for node in topological([loss]) if node.op is INPUT]


def point(name, loss):
    """Values of the variables of a loss, inside its domain."""
    chosen = random_values(inputs(loss), seed=3)
    negative = LOGARITHMS.get(name, "").split()
    return {v: -value if v.name in negative else value for v, value in chosen.items()}


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_formula_is_what_the_printer_writes(entry):
    assert entry.formula == " ".join(built(entry.name).latex(notation="matrix").split())


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_reduction_is_the_one_of_the_result(entry):
    name = LETTERS[entry.name].partition(" ")[0]
    first, loss = next(variables(name)), built(entry.name)
    shape = {"elementwise": first.shape, "per item": first.shape[:-1], "scalar": ()}[entry.reduction]
    of_batch = entry.name == "info_nce"
    assert loss.shape == (first.shape[:1] if of_batch else shape)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_a_docstring_has_every_part(entry):
    doc = entry.function.__doc__
    assert re.search(r"\n    Parameters\n    -+\n", doc)
    assert re.search(r"\n    Raises\n    -+\n    (Shape|Graph)Error\b", doc)
    assert re.search(r"[Tt]he choice ", doc), "it says when to choose the loss"
    assert re.search(r"[Ii]n (nats|the (squared )?unit)", doc), "it says the unit"
    assert re.search(r"\(\d{4}\)\.$", entry.source), "its source ends with a year"


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_notes_are_what_stands_between_the_formula_and_the_parameters(entry):
    lines = " ".join(entry.function.__doc__.split())
    before, _, after = lines.partition(entry.notes)
    assert before.endswith(f".. math:: {entry.formula} ")
    assert after.startswith(" Parameters ----------")
    assert entry.notes.endswith(".")


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_an_example_is_the_loss_of_the_letters_of_its_formula(entry):
    assert entry.example() is built(entry.name)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_a_docstring_names_every_argument(entry):
    code = entry.function.__code__
    stated = re.search(r"Parameters\n    -+\n(.*?)\n\n", entry.function.__doc__, re.DOTALL).group(1)
    heads = re.findall(r"^    (\S.*?) : ", stated, re.MULTILINE)
    named = [name for head in heads for name in re.split(", | and ", head)]
    assert sorted(named) == sorted(code.co_varnames[: code.co_argcount])


def test_the_catalogue_lists_every_loss_that_is_public():
    assert {entry.name for entry in CATALOGUE} == set(LETTERS)
    assert {entry.name for entry in CATALOGUE} | TOOLS == set(losses.__all__)
    assert all(getattr(losses, entry.name) is entry.function for entry in CATALOGUE)


def test_the_catalogue_prints_as_text():
    text = str(CATALOGUE).splitlines()
    start = text.index("hinge_loss: Penalty for scores on the wrong side of the margin.")
    assert text[start + 1 : start + 3] == [
        r"    \max(0, \delta - t \, p)",
        "    elementwise; Cortes and Vapnik, Support-vector networks, Machine Learning 20 (1995).",
    ]


@pytest.mark.parametrize("name", sorted({*LETTERS} - METRICS - {"structural_damping"}))
def test_first_and_second_derivatives_agree_with_differences_of_60_digits(name):
    sizes = sorted({*re.findall(r"(?<=[:,])[A-Za-z]\b", LETTERS[name])})
    loss = built(name, lengths={size: 2 + k % 2 for k, size in enumerate(sizes)})
    values = point(name, loss)
    check_gradient(loss, [v for v in values if v.dtype == np.float64], values, order=2)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_what_has_no_slope_says_so(name):
    p = next(variables(LETTERS[name]))
    loss = losses.aggregate(built(name))
    with pytest.raises(sl.errors.GradientError):
        sl.grad(loss, p)


@pytest.mark.parametrize("name", sorted({*LETTERS} - {"clustering_accuracy"}))
def test_single_precision_stays_single_and_is_right(name):
    wide, narrow = built(name), built(name, "float32")
    values = point(name, wide)
    exact = sl.function(list(values), wide)(*values.values())
    single = [value.astype("float32") if value.dtype == np.float64 else value for value in values.values()]
    found = sl.function([v for u in values for v in inputs(narrow) if v.name == u.name], narrow)(*single)
    assert found.dtype == (np.float32 if wide.dtype == np.float64 and name not in METRICS else wide.dtype)
    np.testing.assert_allclose(found, exact, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("thing", ["ab", object(), {1: 2}], ids=["str", "object", "dict"])
@pytest.mark.parametrize("name", sorted(LETTERS))
def test_what_is_no_expression_is_refused_by_its_type(name, thing):
    arguments = list(variables(LETTERS[name]))
    for k, argument in enumerate(arguments):
        if isinstance(argument, sl.Expr):
            with pytest.raises(sl.errors.GraphError, match=type(thing).__name__):
                getattr(losses, name)(*arguments[:k], thing, *arguments[k + 1 :])


@pytest.mark.parametrize("name", sorted({*LETTERS} - {"wgan_critic", "wgan_generator", "wgan_gp"}))
def test_a_column_is_never_broadcast_against_a_vector(name):
    first, second, *rest = variables(LETTERS[name])
    if getattr(second, "shape", None) == first.shape and len(rest) < 3:
        column, row = sl.matrix("c", ("N", 1)), sl.vector("r", "N")
        with pytest.raises((sl.errors.ShapeError, sl.errors.DTypeError)):
            getattr(losses, name)(column, row.astype(second.dtype), *rest)
