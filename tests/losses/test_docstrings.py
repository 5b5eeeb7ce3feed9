"""The formula in the docstring of a loss is what the printer makes of its code; the catalogue repeats it."""

import re

import pytest

import symloss as sl
from symloss import losses

ARGUMENTS = {
    "squared_error": "p t",
    "absolute_error": "p t",
    "huber_loss": "p t delta",
    "log_cosh": "p t",
    "quantile_loss": "p t tau",
    "poisson_nll": "p t",
    "poisson_nll_log": "z t",
    "gaussian_nll": "p t v",
    "multivariate_gaussian_nll": "p:D t:D Sigma:D,D",
    "gaussian_kl": "m:K v:K m_0:K v_0:K",
    "binary_crossentropy": "p t",
    "binary_crossentropy_logits": "z y",
    "categorical_crossentropy": "p:C t:C",
    "softmax_crossentropy": "z:C y:C",
    "smoothed_softmax_crossentropy": "z:C y:C epsilon",
    "focal_loss": "z y gamma",
    "kl_divergence": "p:C t:C",
    "js_divergence": "p:C t:C",
    "hinge_loss": "p t delta",
    "binary_hinge_loss": "p t delta",
    "multiclass_hinge_loss": "p:C t:int delta",
    "dice_loss": "p:M t:M s",
    "tversky_loss": "p:M t:M alpha beta s",
    "cosine_distance": "p:D t:D",
    "triplet_loss": "a:D p:D n:D delta",
    "info_nce": "Q:N,D K:N,D tau",
    "nce_loss": "x:D t:int W:C,D b:C n:k:int e:C",
    "listnet": "s:M t:M",
    "listmle": "s:M t:M",
    "cox_loss": "s:N t:N e:N",
    "vae_bernoulli": "p:D t:D m:K v:K",
    "vae_bernoulli_logits": "z:D t:D m:K v:K",
    "vae": "p:D t:D m:K v:K 0 0 s:D",
    "vae_gmm": "p:d t:d z:k m:k v:k M:c,k V:c,k q:c s:d",
    "vae_comp_gmm": "p:d t:d Z:i,k M:i,k V:i,k B:i,c,k A:i,c,k Q:i,c s:d",
    "fgmm_vae": "p:d t:d m:k v:k G:f,c e:f M:f,c,k P:f,c a:f s:d r:k",
    "wgan_critic": "p:N t:M",
    "wgan_generator": "p:N",
    "gradient_penalty": "point:D",
    "wgan_gp": "p:N t:M point:D w",
    "sparse_l1": "a w t",
    "sparse_l2": "a w t",
    "structural_damping": "a w",
    "accuracy": "P:N,C t:N:int",
    "binary_accuracy": "p t tau",
    "categorical_accuracy": "p:C t:int 3",
    "classification_error": "p:C t:C",
    "clustering_accuracy": "c:N:int t:N:int 3",
    "explained_variance": "p:N t:N",
}
"""The letters of the variables that each loss is written with, their sizes if they have any, and whether
they are integers. The gradient of the score of a `point` is g."""
CATALOGUE = losses.catalogue()
TOOLS = {"aggregate", "align_targets", "catalogue", "log_responsibilities", "loss_set"}


def variables(text):
    """The arguments that one line of `ARGUMENTS` describes."""
    for name, *facts in (part.split(":") for part in text.split()):
        if name == "point":
            point = sl.vector("x", facts[0])
            yield from (sl.vector("g", facts[0]) @ point, point)
        elif name.isdecimal():
            yield int(name)
        else:
            dtype = "int64" if "int" in facts else "float64"
            sizes = [fact for fact in facts if fact != "int"]
            yield sl.tensor(name, sizes[0] if sizes else (), dtype=dtype)


def built(name):
    """The loss on variables with the letters of its docstring."""
    return getattr(losses, name)(*variables(ARGUMENTS[name]))


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_formula_is_what_the_printer_writes(entry):
    assert entry.formula == " ".join(built(entry.name).latex(notation="matrix").split())


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_reduction_is_the_one_of_the_result(entry):
    name, _, rest = ARGUMENTS[entry.name].partition(" ")
    first, loss = next(variables(name)), built(entry.name)
    shape = {"elementwise": first.shape, "per item": first.shape[:-1], "scalar": ()}[entry.reduction]
    of_batch = entry.name == "info_nce"
    assert loss.shape == (first.shape[:1] if of_batch else shape)


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_a_docstring_has_every_part(entry):
    doc = entry.function.__doc__
    assert re.search(r"\n    Parameters\n    -+\n", doc)
    assert re.search(r"\n    Raises\n    -+\n    (Shape|Graph)Error\n", doc)
    assert re.search(r"[Tt]he choice ", doc), "it says when to choose the loss"
    assert re.search(r"[Ii]n (nats|the (squared )?unit)", doc), "it says the unit"
    assert re.search(r"\(\d{4}\)\.$", entry.source), "its source ends with a year"


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_a_docstring_names_every_argument(entry):
    code = entry.function.__code__
    stated = re.search(r"Parameters\n    -+\n(.*?)\n\n", entry.function.__doc__, re.DOTALL).group(1)
    heads = re.findall(r"^    (\S.*?) : ", stated, re.MULTILINE)
    named = [name for head in heads for name in re.split(", | and ", head)]
    assert sorted(named) == sorted(code.co_varnames[: code.co_argcount])


def test_the_catalogue_lists_every_loss_that_is_public():
    assert {entry.name for entry in CATALOGUE} == set(ARGUMENTS)
    assert {entry.name for entry in CATALOGUE} | TOOLS == set(losses.__all__)
    assert all(getattr(losses, entry.name) is entry.function for entry in CATALOGUE)


def test_the_catalogue_prints_as_text():
    text = str(CATALOGUE).splitlines()
    start = text.index("hinge_loss: Penalty for scores on the wrong side of the margin.")
    assert text[start + 1 : start + 3] == [
        r"    \max(0, \delta - t \, p)",
        "    elementwise; Cortes and Vapnik, Support-vector networks, Machine Learning 20 (1995).",
    ]
