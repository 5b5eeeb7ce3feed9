"""Losses as formulas: derived, printed and compiled to NumPy."""

from . import ops
from .calculus.gradient import grad
from .core.expr import FUNCTIONS
from .declare import constant, matrix, scalar, shared, tensor, vector
from .function import function
from .printing.text import text

globals().update(FUNCTIONS)
