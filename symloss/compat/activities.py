"""hessianfree's protocol of losses: one entry for each layer, and what is chosen and added among them."""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.errors import DTypeError, GraphError, kind, message
from .arrays import floating

Layers = list[Any]


class LossFunction(abc.ABC):
    """A loss of the outputs of all layers, with its first and the diagonal of its second derivative."""

    @abc.abstractmethod
    def loss(self, activities: Layers, targets: Any) -> Layers:
        """The loss of each layer, for each item or element."""

    @abc.abstractmethod
    def d_loss(self, activities: Layers, targets: Any) -> Layers:
        """First derivatives in the activities, of the shapes of those; the batch is not averaged."""

    @abc.abstractmethod
    def d2_loss(self, activities: Layers, targets: Any) -> Layers:
        """The diagonals of the second derivatives in the activities."""

    def batch_loss(self, activities: Layers, targets: Any) -> Any:
        """The sum over layers of their losses, divided by the number of items; sequences are summed."""
        found = [np.asarray(x) for x in self.loss(activities, targets) if x is not None]
        return sum((np.sum(x) / len(x) if len(x) else np.nan for x in found), 0.0)


class LossSet(LossFunction):
    """The sum of several losses, layer by layer.

    Other than in hessianfree, losses for each item and for each element add up: each becomes one for each
    item first.
    """

    def __init__(self, set: Any) -> None:
        self.set = list(set)

    def group_func(self, func_name: str, activities: Layers, targets: Any) -> Layers:
        """The sums over all members of what a method of theirs returns, layer by layer."""
        results = [getattr(member, func_name)(activities, targets) for member in self.set]
        if func_name == "loss":
            results = [[_per_item(x) for x in result] for result in results]
        return [functools.reduce(_added, layer, None) for layer in zip(*results, strict=True)] or [
            None for _ in activities
        ]

    def loss(self, activities: Layers, targets: Any) -> Layers:
        """The loss of each layer, for each item."""
        return self.group_func("loss", activities, targets)

    def d_loss(self, activities: Layers, targets: Any) -> Layers:
        """First derivatives; raises what a member without them raises."""
        return self.group_func("d_loss", activities, targets)

    def d2_loss(self, activities: Layers, targets: Any) -> Layers:
        """The diagonals of the second derivatives."""
        return self.group_func("d2_loss", activities, targets)


def output_loss(func: Callable[..., Any]) -> Callable[..., Layers]:
    """A method of the last layer's output and the targets, as one of all layers."""

    @functools.wraps(func)
    def of_all(self: Any, activities: Layers, targets: Any) -> Layers:
        if not len(activities):
            raise GraphError(message(f"{func.__name__}()", "there are no layers", "give one or more"))
        return [None] * (len(activities) - 1) + [func(self, activities[-1], targets)]

    return of_all


def per_layer(formula: Callable[[Any], Any], activities: Layers, layers: Any) -> Layers:
    """What a function makes of the output of each chosen layer, None for the others."""
    chosen = chosen_layers(len(activities), layers)
    return [formula(floating(a)) if i in chosen else None for i, a in enumerate(activities)]


def chosen_layers(count: int, layers: Any) -> set[int]:
    """The indices that an index, a list, tuple or slice chooses; all but the first and last by default."""
    if layers is None or isinstance(layers, slice):
        return {*range(count)[slice(1, -1) if layers is None else layers]}
    try:
        return {range(count)[i] for i in np.ravel(layers).tolist()}
    except TypeError as error:
        wrong = f"layers is {kind(layers)}"
        raise DTypeError(message("layers", wrong, "give an index, a list, a tuple or a slice")) from error


def _per_item(x: Any) -> Any:
    return None if x is None else np.sum(x, axis=tuple(range(1, np.ndim(x))))


def _added(x: Any, y: Any) -> Any:
    return y if x is None else x if y is None else x + y
