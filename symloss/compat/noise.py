"""numpy-ml's noise-contrastive estimation, which has parameters of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import losses, ops
from ..calculus.gradient import grad
from ..core.errors import DomainError, GraphError, ShapeError, message, shown
from ..core.expr import Expr
from .arrays import at_arrays
from .objective import ObjectiveBase


class NCELoss(ObjectiveBase):
    """Telling a true class from classes that a sampler draws as noise, with a weight for each class.

    Other than in numpy-ml, all gradients are those of the value, also where a negative is the target, and a
    score is reduced by log(k Q), for k negatives, rather than log Q. Targets lie in [0, `n_classes`).

    Parameters
    ----------
    n_classes : int
        The number of classes.
    noise_sampler : callable
        From k to k classes; its `probs` are their probabilities Q.
    num_negative_samples : int
        The number k of negatives, which serve the whole batch.
    optimizer : callable, optional
        From a parameter, its gradient and its name to the new parameter; by default steps of 0.01.
    init : {"glorot_uniform"}
        How W begins.
    subtract_log_label_prob : bool
        Whether scores are reduced by log(k Q).
    remove_accidental_hits : bool
        Whether negatives that are the target are left out; not in numpy-ml.
    """

    def __init__(
        self, n_classes: int, noise_sampler: Any, num_negative_samples: int,
        optimizer: Any = None, init: str = "glorot_uniform", subtract_log_label_prob: bool = True,
        remove_accidental_hits: bool = False,
    ) -> None:  # fmt: skip
        if init != "glorot_uniform":
            raise DomainError(message("NCELoss()", f"init is {shown(init)}", "give 'glorot_uniform'"))
        self.n_classes, self.noise_sampler, self.init = n_classes, noise_sampler, init
        self.num_negative_samples, self.optimizer = num_negative_samples, optimizer
        self.subtract_log_label_prob = subtract_log_label_prob
        self.remove_accidental_hits = remove_accidental_hits
        self.parameters: dict[str, Any] = {"W": None, "b": None}
        self.gradients: dict[str, Any] = {"W": None, "b": None}
        self.trainable = True
        self._calls: list[tuple[Any, ...]] = []

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """What the loss was made with."""
        names = "n_classes num_negative_samples init subtract_log_label_prob optimizer noise_sampler"
        return {"id": "NCELoss", **{name: getattr(self, name) for name in names.split()}}

    def loss(self, X: Any, target: Any, neg_samples: Any = None, retain_derived: bool = True) -> Any:
        """The sum over a batch X (n, c, n_in) with targets (n,), and the probability of each target (n, c).

        `neg_samples` are drawn if not given; a frozen loss uses none. `retain_derived` keeps what `grad`
        needs.
        """
        X, k = np.asarray(X), self.num_negative_samples
        if X.ndim != 3:
            raise ShapeError(message("NCELoss()", f"X has rank {X.ndim}", "give (n, c, n_in)"))
        self._begin(X.shape[-1])
        drawn = self.noise_sampler(k) if neg_samples is None and self.trainable else neg_samples
        negatives = np.asarray(drawn if self.trainable else [], int).ravel()
        if self.trainable and len(negatives) != k:
            raise ShapeError(message("NCELoss()", f"{len(negatives)} negatives", f"give {k}"))
        targets = np.repeat(np.asarray(target).reshape(-1, 1), X.shape[1], axis=1)
        args = (X, targets, self.parameters["W"], self.parameters["b"], negatives, self._log_expected())
        if retain_derived and self.trainable:
            self._calls.append(args)
        value, chance = at_arrays(_value, *args, hits=self.remove_accidental_hits)
        return value, chance

    def grad(self, retain_grads: bool = True, update_params: bool = True) -> Any:
        """The gradient in X (a list after several losses); then a step of the parameters, if asked for."""
        self._check_trainable("grad")
        slopes = [at_arrays(_slopes, *args, hits=self.remove_accidental_hits) for args in self._calls]
        if retain_grads:
            for _, dW, db in slopes:
                self.gradients = {"W": self.gradients["W"] + dW, "b": self.gradients["b"] + db}
        if update_params:
            self.update()
        return slopes[0][0] if len(slopes) == 1 else [dX for dX, _, _ in slopes]

    def update(self, cur_loss: Any = None) -> None:
        """Change the parameters by their gradients, and forget those."""
        self._check_trainable("update")
        for name, slope in self.gradients.items():
            old = self.parameters[name]
            step = self.optimizer(old, slope, name) if self.optimizer else old - 0.01 * slope
            self.parameters[name] = step
        self.flush_gradients()

    def flush_gradients(self) -> None:
        """Forget all gradients and all losses that wait for theirs."""
        self._check_trainable("flush_gradients")
        self._calls = []
        self.gradients = {name: np.zeros_like(value) for name, value in self.parameters.items()}

    def freeze(self) -> None:
        """Stop training: negatives are ignored, and there are no gradients."""
        self.trainable = False

    def unfreeze(self) -> None:
        """Go on training."""
        self.trainable = True

    def _begin(self, n_in: int) -> None:
        if self.parameters["W"] is None:
            most = np.sqrt(6 / (self.n_classes + n_in))
            W = np.random.uniform(-most, most, (self.n_classes, n_in))
            self.parameters = {"W": W, "b": np.zeros((1, self.n_classes))}
            self.gradients = {"W": np.zeros_like(W), "b": np.zeros((1, self.n_classes))}

    def _log_expected(self) -> Any:
        if not self.subtract_log_label_prob:
            return np.zeros(self.n_classes)
        return np.log(self.num_negative_samples * np.asarray(self.noise_sampler.probs, float))

    def _check_trainable(self, call: str) -> None:
        if not self.trainable:
            raise GraphError(message(f"{call}()", "the loss is frozen", "call unfreeze()"))


def _value(X: Expr, t: Expr, W: Expr, b: Expr, n: Expr, expected: Expr, hits: bool) -> tuple[Expr, Expr]:
    cost = losses.nce_loss(X, t, W, b[0], n, expected, hits)
    scores = ops.sum(X * W[t], axis=-1) + b[0][t] - expected[t]
    return ops.sum(cost), ops.sigmoid(scores)


def _slopes(X: Expr, t: Expr, W: Expr, b: Expr, n: Expr, expected: Expr, hits: bool) -> Any:
    return grad(_value(X, t, W, b, n, expected, hits)[0], [X, W, b])
