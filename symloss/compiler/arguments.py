"""What a compiled function checks of its arguments, and how it turns them into arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..core import shapes
from ..core.errors import (
    DTypeError,
    GraphError,
    InputError,
    LabelRangeError,
    ShapeError,
    did_you_mean,
    message,
)
from ..core.expr import Expr
from ..core.walk import topological

Array = np.ndarray[Any, Any]


class Sizes:
    """Which sizes are the same, found by inferring every shape of the graph once more."""

    def __init__(self, outputs: Sequence[Expr], call: str) -> None:
        self.parent: dict[Any, Any] = {}
        self.equations: list[tuple[Any, Any]] = []
        with shapes.recording() as pairs:
            for node in topological(outputs):
                if node.args:
                    node.op.shape(node.op.name, *node.args, **node.params)
        for a, b in dict.fromkeys(pairs):
            self._join(a, b, call)

    def find(self, size: Any) -> Any:
        """The size that stands for all that are equal to `size`."""
        while size in self.parent:
            size = self.parent[size]
        return size

    def _join(self, a: Any, b: Any, call: str) -> None:
        a, b = self.find(a), self.find(b)
        if a == b:
            return
        if getattr(a, "is_Dummy", False):
            self.parent[a] = b
        elif getattr(b, "is_Dummy", False):
            self.parent[b] = a
        elif shapes.is_open(a) or shapes.is_open(b):
            self.equations.append((a, b))
        else:
            wrong = f"sizes {a} and {b} would have to be equal"
            raise ShapeError(
                message(call, wrong, "declare the open dims, so that the mismatch shows where it is made")
            )


class Argument:
    """One argument: its name, dtype, shape and, for labels, the number of classes."""

    __slots__ = ("classes", "dims", "dtype", "name", "variable")

    def __init__(self, variable: Expr, sizes: Sizes, classes: Any) -> None:
        self.variable, self.name, self.dtype = variable, variable.name, variable.dtype
        self.dims = tuple(sizes.find(size) for size in variable.shape)
        self.classes = None if classes is None else sizes.find(classes)

    def array(self, value: Any, call: str) -> Array:
        """The value as a contiguous array of the declared dtype and rank."""
        if type(value) is np.ndarray and value.dtype == self.dtype and value.flags.c_contiguous:
            array = value
        else:
            array = _converted(value, self.dtype, f"{call}, argument {self.name}")
        if array.ndim != len(self.dims):
            wrong = f"{self.name} has shape {array.shape}, expected rank {len(self.dims)}: {shapes.show(self.dims)}"
            raise ShapeError(message(f"{call}()", wrong, "reshape it"))
        return array


_REFUSED = {
    "MaskedArray": "pass the mask as a weight, and fill the masked entries",
    "matrix": "use np.asarray",
}


def _converted(value: Any, dtype: np.dtype[Any], call: str) -> Array:
    """A value that is not yet a contiguous array of the dtype, if that loses nothing."""
    kind = type(value).__name__
    if isinstance(value, np.ma.MaskedArray | np.matrix) or hasattr(value, "tocsr"):
        mend = _REFUSED.get(kind, "use .toarray()")
        raise DTypeError(message(call, f"a {kind} is not accepted", mend))
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise DTypeError(
            message(call, f"a {kind} does not make an array", "rows must have equal lengths")
        ) from error
    if array.dtype.kind not in "fiub":
        mend = f"give numbers of dtype {dtype.name}"
        raise DTypeError(message(call, f"dtype {array.dtype} is not supported", mend))
    _check_cast(array, value, dtype, call)
    return np.ascontiguousarray(array, dtype=dtype).reshape(array.shape)


def _check_cast(array: Array, value: Any, dtype: np.dtype[Any], call: str) -> None:
    own = array.dtype.newbyteorder("=")
    plain = not hasattr(value, "dtype")
    if dtype.kind in "iu":
        fits = own.kind in "iu" or array.size == 0
        if fits and array.size and own != dtype and not np.can_cast(own, dtype):
            _check_range(array, dtype, call)
    elif plain:
        fits = dtype.kind == "f" or own.kind == "b"
    else:
        fits = np.can_cast(own, dtype, "safe")
    if not fits:
        mend = (
            f"convert it with .astype({dtype.name!r})"
            if own.kind != "b"
            else "a truth value is no class label"
        )
        raise DTypeError(
            message(call, f"dtype {own.name} is not cast to {dtype.name}, as digits could be lost", mend)
        )


def _check_range(array: Array, dtype: np.dtype[Any], call: str) -> None:
    limits = np.iinfo(dtype)
    if int(array.max()) > limits.max or int(array.min()) < limits.min:
        raise LabelRangeError(
            message(call, f"an integer is outside the range of {dtype.name}", "check the labels")
        )


def labelled(outputs: Sequence[Expr]) -> dict[Expr, Any]:
    """For each variable that names classes, how many there are."""
    found: dict[Expr, Any] = {}
    for node in topological(outputs):
        if node.op.labels is not None:
            position, classes = node.op.labels
            variable = node.args[position]
            while variable.op.name == "cast":
                variable = variable.args[0]
            if variable.op.leaf:
                found[variable] = classes(node)
    return found


class Checker:
    """Binds the arguments of a call to the inputs of a function, or says what is wrong with them."""

    def __init__(self, name: str, inputs: Sequence[Expr], outputs: Sequence[Expr]) -> None:
        self.name = name
        self.sizes = Sizes(outputs, f"function {name}")
        classes = labelled(outputs)
        self.arguments = [Argument(variable, self.sizes, classes.get(variable)) for variable in inputs]
        self.names = [argument.name for argument in self.arguments]

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterable[Any]:
        """The values in the order of the inputs."""
        if not kwargs and len(args) == len(self.names):
            return args
        if len(args) > len(self.names):
            wrong = f"got {len(args)} arguments, expected {len(self.names)}: {', '.join(self.names)}"
            raise InputError(message(f"{self.name}()", wrong, "drop the extra ones"))
        values = dict(zip(self.names, args, strict=False))
        for name, value in kwargs.items():
            if name not in self.names:
                raise InputError(
                    message(f"{self.name}()", f"no input {name!r}", did_you_mean(name, self.names))
                )
            if name in values:
                raise InputError(message(f"{self.name}()", f"{name} is given twice", "pass it once"))
            values[name] = value
        missing = [name for name in self.names if name not in values]
        if missing:
            raise InputError(
                message(f"{self.name}()", f"missing {', '.join(missing)}", "pass a value for each input")
            )
        return [values[name] for name in self.names]

    def arrays(self, values: Iterable[Any]) -> list[Array]:
        """The values as arrays, after every check."""
        arrays = [a.array(value, self.name) for a, value in zip(self.arguments, values, strict=True)]
        lengths = self._lengths(arrays)
        for argument, array in zip(self.arguments, arrays, strict=True):
            if argument.classes is not None and array.size:
                self._check_labels(argument, array, lengths)
        return arrays

    def _lengths(self, arrays: list[Array]) -> dict[Any, int]:
        """The length of every size, the same wherever it occurs."""
        known: dict[Any, tuple[int, str]] = {}
        composed = []
        for argument, array in zip(self.arguments, arrays, strict=True):
            for axis, (size, length) in enumerate(zip(argument.dims, array.shape, strict=True)):
                if isinstance(size, int):
                    if size != length:
                        self._wrong_length(argument, array, axis, size)
                elif size.is_Symbol:
                    before = known.setdefault(size, (length, argument.name))
                    if before[0] != length:
                        shown = str(size) if not shapes.is_open(size) else f"the size of axis {axis}"
                        wrong = f"{shown} is {before[0]} in {before[1]} and {length} in {argument.name}"
                        raise ShapeError(
                            message(f"{self.name}()", wrong, "both must have the same length there")
                        )
                else:
                    composed.append((argument, array, axis, size))
        lengths = {size: length for size, (length, _) in known.items()}
        for argument, array, axis, size in composed:
            value = size.xreplace(lengths)
            if value.is_Integer and int(value) != array.shape[axis]:
                self._wrong_length(argument, array, axis, f"{size} = {value}")
        self._check_equations(lengths)
        return lengths

    def _check_equations(self, lengths: dict[Any, int]) -> None:
        for a, b in self.sizes.equations:
            left, right = (shapes.sympy().sympify(side).xreplace(lengths) for side in (a, b))
            if left.is_Integer and right.is_Integer and left != right:
                wrong = f"two sizes that must be equal are {left} and {right}"
                raise ShapeError(message(f"{self.name}()", wrong, "check the shapes of the arguments"))

    def _wrong_length(self, argument: Argument, array: Array, axis: int, expected: Any) -> None:
        wrong = f"{argument.name} has shape {array.shape}, expected {shapes.show(argument.dims)}"
        mend = f"axis {axis} must have length {expected}"
        raise ShapeError(message(f"{self.name}()", wrong, mend))

    def _check_labels(self, argument: Argument, array: Array, lengths: dict[Any, int]) -> None:
        size = argument.classes
        n = size if isinstance(size, int) else int(size.xreplace(lengths))
        if array.min() >= 0 and array.max() < n:
            return
        where = tuple(int(i) for i in np.argwhere((array < 0) | (array >= n))[0])
        wrong = f"label {array[where]} of {argument.name} at index {where} is outside [0, {n})"
        raise LabelRangeError(
            message(f"{self.name}()", wrong, "mask ignored labels with where(), or weight them by 0")
        )


def check_graph(inputs: Sequence[Expr], outputs: Sequence[Expr], known: set[Expr], name: str) -> None:
    """Refuse inputs that are repeated, share a name, are not used, or are missing."""
    call = f"function {name}"
    for position, variable in enumerate(inputs):
        if not isinstance(variable, Expr) or not variable.op.leaf or not variable.name:
            shown = type(variable).__name__ if not isinstance(variable, Expr) else str(variable)
            raise GraphError(
                message(call, f"input {position} is {shown}, not a variable", "pass sl.vector(…) or the like")
            )
        for other in range(position):
            if inputs[other] is variable:
                raise GraphError(
                    message(
                        call, f"{variable.name} is given twice, inputs {other} and {position}", "drop one"
                    )
                )
            if inputs[other].name == variable.name:
                sites = " and ".join(
                    f"{file.rpartition('/')[2]}:{line}" for file, line in (inputs[other].site, variable.site)
                )
                wrong = f"inputs {other} and {position} are both named {variable.name!r}, built at {sites}"
                raise GraphError(message(call, wrong, "rename one"))
    found = {node for node in topological(outputs) if node.op.leaf and node.name}
    missing = [v.name for v in found if v not in known and v.op.name == "input"]
    if missing:
        wrong = f"the outputs depend on {', '.join(sorted(missing))}, not among the inputs"
        raise GraphError(message(call, wrong, "add them to the inputs"))
    unused = [v.name for v in inputs if v not in found]
    if unused:
        wrong = f"the outputs do not depend on {', '.join(unused)}"
        raise GraphError(message(call, wrong, "drop them from the inputs, or pass on_unused='ignore'"))
