"""What holds for every loss by being registered: its docstring, its gradients, its dtypes and its errors."""

import re

import numpy as np
import pytest

import symloss as sl
from symloss import losses
from symloss.core.leaves import INPUT
from symloss.core.walk import topological
from symloss.testing import check_gradient, random_values

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
METRICS = {name for name in ARGUMENTS if "accuracy" in name} | {"classification_error"}
LOGARITHMS = {"fgmm_vae": "G e P a"}
"""Variables that stand for the logarithm of a probability."""
CATALOGUE = losses.catalogue()
TOOLS = {"aggregate", "align_targets", "catalogue", "log_responsibilities", "loss_set"}


def variables(text, kind="float64", lengths=None):
    """The arguments that one line of `ARGUMENTS` describes, with lengths for the sizes if they are given."""
    for size, length in (lengths or {}).items():
        text = re.sub(rf"(?<=[:,]){size}\b", str(length), text)
    for name, *facts in (part.split(":") for part in text.split()):
        if name == "point":
            point = sl.vector("x", facts[0], dtype=kind)
            yield from (sl.vector("g", facts[0], dtype=kind) @ point, point)
        elif name.isdecimal():
            yield int(name)
        else:
            dtype = "int64" if "int" in facts else kind
            sizes = [fact for fact in facts if fact != "int"]
            yield sl.tensor(name, sizes[0] if sizes else (), dtype=dtype)


def built(name, kind="float64", lengths=None):
    """The loss on variables with the letters of its docstring."""
    return getattr(losses, name)(*variables(ARGUMENTS[name], kind, lengths))


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
    name = ARGUMENTS[entry.name].partition(" ")[0]
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


@pytest.mark.parametrize("name", sorted({*ARGUMENTS} - METRICS - {"structural_damping"}))
def test_first_and_second_derivatives_agree_with_differences_of_60_digits(name):
    sizes = sorted({*re.findall(r"(?<=[:,])[A-Za-z]\b", ARGUMENTS[name])})
    loss = built(name, lengths={size: 2 + k % 2 for k, size in enumerate(sizes)})
    values = point(name, loss)
    check_gradient(loss, [v for v in values if v.dtype == np.float64], values, order=2)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_what_has_no_slope_says_so(name):
    p = next(variables(ARGUMENTS[name]))
    loss = losses.aggregate(built(name))
    with pytest.raises(sl.errors.GradientError):
        sl.grad(loss, p)


@pytest.mark.parametrize("name", sorted({*ARGUMENTS} - {"clustering_accuracy"}))
def test_single_precision_stays_single_and_is_right(name):
    wide, narrow = built(name), built(name, "float32")
    values = point(name, wide)
    exact = sl.function(list(values), wide)(*values.values())
    single = [value.astype("float32") if value.dtype == np.float64 else value for value in values.values()]
    found = sl.function([v for u in values for v in inputs(narrow) if v.name == u.name], narrow)(*single)
    assert found.dtype == (np.float32 if wide.dtype == np.float64 and name not in METRICS else wide.dtype)
    np.testing.assert_allclose(found, exact, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("thing", ["ab", object(), {1: 2}], ids=["str", "object", "dict"])
@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_what_is_no_expression_is_refused_by_its_type(name, thing):
    arguments = list(variables(ARGUMENTS[name]))
    for k, argument in enumerate(arguments):
        if isinstance(argument, sl.Expr):
            with pytest.raises(sl.errors.GraphError, match=type(thing).__name__):
                getattr(losses, name)(*arguments[:k], thing, *arguments[k + 1 :])


@pytest.mark.parametrize("name", sorted({*ARGUMENTS} - {"wgan_critic", "wgan_generator", "wgan_gp"}))
def test_a_column_is_never_broadcast_against_a_vector(name):
    first, second, *rest = variables(ARGUMENTS[name])
    if getattr(second, "shape", None) == first.shape and len(rest) < 3:
        column, row = sl.matrix("c", ("N", 1)), sl.vector("r", "N")
        with pytest.raises((sl.errors.ShapeError, sl.errors.DTypeError)):
            getattr(losses, name)(column, row.astype(second.dtype), *rest)
