"""Divergences between discrete distributions, in nats."""

from __future__ import annotations

from ..core.expr import Expr
from ..ops.along import sum_
from ..ops.masked import xlogy
from .arguments import of_distributions, paired, with_last_axis


def kl_divergence(predictions: Expr, targets: Expr) -> Expr:
    r"""How many nats are lost by expecting the predicted probabilities where the targets hold.

    .. math:: \sum (\mathbf{t} \odot \log(\mathbf{t}) - \mathbf{t} \odot \log(\mathbf{p}))

    In nats, along the last axis: the divergence of the predictions from the targets. The choice where the
    targets are distributions and 0 shall mean that they are met; its slopes are those of
    `categorical_crossentropy`. What the targets rule out costs nothing; what the predictions wrongly rule out
    costs infinity.

    Parameters
    ----------
    predictions : Expr, (..., C)
        Probabilities, in [0, 1], of rows that sum to 1.
    targets : Expr, (..., C)
        The same.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.

    References
    ----------
    Kullback and Leibler, On information and sufficiency, Annals of Mathematical Statistics 22 (1951).
    """
    p, t = paired("kl_divergence", predictions, targets)
    loss = sum_(xlogy(t, t) - xlogy(t, with_last_axis("kl_divergence", p)), axis=-1)
    return of_distributions(loss, p, t)


def js_divergence(predictions: Expr, targets: Expr) -> Expr:
    r"""The mean divergence of two distributions from their mean.

    .. math::

        \frac{\sum \left(\mathbf{p} \odot \log(\mathbf{p}) + \mathbf{t} \odot \log(\mathbf{t}) - 2
        \left(\frac{\mathbf{p} + \mathbf{t}}{2} \odot \log\left(\frac{\mathbf{p} +
        \mathbf{t}}{2}\right)\right)\right)}{2}

    In nats, along the last axis; from 0 to log 2. The choice where neither distribution is the true one, or
    where either rules out what the other does not. For a one-sided comparison take `kl_divergence`.
    Where a predicted probability p is 0, its term p log p, of infinite slope, is left out of the slope.

    Parameters
    ----------
    predictions : Expr, (..., C)
        Probabilities, in [0, 1], of rows that sum to 1.
    targets : Expr, (..., C)
        The same.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.

    References
    ----------
    Lin, Divergence measures based on the Shannon entropy, IEEE Transactions on Information Theory 37 (1991).
    """
    p, t = paired("js_divergence", predictions, targets)
    middle = (with_last_axis("js_divergence", p) + t) / 2
    loss: Expr = sum_(xlogy(p, p) + xlogy(t, t) - 2 * xlogy(middle, middle), axis=-1) / 2
    return of_distributions(loss, p, t)
