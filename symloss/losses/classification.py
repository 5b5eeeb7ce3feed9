"""Negative log-likelihoods of classes, in nats."""

from __future__ import annotations

from ..core.expr import Expr
from ..ops.along import sum_
from ..ops.labels import pick
from ..ops.likelihood import weighted
from ..ops.logistic import softplus
from ..ops.masked import xlogy
from ..ops.softmax_family import log_softmax
from .arguments import classified, paired


def binary_crossentropy(predictions: Expr, targets: Expr) -> Expr:
    r"""Negative log-likelihood of yes or no, from a probability.

    .. math:: -t \log(p) - (1 - t) \log(1 - p)

    In nats. The choice when probabilities are all there is; from scores, `binary_crossentropy_logits` is
    accurate where this one has no digits left. Nothing is clipped: the loss is 0 where a certain prediction
    is right (with slope +1 at 0 and -1 at 1) and infinite where it is wrong.

    Parameters
    ----------
    predictions : Expr, any shape
        Probabilities of yes, in [0, 1].
    targets : Expr, shape of `predictions`
        1 for yes and 0 for no, or a probability in [0, 1].

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each probability; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.

    References
    ----------
    Good, Rational decisions, Journal of the Royal Statistical Society B 14 (1952).
    """
    p, t = paired("binary_crossentropy", predictions, targets)
    return -xlogy(t, p) - xlogy(1 - t, 1 - p)


def binary_crossentropy_logits(predictions: Expr, targets: Expr) -> Expr:
    r"""Negative log-likelihood of yes or no, from a score.

    .. math:: \operatorname{softplus}(z) - y \, z

    In nats. The choice for two classes, and for several labels that do not exclude one another. Equals
    `binary_crossentropy` of ``sigmoid(predictions)``, without overflow and with all digits in both tails.

    Parameters
    ----------
    predictions : Expr, any shape
        Logits: the logarithm of the odds of yes, any real number or infinity.
    targets : Expr, shape of `predictions`
        1 for yes and 0 for no, or a probability in [0, 1].

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each logit; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.

    References
    ----------
    Cox, The regression analysis of binary sequences, Journal of the Royal Statistical Society B 20 (1958).
    """
    z, y = paired("binary_crossentropy_logits", predictions, targets)
    return softplus(z) - y * z


def softmax_crossentropy(predictions: Expr, targets: Expr) -> Expr:
    r"""Negative log-likelihood of one class among several, from scores.

    .. math:: -\sum (\mathbf{y} \odot \operatorname{log\,softmax}(\mathbf{z}))

    In nats; with integer targets, minus the entry of the labelled class. The choice for classes that exclude
    one another. Classes run along the last axis. A class of target 0 contributes nothing, even if its score
    is minus infinity.

    Parameters
    ----------
    predictions : Expr, (..., C)
        Logits, any real number or minus infinity.
    targets : Expr, (..., C) or integers (...)
        A weight for each class, usually summing to 1; or labels in [0, C).

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row of logits; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or if labels do not have one axis less than the logits.
    DTypeError
        If labels are not integers.
    LabelRangeError
        At the call, if a label is outside [0, C).

    References
    ----------
    Bridle, Probabilistic interpretation of feedforward classification network outputs, Neurocomputing (1990).
    """
    z, y = classified("softmax_crossentropy", predictions, targets)
    if y.ndim < z.ndim:
        return -pick(log_softmax(z), y)
    return -sum_(weighted(y, log_softmax(z)), axis=-1)
