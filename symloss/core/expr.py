"""The one graph type: `Expr`, an interned, immutable node.

Equal graphs are one object, so ``is`` compares formulas. This module knows no operation: families in
``ops/`` register their records, and their public functions under the names that `Expr` methods call.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from . import errors, shapes
from .dtypes import DType, parse_dtype
from .keys import one_for_all
from .op import Op
from .protocols import from_numpy

Site = tuple[str, int]


FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""Public functions by name, for the methods of `Expr` and NumPy's protocols."""
HOOKS: dict[str, Callable[..., Any]] = {}
"""What prints, evaluates and stores an expression."""
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_table: weakref.WeakValueDictionary[tuple[Any, ...], Expr] = weakref.WeakValueDictionary()
_NONE: Mapping[str, Any] = {}
"""The parameters of all nodes that have none."""
_lock = threading.Lock()
_uids = itertools.count(1)


def hook(function: Callable[..., Any]) -> Callable[..., Any]:
    """Register what an expression calls when it is read, run or stored; no name of a user's reaches these."""
    HOOKS[function.__name__] = function
    return function


def user_site() -> Site:
    """File and line of the innermost caller outside symloss."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_own(frame.f_code.co_filename):
        frame = frame.f_back
    return _site(frame.f_code.co_filename, frame.f_lineno)


@lru_cache(maxsize=256)
def _site(filename: str, line: int) -> Site:
    """One pair for all nodes that a line builds."""
    return filename, line


@lru_cache(maxsize=256)
def _is_own(filename: str) -> bool:
    """Whether a file belongs to symloss."""
    return filename.startswith(_PACKAGE)


def apply(op: Op, *args: Expr, **params: Any) -> Expr:
    """The interned node for `op` on `args`; shape and dtype are inferred, and errors raised, here."""
    key: tuple[Any, ...]
    if params:
        told, params = one_for_all(params)
        key = (op.name, *[a.uid for a in args], told)
    else:
        key = (op.name, *[a.uid for a in args])
    found = _table.get(key)
    if found is not None:
        return found
    shape = op.shape(op.name, *args, **params)
    return intern(key, Expr(op, args, params, shape, op.dtype(*args, **params)))


def intern(key: tuple[Any, ...], node: Expr) -> Expr:
    """The one node for `key`: the first that was offered."""
    with _lock:
        return _table.setdefault(key, node)


def interned(key: tuple[Any, ...]) -> Expr | None:
    """The node for `key`, if one is alive."""
    return _table.get(key)


class Expr:
    """A node of a formula graph: an operation, its arguments and its parameters.

    Built by the functions of `symloss`, never directly. Equal expressions are the same object.
    """

    __slots__ = ("__weakref__", "args", "dtype", "op", "params", "shape", "site", "uid")
    __array_priority__ = _op_priority = 1000

    def __init__(
        self, op: Op, args: tuple[Expr, ...], params: Mapping[str, Any], shape: shapes.Shape, dtype: DType
    ) -> None:
        self.op, self.args, self.shape, self.dtype = op, args, shape, dtype
        self.params = params or _NONE
        self.uid = next(_uids)
        self.site = user_site()

    def with_args(self, args: tuple[Expr, ...]) -> Expr:
        """The same operation on other arguments."""
        # equal expressions are one object, so that this compares identities
        return self if args == self.args else apply(self.op, *args, **self.params)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def name(self) -> str:
        """The variable's name; empty for anything computed."""
        return str(self.params.get("name") or "") if self.op.leaf else ""

    @property
    def T(self) -> Expr:
        return _call("transpose", self)

    # Arithmetic -----------------------------------------------------------------------------------
    def __add__(self, other: Any) -> Expr:
        return _call("add", self, other)

    def __radd__(self, other: Any) -> Expr:
        return _call("add", other, self)

    def __sub__(self, other: Any) -> Expr:
        return _call("subtract", self, other)

    def __rsub__(self, other: Any) -> Expr:
        return _call("subtract", other, self)

    def __mul__(self, other: Any) -> Expr:
        return _call("multiply", self, other)

    def __rmul__(self, other: Any) -> Expr:
        return _call("multiply", other, self)

    def __truediv__(self, other: Any) -> Expr:
        return _call("divide", self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return _call("divide", other, self)

    def __floordiv__(self, other: Any) -> Expr:
        return _call("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Expr:
        return _call("floor_divide", other, self)

    def __mod__(self, other: Any) -> Expr:
        return _call("remainder", self, other)

    def __rmod__(self, other: Any) -> Expr:
        return _call("remainder", other, self)

    def __pow__(self, other: Any) -> Expr:
        return _call("power", self, other)

    def __rpow__(self, other: Any) -> Expr:
        return _call("power", other, self)

    def __matmul__(self, other: Any) -> Expr:
        return _call("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Expr:
        return _call("matmul", other, self)

    def __neg__(self) -> Expr:
        return _call("negative", self)

    def __pos__(self) -> Expr:
        return self

    def __abs__(self) -> Expr:
        return _call("abs", self)

    def __lt__(self, other: Any) -> Expr:
        return _call("lt", self, other)

    def __le__(self, other: Any) -> Expr:
        return _call("le", self, other)

    def __gt__(self, other: Any) -> Expr:
        return _call("gt", self, other)

    def __ge__(self, other: Any) -> Expr:
        return _call("ge", self, other)

    def __and__(self, other: Any) -> Expr:
        return _call("bitwise_and", self, other)

    def __rand__(self, other: Any) -> Expr:
        return _call("bitwise_and", other, self)

    def __or__(self, other: Any) -> Expr:
        return _call("bitwise_or", self, other)

    def __ror__(self, other: Any) -> Expr:
        return _call("bitwise_or", other, self)

    def __invert__(self) -> Expr:
        return _call("invert", self)

    def __getitem__(self, index: Any) -> Expr:
        return _call("getitem", self, index)

    # Methods with NumPy's names -------------------------------------------------------------------
    def sum(self, axis: Any = None, keepdims: bool = False) -> Expr:
        return _call("sum", self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Expr:
        return _call("mean", self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Expr:
        return _call("max", self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Expr:
        return _call("min", self, axis=axis, keepdims=keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Expr:
        return _call("prod", self, axis=axis, keepdims=keepdims)

    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Expr:
        return _call("var", self, axis=axis, ddof=ddof, keepdims=keepdims)

    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Expr:
        return _call("std", self, axis=axis, ddof=ddof, keepdims=keepdims)

    def argmax(self, axis: Any = None) -> Expr:
        return _call("argmax", self, axis=axis)

    def argmin(self, axis: Any = None) -> Expr:
        return _call("argmin", self, axis=axis)

    def reshape(self, *shape: Any) -> Expr:
        return _call("reshape", self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Expr:
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else (axes or None)
        return _call("transpose", self, order)

    def astype(self, dtype: Any) -> Expr:
        return _call("cast", self, parse_dtype(dtype, "astype"))

    def dot(self, other: Any) -> Expr:
        return _call("dot", self, other)

    def ravel(self) -> Expr:
        return _call("ravel", self)

    def squeeze(self, axis: Any = None) -> Expr:
        return _call("squeeze", self, axis)

    # Reading and running --------------------------------------------------------------------------
    def eval(self, values: Mapping[Expr, Any] | None = None) -> Any:
        """The value for given values of the inputs (compiled on the spot, as in Theano)."""
        return HOOKS["evaluate"](self, {} if values is None else values)

    def latex(self, notation: str = "auto") -> str:
        """The formula in LaTeX, in ``"matrix"``, ``"index"`` or the shorter (``"auto"``) notation."""
        return str(HOOKS["latex"](self, notation=notation))

    def __str__(self) -> str:
        return str(HOOKS["text"](self))

    def __repr__(self) -> str:
        return f"<{self}: {shapes.show(self.shape)} {self.dtype.name}>"

    def _repr_latex_(self) -> str:
        return str(HOOKS["display_latex"](self))

    def __reduce__(self) -> tuple[Any, ...]:
        if "load_graph" not in HOOKS:
            self._refuse("pickle", "cannot be stored", "rebuild it from its formula")
        return HOOKS["load_graph"], (HOOKS["dump_graph"](self),)

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: Any) -> Expr:
        return self

    # What an expression is not --------------------------------------------------------------------
    def __bool__(self) -> bool:
        self._refuse("bool", "has no truth value", "use where(), logical_and() or .eval()")

    def __float__(self) -> float:
        self._refuse("float", "has no value yet", "use .eval() or function()")

    def __int__(self) -> int:
        self._refuse("int", "has no value yet", "use .eval() or function()")

    __index__ = __int__

    def __contains__(self, value: object) -> bool:
        self._refuse("in", "has no values yet", "use any(eq(x, value)), or .eval()")

    def __len__(self) -> int:
        if self.shape and isinstance(self.shape[0], int):
            return self.shape[0]
        self._refuse("len", "has no known length", "use .shape[0]")

    def __iter__(self) -> Iterator[Expr]:
        self._refuse("iter", "cannot be iterated over", "index it, or use .eval()")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse("numpy.array", "is no array", "use stack() or concatenate(), or .eval() for values")

    def _refuse(self, call: str, wrong: str, mend: str) -> NoReturn:
        raise errors.DTypeError(errors.message(f"{call}()", f"the tensor {describe(self)} {wrong}", mend))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return from_numpy(FUNCTIONS, ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return from_numpy(FUNCTIONS, function, "__call__", args, kwargs)


def _call(name: str, *args: Any, **kwargs: Any) -> Expr:
    result: Expr = FUNCTIONS[name](*args, **kwargs)
    return result


def describe(expr: Expr) -> str:
    """A node for an error message: its name, or how it was made, and its shape; never data."""
    return f"{called(expr)}: {shapes.show(expr.shape)}"


def called(expr: Expr) -> str:
    """A variable's name, or the operation with the variables that it was applied to."""
    if expr.op.leaf:
        return expr.name or expr.op.name
    return f"{expr.op.name}({', '.join(arg.name or '…' for arg in expr.args[:4])})"


def signature(name: str, *args: Expr) -> str:
    """A call for an error message: ``subtract(y: (N, K), t: (N,))``."""
    return f"{name}({', '.join(map(describe, args))})"
