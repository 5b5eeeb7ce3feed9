"""The negative evidence lower bound of an autoencoder of factors, in nats."""

from __future__ import annotations

from typing import Any

from ..core.expr import Expr
from ..ops.along import sum_
from ..ops.axes import expand_dims
from ..ops.exponential import exp
from ..ops.likelihood import weighted
from ..ops.logistic import log1mexp
from .arguments import fitting, paired
from .likelihood import gaussian_nll, is_zero


def fgmm_vae(
    predictions: Expr,
    targets: Expr,
    q_mean: Expr,
    q_logvar: Expr,
    q_loggamma: Expr,
    q_logeta: Expr,
    mean: Expr,
    logpi: Expr,
    logpia: Expr,
    x_logvar: Any = 0,
    z_logvar: Any = 0,
    bernoulli: bool = True,
) -> Expr:
    r"""Negative evidence lower bound of an autoencoder whose code is a sum of factors, each with clusters.

    .. math::

        \sum \frac{\log(6.283185307179586) + \left(\mathbf{s} + \left((\mathbf{t} - \mathbf{p}) \odot
        e^{\frac{-\mathbf{s}}{2}}\right)^{2}\right)}{2} + \frac{\sum \left(\left(\left(\mathbf{m} - \sum_{f}
        B\right)^{2} + \sum_{f, c} (A \odot M^{2}) - \sum_{f} B^{2} + e^{\mathbf{v}}\right) \odot
        e^{-\mathbf{r}} - 1 + \mathbf{r} - \mathbf{v}\right)}{2} + \sum (e^{G} \odot G - e^{G} \odot P) + \sum
        (e^{\mathbf{e}} \odot \mathbf{e} - e^{\mathbf{e}} \odot \mathbf{a} + (e^{\mathbf{u}} \odot \mathbf{u}
        - e^{\mathbf{u}} \odot \operatorname{log1mexp}(-\mathbf{a}))) \quad \text{where } B = \sum_{c} (A
        \odot M), \; A = {(e^{{\mathbf{e}}_{[{:}, \text{None}]} + G})}_{[{:}, {:}, \text{None}]}, \;
        \mathbf{u} = \operatorname{log1mexp}(-\mathbf{e})

    In nats, with all constants. The choice for data in which several causes, each of a few kinds, are present
    or absent together; without `bernoulli`, exactly one is present.

    Parameters
    ----------
    predictions, targets : Expr, (..., D)
        What was decoded, and what was encoded; any real number.
    q_mean, q_logvar : Expr, (..., K)
        Mean and log-variance of the posterior of the code.
    q_loggamma, q_logeta : Expr, (..., F, C) and (..., F)
        Posterior log-probabilities of the cluster of each factor, and of the factor being present.
    mean : Expr, (F, C, K)
        Means of the clusters.
    logpi, logpia : Expr, (F, C) and (F,)
        Prior log-probabilities of the clusters, and of the factors being present.
    x_logvar, z_logvar : Expr or number that broadcasts to (..., D), and to (..., K)
        Log-variances of the noise, and of the code around the sum of its factors.
    bernoulli : bool
        Whether factors are present independently of one another.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If shapes that are stated as equal differ.

    References
    ----------
    Saul, Jaakkola and Jordan, Mean field theory for sigmoid belief networks, Journal of Artificial
    Intelligence Research 4 (1996).
    """
    m, v = paired("fgmm_vae", q_mean, q_logvar)
    v0 = fitting("fgmm_vae", "log-variances", z_logvar, m)
    x = sum_(gaussian_nll(predictions, targets, x_logvar), axis=-1)
    distance = _distance(m, q_loggamma, q_logeta, mean, bernoulli)
    near = distance + exp(v)
    z = sum_((near - 1 - v if is_zero(v0) else near * exp(-v0) - 1 + v0 - v), axis=-1) / 2
    return x + z + sum_(_cost(q_loggamma, logpi), axis=(-2, -1)) + _presence(q_logeta, logpia, bernoulli)


def _distance(m: Expr, loggamma: Expr, logeta: Expr, mean: Expr, bernoulli: bool) -> Expr:
    """The expected squared distance of a point from the sum of the factors, for each latent dimension."""
    share = expand_dims(exp(expand_dims(logeta, -1) + loggamma), -1)
    factors = sum_(share * mean, axis=-2)
    total = sum_(factors, axis=-2)
    known = sum_(factors**2, axis=-2) if bernoulli else total**2
    return (m - total) ** 2 + sum_(share * mean**2, axis=(-3, -2)) - known


def _presence(logeta: Expr, logpia: Expr, bernoulli: bool) -> Expr:
    """The divergence of which factors are present from what was expected of them."""
    cost = _cost(logeta, logpia)
    return sum_(cost + _cost(log1mexp(-logeta), log1mexp(-logpia)) if bernoulli else cost, axis=-1)


def _cost(log_p: Expr, log_q: Expr) -> Expr:
    """p (log p - log q), and 0 where p is 0."""
    p = exp(log_p)
    return weighted(p, log_p) - weighted(p, log_q)
