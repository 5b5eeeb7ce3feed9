"""The distributions of SymJAX's losses, and the divergence of one from another; all results are formulas."""

from __future__ import annotations

from typing import Any

from .. import losses, ops
from ..core.errors import DomainError, ShapeError, kind, message
from ..core.expr import Expr, signature
from ..core.leaves import lift
from ..losses.arguments import with_last_axis
from ..losses.likelihood import log_two_pi


class Normal:
    """A normal distribution along the last axis of its mean.

    `cov` holds variances that broadcast to the mean, or covariance matrices of one axis more.
    """

    def __init__(self, mean: Any, cov: Any) -> None:
        self.mean, self.cov = lift("Normal", mean, cov)
        with_last_axis("Normal", self.mean)
        self.full = self.cov.ndim > self.mean.ndim
        if self.cov.ndim > self.mean.ndim + 1:
            wrong = "the covariance has more than one axis more than the mean"
            mend = "give variances, or a matrix for each mean"
            raise ShapeError(message(signature("Normal", self.mean, self.cov), wrong, mend))

    def log_prob(self, x: Any) -> Expr:
        """Log-density at `x`, of the shape of the mean, for each item."""
        if self.full:
            return -losses.multivariate_gaussian_nll(self.mean, x, self.cov)
        return -ops.sum(losses.gaussian_nll(self.mean, x, ops.log(self.cov)), axis=-1)

    def entropy(self) -> Expr:
        """Differential entropy in nats, for each item."""
        if self.full:
            spread = ops.logdet(self.cov)
        else:
            spread = ops.sum(ops.broadcast_to(ops.log(self.cov), self.mean.shape), axis=-1)
        entropy: Expr = (self.mean.shape[-1] * (1 + log_two_pi(self.mean)) + spread) / 2
        return entropy


class Categorical:
    """Probabilities of classes along the last axis."""

    def __init__(self, probabilities: Any) -> None:
        (self.probabilities,) = lift("Categorical", probabilities)

    def log_prob(self, labels: Any) -> Expr:
        """Log-probability of an integer label for each item."""
        return -losses.categorical_crossentropy(self.probabilities, labels)

    def entropy(self) -> Expr:
        """Entropy in nats, for each item."""
        return losses.categorical_crossentropy(self.probabilities, self.probabilities)


def KL(X: Any, Y: Any) -> Expr:
    """Divergence of X from Y in nats, both Normal (both full or both diagonal) or both Categorical.

    Other than in SymJAX, it is weighted by the first distribution, exact for small variances, and there are
    covariance matrices.
    """
    if isinstance(X, Categorical) and isinstance(Y, Categorical):
        return losses.kl_divergence(Y.probabilities, X.probabilities)
    if not (isinstance(X, Normal) and isinstance(Y, Normal) and X.full == Y.full):
        wrong = f"there is no divergence of {kind(X)} from {kind(Y)}"
        raise DomainError(message("KL()", wrong, "give two distributions of one kind"))
    if not X.full:
        logvar = ops.broadcast_to(ops.log(X.cov), X.mean.shape)
        return losses.gaussian_kl(X.mean, logvar, Y.mean, ops.log(Y.cov))
    share = ops.sum(ops.solve(Y.cov, X.cov) * ops.eye(X.mean.shape[-1], X.cov.dtype), axis=(-2, -1))
    divergence: Expr = share / 2 - Y.log_prob(X.mean) - X.entropy()
    return divergence
