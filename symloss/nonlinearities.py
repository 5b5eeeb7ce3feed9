"""Activations: functions from an expression to one of the same shape, and steps through time.

>>> import symloss as sl
>>> x = sl.vector("x", "N")
>>> print(sl.grad(gaussian(x).sum(), x))
−2(x ⊙ exp(−x²))
"""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any

import numpy as np

from .core.dtypes import to_float
from .core.errors import DomainError, GraphError, ShapeError, message
from .core.expr import Expr, describe, signature
from .core.leaves import CONSTANT, is_number, lift
from .losses.arguments import positive
from .ops import softmax_family
from .ops.conditions import where
from .ops.constants import zeros, zeros_like
from .ops.exponential import exp, log
from .ops.family import cast
from .ops.joining import stack
from .ops.logistic import sigmoid, softplus
from .ops.order import clip, maximum
from .ops.order import relu as rectified
from .ops.trigonometric import tanh

__all__ = [
    "tanh",
    "logistic",
    "linear",
    "relu",
    "gaussian",
    "softmax",
    "softlif",
    "Continuous",
    "Plant",
]

logistic = sigmoid


def linear(x: Any) -> Expr:
    """`x` itself.

    .. math:: x
    """
    (e,) = lift("linear", x)
    return e


def relu(x: Any, max: Any = None) -> Expr:
    r"""`x` limited from below by 0, and from above by `max` if that is given.

    .. math:: \min(\max(x, 0), m)

    Parameters
    ----------
    x : Expr
        Any real number; NaN stays NaN.
    max : float or Expr, (), optional
        The upper limit, > 0.

    Returns
    -------
    Expr, shape of `x`
        At a limit the slope is one half.

    Raises
    ------
    DomainError
        If `max` is not a finite number > 0.
    """
    x = _real("relu", x)
    return rectified(x) if max is None else clip(x, 0, positive("relu", "max", max, x.dtype))


def gaussian(x: Any) -> Expr:
    r"""The bell curve of height 1.

    .. math:: e^{-x^{2}}
    """
    return exp(-(_real("gaussian", x) ** 2))


def softmax(x: Any, axis: Any = -1, floor: Any = None) -> Expr:
    r"""Exponentials along an axis, divided by their sum.

    .. math:: \max(\operatorname{softmax}(x), f)

    Parameters
    ----------
    x : Expr
        Any real number or minus infinity.
    axis : int or size name
        The last one by default.
    floor : float or Expr, (), optional
        What no entry falls below, > 0; rows then sum to a little more than 1. The losses take scores, and do
        not need it.

    Returns
    -------
    Expr, shape of `x`
        Where the floor holds the slope is 0.

    Raises
    ------
    DomainError
        If `floor` is not a finite number > 0.
    """
    p = softmax_family.softmax(x, axis)
    return p if floor is None else maximum(p, positive("softmax", "floor", floor, p.dtype))


def softlif(x: Any, sigma: Any = 1, tau_rc: Any = 0.02, tau_ref: Any = 0.002, amp: Any = 0.01) -> Expr:
    r"""Firing rate of a leaky integrate-and-fire neuron whose threshold is softened.

    .. math::

        \frac{a}{\tau_{ref} + \tau_{rc} \log\left(1 + \frac{1}{j}\right)}
        \quad \text{where } j = \sigma \operatorname{softplus}\left(\frac{x}{\sigma}\right)

    Parameters
    ----------
    x : Expr
        Input current above the threshold, any real number.
    sigma : float or Expr, ()
        How soft the threshold is, > 0, in the unit of `x`.
    tau_rc, tau_ref : float or Expr, ()
        Time constant of the membrane and refractory period, > 0, in seconds.
    amp : float or Expr, ()
        Amplitude, > 0.

    Returns
    -------
    Expr, shape of `x`
        0, with slope 0, where the softened current j underflows.

    Raises
    ------
    DomainError
        If a parameter is not a finite number > 0.

    References
    ----------
    Hunsberger and Eliasmith, Spiking deep networks with LIF neurons (2015).
    """
    x = _real("softlif", x)
    named = {"sigma": sigma, "tau_rc": tau_rc, "tau_ref": tau_ref, "amp": amp}
    s, rc, ref, a = (positive("softlif", name, value, x.dtype) for name, value in named.items())
    current = s * softplus(x / s)
    # log(1 + 1/j) as the softplus of −log j: neither 1/j nor its square, which the slope needs, overflows.
    rate = a / (ref + rc * softplus(-log(current)))
    return where(current < float(np.finfo(x.dtype).tiny), 0, rate)


def _real(call: str, x: Any) -> Expr:
    (e,) = lift(call, x)
    return cast(e, to_float(e.dtype))


# Through time -------------------------------------------------------------------------------------
class Continuous:
    r"""A neuron with memory: a state that follows its input with a delay, and an activation of the state.

    .. math:: s' = (1 - c) s + c \, x, \quad y = f(s') \quad \text{where } c = \frac{dt}{\tau}

    Calling it is one explicit Euler step, a pure function of state and input; it is stable for 0 < c < 2, and
    c = 1 has no memory.

    Parameters
    ----------
    base : callable
        The activation f, from an expression to an expression.
    tau : float, array or Expr, () or (units,)
        Time constant, > 0.
    dt : float
        Length of a step, > 0, in the unit of `tau`.

    Raises
    ------
    DomainError
        If `tau` or `dt` is not positive and finite.
    """

    def __init__(self, base: Callable[[Expr], Expr], tau: Any = 1.0, dt: Any = 1.0) -> None:
        self.base, self.tau = base, _durations(tau)
        self.dt = positive("Continuous", "dt", dt, np.dtype("float64"))

    def __call__(self, state: Any, x: Any) -> tuple[Expr, Expr]:
        """The next state and its activation, both of the shape of `x`."""
        s, x = (_real("Continuous", e) for e in lift("Continuous", state, x))
        c = self.dt / self.tau
        c = cast(c, x.dtype) if isinstance(c, Expr) else c
        after = (1 - c) * s + c * x
        return after, self.base(after)

    def unroll(self, x: Any, init: Any = None, axis: int = 1) -> Expr:
        """The activations at all steps of a sequence.

        Parameters
        ----------
        x : Expr, (N, T, units)
            The inputs, of a number of steps that is stated.
        init : Expr, (N, units), optional
            The first state; zeros by default.
        axis : int
            The axis of time.

        Returns
        -------
        Expr, shape of `x`
            Differentiable in the inputs at all earlier steps.

        Raises
        ------
        GraphError
            If the number of steps is not known.
        """
        steps = _steps(_real("unroll", x), axis)
        state, outputs = zeros_like(steps[0]) if init is None else init, []
        for step in steps:
            state, out = self(state, step)
            outputs.append(out)
        return stack(outputs, axis)


def _durations(tau: Any) -> Any:
    """Time constants: a number, or an expression of one or of one for each unit."""
    if is_number(tau):
        return positive("Continuous", "tau", tau, np.dtype("float64"))
    e = _real("Continuous", tau)
    if e.op is CONSTANT and not np.all((e.params["value"] > 0) & np.isfinite(e.params["value"])):
        wrong = "tau must be positive and finite"
        raise DomainError(message(signature("Continuous", e), wrong, "give numbers > 0"))
    return e


def _steps(x: Expr, axis: int) -> list[Expr]:
    """The slices of a sequence along the axis of time."""
    length = x.shape[axis]
    if not isinstance(length, int) or not length:
        wrong = f"the number of steps of {describe(x)} is not known, or 0"
        raise GraphError(message("unroll()", wrong, "declare the length of that axis"))
    return [x[(slice(None),) * (axis % x.ndim) + (t,)] for t in range(length)]


class Plant(abc.ABC):
    """A dynamic environment: what a network's output does to its next input.

    A subclass states the first state and one pure step. Calling the plant makes a step and records its input
    and its target; the records stay formulas, so that a loss of them is differentiable through the plant.

    Parameters
    ----------
    shape : (N, T, D)
        Batch, steps and size of the network's input.

    Raises
    ------
    ShapeError
        If the shape has not three entries.
    """

    def __init__(self, shape: Any) -> None:
        if len(shape) != 3:
            raise ShapeError(message("Plant()", f"shape has {len(shape)} entries", "give (N, T, D)"))
        self.shape = tuple(shape)
        self.reset()

    @abc.abstractmethod
    def start(self) -> Any:
        """The first state."""

    @abc.abstractmethod
    def step(self, state: Any, x: Expr) -> tuple[Any, Expr, Expr]:
        """The next state, the network's next input (N, D), and the target of its answer."""

    def reset(self, init: Any = None) -> None:
        """Forget all records, and begin with `init` or the first state."""
        self._state = self.start() if init is None else init
        self._records: list[tuple[Expr, Expr]] = []

    def __call__(self, x: Any) -> Expr:
        """The next input (N, D) of a network whose last output was `x`, zeros before the first step."""
        self._state, given, target = self.step(self._state, *lift("Plant", x))
        self._records.append((given, target))
        return given

    def get_vecs(self) -> tuple[Expr, Expr]:
        """Inputs (N, T, D) and targets (N, T, ...) since the last reset."""
        if not self._records:
            raise GraphError(message("get_vecs()", "no step has been made", "call the plant first"))
        inputs, targets = zip(*self._records, strict=True)
        return stack(list(inputs), 1), stack(list(targets), 1)

    def run(self, network: Callable[[Expr], Expr], size: int) -> Expr:
        """Outputs (N, T, size) of a network that meets the plant for all steps, from a reset on."""
        self.reset()
        x, outputs = zeros((self.shape[0], size)), []
        for _ in range(self.shape[1]):
            x = network(self(x))
            outputs.append(x)
        return stack(outputs, 1)
