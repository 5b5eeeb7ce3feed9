"""Sizes and shapes: parsing, broadcasting and unifying; a size is an int or a SymPy integer.

SymPy is loaded when the first size gets a name. An *open* size (no name given by the user) is a
SymPy ``Dummy``; when it meets another size the two are taken to be equal, the pair is recorded for
`recording`, and the compiled function checks it at the call.
"""

from __future__ import annotations

import keyword
import math
import operator
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from .errors import (
    AxisError,
    DTypeError,
    LimitError,
    NameError_,
    ShapeError,
    did_you_mean,
    kind,
    message,
    shown,
)
from .loading import loaded

Size = Any  # int | sympy.Expr
Shape = tuple[Size, ...]

LARGEST_RANK = 8
LARGEST_SIZE = 2**48

Facts = list[tuple[str, Size, Size]]
_recorded: ContextVar[Facts | None] = ContextVar("_recorded", default=None)
_open: dict[tuple[str, int, int], Size] = {}


def sympy() -> Any:
    """The SymPy module, loaded on first use."""
    return loaded("sympy")


class _LazySymPy:
    """Attribute access to SymPy that loads it on first use."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sympy(), name)


sp: Any = _LazySymPy()


def declared(name: str, call: str = "dims") -> Size:
    """The size that the user calls `name`: equal names are one size."""
    check_name(name, call)
    return sympy().Symbol(name, integer=True, positive=True)


def open_size(variable: str, axis: int, rank: int) -> Size:
    """The size of an axis that the user left open: one for each variable name, axis and rank."""
    key = variable, axis, rank
    if key not in _open:
        letter = "nmkl"[axis] if axis < 4 else f"d{axis}"
        _open.setdefault(key, sympy().Dummy(f"{letter}_{variable}", integer=True, positive=True))
    return _open[key]


def open_sizes() -> dict[Size, tuple[str, int, int]]:
    """The variable, axis and rank that each open size belongs to."""
    return {size: key for key, size in _open.items()}


def is_open(size: Size) -> bool:
    """Whether a size is, or contains, one that the user left open."""
    if isinstance(size, int):
        return False
    return getattr(size, "is_Dummy", False) or any(s.is_Dummy for s in size.free_symbols)


def check_name(name: str, call: str) -> None:
    """Refuse names that cannot stand in a formula and in generated source."""
    rule = "use a letter, then letters, digits or _ (no leading _, no Python keyword, 64 at most)"
    if not isinstance(name, str):
        raise NameError_(message(f"{call}()", f"a name is a string, not {kind(name)}", rule))
    plain = name.isidentifier() and name.isprintable() and not name.startswith("_")
    if not plain or len(name) > 64 or keyword.iskeyword(name):
        short = name if len(name) <= 64 else name[:20] + "…"
        raise NameError_(message(f"{call}()", f"{short!r} is not a valid name", rule))
    normal = unicodedata.normalize("NFKC", name)
    if normal != name:
        mend = f"write {normal!r}" if normal.isascii() else "write its plain letters"
        raise NameError_(message(f"{call}()", f"Python reads {name!a} as {normal!a}", mend))


def parse_dims(dims: Any, variable: str, rank: int | None, call: str) -> Shape:
    """The shape for ``"N C"``, ``"N, C"`` or a sequence of names, ints and SymPy sizes; None is open."""
    if dims is None and rank is None:
        raise ShapeError(message(call, "dims is missing", "name the sizes, as in 'N C'"))
    if dims is None:
        return tuple(open_size(variable, axis, rank or 0) for axis in range(rank or 0))
    entries = dims.replace(",", " ").split() if isinstance(dims, str) else dims
    if not isinstance(entries, list | tuple):
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
        digits = entry.removeprefix("-").isdecimal() and len(entry) < 32
        return check_size(int(entry), call) if digits else declared(entry, call.partition("(")[0])
    if hasattr(entry, "free_symbols"):
        return _symbolic_entry(entry, call)
    try:
        if isinstance(entry, bool):
            raise TypeError
        return check_size(operator.index(entry), call)
    except TypeError:
        what = f"size {entry} is {kind(entry)}" if isinstance(entry, bool | float) else kind(entry)
        wrong = what if what.startswith("size") else f"a size cannot be {what}"
        raise DTypeError(message(call, wrong, "use an int or a name")) from None


def _symbolic_entry(entry: Size, call: str) -> Size:
    """A user's SymPy size, if it can be a length."""
    size = canonical(entry, call.partition("(")[0])
    if isinstance(size, int):
        return check_size(size, call)
    if size.is_integer is False or not size.free_symbols or size.is_negative:
        raise DTypeError(message(call, f"{size} is no length", "use an integer expression of sizes"))
    return size


def canonical(size: Size, call: str = "dims") -> Size:
    """A user's SymPy size over symloss's own size symbols, as an int when it is a number."""
    if isinstance(size, int):
        return size
    own = {s: declared(s.name, call) for s in size.free_symbols if not s.is_Dummy}
    size = size.xreplace(own)
    return int(size) if size.is_Integer else size


def check_size(size: int, call: str) -> int:
    """Refuse negative sizes and sizes beyond the limit."""
    if not 0 <= size <= LARGEST_SIZE:
        wrong = f"size {size if abs(size) < 2**64 else 'of more than 64 bits'} is outside [0, 2**48]"
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
    entries = [size_text(size) for size in shape]
    return f"({entries[0]},)" if len(entries) == 1 else f"({', '.join(entries)})"


def size_text(size: Size) -> str:
    """A size as text; ``?`` stands for what the user left open."""
    if isinstance(size, int) or not is_open(size):
        return str(size)
    if size.is_Symbol:
        return "?"
    return str(size.xreplace({s: sympy().Symbol("?") for s in size.free_symbols if s.is_Dummy}))


def owner(size: Size) -> tuple[str, int]:
    """The variable and the axis whose size the user left open."""
    return next(((variable, axis) for (variable, axis, _), own in _open.items() if own is size), ("", 0))


@contextmanager
def recording() -> Iterator[Facts]:
    """Collect what is taken to hold inside: ``("=", a, b)``, ``("<=", a, b)``, ``("whole", a, a)``."""
    facts: Facts = []
    token = _recorded.set(facts)
    try:
        yield facts
    finally:
        _recorded.reset(token)


def _record(relation: str, a: Size, b: Size) -> None:
    facts = _recorded.get()
    if facts is not None:
        facts.append((relation, a, b))


def same(a: Size, b: Size) -> bool:
    """Whether two sizes are equal or, one of them being open, are from now on taken to be."""
    if a is b or a == b or _equal(a, b):
        return True
    if not (is_open(a) or is_open(b)):
        return False
    _record("=", a, b)
    return True


def _equal(a: Size, b: Size) -> bool:
    """Whether two sizes are equal once multiplied out."""
    composed = any(not isinstance(size, int) and size.args for size in (a, b))
    return bool(composed and (a - b).expand() == 0)


def at_most(a: Size, b: Size) -> bool:
    """Whether one size is at most another or, one of them being unknown, is from now on taken to be."""
    if isinstance(a, int) and isinstance(b, int):
        return a <= b
    gap = canonical(b - a)
    known = gap >= 0 if isinstance(gap, int) else gap.is_nonnegative
    if known is None:
        _record("<=", a, b)
    return known is not False


def whole(size: Size) -> bool:
    """Whether a size is an integer or, some sizes being unknown, is from now on taken to be."""
    if isinstance(size, int) or size.is_integer:
        return True
    _record("whole", size, size)
    return size.is_integer is not False


def unify(a: Size, b: Size) -> Size | None:
    """The size that both are, a stated one rather than an open one; None if they differ."""
    if not same(a, b):
        return None
    return b if is_open(a) else a


def same_shape(a: Shape, b: Shape) -> bool:
    """Whether two shapes agree axis by axis."""
    return len(a) == len(b) and (a == b or all(same(m, n) for m, n in zip(a, b, strict=True)))


def is_one(size: Size) -> bool:
    """Whether a size is 1, without asking SymPy, which takes its time to compare."""
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
        if is_one(n):
            continue
        both = n if is_one(m) else unify(m, n)
        if both is None:
            pair = f"{size_text(a[-back])} and {size_text(b[-back])}"
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


def integer(value: Any, what: str, call: str) -> int:
    """A parameter that must be a whole number."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise DTypeError(message(call, f"{what} is {shown(value)}", "use an int")) from None


def one_axis(axis: Any, shape: Shape, call: str) -> int:
    """The axis number, from 0, for an int or a size name."""
    if isinstance(axis, str):
        return _named_axis(axis, shape, call)
    try:
        if isinstance(axis, bool):
            raise TypeError
        number, rank = operator.index(axis), len(shape)
    except TypeError:
        wrong = (
            f"axis {axis} is {kind(axis)}" if isinstance(axis, bool | float) else f"an axis is {kind(axis)}"
        )
        raise DTypeError(message(call, wrong, "use an int or a size name")) from None
    if not -rank <= number < rank:
        wrong = f"axis {number} is out of range [{-rank}, {rank - 1}] for shape {show(shape)}"
        if not rank:
            wrong = f"axis {number} does not exist, as shape () has no axes"
        raise AxisError(message(call, wrong, "give an axis of the tensor, or a size name"))
    return number % rank


def _named_axis(name: str, shape: Shape, call: str) -> int:
    hits = [axis for axis, size in enumerate(shape) if not isinstance(size, int) and str(size) == name]
    if len(hits) == 1:
        return hits[0]
    if hits:
        wrong = f"axis {name!r} is ambiguous, as {show(shape)} has it {len(hits)} times"
        raise AxisError(message(call, wrong, "give the axis number"))
    names = [str(size) for size in shape if not isinstance(size, int) and not is_open(size)]
    if not names:
        raise DTypeError(
            message(call, f"axis {shown(name)} is a str, and shape {show(shape)} has no names", "use an int")
        )
    raise AxisError(message(call, f"no axis {shown(name)} in shape {show(shape)}", did_you_mean(name, names)))
