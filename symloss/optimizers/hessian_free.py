"""Hessian-free optimisation: Newton's method with a curvature that is known by its products alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..core.errors import DomainError, kind, message
from ..core.expr import Expr
from ..losses.arguments import NOT_NEGATIVE
from .arguments import COUNT, number, parameters
from .conjugate import Search, Vector, conjugate_gradients
from .landscape import CALL, Landscape
from .record import Update, plotted
from .settings import Settings


class HessianFree:
    r"""Training by approximate solutions of the damped Gauss-Newton system, without its matrix.

    .. math:: (J^\top H_L J + \lambda I) \, \delta = -\frac{\partial L}{\partial \theta}

    Each step solves the system by conjugate gradients, which begin at a part of the last solution; goes back
    to an earlier solution on their way as long as this lowers the loss; lets the damping λ follow the ratio
    of the reduction of the loss to the one that the quadratic model promised; and shortens the change until
    the loss falls enough. The choice for losses with narrow valleys and for large batches: a step costs as
    much as many gradients. Where the gradient is zero, nothing changes. The numbers are those of float64
    vectors, whatever the dtype of the parameters is, and without randomness.

    Parameters
    ----------
    loss : Expr, ()
        What shall fall, such as a mean over items.
    outputs : Expr or sequence of Expr
        Parts of the network in which the loss is convex, such as its scores; curvature of the loss is counted
        through them alone, so a parameter with a penalty is an output as well.
    params : shared Expr or sequence of shared Expr
        What is trained.
    inputs : sequence of Expr
        The variables of `loss`, in the order in which `step` takes their values.
    damping : float
        The first λ, >= 0.
    iterations : int
        The most iterations of conjugate gradients in a step.
    structural : mapping of Expr, (N, ...), to float, optional
        Activations and how much they are kept from changing: for each, the curvature λ times this weight.
    preconditioner : Expr or sequence of Expr, of the shapes of `params`, optional
        A diagonal D >= 0 near the curvature; the search is preconditioned with (D + λ) to a power of 0.75.
    callback : callable, optional
        Called with the `Update` of each step.
    settings : Settings, optional
        All other constants.

    Attributes
    ----------
    damping : float
        The present λ.
    history : list of Update
        Loss, damping, number of iterations and step length of each update.

    Raises
    ------
    GraphError
        If a parameter is no shared variable, or the inputs are not those of `loss`.
    GradientError
        If `loss` is not a scalar, an output does not depend on a parameter, or a derivative does not exist.
    ShapeError
        If activations of `structural` have no axis of items.
    DomainError
        If a constant is outside its range.

    References
    ----------
    Martens, Deep learning via Hessian-free optimization, ICML (2010). Martens and Sutskever, Learning
    recurrent neural networks with Hessian-free optimization, ICML (2011).

    Examples
    --------
    >>> import symloss as sl
    >>> w = sl.shared(0.0, "w")
    >>> optimizer = HessianFree((w - 3) ** 2 / 2, w, w, [])
    >>> optimizer.step(), float(sl.get_value(w)), optimizer.damping
    (4.5, 1.5, 0.66)
    """

    def __init__(
        self,
        loss: Expr,
        outputs: Any,
        params: Any,
        inputs: Sequence[Expr],
        *,
        damping: float = 1.0,
        iterations: int = 250,
        structural: Mapping[Expr, float] | None = None,
        preconditioner: Any = None,
        callback: Callable[[Update], object] | None = None,
        settings: Settings | None = None,
    ) -> None:
        found = parameters(CALL, loss, params)
        self.damping = float(number("HessianFree", "damping", damping, NOT_NEGATIVE))
        self.iterations = int(number("HessianFree", "iterations", iterations, COUNT))
        if not isinstance(settings, Settings | None):
            raise DomainError(message(CALL, f"settings is {kind(settings)}", "give Settings(...)"))
        self.settings, self.callback = settings or Settings(), callback
        self.history: list[Update] = []
        self._landscape = Landscape(loss, outputs, found, inputs, structural or {}, preconditioner)
        self._last: Vector | float = 0.0

    def step(self, *batch: Any) -> float:
        """Move the parameters once; return the loss of the batch before that.

        Raises
        ------
        InputError
            If the values do not match the inputs; ShapeError, DTypeError and LabelRangeError likewise.
        NonFiniteError
            If the loss or its gradient is not finite; nothing has changed then.
        """
        loss, gradient, diagonal = self._landscape.start(batch)
        damping = self.damping
        iterations, rate = 0, 0.0
        if not gradient @ gradient < self.settings.residual:
            search = self._search(gradient, diagonal, batch)
            self._last, iterations = search.solutions[-1], search.iterations
            change, error = self._best(search, batch)
            self.damping = self.settings.damped(damping, self._ratio(change, gradient, error - loss, batch))
            rate = self._rate(change, gradient, loss, error, batch)
            self._landscape.move(rate * change)
        self.history.append(Update(loss, damping, iterations, rate))
        if self.callback is not None:
            self.callback(self.history[-1])
        return loss

    def plot(self) -> Any:
        """A matplotlib figure of the history: loss, damping and number of iterations against the update.

        Raises
        ------
        ImportError
            If matplotlib, the extra `plot`, is not installed.
        """
        return plotted(self.history)

    def _search(self, gradient: Vector, diagonal: Vector | None, batch: Sequence[Any]) -> Search:
        """Approximate solutions of the damped system."""
        scale = 1.0 if diagonal is None else (diagonal + self.damping) ** self.settings.power
        start = self.settings.warmth * self._last + np.zeros_like(gradient)
        return conjugate_gradients(
            lambda v: self._landscape.product(v, self.damping, batch),
            -gradient,
            start,
            self.iterations,
            self.settings,
            scale,
        )

    def _best(self, search: Search, batch: Sequence[Any]) -> tuple[Vector, float]:
        """The last solution, or an earlier one if going back does not raise the loss; and that loss."""
        *earlier, change = search.solutions
        error = self._landscape.error(change, batch)
        for other in reversed(earlier):
            tried = self._landscape.error(other, batch)
            if tried > error:
                break
            change, error = other, tried
        return change, error

    def _ratio(self, change: Vector, gradient: Vector, reduced: float, batch: Sequence[Any]) -> float:
        """The change of the loss, divided by the change that the quadratic model promised.

        No change at all is a failure: the damping does not outweigh a negative curvature.
        """
        if not change.any():
            return 0.0
        curved = self._landscape.product(change, self.damping, batch)
        promised = float(change @ curved / 2 + gradient @ change)
        return reduced / promised if promised else 1.0

    def _rate(
        self, change: Vector, gradient: Vector, loss: float, error: float, batch: Sequence[Any]
    ) -> float:
        """How much of a change is made: the first of shorter and shorter parts that lowers the loss."""
        slope = min(self.settings.slope * float(gradient @ change), 0.0)
        rate = 1.0
        for _ in range(self.settings.trials):
            if error <= loss + rate * slope:
                return rate
            rate *= self.settings.shrink
            error = self._landscape.error(rate * change, batch)
        return 0.0
