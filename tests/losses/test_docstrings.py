"""The formula in the docstring of a loss is what the printer makes of its code; the catalogue repeats it."""

import re

import pytest

import symloss as sl
from symloss import losses

NAMES = {
    "predictions": ("p", {"binary_crossentropy_logits": "z", "softmax_crossentropy": "z"}),
    "targets": ("t", {"binary_crossentropy_logits": "y", "softmax_crossentropy": "y"}),
}
"""The letter of each argument, and the losses that have another."""
OVER_CLASSES = {"softmax_crossentropy"}
WITH_DELTA = {"huber_loss", "hinge_loss"}
CATALOGUE = losses.catalogue()


def built(name):
    """The loss on variables with the letters of its docstring."""
    declare = (lambda v: sl.vector(v, "C")) if name in OVER_CLASSES else sl.scalar
    variables = [declare(special.get(name, usual)) for usual, special in NAMES.values()]
    delta = {"delta": sl.scalar("delta")} if name in WITH_DELTA else {}
    return getattr(losses, name)(*variables, **delta)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_formula_is_what_the_printer_writes(entry):
    assert entry.formula == " ".join(built(entry.name).latex(notation="matrix").split())


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_reduction_is_the_one_of_the_result(entry):
    loss = built(entry.name)
    expected = "per item" if entry.name in OVER_CLASSES else "elementwise"
    assert entry.reduction == expected
    assert loss.ndim == 0


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_a_docstring_has_every_part(entry):
    doc = entry.function.__doc__
    assert re.search(r"\n    Parameters\n    -+\n", doc)
    assert re.search(r"\n    Raises\n    -+\n    ShapeError\n", doc)
    assert re.search(r"[Tt]he choice ", doc), "it says when to choose the loss"
    assert re.search(r"[Ii]n (nats|the (squared )?unit)", doc), "it says the unit"
    assert re.search(r"\(\d{4}\)\.$", entry.source), "its source ends with a year"


def test_the_catalogue_lists_every_loss_that_is_public():
    assert [entry.name for entry in CATALOGUE] == [
        "squared_error",
        "huber_loss",
        "binary_crossentropy",
        "binary_crossentropy_logits",
        "softmax_crossentropy",
        "hinge_loss",
    ]
    others = {"aggregate", "catalogue"}
    assert {entry.name for entry in CATALOGUE} | others == set(losses.__all__)
    assert all(getattr(losses, entry.name) is entry.function for entry in CATALOGUE)


def test_the_catalogue_prints_as_text():
    assert str(CATALOGUE).splitlines()[-3:] == [
        "hinge_loss: Penalty for scores on the wrong side of the margin.",
        r"    \max(0, \delta - t \, p)",
        "    elementwise; Cortes and Vapnik, Support-vector networks, Machine Learning 20 (1995).",
    ]
