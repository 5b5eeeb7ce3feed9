"""Functions of NumPy's that are named like functions of Python's, under the names that users call."""

from .along import sum_ as sum
from .extrema import all_ as all
from .extrema import any_ as any
from .extrema import max_ as max
from .extrema import min_ as min
from .order import abs_ as abs

__all__ = [
    "abs",
    "all",
    "any",
    "max",
    "min",
    "sum",
]
