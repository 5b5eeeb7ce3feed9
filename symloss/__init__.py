"""Losses as formulas: derived, printed and compiled to NumPy.

>>> import symloss as sl
>>> z, y = sl.vector("z", "K"), sl.vector("y", "K")
>>> loss = -sl.sum(y * sl.log_softmax(z))
>>> print(sl.grad(loss, z, assume=[sl.eq(sl.sum(y), 1)]))
softmax(z) − y
"""

from . import losses, nonlinearities, ops, optimizers, testing
from .calculus.gradient import grad
from .calculus.jacobian import hessian, jacobian
from .calculus.products import ggnvp, hvp, jvp, vjp
from .calculus.structure import Structure, structure
from .core import errors
from .core.expr import Expr
from .declare import constant, get_value, matrix, scalar, set_value, shared, tensor, vector
from .derivation.derivation import Derivation
from .derivation.derive import derive
from .function import Function, function
from .ops import *
from .printing.drawing import Drawing, draw
from .printing.latex import latex
from .printing.network import to_networkx
from .printing.symbolic import to_sympy
from .printing.text import text
from .rewrite.compare import Verdict, equivalent, simplify
from .rewrite.facts import positive, positive_definite, symmetric

__version__ = "0.1.0"
Rop, Lop = jvp, vjp

__all__ = [
    "Derivation",
    "Drawing",
    "Expr",
    "Function",
    "Lop",
    "Rop",
    "Structure",
    "Verdict",
    "constant",
    "derive",
    "draw",
    "equivalent",
    "errors",
    "function",
    "get_value",
    "ggnvp",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "latex",
    "losses",
    "matrix",
    "nonlinearities",
    "optimizers",
    "positive",
    "positive_definite",
    "scalar",
    "set_value",
    "shared",
    "simplify",
    "structure",
    "symmetric",
    "tensor",
    "testing",
    "text",
    "to_networkx",
    "to_sympy",
    "vector",
    "vjp",
]
__all__ += ops.__all__
