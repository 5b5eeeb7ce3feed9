"""One record per operation, by family; importing this package registers them all.

The `__all__` of a family names what users see of it, so that adding an operation edits its family only.
"""

from . import (
    along,
    arithmetic,
    axes,
    builtin_names,
    conditions,
    constants,
    contraction,
    diagonals,
    exponential,
    extrema,
    factors,
    indexing,
    joining,
    labels,
    likelihood,
    linalg,
    logistic,
    margins,
    masked,
    moments,
    order,
    ordered,
    scalar,
    scans,
    softmax_family,
    special,
    trigonometric,
)
from .arithmetic import *
from .axes import *
from .builtin_names import *
from .conditions import *
from .constants import *
from .contraction import *
from .diagonals import *
from .exponential import *
from .extrema import *
from .factors import *
from .indexing import *
from .joining import *
from .labels import *
from .linalg import *
from .logistic import *
from .masked import *
from .moments import *
from .order import *
from .ordered import *
from .scalar import *
from .scans import *
from .softmax_family import *
from .special import *
from .trigonometric import *

__all__: list[str] = []
__all__ += arithmetic.__all__
__all__ += axes.__all__
__all__ += builtin_names.__all__
__all__ += conditions.__all__
__all__ += constants.__all__
__all__ += contraction.__all__
__all__ += diagonals.__all__
__all__ += exponential.__all__
__all__ += extrema.__all__
__all__ += factors.__all__
__all__ += indexing.__all__
__all__ += joining.__all__
__all__ += labels.__all__
__all__ += linalg.__all__
__all__ += logistic.__all__
__all__ += masked.__all__
__all__ += moments.__all__
__all__ += order.__all__
__all__ += ordered.__all__
__all__ += scalar.__all__
__all__ += scans.__all__
__all__ += softmax_family.__all__
__all__ += special.__all__
__all__ += trigonometric.__all__
