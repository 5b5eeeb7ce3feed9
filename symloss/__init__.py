"""Losses as formulas: derived, printed and compiled to NumPy.

>>> import symloss as sl
>>> z, y = sl.vector("z", "K"), sl.vector("y", "K")
>>> loss = -sl.sum(y * sl.log_softmax(z))
>>> print(sl.grad(loss, z, assume=[sl.eq(sl.sum(y), 1)]))
softmax(z) − y
"""

from . import ops
from .calculus.gradient import grad
from .core import errors
from .core.expr import FUNCTIONS, Expr
from .declare import constant, get_value, matrix, scalar, set_value, shared, tensor, vector
from .function import Function, function
from .printing.text import text

globals().update(FUNCTIONS)
try:
    from . import losses
    from .printing.latex import latex
except ImportError:
    pass
