"""Lasagne's activations that symloss has under no name of its own."""

from __future__ import annotations

from typing import Any

from .. import nonlinearities as activations
from .. import ops
from ..core.expr import Expr
from .arrays import also_on_arrays


class LeakyRectify:
    """``max(x, leakiness * x)``; at 0 the slope is the mean of both sides."""

    def __init__(self, leakiness: float = 0.01) -> None:
        self.leakiness = leakiness

    def __call__(self, x: Any) -> Any:
        """The activation of an expression or array."""
        return _leaky(x, leakiness=self.leakiness)


class ScaledTanH:
    """``scale_out * tanh(scale_in * x)``."""

    def __init__(self, scale_in: float = 1, scale_out: float = 1) -> None:
        self.scale_in, self.scale_out = scale_in, scale_out

    def __call__(self, x: Any) -> Any:
        """The activation of an expression or array."""
        return _scaled_tanh(x, self.scale_in, self.scale_out)


class SELU:
    """``scale * x`` above 0, and ``scale * scale_neg * (exp(x) - 1)`` below."""

    def __init__(self, scale: float = 1, scale_neg: float = 1) -> None:
        self.scale, self.scale_neg = scale, scale_neg

    def __call__(self, x: Any) -> Any:
        """The activation of an expression or array."""
        return _selu(x, self.scale, self.scale_neg)


@also_on_arrays
def _scaled_tanh(x: Any, scale_in: float, scale_out: float) -> Any:
    return scale_out * activations.tanh(scale_in * activations.linear(x))


@also_on_arrays
def _selu(x: Any, scale: float, scale_neg: float) -> Any:
    return scale * (activations.relu(x) + scale_neg * ops.expm1(ops.minimum(x, 0)))


@also_on_arrays
def _leaky(x: Any, leakiness: float) -> Expr:
    return activations.relu(x) - leakiness * activations.relu(-x)


@also_on_arrays
def elu(x: Any) -> Expr:
    """`x` above 0, and ``exp(x) - 1`` below."""
    return activations.relu(x) + ops.expm1(ops.minimum(x, 0))
