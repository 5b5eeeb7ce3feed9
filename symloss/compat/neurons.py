"""hessianfree's nonlinearities: `activation` and `d_activation` of arrays, and those with a memory."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np

from .. import nonlinearities as activations
from .. import ops
from ..calculus.gradient import grad
from ..core.errors import GraphError, message
from ..core.expr import Expr
from .arrays import at_arrays, floating


class Nonlinearity(abc.ABC):
    """An activation of a layer's input, and its derivative; `stateful` ones remember what they were given."""

    def __init__(self, stateful: bool = False) -> None:
        self.stateful = stateful

    @abc.abstractmethod
    def activation(self, x: Any) -> Any:
        """The output, of the shape of `x`."""

    @abc.abstractmethod
    def d_activation(self, x: Any, a: Any) -> Any:
        """The derivative at `x`, where the output is `a`: of the shape of `x`, or (n, m, m) if full."""

    def reset(self, init: Any = None) -> None:  # noqa: B027
        """Forget what was given; there is nothing to forget unless `stateful`."""


class _Formula(Nonlinearity):
    """An elementwise activation of symloss, with its derivative; integers become floats."""

    formula: Any

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options

    def activation(self, x: Any) -> Any:
        """The output, of the shape of `x`."""
        return at_arrays(_value, type(self).formula, floating(x), tuple(self.options.items()))

    def d_activation(self, x: Any, a: Any = None) -> Any:
        """The derivative at `x`, of its shape."""
        return at_arrays(_slope, type(self).formula, floating(x), tuple(self.options.items()))


class Tanh(_Formula):
    """The hyperbolic tangent."""

    formula = staticmethod(activations.tanh)


class Logistic(_Formula):
    """``1/(1 + exp(-x))``, without overflow."""

    formula = staticmethod(activations.logistic)


class Gaussian(_Formula):
    """``exp(-x**2)``."""

    formula = staticmethod(activations.gaussian)


class Linear(_Formula):
    """The identity; it returns its argument itself."""

    formula = staticmethod(activations.linear)

    def activation(self, x: Any) -> Any:
        """`x` itself."""
        return x


class ReLU(_Formula):
    """`x` limited to [0, `max`], with derivative 1 on that whole interval.

    Other than in hessianfree, the derivative is a float, and NaN for NaN. At the limits themselves it is 1,
    as there, where `symloss.nonlinearities.relu` has 1/2.
    """

    formula = staticmethod(activations.relu)

    def __init__(self, max: float = 1e10) -> None:
        super().__init__(max=max)

    def d_activation(self, x: Any, a: Any = None) -> Any:
        """1 from 0 to the maximum, else 0."""
        return at_arrays(_inside, floating(x), self.options["max"])


class SoftLIF(_Formula):
    """Firing rate of a leaky integrate-and-fire neuron with a soft threshold.

    Other than in hessianfree, the current is right at every `x` and for every `sigma`, NaN stays NaN, and
    integers are not cut off.
    """

    formula = staticmethod(activations.softlif)

    def __init__(
        self, sigma: float = 1, tau_rc: float = 0.02, tau_ref: float = 0.002, amp: float = 0.01
    ) -> None:
        super().__init__(sigma=sigma, tau_rc=tau_rc, tau_ref=tau_ref, amp=amp)

    def softrelu(self, x: Any) -> Any:
        """The softened current ``sigma * log(1 + exp(x/sigma))``."""
        return at_arrays(_current, floating(x), self.options["sigma"])

    def lif(self, x: Any) -> Any:
        """The firing rate of a current, 0 for one that is not positive."""
        names = ("tau_rc", "tau_ref", "amp")
        return at_arrays(_rate, floating(x), *(self.options[name] for name in names))


class Softmax(Nonlinearity):
    """Exponentials divided by their sum, along the last axis.

    Other than in hessianfree, entries are not raised to 1e-10 unless by `floor`, so that rows sum to 1; the
    derivative is exact.
    """

    def __init__(self, floor: float | None = None) -> None:
        super().__init__()
        self.floor = floor

    def activation(self, x: Any) -> Any:
        """Probabilities, of the shape of `x`."""
        return at_arrays(activations.softmax, floating(x), floor=self.floor)

    def d_activation(self, x: Any, a: Any = None) -> Any:
        """The Jacobian of each row, (n, m, m)."""
        return at_arrays(_softmax_jacobian, floating(x))


class Continuous(Nonlinearity):
    """A state that follows the input with a delay, and an activation `base` of the state.

    ``s = (1 - c) s + c x`` with ``c = dt/tau``. Other than in hessianfree, the output is never the state
    array itself, a base with a full Jacobian is taken, and `reset` resets the base as well.
    """

    def __init__(self, base: Nonlinearity, tau: Any = 1.0, dt: Any = 1.0) -> None:
        super().__init__(stateful=True)
        self.base, self.coeff = base, dt / np.asarray(tau, float)
        self.reset()

    def reset(self, init: Any = None) -> None:
        """Begin with `init`, or with zeros."""
        self.state = None if init is None else np.array(init, float)
        self.base.reset()
        self._derived = True

    def activation(self, x: Any) -> Any:
        """The activation of the next state."""
        before = np.zeros(np.shape(x)) if self.state is None else self.state
        self.state = (1 - self.coeff) * before + self.coeff * floating(x)
        self._derived = False
        return np.array(self.base.activation(self.state))

    def d_activation(self, x: Any, a: Any) -> Any:
        """Derivatives of state in input, of state in state before, and of output in state: (n, m, 3).

        With a base whose Jacobian is full, (n, m, m, 3). Asked for once after each `activation`.
        """
        if self._derived or self.state is None:
            wrong = "there was no activation since the last derivative"
            raise GraphError(message("d_activation()", wrong, "call activation() first"))
        self._derived = True
        out = np.asarray(self.base.d_activation(self.state, a))
        c = np.broadcast_to(self.coeff, self.state.shape)
        parts = [c, 1 - c] if out.ndim == c.ndim else [_diagonal(c), _diagonal(1 - c)]
        return np.stack([*parts, out], axis=-1)


class Plant(Nonlinearity):
    """A dynamic environment: what a network's output does to its next input; `shape` is (n, T, input).

    For one that is differentiable by itself take `symloss.nonlinearities.Plant`.
    """

    shape: Any = None

    def __init__(self, stateful: bool = True) -> None:
        super().__init__(stateful)

    @abc.abstractmethod
    def __call__(self, x: Any) -> Any:
        """The next input (n, input) of a network whose last output was `x`; it is recorded."""

    @abc.abstractmethod
    def get_vecs(self) -> tuple[Any, Any]:
        """Inputs (n, T, input) and targets since the last reset."""

    def activation(self, x: Any) -> Any:
        """The output, if the plant is a layer."""
        raise GraphError(message("Plant.activation()", "this plant is no layer", "define it"))

    def d_activation(self, x: Any, a: Any) -> Any:
        """Derivatives in input, state and output, (n, m, m, 3), if the plant is a layer."""
        raise GraphError(message("Plant.d_activation()", "this plant is no layer", "define it"))


def _diagonal(c: Any) -> Any:
    return c[..., None] * np.eye(c.shape[-1])


def _value(formula: Any, x: Expr, options: tuple[tuple[str, Any], ...]) -> Any:
    return formula(x, **dict(options))


def _slope(formula: Any, x: Expr, options: tuple[tuple[str, Any], ...]) -> Any:
    return grad(ops.sum(formula(x, **dict(options))), x)


def _inside(x: Expr, max: float) -> Expr:
    return ops.where(ops.isnan(x), x, ops.logical_and(x >= 0, x <= max).astype(x.dtype.name))


def _current(x: Expr, sigma: float) -> Expr:
    current: Expr = sigma * ops.softplus(x / sigma)
    return current


def _rate(x: Expr, tau_rc: float, tau_ref: float, amp: float) -> Expr:
    known = ops.where(x <= 0, 1, x)
    return ops.where(x <= 0, 0, amp / (tau_ref + tau_rc * ops.log1p(1 / known)))


def _softmax_jacobian(x: Expr) -> Expr:
    p = ops.softmax(x)
    unit = ops.eye(x.shape[-1], x.dtype)
    return ops.expand_dims(p, -1) * unit - ops.expand_dims(p, -1) * ops.expand_dims(p, -2)
