"""Negative log-likelihoods of classes, in nats."""

from __future__ import annotations

from typing import Any

from ..core.expr import Expr
from ..core.leaves import is_number
from ..ops.along import sum_
from ..ops.exponential import exp, log
from ..ops.labels import pick
from ..ops.likelihood import weighted
from ..ops.logistic import softplus
from ..ops.masked import xlogy
from ..ops.moments import mean
from ..ops.softmax_family import log_softmax
from .arguments import (
    NOT_NEGATIVE,
    SHARE,
    classified,
    of_distributions,
    of_probabilities,
    paired,
    positive,
)


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
    return of_probabilities(-xlogy(t, p) - xlogy(1 - t, 1 - p), p, t)


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
    return of_probabilities(softplus(z) - y * z, y)


def softmax_crossentropy(predictions: Expr, targets: Expr) -> Expr:
    r"""Negative log-likelihood of one class among several, from scores.

    .. math:: -\sum (\mathbf{y} \odot \operatorname{log\,softmax}(\mathbf{z}))

    In nats; with integer targets, minus the log-softmax at the label. The choice for classes that exclude one
    another. Classes run along the last axis. A class of target 0 contributes nothing, even if its score is
    minus infinity; a score of plus infinity among others gives NaN.

    Parameters
    ----------
    predictions : Expr, (..., C)
        Logits, any real number or minus infinity.
    targets : Expr, (..., C) or integers (...)
        Probabilities that sum to 1, or other weights (``check="values"`` refuses them); or labels in [0, C).

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
    return of_distributions(-sum_(weighted(y, log_softmax(z)), axis=-1), y)


def categorical_crossentropy(predictions: Expr, targets: Expr) -> Expr:
    r"""Negative log-likelihood of one class among several, from probabilities.

    .. math:: -\sum (\mathbf{t} \odot \log(\mathbf{p}))

    In nats; with integer targets, minus the logarithm of the labelled entry. The choice when probabilities
    are all there is; from scores, `softmax_crossentropy` is accurate where this one has no digits left.
    Nothing is clipped: a class of target 0 contributes nothing, even if its probability is 0.

    Parameters
    ----------
    predictions : Expr, (..., C)
        Probabilities, in [0, 1], of rows that sum to 1.
    targets : Expr, (..., C) or integers (...)
        Probabilities that sum to 1, or other weights (``check="values"`` refuses them); or labels in [0, C).

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or if labels do not have one axis less than the predictions.
    DTypeError
        If labels are not integers.
    LabelRangeError
        At the call, if a label is outside [0, C).

    References
    ----------
    Good, Rational decisions, Journal of the Royal Statistical Society B 14 (1952).
    """
    p, t = classified("categorical_crossentropy", predictions, targets)
    if t.ndim < p.ndim:
        return of_distributions(-log(pick(p, t)), p)
    return of_distributions(-sum_(xlogy(t, p), axis=-1), p, t)


def smoothed_softmax_crossentropy(predictions: Expr, targets: Expr, smoothing: Any = 0.1) -> Expr:
    r"""Softmax crossentropy of targets of which a share is spread evenly over all classes.

    .. math::

        (1 - \epsilon) \left(-\sum (\mathbf{y} \odot \mathbf{u})\right) - \epsilon \,
        \operatorname{mean}(\mathbf{u}) \quad \text{where } \mathbf{u} =
        \operatorname{log\,softmax}(\mathbf{z})

    In nats. The choice when `softmax_crossentropy` becomes too certain: the scores stay finite where it is
    least. A score of minus infinity costs infinity, as every class has a share. Targets that sum to 1 are
    replaced by (1 - smoothing) times themselves plus smoothing/C.

    Parameters
    ----------
    predictions : Expr, (..., C)
        Logits, any real number.
    targets : Expr, (..., C) or integers (...)
        Probabilities that sum to 1, or other weights (``check="values"`` refuses them); or labels in [0, C).
    smoothing : float or Expr, ()
        The share, in [0, 1).

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError, DTypeError, LabelRangeError
        As `softmax_crossentropy`.
    DomainError
        If `smoothing` is outside [0, 1), or an expression of integers.

    References
    ----------
    Szegedy et al., Rethinking the Inception architecture for computer vision, CVPR (2016).
    """
    sharp = softmax_crossentropy(predictions, targets)
    share = positive("smoothed_softmax_crossentropy", "smoothing", smoothing, sharp.dtype, SHARE)
    if is_number(share) and share == 0:
        return sharp
    loss: Expr = (1 - share) * sharp - share * mean(log_softmax(predictions), axis=-1)
    return loss


def focal_loss(predictions: Expr, targets: Expr, gamma: Any = 2) -> Expr:
    r"""Crossentropy of yes or no that counts less the better an example is predicted.

    .. math::

        e^{(-\gamma) \operatorname{softplus}(u)} \, \operatorname{softplus}(-u) \quad \text{where } u = (2 y -
        1) z

    In nats, from a score: with the predicted probability q of what is the case, it is
    ``-(1 - q)**gamma * log(q)``. The choice when easy examples far outnumber the hard ones; with `gamma` 0 it
    is `binary_crossentropy_logits`. A weight for one of the classes goes to `aggregate`. An
    infinite score on the wrong side costs infinity, and has no slope.

    Parameters
    ----------
    predictions : Expr, any shape
        Logits: the logarithm of the odds of yes, any real number or infinity.
    targets : Expr, shape of `predictions`
        1 for yes and 0 for no.
    gamma : float or Expr, ()
        How fast the weight falls, >= 0.

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each logit; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or if `gamma` is not a scalar.
    DomainError
        If `gamma` is not a finite number >= 0, or an expression of integers.

    References
    ----------
    Lin et al., Focal loss for dense object detection, ICCV (2017).
    """
    z, y = paired("focal_loss", predictions, targets)
    gamma = positive("focal_loss", "gamma", gamma, z.dtype, NOT_NEGATIVE)
    right = (2 * y - 1) * z
    return of_probabilities(exp(-gamma * softplus(right)) * softplus(-right), y)
