"""Losses as formulas: derived, printed and compiled to NumPy.

>>> import symloss as sl
>>> z, y = sl.vector("z", "K"), sl.vector("y", "K")
>>> loss = -sl.sum(y * sl.log_softmax(z))
>>> print(sl.grad(loss, z, assume=[sl.eq(sl.sum(y), 1)]))
softmax(z) − y
"""

from . import losses, nonlinearities, ops, testing
from .calculus.gradient import grad
from .core import errors
from .core.expr import Expr
from .declare import constant, get_value, matrix, scalar, set_value, shared, tensor, vector
from .function import Function, function
from .ops import *
from .printing.latex import latex
from .printing.text import text

__version__ = "0.1.0"

__all__ = [
    "Expr",
    "Function",
    "constant",
    "errors",
    "function",
    "get_value",
    "grad",
    "latex",
    "losses",
    "matrix",
    "nonlinearities",
    "scalar",
    "set_value",
    "shared",
    "tensor",
    "testing",
    "text",
    "vector",
]
__all__ += ops.__all__
