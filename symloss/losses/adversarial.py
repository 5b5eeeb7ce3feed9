"""Losses of a critic and of the generator that it judges."""

from __future__ import annotations

from typing import Any

from ..calculus.gradient import grad
from ..core import shapes
from ..core.errors import ShapeError, message
from ..core.expr import Expr, signature
from ..core.leaves import lift
from ..ops.along import sum_
from ..ops.moments import mean, norm
from .arguments import NOT_NEGATIVE, positive


def wgan_critic(predictions: Expr, targets: Expr) -> Expr:
    r"""How much higher a critic scores what is generated than what is real.

    .. math:: \operatorname{mean}(\mathbf{p}) - \operatorname{mean}(\mathbf{t})

    In the unit of the scores. The choice for a critic that is kept from steep slopes by other means; with the
    penalty for them it is `wgan_gp`. Among critics that are nowhere steeper than 1 its least value is minus
    the Wasserstein distance.

    Parameters
    ----------
    predictions : Expr, any shape
        Scores of what is generated.
    targets : Expr, any shape
        Scores of what is real; there may be more or fewer.

    Returns
    -------
    Expr, ()
        Scalar: a difference of means.

    Raises
    ------
    GraphError
        If an argument is no expression, number or array.

    References
    ----------
    Arjovsky, Chintala and Bottou, Wasserstein generative adversarial networks, ICML (2017).
    """
    fake, real = lift("wgan_critic", predictions, targets)
    return mean(fake) - mean(real)


def wgan_generator(predictions: Expr) -> Expr:
    r"""How low a critic scores what is generated.

    .. math:: -\operatorname{mean}(\mathbf{p})

    In the unit of the scores. The choice for the generator that plays against `wgan_critic` or `wgan_gp`.

    Parameters
    ----------
    predictions : Expr, any shape
        Scores of what is generated.

    Returns
    -------
    Expr, ()
        Scalar: minus a mean.

    Raises
    ------
    GraphError
        If the argument is no expression, number or array.

    References
    ----------
    Arjovsky, Chintala and Bottou, Wasserstein generative adversarial networks, ICML (2017).
    """
    return -mean(predictions)


def gradient_penalty(predictions: Expr, points: Expr) -> Expr:
    r"""Squared difference from 1 of the slope of a score.

    .. math:: (\lVert \mathbf{g} \rVert - 1)^{2}

    Here g is the gradient of the score in its point. In the squared unit of a slope. The choice for keeping a
    critic's slope near 1; `wgan_gp` adds it to what the critic is trained on. Where the slope is 0 the
    penalty is 1, and its own slope 0.

    Parameters
    ----------
    predictions : Expr, (...)
        The score of each point, as a formula of the points.
    points : Expr, (..., D) or with more axes
        Where the slope counts: as a rule at random between what is generated and what is real.

    Returns
    -------
    Expr, (...)
        Per item: one penalty for each score; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If there is not one score for each point.
    GradientError
        If the scores do not depend on the points.

    References
    ----------
    Gulrajani et al., Improved training of Wasserstein GANs, NeurIPS (2017).
    """
    scores, points = lift("gradient_penalty", predictions, points)
    if scores.ndim >= points.ndim or not shapes.same_shape(scores.shape, points.shape[: scores.ndim]):
        wrong = f"the scores {shapes.show(scores.shape)} are not one for each of {shapes.show(points.shape)}"
        raise ShapeError(message(signature("gradient_penalty", scores, points), wrong, "give one for each"))
    slope = norm(grad(sum_(scores), points), axis=tuple(range(scores.ndim, points.ndim)))
    return (slope - 1) ** 2


def wgan_gp(predictions: Expr, targets: Expr, between: Expr, points: Expr, weight: Any = 10) -> Expr:
    r"""What a critic is trained on: a difference of scores, and a penalty for slopes other than 1.

    .. math::

        \operatorname{mean}(\mathbf{p}) - \operatorname{mean}(\mathbf{t}) + w \, \operatorname{mean}((\lVert
        \mathbf{g} \rVert - 1)^{2})

    Here g is the gradient of the scores `between` in their points. In the unit of the scores. The choice for
    the critic of a generative adversarial network; it is differentiable in the critic's parameters, through
    the slopes as well.

    Parameters
    ----------
    predictions, targets : Expr, any shape
        Scores of what is generated, and of what is real; their numbers may differ.
    between : Expr, (...)
        Scores of the points, as a formula of them.
    points : Expr, (..., D) or with more axes
        Points at random between what is generated and what is real.
    weight : float or Expr, ()
        What the penalty counts, >= 0.

    Returns
    -------
    Expr, ()
        Scalar: means over each batch.

    Raises
    ------
    ShapeError
        If there is not one score for each point.
    GradientError
        If the scores do not depend on the points.
    DomainError
        If `weight` is not a finite number >= 0, or an expression of integers.

    References
    ----------
    Gulrajani et al., Improved training of Wasserstein GANs, NeurIPS (2017).
    """
    difference = wgan_critic(predictions, targets)
    weight = positive("wgan_gp", "weight", weight, difference.dtype, NOT_NEGATIVE)
    loss: Expr = difference + weight * mean(gradient_penalty(between, points))
    return loss
