"""One record per operation, by family; importing this package registers them all."""

from . import arithmetic, contraction, elementwise, family, layout, normal, reductions, scalar, selection

__all__ = [
    "arithmetic",
    "contraction",
    "elementwise",
    "family",
    "layout",
    "normal",
    "reductions",
    "scalar",
    "selection",
]
