"""One component of a tensor as a SymPy expression: what the records of operations put theirs together from.

Axes of the tensor at hand and indices that a sum binds are symbols of this module, until the bridge to SymPy
names them. Bound ones are numbered from the inside out, so that none is captured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from .expr import Expr
from .shapes import Shape, Size, sp

Component = Any  # sympy.Basic
_EXACT = 64
_AXIS, _BOUND = "\ue000", "\ue001"


def _index(kind: str, position: int) -> Component:
    return sp.Symbol(f"{kind}{position}", integer=True, nonnegative=True)


def axis_symbols(shape: Shape) -> tuple[Component, ...]:
    """The free index for each axis; an axis of size 1 has the index 0."""
    return tuple(sp.Integer(0) if size == 1 else _index(_AXIS, a) for a, size in enumerate(shape))


def bound_symbols(*parts: Component) -> list[Component]:
    """The bound indices in some expressions, innermost first."""
    found = {symbol for part in parts for symbol in part.atoms(sp.Symbol) if symbol.name[0] == _BOUND}
    return sorted(found, key=_level)


def _level(symbol: Component) -> int:
    return int(symbol.name[1:])


def _above(*parts: Component) -> int:
    """The first number that no bound index in some expressions has."""
    found = bound_symbols(*parts)
    return _level(found[-1]) + 1 if found else 0


def truth(entry: Component) -> Component:
    """A component as a truth value: whether it is not 0."""
    if isinstance(entry, bool) or entry.is_Boolean or entry.is_Relational:
        return sp.sympify(entry)
    if entry.is_Piecewise and [value for value, _ in entry.args] == [1, 0]:
        return entry.args[0][1]
    return sp.Ne(entry, 0)


def number(entry: Component) -> Component:
    """A component as a number: 1 for what is true, 0 for what is false."""
    if isinstance(entry, bool) or entry.is_Boolean or entry.is_Relational:
        return choice(entry, 1, 0)
    return entry


def choice(condition: Component, x: Component, y: Component) -> Component:
    """The component x where the condition holds, else y."""
    held = condition.replace(_is_piecewise, _as_where) if hasattr(condition, "replace") else condition
    return sp.Piecewise((x, held), (y, True))


def _hidden(body: Component) -> Component:
    """What is to be bound, with choices that stand below another bound index in the form of a function.

    SymPy takes a ``Piecewise`` out of a sum, or of a condition, together with the indices that the sum binds.
    """
    return body.replace(_binds, lambda inner: inner.replace(_is_piecewise, _as_where))


def _binds(part: Component) -> bool:
    return isinstance(part, sp.Sum | sp.Product | sp.Lambda)


def _is_piecewise(part: Component) -> bool:
    return bool(getattr(part, "is_Piecewise", False))


def _as_where(piecewise: Component) -> Component:
    *pairs, (result, _) = piecewise.args
    for value, condition in reversed(pairs):
        result = _where()(condition, value, result)
    return result


@cache
def _where() -> Any:
    """The SymPy function ``where(condition, x, y)``, which is x or y once the condition is decided."""

    def chosen(own: Any, condition: Component, x: Component, y: Component) -> Component:
        return {sp.true: x, sp.false: y}.get(condition)

    facts = {
        "__doc__": _where.__doc__,
        "__module__": __name__,
        "nargs": 3,
        "is_commutative": True,
        "is_extended_real": True,
        "eval": classmethod(chosen),
        "_eval_derivative": lambda own, s: own.func(own.args[0], *[arg.diff(s) for arg in own.args[1:]]),
        "_eval_rewrite_as_Piecewise": lambda own, c, x, y, **_: sp.Piecewise((x, c), (y, True)),
    }
    return type("where", (sp.Function,), facts)


def __getattr__(name: str) -> Any:
    """Find the function `where` for pickled expressions, as its class is made when SymPy is loaded."""
    if name == "where":
        return _where()
    raise AttributeError(name)


@dataclass(frozen=True, slots=True)
class Part:
    """An argument of an operation as a function of indices.

    More indices than it has axes are taken from the right, as broadcasting does.
    """

    node: Expr
    entry: Component

    def __call__(self, *at: Component) -> Component:
        """The number at some indices."""
        return number(self.at(*at))

    def holds(self, *at: Component) -> Component:
        """The truth value at some indices."""
        return truth(self.at(*at))

    def at(self, *at: Component) -> Component:
        """The component at some indices; what it binds gives way to what they bind."""
        places = [place.replace(_is_piecewise, _as_where) for place in at[len(at) - self.node.ndim :]]
        axes = axis_symbols(self.node.shape)
        change = {a: i for a, i in zip(axes, places, strict=True) if a != i and a.is_Symbol}
        if not change:
            return self.entry
        first = _above(*places)
        if first:
            change |= {own: _index(_BOUND, _level(own) + first) for own in bound_symbols(self.entry)}
        return self.entry.xreplace(change)


def bound(sizes: Sequence[Size], term: Callable[..., Component]) -> tuple[Component, list[Any]]:
    """What `term` gives for fresh indices, and these with their sizes; one below the size 1 is 0."""
    marks = [sp.Integer(0) if size == 1 else sp.Dummy(integer=True, nonnegative=True) for size in sizes]
    body = _hidden(sp.sympify(term(*marks)))
    first = _above(body)
    free = [(mark, size) for mark, size in zip(marks, sizes, strict=True) if mark.is_Symbol]
    names = {mark: _index(_BOUND, first + n) for n, (mark, _) in enumerate(reversed(free))}
    return body.xreplace(names), [(names[mark], size) for mark, size in free]


def total(sizes: Sequence[Size], term: Callable[..., Component]) -> Component:
    """The sum of `term` over all indices below `sizes`."""
    return _folded("Sum", sizes, term)


def product(sizes: Sequence[Size], term: Callable[..., Component]) -> Component:
    """The product of `term` over all indices below `sizes`."""
    return _folded("Product", sizes, term)


def _folded(fold: str, sizes: Sequence[Size], term: Callable[..., Component]) -> Component:
    body, indices = bound(sizes, term)
    return getattr(sp, fold)(body, *[(i, 0, size - 1) for i, size in indices]) if indices else body


def between(
    fold: str, first: Component, last: Component, term: Callable[[Component], Component]
) -> Component:
    """The ``Sum`` or ``Product`` of `term` over an index from `first` to `last`, both included."""
    if first == last:
        return sp.sympify(term(first))
    body, [(i, _)] = bound([last - first + 1], term)
    return getattr(sp, fold)(body, (i, first, last))


def undefined(
    name: str,
    sizes: Sequence[Size],
    term: Callable[..., Component],
    at: Sequence[Component] = (),
    of_one: Callable[[Component], Component] = lambda body: body,
) -> Component:
    """A function that SymPy does not have, of a ``Lambda`` of indices, of sizes and of a place in its result.

    Of a single component it is what `of_one` says, which SymPy has.
    """
    body, indices = bound(sizes, term)
    if not indices:
        return of_one(body)
    return sp.Function(name)(
        sp.Lambda(tuple(i for i, _ in indices), body), *[size for _, size in indices], *at
    )


def first_place(body: Component) -> Component:
    """The position of a single component."""
    return sp.Integer(0)


def line(at: Sequence[Component], x: Part, axis: Sequence[int]) -> tuple[list[Size], Callable[..., Any]]:
    """The sizes along `axis`, and `x` as a function of the indices along them.

    `at` has an index for each axis of `x`, or for each that is not in `axis`.
    """
    kept = iter(at)
    whole = len(at) == x.node.ndim
    places = [next(kept) if whole or a not in axis else None for a in range(x.node.ndim)]

    def entry(*along: Component) -> Component:
        chosen = dict(zip(axis, along, strict=True))
        return x.at(*[chosen.get(a, place) for a, place in enumerate(places)])

    return [x.node.shape[a] for a in axis], entry


def along(
    at: Sequence[Component],
    x: Part,
    axis: Sequence[int],
    term: Callable[[Component], Component] = number,
    fold: Callable[..., Component] = total,
) -> Component:
    """The sum, or another fold, of a function of the components of `x` along axes."""
    sizes, entry = line(at, x, axis)
    return fold(sizes, lambda *k: term(number(entry(*k))))


def rational(value: Fraction | float) -> Component:
    """A number for SymPy: exact if it is a fraction, or a float that is one of small denominator."""
    if not math.isfinite(value):
        return sp.oo if value > 0 else -sp.oo if value < 0 else sp.nan
    exact = Fraction(value)
    if isinstance(value, float) and exact.denominator > _EXACT:
        return sp.Float(value)
    return sp.Rational(exact.numerator, exact.denominator)


def wrapped(index: Part, at: Sequence[Component], size: Size) -> Component:
    """An index that counts from the end where it is negative, as in NumPy."""
    entry = index(*at)
    return entry if entry.is_nonnegative else sp.Mod(entry, size)
