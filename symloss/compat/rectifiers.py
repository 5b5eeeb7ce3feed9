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


@also_on_arrays
def _leaky(x: Any, leakiness: float) -> Expr:
    return activations.relu(x) - leakiness * activations.relu(-x)


@also_on_arrays
def elu(x: Any) -> Expr:
    """`x` above 0, and ``exp(x) - 1`` below."""
    return activations.relu(x) + ops.expm1(ops.minimum(x, 0))
