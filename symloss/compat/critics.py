"""numpy-ml's losses of a critic and of the generator that it judges."""

from __future__ import annotations

from typing import Any

from .. import losses, ops
from ..calculus.gradient import grad
from ..core.errors import DomainError, GraphError, message, shown
from ..core.expr import Expr
from .arrays import at_arrays
from .objective import ObjectiveBase


class WGAN_GPLoss(ObjectiveBase):  # noqa: N801
    """Losses of a critic, "C", with a penalty for its slopes, and of a generator, "G".

    Other than in numpy-ml, the gradients are those of the stated loss: +1/n for generated scores and -1/n for
    real ones, in the order of the arguments; the penalty divides by its own number of points.
    """

    def __init__(self, lambda_: float = 10) -> None:
        self.lambda_ = lambda_

    def __str__(self) -> str:
        return f"WGANLossGP(lambda_={self.lambda_})"

    def loss(self, Y_fake: Any, module: str, Y_real: Any = None, gradInterp: Any = None) -> Any:
        """The loss of scores and, for the critic, of its gradients (n, features) in points between."""
        if _module(module, Y_real, gradInterp) == "G":
            return at_arrays(losses.wgan_generator, Y_fake)
        return at_arrays(_critic, Y_fake, Y_real, gradInterp, weight=self.lambda_)

    def grad(self, Y_fake: Any, module: str, Y_real: Any = None, gradInterp: Any = None) -> Any:
        """The gradient in `Y_fake`; for the critic a tuple of those in all three."""
        if _module(module, Y_real, gradInterp) == "G":
            return at_arrays(_generator_slope, Y_fake)
        return at_arrays(_critic_slopes, Y_fake, Y_real, gradInterp, weight=self.lambda_)


def _critic(fake: Expr, real: Expr, slopes: Expr, weight: float) -> Expr:
    penalty = ops.mean((ops.norm(slopes, axis=1) - 1) ** 2)
    return losses.wgan_critic(fake, real) + weight * penalty


def _critic_slopes(fake: Expr, real: Expr, slopes: Expr, weight: float) -> Any:
    return grad(_critic(fake, real, slopes, weight), [fake, real, slopes])


def _generator_slope(fake: Expr) -> Any:
    return grad(losses.wgan_generator(fake), fake)


def _module(module: str, real: Any, slopes: Any) -> str:
    """Whose loss is meant, once everything for it is there."""
    if module not in ("C", "G"):
        raise DomainError(message("WGAN_GPLoss()", f"module is {shown(module)}", "give 'C' or 'G'"))
    if module == "C" and (real is None or slopes is None):
        raise GraphError(message("WGAN_GPLoss()", "the critic needs Y_real and gradInterp", "give both"))
    return module
