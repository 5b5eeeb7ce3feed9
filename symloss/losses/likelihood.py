"""Negative log-likelihoods of counts and of normally distributed numbers, in nats."""

from __future__ import annotations

from math import pi
from typing import Any

from ..core.expr import Expr
from ..core.leaves import CONSTANT, constant_of, lift
from ..ops.along import sum_
from ..ops.axes import expand_dims, squeeze
from ..ops.exponential import exp, log
from ..ops.likelihood import weighted
from ..ops.linalg import logdet, solve
from ..ops.masked import xlogy
from .arguments import fitting, paired, with_last_axis


def poisson_nll(predictions: Expr, targets: Expr) -> Expr:
    r"""Negative log-likelihood of a count, from its rate.

    .. math:: p - t \log(p)

    In nats, without the constant log t!. The choice for counts whose rate is known to be positive; from any
    real number, `poisson_nll_log` takes its exponential. Nothing is clipped: a count that the rate 0 rules
    out costs infinity.

    Parameters
    ----------
    predictions : Expr, any shape
        Rates >= 0: the expected counts.
    targets : Expr, shape of `predictions`
        Counts >= 0.

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each prediction; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.

    References
    ----------
    Nelder and Wedderburn, Generalized linear models, Journal of the Royal Statistical Society A 135 (1972).
    """
    p, t = paired("poisson_nll", predictions, targets)
    return p - xlogy(t, p)


def poisson_nll_log(predictions: Expr, targets: Expr) -> Expr:
    r"""Negative log-likelihood of a count, from the logarithm of its rate.

    .. math:: e^{z} - t \, z

    In nats, without the constant log t!. The choice for counts. A rate beyond the largest float is infinite,
    as is the loss; then `clip` the predictions.

    Parameters
    ----------
    predictions : Expr, any shape
        Log-rates: any real number or minus infinity.
    targets : Expr, shape of `predictions`
        Counts >= 0.

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each prediction; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.

    References
    ----------
    Nelder and Wedderburn, Generalized linear models, Journal of the Royal Statistical Society A 135 (1972).
    """
    z, t = paired("poisson_nll_log", predictions, targets)
    return exp(z) - weighted(t, z)


def gaussian_nll(predictions: Expr, targets: Expr, logvar: Any = 0) -> Expr:
    r"""Negative log-likelihood of a number, from the mean and log-variance of a normal distribution.

    .. math:: \frac{\log(6.283185307179586) + \left(v + \left((t - p) e^{\frac{-v}{2}}\right)^{2}\right)}{2}

    In nats, with the constant log(2 pi)/2. The choice when each prediction states how uncertain it is. With
    the log-variance 0 it is half the squared error and a constant.

    Parameters
    ----------
    predictions : Expr, any shape
        Means, any real number.
    targets : Expr, shape of `predictions`
        Any real number.
    logvar : Expr or number that broadcasts to the shape of `predictions`
        Logarithms of the variances, any real number.

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each prediction; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes of predictions and targets differ, or `logvar` does not broadcast to them.

    References
    ----------
    Nix and Weigend, Estimating the mean and variance of the target probability distribution, ICNN (1994).
    """
    p, t = paired("gaussian_nll", predictions, targets)
    v = fitting("gaussian_nll", "log-variances", logvar, p)
    return (log_two_pi(p) + surprise(p, t, v)) / 2


def multivariate_gaussian_nll(predictions: Expr, targets: Expr, covariance: Any) -> Expr:
    r"""Negative log-likelihood of a vector, from the mean and covariance of a normal distribution.

    .. math::

        \frac{D \, \log(6.283185307179586) + \log \lvert \det \Sigma \rvert + \sum ((\mathbf{t} - \mathbf{p})
        \odot \Sigma^{-1} (\mathbf{t} - \mathbf{p}))}{2}

    In nats, with the constant D log(2 pi)/2. The choice when the errors of one item are correlated; for a
    diagonal covariance take `gaussian_nll`. Parametrise by a factor, as in ``L @ L.T``, to keep it positive.

    Parameters
    ----------
    predictions, targets : Expr, (..., D)
        Means, and what was observed; any real number.
    covariance : Expr, (D, D) or (..., D, D)
        Symmetric and positive definite.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each vector; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or the covariance is not square or of another size.

    References
    ----------
    Anderson, An introduction to multivariate statistical analysis (1958).
    """
    call = "multivariate_gaussian_nll"
    p, t = paired(call, predictions, targets)
    (s,) = lift(call, covariance)
    e = with_last_axis(call, t - p)
    solved = solve(s, e) if e.ndim == 1 else squeeze(solve(s, expand_dims(e, -1)), -1)
    loss: Expr = (e.shape[-1] * log_two_pi(e) + logdet(s) + sum_(e * solved, axis=-1)) / 2
    return loss


def gaussian_kl(mean: Expr, logvar: Expr, prior_mean: Any = 0, prior_logvar: Any = 0) -> Expr:
    r"""Divergence of a diagonal normal distribution from a prior one, the standard one by default.

    .. math::

        \frac{\sum \left(e^{\mathbf{v} - \mathbf{v}_{0}} + \left((\mathbf{m} - \mathbf{m}_{0}) \odot
        e^{\frac{-\mathbf{v}_{0}}{2}}\right)^{2} - 1 + \mathbf{v}_{0} - \mathbf{v}\right)}{2}

    In nats. The choice for what a variational posterior costs; it is 0 where both are equal. Also for small
    variances, as nothing is added to them.

    Parameters
    ----------
    mean, logvar : Expr, (..., K)
        Means and logarithms of the variances, any real number.
    prior_mean, prior_logvar : Expr or number that broadcasts to (..., K)
        Those of the prior.

    Returns
    -------
    Expr, (...)
        Per item: one divergence for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes of `mean` and `logvar` differ, or the prior does not broadcast to them.

    References
    ----------
    Kullback and Leibler, On information and sufficiency, Annals of Mathematical Statistics 22 (1951).
    """
    m, v = paired("gaussian_kl", mean, logvar)
    m0 = fitting("gaussian_kl", "prior means", prior_mean, with_last_axis("gaussian_kl", m))
    v0 = fitting("gaussian_kl", "prior log-variances", prior_logvar, m)
    return normal_kl(m, v, m0, v0)


def log_two_pi(x: Expr) -> Expr:
    """The logarithm of 2 pi in the dtype of `x`."""
    return log(constant_of(2 * pi, x.dtype))


def surprise(mean: Expr, x: Expr, logvar: Expr) -> Expr:
    """The log-variance and the squared distance in its unit, which does not overflow where that is small."""
    if is_zero(logvar):
        return (x - mean) ** 2
    return logvar + ((x - mean) * exp(-logvar / 2)) ** 2


def normal_kl(m: Expr, v: Expr, m0: Expr, v0: Expr) -> Expr:
    """The divergence of normal distributions, of means and log-variances that broadcast."""
    e = m if is_zero(m0) else m - m0
    if is_zero(v0):
        return sum_(exp(v) + e**2 - 1 - v, axis=-1) / 2
    return sum_(exp(v - v0) + (e * exp(-v0 / 2)) ** 2 - 1 + v0 - v, axis=-1) / 2


def is_zero(x: Expr) -> bool:
    """Whether it is the constant 0, which a formula is shorter without."""
    return x.op is CONSTANT and x.ndim == 0 and not x.params["value"]
