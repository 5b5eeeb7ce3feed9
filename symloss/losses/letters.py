"""The variables that the formula of each loss is written in, so that it can be built without data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..core.expr import Expr
from ..declare import tensor, vector
from ..ops.contraction import matmul

LETTERS = {
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
"""What each loss is called with: the letter of a variable, its sizes if it has any, and `int` if it holds
integers; or a number. A `point` is x, and what is asked for there is the score whose gradient is g."""


def variables(
    text: str, dtype: str = "float64", lengths: Mapping[str, int] | None = None
) -> Iterator[Expr | int]:
    """The arguments that one line of `LETTERS` describes, with lengths for the sizes if they are given."""
    for size, length in (lengths or {}).items():
        text = re.sub(rf"(?<=[:,]){size}\b", str(length), text)
    for name, *facts in (part.split(":") for part in text.split()):
        if name == "point":
            point = vector("x", facts[0], dtype=dtype)
            yield from (matmul(vector("g", facts[0], dtype=dtype), point), point)
        elif name.isdecimal():
            yield int(name)
        else:
            sizes = [fact for fact in facts if fact != "int"]
            yield tensor(name, sizes[0] if sizes else (), dtype="int64" if "int" in facts else dtype)
