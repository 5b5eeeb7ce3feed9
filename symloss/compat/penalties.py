"""hessianfree's losses of chosen layers, which need no targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import losses, ops
from ..calculus.gradient import grad
from ..core.expr import Expr
from .activities import Layers, LossFunction, per_layer
from .arrays import at_arrays


class StructuralDamping(LossFunction):
    """Curvature ``weight * optimizer.damping`` at the outputs of layers, without a loss or a gradient.

    The layers are all but the first and last by default.
    """

    def __init__(self, weight: Any, layers: Any = None, optimizer: Any = None) -> None:
        self.weight, self.layers, self.optimizer = weight, layers, optimizer

    def loss(self, activities: Layers, targets: Any) -> Layers:
        """None for every layer."""
        return [None for _ in activities]

    d_loss = loss

    def d2_loss(self, activities: Layers, targets: Any) -> Layers:
        """The curvature at each unit; the damping is read at the call, 1 if there is none."""
        weight = np.asarray(self.weight * getattr(self.optimizer, "damping", 1), float)
        formula = losses.structural_damping
        return per_layer(lambda a: at_arrays(_of_layer, formula, 2, a, weight), activities, self.layers)


class SparseL1(LossFunction):
    """``weight * abs(a - target)`` at the outputs of layers, all but the first and last by default.

    Other than in hessianfree, the slope at the target is 0 and that of NaN is NaN; `layers` is an index, a
    list, a tuple or a slice, and the weight may be an integer.
    """

    formula: Any = staticmethod(losses.sparse_l1)

    def __init__(self, weight: Any, layers: Any = None, target: Any = 0.0) -> None:
        self.weight, self.layers, self.target = weight, layers, target

    def loss(self, activities: Layers, targets: Any) -> Layers:
        """The penalty for each unit."""
        return self._derived(0, activities)

    def d_loss(self, activities: Layers, targets: Any) -> Layers:
        """The first derivative."""
        return self._derived(1, activities)

    def d2_loss(self, activities: Layers, targets: Any) -> Layers:
        """None: the second derivative is 0."""
        return [None for _ in activities]

    def _derived(self, order: int, activities: Layers) -> Layers:
        args = (self.weight, self.target)
        return per_layer(
            lambda a: at_arrays(_of_layer, self.formula, order, a, *args), activities, self.layers
        )


class SparseL2(SparseL1):
    """``weight * (a - target)**2 / 2`` at the outputs of layers, all but the first and last by default."""

    formula = staticmethod(losses.sparse_l2)

    def d2_loss(self, activities: Layers, targets: Any) -> Layers:
        """The second derivative, `weight`."""
        return self._derived(2, activities)


def _of_layer(formula: Any, order: int, a: Expr, weight: Any, target: Any = None) -> Any:
    return derivative(formula(a, weight) if target is None else formula(a, weight, target), a, order)


def derivative(value: Expr, a: Expr, order: int) -> Any:
    """The gradient of the sum of a formula, as often as `order`."""
    return value if order == 0 else derivative(grad(ops.sum(value), a), a, order - 1)
