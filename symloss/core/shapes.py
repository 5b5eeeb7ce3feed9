"""Sizes and shapes: parsing, broadcasting and unifying; a size is an int or a SymPy integer.

SymPy is loaded when the first size gets a name. An *open* size (no name given by the user) is a
SymPy ``Dummy``; when it meets another size the two are taken to be equal, the pair is recorded for
`recording`, and the compiled function checks it at the call.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from .errors import AxisError, DTypeError, LimitError, NameError_, ShapeError, did_you_mean, message

Size = Any  # int | sympy.Expr
Shape = tuple[Size, ...]

LARGEST_RANK = 8
LARGEST_SIZE = 2**48
_IMPORT_DEPTH = 2000

_unified: ContextVar[list[tuple[Size, Size]] | None] = ContextVar("_unified", default=None)
_open: dict[tuple[str, int, int], Size] = {}


def sympy() -> Any:
    """The SymPy module, loaded on first use (importing it needs a deeper stack than a formula does)."""
    if "sympy" not in sys.modules and sys.getrecursionlimit() < _IMPORT_DEPTH:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(_IMPORT_DEPTH)
        try:
            import sympy
        finally:
            sys.setrecursionlimit(limit)
    else:
        import sympy
    return sympy


class _LazySymPy:
    """Attribute access to SymPy that loads it on first use."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sympy(), name)


sp: Any = _LazySymPy()


def declared(name: str) -> Size:
    """The size that the user calls `name`: equal names are one size."""
    check_name(name, "dims")
    return sympy().Symbol(name, integer=True, positive=True)


def open_size(variable: str, axis: int, rank: int) -> Size:
    """The size of an axis that the user left open: one for each variable name, axis and rank."""
    key = variable, axis, rank
    if key not in _open:
        letter = "nmkl"[axis] if axis < 4 else f"d{axis}"
        _open[key] = sympy().Dummy(f"{letter}_{variable}", integer=True, positive=True)
    return _open[key]


def is_open(size: Size) -> bool:
    """Whether a size is, or contains, one that the user left open."""
    if isinstance(size, int):
        return False
    return getattr(size, "is_Dummy", False) or any(s.is_Dummy for s in size.free_symbols)


def check_name(name: str, call: str) -> None:
    """Refuse names that cannot stand in a formula and in generated source."""
    import keyword

    rule = "use a letter, then letters, digits or _ (no leading _, no Python keyword, 64 at most)"
    if not isinstance(name, str):
        raise NameError_(message(call, f"a name is a string, not {type(name).__name__}", rule))
    plain = name.isidentifier() and name.isprintable() and not name.startswith("_")
    if not plain or len(name) > 64 or keyword.iskeyword(name):
        shown = name if len(name) <= 64 else name[:20] + "…"
        raise NameError_(message(call, f"{shown!r} is not a valid name", rule))


def parse_dims(dims: Any, variable: str, rank: int | None, call: str) -> Shape:
    """The shape for ``"N C"``, ``"N, C"`` or a sequence of names, ints and SymPy sizes; None is open."""
    if dims is None:
        return tuple(open_size(variable, axis, rank or 0) for axis in range(rank or 0))
    entries = dims.replace(",", " ").split() if isinstance(dims, str) else dims
    if isinstance(entries, int) or hasattr(entries, "free_symbols"):
        entries = (entries,)
    shape = tuple(_entry(entry, axis, variable, len(entries), call) for axis, entry in enumerate(entries))
    if rank is not None and len(shape) != rank:
        wrong = f"dims {show(shape)} has {len(shape)} entries, expected {rank}"
        raise ShapeError(message(call, wrong, "use tensor() for other ranks"))
    return check_rank(shape, call)


def _entry(entry: Any, axis: int, variable: str, rank: int, call: str) -> Size:
    if entry is None:
        return open_size(variable, axis, rank)
    if isinstance(entry, str):
        return check_size(int(entry), call) if entry.lstrip("-").isdigit() else declared(entry)
    if isinstance(entry, bool) or isinstance(entry, float):
        raise DTypeError(message(call, f"size {entry!r} is a {type(entry).__name__}", "use an int or a name"))
    if hasattr(entry, "__index__") and not hasattr(entry, "free_symbols"):
        return check_size(int(entry), call)
    if hasattr(entry, "free_symbols"):
        return canonical(entry)
    raise DTypeError(message(call, f"a size cannot be a {type(entry).__name__}", "use an int or a name"))


def canonical(size: Size) -> Size:
    """A user's SymPy size over symloss's own size symbols, as an int when it is a number."""
    if isinstance(size, int):
        return size
    own = {s: declared(s.name) for s in size.free_symbols if not s.is_Dummy}
    size = size.xreplace(own)
    return int(size) if size.is_Integer else size


def check_size(size: int, call: str) -> int:
    """Refuse negative sizes and sizes beyond the limit."""
    if not 0 <= size <= LARGEST_SIZE:
        wrong = f"size {size} is outside [0, 2**48]"
        raise LimitError(message(call, wrong, "give a size that fits in memory"), LARGEST_SIZE, size)
    return size


def check_rank(shape: Shape, call: str) -> Shape:
    """Refuse tensors of more axes than symloss prints and compiles."""
    if len(shape) > LARGEST_RANK:
        wrong = f"rank {len(shape)} is more than {LARGEST_RANK}"
        raise LimitError(message(call, wrong, "reshape to fewer axes"), LARGEST_RANK, len(shape))
    return shape


def show(shape: Shape) -> str:
    """A shape as text; an open size is ``?``.

    >>> show((3, 4)), show((5,)), show(())
    ('(3, 4)', '(5,)', '()')
    """
    entries = ["?" if is_open(size) else str(size) for size in shape]
    return f"({entries[0]},)" if len(entries) == 1 else f"({', '.join(entries)})"


@contextmanager
def recording() -> Iterator[list[tuple[Size, Size]]]:
    """Collect the pairs of sizes that are unified inside the block."""
    pairs: list[tuple[Size, Size]] = []
    token = _unified.set(pairs)
    try:
        yield pairs
    finally:
        _unified.reset(token)


def same(a: Size, b: Size) -> bool:
    """Whether two sizes are equal or, one of them being open, are from now on taken to be."""
    if a is b or a == b:
        return True
    if not (is_open(a) or is_open(b)):
        return False
    pairs = _unified.get()
    if pairs is not None:
        pairs.append((a, b))
    return True


def unify(a: Size, b: Size) -> Size | None:
    """The size that both are, a stated one rather than an open one; None if they differ."""
    if not same(a, b):
        return None
    return b if is_open(a) else a


def same_shape(a: Shape, b: Shape) -> bool:
    """Whether two shapes agree axis by axis."""
    return len(a) == len(b) and all(same(m, n) for m, n in zip(a, b, strict=True))


def _is_one(size: Size) -> bool:
    return isinstance(size, int) and size == 1


def broadcast(shapes: Sequence[Shape], call: str) -> Shape:
    """NumPy's broadcast shape of several shapes.

    >>> broadcast([(3, 1), (4,)], "add")
    (3, 4)
    """
    result = shapes[0] if shapes else ()
    for shape in shapes[1:]:
        if shape != result:
            result = _broadcast_two(result, shape, call)
    return result


def _broadcast_two(a: Shape, b: Shape, call: str) -> Shape:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    sizes = list(longer)
    for back in range(1, len(shorter) + 1):
        m, n = longer[-back], shorter[-back]
        if _is_one(n):
            continue
        both = n if _is_one(m) else unify(m, n)
        if both is None:
            pair = f"{show((a[-back],))[1:-2]} and {show((b[-back],))[1:-2]}"
            wrong = f"cannot broadcast {show(a)} with {show(b)}: axis {-back} is {pair}"
            raise ShapeError(message(call, wrong, "the sizes must be equal, or one of them 1"))
        sizes[-back] = both
    return tuple(sizes)


def product(sizes: Iterable[Size]) -> Size:
    """The number of elements along all given sizes."""
    return math.prod(sizes)


def axes(axis: Any, shape: Shape, call: str) -> tuple[int, ...]:
    """Axis numbers, ascending, for an int, a size name or a tuple of them; None means every axis."""
    if axis is None:
        return tuple(range(len(shape)))
    chosen = axis if isinstance(axis, tuple | list) else (axis,)
    numbers = [one_axis(entry, shape, call) for entry in chosen]
    if len(set(numbers)) < len(numbers):
        twice = next(n for n in numbers if numbers.count(n) > 1)
        raise AxisError(message(call, f"repeated axis {twice}", "name each axis once"))
    return tuple(sorted(numbers))


def one_axis(axis: Any, shape: Shape, call: str) -> int:
    """The axis number, from 0, for an int or a size name."""
    if isinstance(axis, str):
        return _named_axis(axis, shape, call)
    if isinstance(axis, bool) or not hasattr(axis, "__index__"):
        raise DTypeError(
            message(call, f"axis {axis!r} is a {type(axis).__name__}", "use an int or a size name")
        )
    number, rank = int(axis), len(shape)
    if not -rank <= number < rank:
        bounds = f"[{-rank}, {rank - 1}]" if rank else "a scalar has no axes"
        raise AxisError(message(call, f"axis {number} out of range {bounds} for shape {show(shape)}"))
    return number % rank


def _named_axis(name: str, shape: Shape, call: str) -> int:
    hits = [axis for axis, size in enumerate(shape) if not isinstance(size, int) and str(size) == name]
    if len(hits) == 1:
        return hits[0]
    if hits:
        wrong = f"axis {name!r} is ambiguous: {show(shape)} has it {len(hits)} times"
        raise AxisError(message(call, wrong, "give the axis number"))
    names = [str(size) for size in shape if not isinstance(size, int) and not is_open(size)]
    if not names:
        raise DTypeError(
            message(call, f"axis {name!r} is a str", f"shape {show(shape)} has no named size; use an int")
        )
    raise AxisError(message(call, f"no axis {name!r} in shape {show(shape)}", did_you_mean(name, names)))
