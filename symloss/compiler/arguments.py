"""What a compiled function checks of its arguments, and how it turns them into arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import shapes
from ..core.errors import (
    DTypeError,
    InputError,
    LabelRangeError,
    ShapeError,
    did_you_mean,
    kind,
    message,
)
from ..core.expr import Expr
from ..core.walk import topological
from .sizes import Lengths, Rules, Sizes

Array = np.ndarray[Any, Any]


class Argument:
    """One argument: its name, dtype and rank, and where the lengths of its axes are kept."""

    __slots__ = ("casting", "dims", "dtype", "name", "rank", "slots")

    def __init__(self, variable: Expr, sizes: Sizes, casting: Any = "safe") -> None:
        self.casting = casting
        self.name, self.dtype, self.rank = variable.name, variable.dtype, variable.ndim
        self.dims = tuple(sizes.find(size) for size in variable.shape)
        self.slots = tuple(sizes.slot(size) for size in self.dims)

    def array(self, value: Any, call: str) -> Array:
        """The value as a contiguous array of the declared dtype and rank."""
        array = self.converted(value, call)
        if array.ndim != self.rank:
            wrong = f"{self.name} has shape {shapes.show(array.shape)}, expected {shapes.show(self.dims)}"
            mend = f"pass an array of rank {self.rank}, not {array.ndim}"
            raise ShapeError(message(f"{call}()", wrong, mend))
        return array

    def converted(self, value: Any, call: str) -> Array:
        """The value as a contiguous array of the declared dtype, if that loses nothing."""
        call = f"{call}(), argument {self.name}"
        array = _as_array(value, call)
        if array.dtype.kind not in "fiub":
            wrong = f"dtype {array.dtype} is not supported"
            if not isinstance(value, np.ndarray):
                wrong = f"{kind(value)} gives dtype {array.dtype}, which is not supported"
            raise DTypeError(message(call, wrong, f"give numbers of dtype {self.dtype.name}"))
        rounded = self.dtype.kind == "f" and np.can_cast(array.dtype, self.dtype, self.casting)
        if not rounded or self.casting == "safe":
            _check_cast(array, value, self.dtype, call)
        with np.errstate(over="ignore"):
            return np.ascontiguousarray(array, dtype=self.dtype).reshape(array.shape)


def _as_array(value: Any, call: str) -> Array:
    """What NumPy makes of a value, unless that would lose its mask, its kind of product or its zeros."""
    if isinstance(value, np.ma.MaskedArray):
        mend = "pass the mask as a weight, and fill the masked entries"
        raise DTypeError(message(call, "a MaskedArray is not accepted", mend))
    if isinstance(value, np.matrix) or hasattr(value, "tocsr"):
        mend = "use np.asarray" if isinstance(value, np.matrix) else "use .toarray()"
        raise DTypeError(message(call, f"{kind(value)} is not accepted", mend))
    if isinstance(value, Expr):
        raise DTypeError(message(call, "an Expr is not accepted", "pass its value, as from .eval()"))
    try:
        return np.asarray(value)
    except Exception as error:
        mend = "rows must have equal lengths" if isinstance(value, list | tuple) else "convert it to NumPy"
        raise DTypeError(message(call, f"{kind(value)} does not make an array", mend)) from error


def _check_cast(array: Array, value: Any, dtype: np.dtype[Any], call: str) -> None:
    """Refuse a cast that could lose digits; numbers without a dtype of their own are rounded."""
    own = array.dtype.newbyteorder("=")
    if own == dtype or array.size == 0:
        return
    if dtype.kind in "iu":
        if own.kind in "iu":
            _check_range(array, dtype, call)
            return
        fits = False
    elif own.kind in "iu" and dtype.kind == "f":
        fits = _exact_in(array, dtype)
    elif hasattr(value, "dtype"):
        fits = np.can_cast(own, dtype, "safe")
    else:
        fits = dtype.kind == "f" and _finite_in(array, dtype)
    if not fits:
        wrong, mend = _lossy(own, dtype)
        raise DTypeError(message(call, wrong, mend))


def _lossy(own: np.dtype[Any], dtype: np.dtype[Any]) -> tuple[str, str]:
    """Why a cast is refused, and the mend."""
    if own.kind == "b":
        return f"dtype bool is not cast to {dtype.name}", "a truth value is no class label"
    wrong = f"dtype {own.name} is not cast to {dtype.name}, as digits could be lost"
    mend = f"convert it with .astype({dtype.name!r})"
    return wrong, mend + (", or compile with casting='same_kind'" if own.kind == dtype.kind == "f" else "")


def _finite_in(array: Array, dtype: np.dtype[Any]) -> bool:
    """Whether finite numbers stay finite in a float dtype."""
    return bool(np.all(~np.isfinite(array) | (abs(array) <= np.finfo(dtype).max)))


def _exact_in(array: Array, dtype: np.dtype[Any]) -> bool:
    """Whether integers have no more binary digits than a float dtype keeps."""
    largest = 2 ** (np.finfo(dtype).nmant + 1)
    return bool(int(array.max()) <= largest and int(array.min()) >= -largest)


def _check_range(array: Array, dtype: np.dtype[Any], call: str) -> None:
    limits = np.iinfo(dtype)
    if int(array.max()) > limits.max or int(array.min()) < limits.min:
        wrong = f"an integer of dtype {array.dtype.name} is outside the range of {dtype.name}"
        raise LabelRangeError(message(call, wrong, "check the labels"))


def labelled(outputs: Sequence[Expr]) -> dict[Expr, Any]:
    """For each variable that names classes, how many there are."""
    found: dict[Expr, Any] = {}
    for node in topological(outputs):
        if node.op.labels is not None:
            position, classes = node.op.labels
            variable = node.args[position]
            while variable.op.recast:
                variable = variable.args[0]
            if variable.op.leaf:
                found[variable] = classes(node)
    return found


@dataclass(frozen=True, slots=True)
class Accepted:
    """The arrays that passed every check last: their dtypes and shapes, and how many classes labels have."""

    dtypes: Sequence[np.dtype[Any]] = ()
    shapes: Sequence[tuple[int, ...]] = ()
    classes: Sequence[int] = ()

    def fits(self, values: Sequence[Any]) -> bool:
        """Whether values are arrays of the same dtypes and shapes."""
        for value, dtype, shape in zip(values, self.dtypes, self.shapes, strict=False):
            if type(value) is not np.ndarray or value.shape != shape or value.dtype is not dtype:
                return False
            if not value.flags.c_contiguous:
                return False
        return len(self.shapes) > 0


class Checker:
    """Binds the arguments of a call to the inputs of a function, or says what is wrong with them."""

    def __init__(
        self, name: str, inputs: Sequence[Expr], outputs: Sequence[Expr], casting: str = "safe"
    ) -> None:
        self.name = name
        self.sizes = sizes = Sizes(outputs, f"function {name}")
        self.arguments = [Argument(variable, sizes, casting) for variable in inputs]
        self.names = [argument.name for argument in self.arguments]
        dims = {size for argument in self.arguments for size in argument.dims}
        composed = [size for size in dims if not isinstance(size, int) and not size.is_Symbol]
        self.rules = Rules(sizes, composed)
        classes = labelled(outputs)
        self.labels = [(i, sizes.reader(classes[v])) for i, v in enumerate(inputs) if v in classes]
        self.dtypes = [argument.dtype for argument in self.arguments]
        self.accepted = Accepted()

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sequence[Any]:
        """The values in the order of the inputs."""
        if not kwargs and len(args) == len(self.names):
            return args
        call = f"{self.name}()"
        if len(args) > len(self.names):
            wrong = (
                f"got {len(args)} arguments, expected {len(self.names)} ({', '.join(self.names) or 'none'})"
            )
            raise InputError(message(call, wrong, "drop the extra ones"))
        values = dict(zip(self.names, args, strict=False))
        for name, value in kwargs.items():
            if name not in self.names:
                raise InputError(message(call, f"no input {name!r}", did_you_mean(name, self.names)))
            if name in values:
                raise InputError(message(call, f"{name} is given twice", "pass it once"))
            values[name] = value
        missing = [name for name in self.names if name not in values]
        if missing:
            raise InputError(message(call, f"missing {', '.join(missing)}", "pass a value for each input"))
        return [values[name] for name in self.names]

    def arrays(self, values: Sequence[Any]) -> Sequence[Array]:
        """The values as arrays, after every check."""
        accepted = self.accepted
        if not accepted.fits(values):
            values, accepted = self._accepted(values)
        for (position, _), n in zip(self.labels, accepted.classes, strict=False):
            self._check_labels(self.arguments[position], values[position], n)
        return values

    def _accepted(self, values: Sequence[Any]) -> tuple[list[Array], Accepted]:
        """The values as contiguous arrays of the declared dtypes, whose lengths fit together."""
        lengths, arrays = self.sizes.template.copy(), list[Array]()
        for argument, value in zip(self.arguments, values, strict=True):
            fits = type(value) is np.ndarray and value.dtype == argument.dtype and value.ndim == argument.rank
            array = value if fits and value.flags.c_contiguous else argument.array(value, self.name)
            for slot, length in zip(argument.slots, array.shape, strict=False):
                if lengths[slot] is None:
                    lengths[slot] = length
                elif lengths[slot] != length:
                    self._refuse_shape([*arrays, array])
            arrays.append(array)
        if self.rules:
            self._check_rules(lengths, arrays)
        shapes, classes = [array.shape for array in arrays], [read(lengths) for _, read in self.labels]
        self.accepted = accepted = Accepted(self.dtypes, shapes, classes)
        return arrays, accepted

    def unchecked(self, values: Sequence[Any]) -> list[Array]:
        """The values as arrays of the declared dtypes, and no more."""
        pairs = zip(self.arguments, values, strict=True)
        return [np.asarray(value, dtype=argument.dtype) for argument, value in pairs]

    def _refuse_shape(self, arrays: Sequence[Array]) -> None:
        """Say which axis is wrong, and what it disagrees with."""
        first: dict[int, tuple[Argument, int, int]] = {}
        for one, values in zip(self.arguments, arrays, strict=False):
            for axis, (slot, length) in enumerate(zip(one.slots, values.shape, strict=True)):
                fixed = self.sizes.template[slot]
                if fixed is not None and fixed != length:
                    raise self._wrong_length(one, values, axis, str(fixed))
                other, its_axis, its_length = first.setdefault(slot, (one, axis, length))
                if its_length != length:
                    raise self._disagreement(slot, (other, its_axis, its_length), (one, axis, length))

    def _disagreement(
        self, slot: int, a: tuple[Argument, int, int], b: tuple[Argument, int, int]
    ) -> ShapeError:
        size = self.sizes.names(slot)
        if size.is_Symbol and not shapes.is_open(size):
            wrong = f"{size} is {a[2]} in {a[0].name} and {b[2]} in {b[0].name}"
        else:
            wrong = " but ".join(f"axis {axis} of {one.name} has length {n}" for one, axis, n in (a, b))
        return ShapeError(message(f"{self.name}()", wrong, "both must have the same length there"))

    def _wrong_length(self, argument: Argument, array: Array, axis: int, expected: str) -> ShapeError:
        wrong = f"{argument.name} has shape {shapes.show(array.shape)}, expected {shapes.show(argument.dims)}"
        return ShapeError(message(f"{self.name}()", wrong, f"axis {axis} must have length {expected}"))

    def _check_rules(self, lengths: Lengths, arrays: Sequence[Array]) -> None:
        wrong = self.rules.wrong_slot(lengths)
        if wrong is None:
            self.rules.check(lengths, f"{self.name}()")
            return
        slot, expected = wrong
        position = next(i for i, argument in enumerate(self.arguments) if slot in argument.slots)
        argument = self.arguments[position]
        raise self._wrong_length(argument, arrays[position], argument.slots.index(slot), expected)

    def _check_labels(self, argument: Argument, array: Array, n: int) -> None:
        largest = 2 ** (8 * array.itemsize - (array.dtype.kind == "i")) - 1
        if not array.size or array.view(f"u{array.itemsize}").max() <= min(n - 1, largest):
            return  # below 0 is above the largest, seen without a sign
        where = tuple(int(i) for i in np.argwhere((array < 0) | (array >= n))[0])
        wrong = f"label {array[where]} of {argument.name} at index {where} is outside [0, {n})"
        mend = "labels count from 0"
        if array[where] < 0:
            mend = "there is no ignore_index, so give ignored examples any label and the weight 0"
        raise LabelRangeError(message(f"{self.name}()", wrong, mend))


def fillable(out: Any, count: int, inputs: Sequence[Any]) -> list[Array]:
    """The arrays to fill, if there are as many as outputs and none shares memory with what is read."""
    if out is None:
        return []
    targets = list(out) if isinstance(out, list | tuple) else [out]
    found: list[Array] = []
    for target in targets:
        writeable = isinstance(target, np.ndarray) and target.flags.writeable
        if not writeable or _shares(target, [*inputs, *found]):
            return []
        found.append(target)
    return found if len(found) == count else []


def _shares(target: Array, others: Iterable[Any]) -> bool:
    """Whether an array may lie in the memory of another."""
    return any(isinstance(other, np.ndarray) and np.may_share_memory(other, target) for other in others)


def write(outputs: Sequence[Array], out: Any, inputs: Sequence[Any], call: str) -> list[Array]:
    """The outputs, written into arrays of the caller's."""
    targets = list(out) if isinstance(out, list | tuple) else [out]
    if len(targets) != len(outputs):
        wrong = f"out has {len(targets)} arrays for {len(outputs)} outputs"
        raise InputError(message(f"{call}()", wrong, "give one for each output"))
    for position, (output, target) in enumerate(zip(outputs, targets, strict=True)):
        wrong = _unfit(output, target, [*inputs, *targets[:position]])
        if wrong:
            wrong = f"out for output {position} {wrong}"
            mend = f"pass np.empty({shapes.show(output.shape)}, dtype={output.dtype.name!r})"
            raise InputError(message(f"{call}()", wrong, mend))
    for output, target in zip(outputs, targets, strict=True):
        if output is not target:
            np.copyto(target, output)
    return targets


def _unfit(output: Array, target: Any, others: Sequence[Any]) -> str:
    """Why an array cannot take an output; empty if it can."""
    if not isinstance(target, np.ndarray):
        return f"is {kind(target)}"
    if target.shape != output.shape or target.dtype != output.dtype:
        found, wanted = shapes.show(target.shape), shapes.show(output.shape)
        return f"has shape {found} and dtype {target.dtype}, expected {wanted} and {output.dtype}"
    if not target.flags.writeable:
        return "is read-only"
    return "shares memory with an input or another output" if _shares(target, others) else ""
