"""NumPy indexing and its derivative; index arguments carry no derivative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import shapes
from ..core.component import Part, total, wrapped
from ..core.cuts import Cut
from ..core.dtypes import BOOL
from ..core.errors import AxisError, DTypeError, GraphError, ShapeError, kind, message, shown
from ..core.expr import FUNCTIONS, Expr, apply, describe, signature
from ..core.leaves import CONSTANT, lift
from ..core.notation import ATOM, LOOSE, Notation, call
from ..core.op import Op
from ..core.shapes import sp
from . import kernels
from .family import public
from .normal import by_labels

__all__ = [
    "take",
]


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
        wrong = f"a slice of the symbolic size {shapes.size_text(size)} with bounds and step {step}"
        raise ShapeError(message(call, wrong, "slice without bounds, or declare the size as an int"))
    first = 0 if start is None else (size + start if _negative(start) else start)
    last = size if stop is None else (size + stop if _negative(stop) else stop)
    length = shapes.canonical(last - first)
    if isinstance(length, int) and length <= 0:
        return 0
    if not (shapes.at_most(0, first) and shapes.at_most(first, last) and shapes.at_most(last, size)):
        wrong = f"a slice from {start} to {stop} reaches outside the size {shapes.size_text(size)}"
        raise ShapeError(message(call, wrong, "slice within the axis"))
    return length


def _negative(bound: Any) -> bool:
    return isinstance(bound, int) and bound < 0


def _within(call: str, entry: int, size: shapes.Size) -> None:
    """Take an index to lie within an axis whose size is not known yet."""
    if not shapes.at_most(entry + 1 if entry >= 0 else -entry, size):
        wrong = f"index {entry} is out of bounds for an axis of size {shapes.size_text(size)}"
        raise AxisError(message(call, wrong, "index within the axis"))


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
            shape.append(_sliced(signature(call, x), entry, x.shape[axis]))
        elif isinstance(entry, int):
            _within(signature(call, x), entry, x.shape[axis])
        axis += 1
    return shapes.check_rank(tuple(shape), signature(call, x))


def _getitem_rule(position: int) -> Any:
    if position:
        return None
    return lambda g, z, x, *arrays: apply(
        SCATTER, g, *arrays, index=z.params["index"], target=g.shape[: g.ndim - z.ndim] + x.shape
    )


def _numpy_index(index: Index, arrays: Any) -> tuple[Any, ...]:
    entries: list[Any] = []
    for entry in index:
        if isinstance(entry, str):
            entries.append(np.asarray(arrays[int(entry[1:]) - 2]).astype(int))
        else:
            entries.append(slice(*entry) if isinstance(entry, tuple) else entry)
    return tuple(entries)


_ROWS = np.array([2, 0, 2])


def _places(z: Expr) -> Any:
    """The index of each argument for one component; None where it takes more than axes and numbers."""
    entries: list[Any] = []
    places: list[Any] = [entries]
    axis = 0
    for entry in z.params["index"]:
        if isinstance(entry, str) and len(z.args) == 2:
            places.append(range(axis, axis + z.args[1].ndim))
            entries.append(entry)
            axis += z.args[1].ndim
        elif isinstance(entry, int) and entry >= 0 and len(z.args) == 1:
            entries.append(str(entry))
        elif isinstance(entry, tuple) and entry == (None, None, None):
            entries.append(axis)
            axis += 1
        elif entry is None:
            axis += 1
        else:
            return None
    return places


def _positions(index: Index, shape: shapes.Shape, at: Sequence[Any], arrays: Sequence[Part]) -> list[Any]:
    """The index along each axis of `shape` to which an index of the result leads."""
    advanced = _index_labels(index)
    between = advanced and advanced[-1] - advanced[0] + 1 > len(advanced)
    start = advanced[0] if advanced and not between else 0
    stop = start + max([array.node.ndim for array in arrays], default=0)
    picked, rest = at[start:stop], iter([*at[:start], *at[stop:]])
    sizes, out = iter(shape), []
    for entry in index:
        if entry is None:
            next(rest)
        elif isinstance(entry, str):
            out.append(wrapped(arrays[int(entry[1:]) - 2], picked, next(sizes)))
        elif isinstance(entry, tuple):
            out.append(_along_slice(entry, next(sizes), next(rest)))
        else:
            size = next(sizes)
            out.append(sp.sympify(size + entry if entry < 0 else entry))
    return out


def _along_slice(entry: tuple[Any, ...], size: shapes.Size, position: Any) -> Any:
    """The index of an element of a slice, which lies inside where the size is unknown."""
    start, _, step = entry
    step = 1 if step is None else step
    if isinstance(size, int) and all(p is None or isinstance(p, int) for p in entry):
        first: Any = slice(*entry).indices(size)[0]
    elif start is None:
        first = 0 if step > 0 else size - 1
    else:
        first = size + start if _negative(start) else start
    return first + step * position


def _new_axes(x: Expr, *arrays: Expr, index: Index) -> Any:
    """What an index that only puts in axes of size 1 gives; None for other indices."""
    if any(entry is not None and entry != (None, None, None) for entry in index):
        return None
    kept = iter(range(x.ndim))
    out: list[Any] = [("new", k) if entry is None else next(kept) for k, entry in enumerate(index)]
    return by_labels([(x, range(x.ndim))], [*out, *kept])


def _sliced_whole(node: Expr) -> list[Cut]:
    """The cuts of an index: along each axis that it keeps as it is, and those of one index array."""
    index, arrays = node.params["index"], node.args[1:]
    if len(arrays) > 1 or (arrays and any(isinstance(entry, int) for entry in index)):
        return []
    cuts, axis, place = list[Cut](), 0, 0
    for entry in index:
        if entry == (None, None, None):
            cuts.append(Cut(place, (axis, *(None for _ in arrays))))
        elif isinstance(entry, str):
            cuts.extend(Cut(place + a, (None, a)) for a in range(arrays[0].ndim))
            place += arrays[0].ndim - 1
        place += not isinstance(entry, int)
        axis += entry is not None
    return cuts


GETITEM = Op(
    "getitem",
    "Elements chosen by a NumPy index.",
    shape=_getitem_shape,
    dtype=lambda x, *arrays, **_: x.dtype,
    numpy=Notation("#1[«index»]", ATOM, (ATOM, LOOSE)),
    text=Notation("#1[«index»]", ATOM, (ATOM, LOOSE)),
    latex=Notation("{#1}_{[«index»]}", ATOM, (ATOM, LOOSE)),
    index=Notation("#1"),
    places=_places,
    derivative=_getitem_rule,
    definition=_new_axes,
    cuts=_sliced_whole,
    view=True,
    component=lambda z, at, x, *arrays: x(*_positions(z.params["index"], x.node.shape, at, arrays)),
    reference=lambda x, *arrays, index: x[_numpy_index(index, arrays)],
    samples=(
        ((3, 4), {"index": Index([1, (None, None, 2)])}),
        ((3, 4), _ROWS, {"index": Index(["#2", (1, None, None)])}),
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


def _scatter_component(z: Expr, at: Sequence[Any], g: Part, *arrays: Part) -> Any:
    index, extra = z.params["index"], z.ndim - _consumed(z.params["index"])
    target, own = z.shape[extra:], at[extra:]

    def term(*source: Any) -> Any:
        reached = _positions(index, target, source, arrays)
        hits = [sp.KroneckerDelta(one, other) for one, other in zip(reached, own, strict=True)]
        return sp.Mul(g(*at[:extra], *source), *hits)

    return total(g.node.shape[extra:], term)


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
    component=_scatter_component,
    reference=_scatter_reference,
    samples=(
        ((2,), {"index": Index([1, (None, None, 2)]), "target": (3, 4)}),
        ((3, 4), _ROWS, {"index": Index(["#2", (None, None, None)]), "target": (3, 4)}),
    ),
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
            message(
                call_, f"{shown(entry)} is no index", "use ints, slices, None, ... or integer expressions"
            )
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
            raise DTypeError(message(call_, f"a slice bound is {kind(part)}", "use ints or sizes"))
    return tuple(int(p) if hasattr(p, "__index__") else p for p in (entry.start, entry.stop, entry.step))


def _int_entry(value: int, size: shapes.Size, axis: int, call_: str) -> int:
    if isinstance(size, int) and not -size <= value < size:
        wrong = f"index {value} is out of bounds for axis {axis} of size {size}"
        raise AxisError(message(call_, wrong, "index within the axis"))
    return value


@public
def take(x: Any, indices: Any, axis: Any = None) -> Expr:
    """The entries of `x` at integer `indices` along `axis` (the raveled `x` if None)."""
    (x,) = lift("take", x)
    if axis is None:
        x, axis = FUNCTIONS["ravel"](x), 0
    number = shapes.one_axis(axis, x.shape, f"take({describe(x)})")
    return getitem(x, (slice(None),) * number + (indices,))
