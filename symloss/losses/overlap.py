"""Losses of the overlap of two regions, as shares."""

from __future__ import annotations

from typing import Any

from ..core.expr import Expr
from ..ops.along import sum_
from .arguments import NOT_NEGATIVE, of_probabilities, paired, positive


def dice_loss(predictions: Expr, targets: Expr, smooth: Any = 1) -> Expr:
    r"""One minus twice the common part of two regions over their total size.

    .. math:: 1 - \frac{2 \sum (\mathbf{p} \odot \mathbf{t}) + s}{\sum \mathbf{p} + \sum \mathbf{t} + s}

    In the unit of a share: from 0 for equal regions to 1. The choice for segmentation when the region is
    small, as what is neither predicted nor there does not count. `smooth` pixels are counted as met, which
    keeps empty regions finite. Pixels run along the last axis.

    Parameters
    ----------
    predictions : Expr, (..., M)
        Probabilities that a pixel belongs to the region, in [0, 1].
    targets : Expr, (..., M)
        1 inside the region and 0 outside.
    smooth : float or Expr, ()
        Pixels counted as met, >= 0.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.
    DomainError
        If `smooth` is not a finite number >= 0, or an expression of integers.

    References
    ----------
    Dice, Measures of the amount of ecologic association between species, Ecology 26 (1945).
    """
    p, t = paired("dice_loss", predictions, targets)
    smooth = positive("dice_loss", "smooth", smooth, p.dtype, NOT_NEGATIVE)
    common = sum_(p * t, axis=-1)
    loss: Expr = 1 - (2 * common + smooth) / (sum_(p, axis=-1) + sum_(t, axis=-1) + smooth)
    return of_probabilities(loss, p, t)


def tversky_loss(
    predictions: Expr, targets: Expr, alpha: Any = 0.5, beta: Any = 0.5, smooth: Any = 1
) -> Expr:
    r"""One minus the common part of two regions over what is met, wrongly predicted and missed.

    .. math::

        1 - \frac{u}{u + \alpha \sum (\mathbf{p} \odot (1 - \mathbf{t})) + \beta \sum ((1 - \mathbf{p}) \odot
        \mathbf{t})} \quad \text{where } u = \sum (\mathbf{p} \odot \mathbf{t}) + s

    In the unit of a share, from 0 to 1. The choice where missing a part of the region is worse than adding
    one (`beta` > `alpha`) or the other way round; with 1/2 for both and half of the `smooth` it is
    `dice_loss`, with 1 for both the Jaccard distance. Pixels run along the last axis.

    Parameters
    ----------
    predictions : Expr, (..., M)
        Probabilities that a pixel belongs to the region, in [0, 1].
    targets : Expr, (..., M)
        1 inside the region and 0 outside.
    alpha, beta : float or Expr, ()
        Weights >= 0 of pixels that are wrongly predicted, and of those that are missed.
    smooth : float or Expr, ()
        Pixels counted as met, >= 0.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.
    DomainError
        If a weight or `smooth` is not a finite number >= 0, or an expression of integers.

    References
    ----------
    Tversky, Features of similarity, Psychological Review 84 (1977).
    """
    p, t = paired("tversky_loss", predictions, targets)
    named = {"alpha": alpha, "beta": beta, "smooth": smooth}
    a, b, s = (positive("tversky_loss", k, v, p.dtype, NOT_NEGATIVE) for k, v in named.items())
    common = sum_(p * t, axis=-1) + s
    loss: Expr = 1 - common / (common + a * sum_(p * (1 - t), axis=-1) + b * sum_((1 - p) * t, axis=-1))
    return of_probabilities(loss, p, t)
