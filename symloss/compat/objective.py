"""numpy-ml's protocol of losses."""

from __future__ import annotations

import abc
from typing import Any


class ObjectiveBase(abc.ABC):
    """What has a `loss` and its `grad`; calling it is `loss`."""

    @abc.abstractmethod
    def loss(self, *args: Any, **kwargs: Any) -> Any:
        """The loss: targets first, then predictions."""

    @abc.abstractmethod
    def grad(self, *args: Any, **kwargs: Any) -> Any:
        """Its gradient, for the same arguments."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The loss."""
        return self.loss(*args, **kwargs)

    def __str__(self) -> str:
        return type(self).__name__
