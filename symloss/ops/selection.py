"""Choosing among elements: conditions, indices and labels; index arguments carry no derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import shapes
from ..core.dtypes import BOOL, DType, parse_dtype, promote
from ..core.errors import AxisError, DTypeError, GraphError, ShapeError, message
from ..core.expr import FUNCTIONS, Expr, Op, apply, describe, public, signature
from ..core.leaves import CONSTANT, lift
from ..core.notation import ATOM, LOOSE, Notation, call
from ..core.shapes import sp
from . import kernels
from .family import by_position, elementwise, meet, promoted


# Conditions ---------------------------------------------------------------------------------------
def _where_dtype(condition: Expr, x: Expr, y: Expr) -> DType:
    return promote(x.dtype, y.dtype)


_where = elementwise(
    "where",
    doc="x where the condition holds, else y; the branch not taken contributes nothing, not even NaN.",
    meaning=lambda condition, x, y: sp.Piecewise((x, condition), (y, True)),
    derivative=(None, lambda g, z, c, x, y: where(c, g, 0), lambda g, z, c, x, y: where(c, 0, g)),
    numpy="np.where(#1, #2, #3)",
    latex=r"\begin{cases} #2 & \text{if } #1 \\ #3 & \text{otherwise} \end{cases}",
    dtype=_where_dtype,
    domain=((-1.0, 1.0), (-4.0, 4.0), (-4.0, 4.0)),
)


@public
def where(condition: Any, x: Any, y: Any) -> Expr:
    """x where the condition holds, else y; the branch not taken contributes nothing, not even NaN.

    Raises
    ------
    DTypeError
        If the condition is not bool.
    """
    (condition,) = lift("where", condition)
    x, y = lift("where", x, y)
    if condition.dtype != BOOL:
        wrong = f"the condition has dtype {condition.dtype.name}, expected bool"
        raise DTypeError(message(signature("where", condition, x, y), wrong, "compare first, as in x > 0"))
    x, y = meet((x, y), promote(x.dtype, y.dtype))
    return _where(condition, x, y)


stop_gradient = elementwise(
    "stop_gradient",
    doc="The same value, treated as a constant by differentiation.",
    meaning=lambda x: x,
    derivative=(None,),
    numpy=Notation("#1", LOOSE),
    latex=r"\operatorname{stop}(#1)",
    dtype=promoted,
    view=True,
)


# Indexing -----------------------------------------------------------------------------------------
class Index(tuple[Any, ...]):
    """A NumPy index: ints, slices, None, and ``"#k"`` for the k-th argument; prints as source."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.render(str)

    def render(self, size_text: Callable[[Any], str]) -> str:
        """The index as source; `size_text` writes bounds that are sizes."""
        return ", ".join(self._entry(entry, size_text) for entry in self) or "()"

    @staticmethod
    def _entry(entry: Any, size_text: Callable[[Any], str]) -> str:
        if not isinstance(entry, tuple):
            return str(entry)
        bounds = ["" if p is None else str(p) if isinstance(p, int) else size_text(p) for p in entry]
        return ":".join(bounds if bounds[2] else bounds[:2])


def _index_labels(index: Index) -> list[int]:
    """Positions of the entries that NumPy treats as index arrays, if there is one."""
    if not any(isinstance(entry, str) for entry in index):
        return []
    return [i for i, entry in enumerate(index) if isinstance(entry, int | str)]


def _sliced(call: str, entry: tuple[Any, ...], size: shapes.Size) -> shapes.Size:
    """The length of a slice; where it depends on an unknown size, bounds are taken to lie inside."""
    start, stop, step = entry
    if isinstance(size, int) and all(p is None or isinstance(p, int) for p in entry):
        return len(range(*slice(*entry).indices(size)))
    if (start, stop) == (None, None):
        return size if step in (None, 1, -1) else sp.ceiling(size / abs(step))
    if step not in (None, 1):
        wrong = f"a slice of the symbolic size {size} with bounds and step {step}"
        raise ShapeError(message(call, wrong, "slice without bounds, or declare the size as an int"))
    first = 0 if start is None else (size + start if _negative(start) else start)
    last = size if stop is None else (size + stop if _negative(stop) else stop)
    return shapes.canonical(last - first)


def _negative(bound: Any) -> bool:
    return isinstance(bound, int) and bound < 0


def _getitem_shape(call: str, x: Expr, *arrays: Expr, index: Index) -> shapes.Shape:
    advanced = _index_labels(index)
    between = advanced and advanced[-1] - advanced[0] + 1 > len(advanced)
    picked = shapes.broadcast([a.shape for a in arrays], call) if arrays else ()
    shape: list[shapes.Size] = list(picked) if between else []
    axis = 0
    for i, entry in enumerate(index):
        if advanced and i == advanced[0] and not between:
            shape.extend(picked)
        if entry is None:
            shape.append(1)
            continue
        if isinstance(entry, tuple):
            shape.append(_sliced(call, entry, x.shape[axis]))
        axis += 1
    return shapes.check_rank(tuple(shape), call)


def _getitem_rule(position: int) -> Any:
    if position:
        return None
    return lambda g, z, x, *arrays: apply(
        SCATTER, g, *arrays, index=z.params["index"], target=g.shape[: g.ndim - z.ndim] + x.shape
    )


def _numpy_index(index: Index, arrays: Any) -> tuple[Any, ...]:
    entries = []
    for entry in index:
        if isinstance(entry, str):
            entries.append(np.asarray(arrays[int(entry[1:]) - 2]).astype(int))
        else:
            entries.append(slice(*entry) if isinstance(entry, tuple) else entry)
    return tuple(entries)


GETITEM = Op(
    "getitem",
    "Elements chosen by a NumPy index.",
    shape=_getitem_shape,
    dtype=lambda x, *arrays, **_: x.dtype,
    numpy=Notation("#1[«index»]", ATOM, (ATOM, LOOSE)),
    text=Notation("#1[«index»]", ATOM, (ATOM, LOOSE)),
    latex=Notation("#1_{[«index»]}", ATOM, (ATOM, LOOSE)),
    derivative=_getitem_rule,
    view=True,
    reference=lambda x, *arrays, index: x[_numpy_index(index, arrays)],
    samples=(
        ((3, 4), {"index": Index([1, (None, None, 2)])}),
        ((3, 4), {"index": Index([(None, None, -1), None, 2])}),
    ),
)


def _scatter_reference(g: Any, *arrays: Any, index: Index, target: Any) -> Any:
    out = np.full(target, 0, dtype=object)
    extra = (slice(None),) * (
        g.ndim - np.empty(target[-_consumed(index) :])[_numpy_index(index, arrays)].ndim
    )
    np.add.at(out, extra + _numpy_index(index, arrays), g)
    return out


def _consumed(index: Index) -> int:
    return sum(entry is not None for entry in index)


def _scatter_rule(position: int) -> Any:
    if position:
        return None

    def rule(g: Expr, z: Expr, x: Expr, *arrays: Expr) -> Expr:
        extra = g.ndim - _consumed(z.params["index"])
        return apply(GETITEM, g, *arrays, index=Index([(None, None, None)] * extra + list(z.params["index"])))

    return rule


SCATTER = Op(
    "scatter",
    "Zeros of a shape, with values added where a NumPy index points: the derivative of indexing.",
    shape=lambda call, g, *arrays, target, **_: target,
    dtype=lambda g, *arrays, **_: g.dtype,
    numpy=call("scatter(«target», np.s_[..., «index»], #1)"),
    text=call("scatter(#1, [«index»])"),
    latex=call(r"\operatorname{scatter}_{[«index»]}(#1)"),
    derivative=_scatter_rule,
    kernels=(kernels.scatter,),
    reference=_scatter_reference,
    samples=(((2,), {"index": Index([1, (None, None, 2)]), "target": (3, 4)}),),
)


@public
def getitem(x: Expr, index: Any) -> Expr:
    """Elements chosen by ints, slices, None, ``...`` and integer expressions, as in NumPy."""
    entries = index if isinstance(index, tuple) else (index,)
    call_ = f"getitem({describe(x)})"
    entries = _fill_ellipsis(entries, x, call_)
    arrays: list[Expr] = []
    parsed = [_index_entry(entry, i, entries, x, arrays, call_) for i, entry in enumerate(entries)]
    while parsed and parsed[-1] == (None, None, None) and len(parsed) > 1:
        parsed.pop()
    spec = Index(parsed + [(None, None, None)] * (x.ndim - _consumed(Index(parsed))))
    if all(entry == (None, None, None) for entry in spec):
        return x
    return apply(GETITEM, x, *arrays, index=spec)


def _fill_ellipsis(entries: tuple[Any, ...], x: Expr, call_: str) -> tuple[Any, ...]:
    dots = [i for i, entry in enumerate(entries) if entry is Ellipsis]
    used = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if used > x.ndim:
        raise AxisError(message(call_, f"too many indices: {used} for rank {x.ndim}", "drop some"))
    if len(dots) > 1:
        raise GraphError(message(call_, "an index has more than one ...", "keep one"))
    fill = (slice(None),) * (x.ndim - used)
    return entries[: dots[0]] + fill + entries[dots[0] + 1 :] if dots else entries + fill


def _index_entry(
    entry: Any, position: int, entries: tuple[Any, ...], x: Expr, arrays: list[Expr], call_: str
) -> Any:
    axis = sum(e is not None for e in entries[:position])
    if entry is None:
        return None
    if isinstance(entry, slice):
        return _slice_entry(entry, call_)
    if isinstance(entry, bool | float | str):
        raise DTypeError(
            message(call_, f"{entry!r} is no index", "use ints, slices, None, ... or integer expressions")
        )
    if hasattr(entry, "__index__") and not isinstance(entry, Expr | np.ndarray):
        return _int_entry(int(entry), x.shape[axis], axis, call_)
    (array,) = lift(call_, entry)
    if array.dtype.kind not in "iu":
        mend = "use where() instead of a mask" if array.dtype == BOOL else "use .astype('int64')"
        raise DTypeError(message(call_, f"an index has dtype {array.dtype.name}, expected integers", mend))
    if array.op is CONSTANT and isinstance(x.shape[axis], int):
        for value in np.ravel(array.params["value"]):
            _int_entry(int(value), x.shape[axis], axis, call_)
    arrays.append(array)
    return f"#{len(arrays) + 1}"


def _slice_entry(entry: slice, call_: str) -> tuple[Any, ...]:
    if entry.step == 0:
        raise GraphError(message(call_, "a slice has step 0", "use a positive or negative step"))
    for part in (entry.start, entry.stop, entry.step):
        if part is not None and not hasattr(part, "__index__") and not hasattr(part, "free_symbols"):
            raise DTypeError(message(call_, f"slice bound {part!r} is a {type(part).__name__}", "use ints"))
    return tuple(int(p) if hasattr(p, "__index__") else p for p in (entry.start, entry.stop, entry.step))


def _int_entry(value: int, size: shapes.Size, axis: int, call_: str) -> int:
    if isinstance(size, int) and not -size <= value < size:
        raise AxisError(message(call_, f"index {value} is out of bounds for axis {axis} of size {size}"))
    return value


@public
def take(x: Any, indices: Any, axis: Any = None) -> Expr:
    """The entries of `x` at integer `indices` along `axis` (the raveled `x` if None)."""
    (x,) = lift("take", x)
    if axis is None:
        x, axis = FUNCTIONS["ravel"](x), 0
    number = shapes.one_axis(axis, x.shape, f"take({describe(x)})")
    return getitem(x, (slice(None),) * number + (indices,))


# Labels -------------------------------------------------------------------------------------------
def integer_labels(call_: str, labels: Expr, mend: str) -> Expr:
    """Refuse labels that are not integers."""
    if labels.dtype.kind not in "iu":
        raise DTypeError(
            message(
                call_, f"labels {describe(labels)} have dtype {labels.dtype.name}, expected integers", mend
            )
        )
    return labels


def _one_hot_reference(labels: Any, n_classes: int, dtype: Any) -> Any:
    return np.array(
        [[int(label == c) for c in range(n_classes)] for label in labels.ravel()], dtype=object
    ).reshape((*labels.shape, n_classes))


ONE_HOT = Op(
    "one_hot",
    "Rows of the identity matrix, chosen by labels in [0, n_classes).",
    shape=lambda call, labels, n_classes, **_: (*labels.shape, n_classes),
    dtype=lambda labels, dtype, **_: dtype,
    numpy=call("one_hot(#1, «n_classes», np.«dtype»)"),
    text=call("onehot(#1)"),
    latex=call(r"\operatorname{onehot}(#1)"),
    kernels=(kernels.check_labels, kernels.one_hot),
    reference=_one_hot_reference,
    labels=(0, lambda node: node.params["n_classes"]),
    undifferentiable="its argument is an integer",
)


@public
def one_hot(labels: Any, n_classes: Any, dtype: Any = "float64") -> Expr:
    """Rows of the identity matrix, chosen by integer labels in [0, n_classes)."""
    (labels,) = lift("one_hot", labels)
    call_ = f"one_hot({describe(labels)})"
    integer_labels(call_, labels, "use .astype('int64')")
    (size,) = shapes.parse_dims((n_classes,), "one_hot", None, call_)
    return apply(ONE_HOT, labels, n_classes=size, dtype=parse_dtype(dtype, call_))


def _pick_shape(call_: str, x: Expr, labels: Expr) -> shapes.Shape:
    if labels.ndim != x.ndim - 1 or not shapes.same_shape(labels.shape, x.shape[:-1]):
        wrong = f"labels of shape {shapes.show(labels.shape)} do not name one entry in each row of {shapes.show(x.shape)}"
        raise ShapeError(
            message(signature(call_, x, labels), wrong, f"give labels of shape {shapes.show(x.shape[:-1])}")
        )
    return labels.shape


def _pick_reference(x: Any, labels: Any) -> Any:
    out = np.empty(labels.shape, dtype=object)
    for point in np.ndindex(*labels.shape):
        out[point] = x[(*point, int(labels[point]))]
    return out


PICK = Op(
    "pick",
    "The entry of each row that a label in [0, length of the row) names.",
    shape=_pick_shape,
    dtype=lambda x, labels: x.dtype,
    numpy=call("pick(#1, #2)"),
    text=Notation("#1[#2]", ATOM, (ATOM, LOOSE)),
    latex=Notation("{#1}_{#2}", ATOM, (ATOM, LOOSE)),
    derivative=by_position(
        (lambda g, z, x, labels: _column(g) * one_hot(labels, x.shape[-1], x.dtype), None)
    ),
    kernels=(kernels.check_labels, kernels.pick),
    reference=_pick_reference,
    labels=(1, lambda node: node.args[0].shape[-1]),
    samples=(((2, 3), (2,), {}),),
)


def _column(g: Expr) -> Expr:
    return FUNCTIONS["expand_dims"](g, -1)


@public
def pick(x: Any, labels: Any) -> Expr:
    """``x[i, labels[i]]`` for each row i: the score of the labelled class, for any leading axes."""
    x, labels = lift("pick", x, labels)
    integer_labels(signature("pick", x, labels), labels, "use .astype('int64')")
    return apply(PICK, x, labels)


def _along_shape(call_: str, x: Expr, indices: Expr, axis: int) -> shapes.Shape:
    if indices.ndim != x.ndim:
        wrong = f"indices have rank {indices.ndim}, expected {x.ndim}"
        raise ShapeError(message(signature(call_, x, indices), wrong, "use expand_dims()"))
    pairs = zip(x.shape, indices.shape, strict=True)
    return tuple(
        n if a == axis else shapes.broadcast([(m,), (n,)], call_)[0] for a, (m, n) in enumerate(pairs)
    )


TAKE_ALONG = Op(
    "take_along_axis",
    "Entries along one axis, chosen for each position of the others.",
    shape=_along_shape,
    dtype=lambda x, indices, axis: x.dtype,
    numpy=call("np.take_along_axis(#1, #2, axis=«axis»)"),
    text=call("take_along_axis(#1, #2«, axis»)"),
    latex=call(r"\operatorname{take}(#1, #2)"),
    derivative=by_position(
        (
            lambda g, z, x, i: apply(
                PUT_ALONG, g, i, axis=z.params["axis"] - x.ndim, size=x.shape[z.params["axis"]]
            ),
            None,
        )
    ),
    reference=lambda x, indices, axis: np.take_along_axis(x, indices.astype(int), axis),
    samples=(((2, 3), (2, 2), {"axis": 1}),),
)

PUT_ALONG = Op(
    "put_along_axis",
    "Zeros with values added along one axis: the derivative of take_along_axis.",
    shape=lambda call_, g, i, axis, size: (*g.shape[: g.ndim + axis], size, *g.shape[g.ndim + axis + 1 :]),
    dtype=lambda g, i, **_: g.dtype,
    numpy=call("put_along_axis(#1, #2, «axis», «size»)"),
    text=call("put_along_axis(#1, #2«, axis»)"),
    latex=call(r"\operatorname{put}(#1, #2)"),
    derivative=by_position((lambda g, z, x, i: apply(TAKE_ALONG_BACK, g, i, axis=z.params["axis"]), None)),
    kernels=(kernels.put_along_axis,),
    reference=lambda g, i, axis, size: kernels.put_along_axis(g, i.astype(int), axis, size),
    samples=(((2, 2), (2, 2), {"axis": -1, "size": 3}),),
)

TAKE_ALONG_BACK = Op(
    "take_back_along_axis",
    "Entries along an axis counted from the end; extra leading axes broadcast.",
    shape=lambda call_, g, i, axis: (*g.shape[: g.ndim + axis], i.shape[axis], *g.shape[g.ndim + axis + 1 :]),
    dtype=lambda g, i, **_: g.dtype,
    numpy=call("take_back_along_axis(#1, #2, «axis»)"),
    text=call("take_along_axis(#1, #2«, axis»)"),
    latex=call(r"\operatorname{take}(#1, #2)"),
    derivative=by_position(
        (
            lambda g, z, x, i: apply(PUT_ALONG, g, i, axis=z.params["axis"], size=x.shape[z.params["axis"]]),
            None,
        )
    ),
    kernels=(kernels.take_back_along_axis,),
    reference=lambda g, i, axis: kernels.take_back_along_axis(g, i.astype(int), axis),
    samples=(((2, 3), (2, 2), {"axis": -1}),),
)


@public
def take_along_axis(x: Any, indices: Any, axis: Any) -> Expr:
    """Entries along `axis`, chosen for each position of the other axes, as in NumPy."""
    x, indices = lift("take_along_axis", x, indices)
    call_ = signature("take_along_axis", x, indices)
    integer_labels(call_, indices, "use .astype('int64')")
    return apply(TAKE_ALONG, x, indices, axis=shapes.one_axis(axis, x.shape, call_))


def _scatter_add_shape(call_: str, x: Expr, indices: Expr, values: Expr) -> shapes.Shape:
    wanted = indices.shape + x.shape[1:]
    if not shapes.same_shape(values.shape, wanted):
        wrong = f"values have shape {shapes.show(values.shape)}, expected {shapes.show(wanted)}"
        raise ShapeError(
            message(signature(call_, x, indices, values), wrong, "give one value for each index")
        )
    return x.shape


@public
def scatter_add(x: Any, indices: Any, values: Any) -> Expr:
    """`x` with `values` added to its rows at integer `indices`; repeated indices add up."""
    x, indices, values = lift("scatter_add", x, indices, values)
    integer_labels(signature("scatter_add", x, indices, values), indices, "use .astype('int64')")
    _scatter_add_shape("scatter_add", x, indices, values)
    index = Index(["#2", *[(None, None, None)] * (x.ndim - 1)])
    return x + apply(SCATTER, values, indices, index=index, target=x.shape)
