"""Losses: functions of predictions and targets that return one loss for each element or item.

`aggregate` makes a scalar of it, `catalogue` lists them all. Targets have the shape of the predictions;
nothing is broadcast. Integers count as float64, or adopt the float dtype that they meet.

>>> import symloss as sl
>>> p, t = sl.vector("p", "N"), sl.vector("t", "N")
>>> print(sl.grad(aggregate(squared_error(p, t)), p))
(2/N)(p − t)
"""

from .aggregation import aggregate
from .catalogue import Catalogue, catalogue_of
from .classification import binary_crossentropy, binary_crossentropy_logits, softmax_crossentropy
from .margin import hinge_loss
from .regression import huber_loss, squared_error

__all__ = [
    "aggregate",
    "catalogue",
    "squared_error",
    "huber_loss",
    "binary_crossentropy",
    "binary_crossentropy_logits",
    "softmax_crossentropy",
    "hinge_loss",
]


def catalogue() -> Catalogue:
    """Every loss with its formula (LaTeX), its reduction and its source, as its docstring states them.

    >>> print(catalogue()[0])
    squared_error: The square of the error, without a factor 1/2.
        (p - t)^{2}
        elementwise; Gauss, Theoria combinationis observationum erroribus minimis obnoxiae (1823).
    """
    return catalogue_of(globals()[name] for name in __all__[2:])
