"""Gradient descent, as updates of shared variables and as an object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..calculus.gradient import grad
from ..core.expr import Expr
from ..function import function
from ..losses.arguments import NOT_NEGATIVE, positive
from .arguments import parameters


def sgd(loss: Expr, params: Any, learning_rate: Any) -> dict[Expr, Expr]:
    r"""The step of gradient descent, as updates for `function`.

    .. math:: \theta \gets \theta - \eta \, \frac{\partial L}{\partial \theta}

    Computed on a few items at a time it is stochastic gradient descent. All gradients are taken before any
    parameter moves.

    Parameters
    ----------
    loss : Expr, ()
        What shall fall.
    params : shared Expr or sequence of shared Expr
        What is trained.
    learning_rate : float or Expr, ()
        The step size η, >= 0; a shared variable may be lowered in the course of training.

    Returns
    -------
    dict of shared Expr to Expr
        The new value of each parameter, of its shape.

    Raises
    ------
    GraphError
        If a parameter is no shared variable, or is given twice.
    GradientError
        If `loss` is not a scalar, or does not depend on a parameter.
    DomainError
        If `learning_rate` is not a finite number >= 0.

    References
    ----------
    Robbins and Monro, A stochastic approximation method, Annals of Mathematical Statistics 22 (1951).
    """
    found = parameters("sgd()", loss, params)
    rates = [positive("sgd", "learning_rate", learning_rate, param.dtype, NOT_NEGATIVE) for param in found]
    slopes = grad(loss, found)
    return {param: param - rate * g for param, rate, g in zip(found, rates, slopes, strict=True)}


class SGD:
    r"""Gradient descent without momentum or schedule, compiled once.

    .. math:: \theta \gets \theta - \eta \, \frac{\partial L}{\partial \theta}

    Parameters
    ----------
    loss : Expr, ()
        What shall fall.
    params : shared Expr or sequence of shared Expr
        What is trained.
    inputs : sequence of Expr
        The variables of `loss`, in the order in which `step` takes their values.
    learning_rate : float or Expr, ()
        The step size η, >= 0; a shared variable may be lowered in the course of training.

    Raises
    ------
    GraphError
        If a parameter is no shared variable, or the inputs are not those of `loss`.
    GradientError
        If `loss` is not a scalar, or does not depend on a parameter.
    DomainError
        If `learning_rate` is not a finite number >= 0.

    Examples
    --------
    >>> import symloss as sl
    >>> x, w = sl.vector("x", "N"), sl.shared(0.0, "w")
    >>> sgd = SGD(sl.mean((x - w) ** 2) / 2, w, [x], learning_rate=0.5)
    >>> sgd.step([1, 3]), float(sl.get_value(w))
    (2.5, 1.0)
    """

    def __init__(self, loss: Expr, params: Any, inputs: Sequence[Expr], learning_rate: Any = 1.0) -> None:
        self._run = function(inputs, loss, updates=sgd(loss, params, learning_rate), name="step")

    def step(self, *batch: Any) -> float:
        """Move the parameters once; return the loss of the batch before that.

        Raises
        ------
        InputError
            If the values do not match the inputs; ShapeError, DTypeError and LabelRangeError likewise.
        """
        return float(self._run(*batch))
