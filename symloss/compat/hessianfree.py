"""Loss objects and nonlinearities with the names and protocol of hessianfree, of arrays.

``import hessianfree as hf`` becomes ``import symloss.compat.hessianfree as hf``. A loss is given the outputs
of all layers and the targets of the last, and returns one entry for each layer, None for what it leaves out;
a target of NaN stands for no error. Derivatives are those of the formula, per item. `d2_loss` is a diagonal:
for the matrix diag(p) - p p^T of a softmax take `symloss.losses.softmax_crossentropy` and `symloss.ggnvp`.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .. import losses, ops
from ..core.errors import GradientError, message
from ..core.expr import Expr
from ..losses.arguments import paired
from .activities import Layers
from .activities import LossFunction as LossFunction
from .activities import LossSet as LossSet
from .activities import output_loss as output_loss
from .arrays import at_arrays
from .neurons import Continuous as Continuous
from .neurons import Gaussian as Gaussian
from .neurons import Linear as Linear
from .neurons import Logistic as Logistic
from .neurons import Nonlinearity as Nonlinearity
from .neurons import Plant as Plant
from .neurons import ReLU as ReLU
from .neurons import SoftLIF as SoftLIF
from .neurons import Softmax as Softmax
from .neurons import Tanh as Tanh
from .penalties import SparseL1 as SparseL1
from .penalties import SparseL2 as SparseL2
from .penalties import StructuralDamping as StructuralDamping
from .penalties import derivative


class _OutputLoss(LossFunction):
    """A formula of the last layer's output and the targets, and its derivatives."""

    formula: Any

    @output_loss
    def loss(self, activity: Any, targets: Any) -> Any:
        """The loss of each item, for the last layer."""
        return at_arrays(_of_output, type(self).formula, 0, activity, targets)

    @output_loss
    def d_loss(self, activity: Any, targets: Any) -> Any:
        """The first derivative in the last layer's output."""
        return at_arrays(_of_output, type(self).formula, 1, activity, targets)

    @output_loss
    def d2_loss(self, activity: Any, targets: Any) -> Any:
        """The diagonal of the second derivative."""
        return at_arrays(_of_output, type(self).formula, 2, activity, targets)


class SquaredError(_OutputLoss):
    """Half the squared error of each item.

    Other than in hessianfree, a target of NaN masks the second derivative as well, and hides no output that
    is NaN elsewhere; infinite targets stay infinite.
    """

    @staticmethod
    def formula(a: Expr, t: Expr) -> Expr:
        """Half the squared error, 0 where there is no target."""
        unknown = ops.isnan(t)
        return ops.where(unknown, 0, losses.squared_error(a, ops.where(unknown, 0, t)) / 2)


class CrossEntropy(_OutputLoss):
    """Crossentropy of probabilities for each item; a target of NaN counts as 0.

    Other than in hessianfree, a class of target 0 contributes 0 to value and derivatives, not NaN, even if
    its probability is 0.
    """

    @staticmethod
    def formula(a: Expr, t: Expr) -> Expr:
        """The crossentropy of each row."""
        return losses.categorical_crossentropy(a, ops.where(ops.isnan(t), 0, t))


class ClassificationError(LossFunction):
    """Whether the largest output is at another class than the largest target; for validation only."""

    @output_loss
    def loss(self, activity: Any, targets: Any) -> Any:
        """True where a wrong class is predicted, False where a target is NaN."""
        return at_arrays(losses.classification_error, activity, targets)

    def rate(self, activities: Layers, targets: Any) -> Any:
        """The share of wrong classes among the rows without NaN; not in hessianfree."""
        wrong = self.loss(activities, targets)[-1]
        known = ~np.isnan(np.asarray(targets, float)).any(axis=-1)
        return np.sum(wrong) / np.sum(known) if known.any() else np.nan

    def d_loss(self, activities: Layers, targets: Any) -> Layers:
        """Raises a GradientError: there is no derivative."""
        wrong = "a classification error has no derivative"
        raise GradientError(message("ClassificationError", wrong, "train on CrossEntropy"))

    d2_loss = d_loss


def _of_output(formula: Any, order: int, a: Expr, t: Expr) -> Any:
    a, t = paired("loss", a, t)
    value = formula(a, t)
    return derivative(ops.sum(value, axis=tuple(range(1, value.ndim))), a, order)


loss_funcs = nl = sys.modules[__name__]
