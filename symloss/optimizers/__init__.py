"""Optimisers: updates of shared variables that lower a loss, as formulas or as objects with `step`.

>>> import symloss as sl
>>> w = sl.shared(3.0, "w")
>>> print(sl.optimizers.sgd(w**2, [w], learning_rate=0.25)[w])
w − 0.25·2w
"""

from .descent import SGD, sgd
from .hessian_free import HessianFree
from .progress import progress
from .record import Update
from .settings import Settings

__all__ = ["sgd", "SGD", "HessianFree", "progress", "Settings", "Update"]
