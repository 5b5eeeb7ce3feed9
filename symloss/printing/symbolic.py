"""The formula as a SymPy expression in index form: one component, sums written as sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, count
from typing import Any, NoReturn

import numpy as np

from ..core import errors
from ..core.component import Component, Part, axis_symbols, bound_symbols, number, rational, truth
from ..core.expr import Expr, called, describe
from ..core.leaves import CONSTANT, INPUT, SHARED, SIZE
from ..core.op import Op
from ..core.shapes import sp
from ..core.walk import rebuild, topological
from .network import roots_of

MOST_OPERATIONS = 5_000
MOST_NESTED = 100
MOST_ELEMENTS = 1_000
_LETTERS = "ijklmnpqrstuvw"


def to_sympy(expr: Expr, indices: Sequence[Any] = ()) -> Any:
    """The formula as a SymPy expression: for a tensor, its component at free indices.

    A scalar variable is a real ``Symbol``, any other an element of an ``IndexedBase`` of that name; sizes are
    the symbols of the shape. Sums are ``Sum``, the identity is ``KroneckerDelta``, a choice is ``Piecewise``,
    truth values are SymPy's, and elementwise operations their meaning. What SymPy does not have, such as the
    largest element, is an undefined function of a ``Lambda`` and the sizes that its arguments range over:
    ``max(Lambda(k, z[k]), K)``; a place in its result comes last, as in ``sort(Lambda(k, z[k]), K, i)``.
    Below a sum in a sum, where SymPy loses what a ``Piecewise`` depends on, a choice is the function
    ``where(condition, x, y)``, which is x or y once the condition is decided.
    Indices count from 0; one of an axis of size 1 is 0.

    Parameters
    ----------
    expr : Expr, any shape
        The formula.
    indices : sequence of str or sympy.Symbol
        The free index of each axis; by default i, j, k and so on, without letters that the formula has.

    Returns
    -------
    sympy.Basic
        An expression; in a formula of truth values, a condition.

    Raises
    ------
    GraphError
        If an operation has no form in SymPy, two variables share a name, or `indices` are not one for each
        axis, all different.
    LimitError
        If the formula nests more than 100 operations, has more than 5000 when shared parts are repeated, or
        holds a constant of more than 1000 unequal elements.

    Examples
    --------
    >>> import symloss as sl
    >>> z = sl.vector("z", "K")
    >>> sl.to_sympy(sl.softmax(z))
    exp(z[i])/Sum(exp(z[j]), (j, 0, K - 1))
    """
    roots_of("to_sympy", [expr])
    root = _opened(expr)
    _check_names(root)
    try:
        done: dict[Expr, Component] = {}
        for node in topological([root]):
            done[node] = _component(node, [Part(arg, done[arg]) for arg in node.args])
        return _named(done[root], expr, indices)
    except RecursionError:
        _refuse(f"{called(expr)} is nested too deeply for SymPy", MOST_NESTED, MOST_NESTED)


def _has_form(op: Op) -> bool:
    return op.component is not None or op.elementwise or op in (INPUT, SHARED, CONSTANT, SIZE)


def _opened(expr: Expr) -> Expr:
    """The graph with definitions in place of operations that state no component."""

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if _has_form(node.op):
            return node.with_args(args)
        if node.op.definition is None:
            mend = "state `component` or `definition` in its record"
            wrong = f"{node.op.name} has no form in SymPy"
            raise errors.GraphError(errors.message(f"to_sympy({describe(expr)})", wrong, mend))
        return node.op.definition(*args, **node.params)

    while True:
        _check_size(expr)
        (opened,) = rebuild([expr], change)
        if opened is expr:
            return expr
        expr = opened


def _check_size(expr: Expr) -> None:
    """Refuse what SymPy, which repeats shared parts and calls itself along an expression, cannot handle."""
    sizes: dict[Expr, int] = {}
    depths: dict[Expr, int] = {}
    for node in topological([expr]):
        sizes[node] = min(1 + sum(sizes[arg] for arg in node.args), 10 * MOST_OPERATIONS)
        depths[node] = 1 + max([depths[arg] for arg in node.args], default=0)
    if depths[expr] > MOST_NESTED:
        _refuse(f"{called(expr)} nests more than {MOST_NESTED} operations", MOST_NESTED, depths[expr])
    if sizes[expr] > MOST_OPERATIONS:
        wrong = f"{called(expr)} has more than {MOST_OPERATIONS} operations, shared parts repeated"
        _refuse(wrong, MOST_OPERATIONS, sizes[expr])


def _refuse(wrong: str, limit: int, value: int, mend: str = "convert its parts one by one") -> NoReturn:
    raise errors.LimitError(errors.message("to_sympy()", wrong, mend), limit, value)


def _check_names(expr: Expr) -> None:
    """Refuse two variables that SymPy would take for one."""
    known: dict[str, Expr] = {}
    for node in topological([expr]):
        if node.name and known.setdefault(node.name, node) is not node:
            wrong = f"two variables are called {node.name}"
            raise errors.GraphError(errors.message("to_sympy()", wrong, "rename one"))


def _component(node: Expr, args: list[Part]) -> Component:
    """The component of a node at its own axes."""
    at = axis_symbols(node.shape)
    if node.op in (INPUT, SHARED):
        entry = _variable(node, at)
    elif node.op is CONSTANT:
        entry = _constant(node, at)
    elif node.op is SIZE:
        entry = sp.sympify(node.params["value"])
    elif node.op.component is not None:
        entry = node.op.component(node, at, *args)
    else:
        entry = _meaning(node.op)(*[arg(*at) for arg in args])
    entry = entry if hasattr(entry, "is_Boolean") else sp.sympify(entry)
    return truth(entry) if node.dtype.kind == "b" else number(entry)


def _meaning(op: Op) -> Any:
    """The meaning of an elementwise operation."""
    if op.meaning is None:
        wrong = f"{op.name} states no meaning"
        raise errors.GraphError(errors.message("to_sympy()", wrong, "state it as SymPy"))
    return op.meaning


def _variable(node: Expr, at: tuple[Component, ...]) -> Component:
    kind = node.dtype.kind
    facts = {"real": True} if kind == "f" else {"integer": True}
    if kind in "ub":
        facts["nonnegative"] = True
    return sp.IndexedBase(node.name, **facts)[at] if at else sp.Symbol(node.name, **facts)


def _constant(node: Expr, at: tuple[Component, ...]) -> Component:
    """A number, or an element of an array of numbers."""
    value: np.ndarray[Any, Any] = node.params["value"]
    numbers = [rational(entry) for entry in value.ravel().tolist()]
    if value.size and (not at or all(entry == numbers[0] for entry in numbers)):
        return numbers[0]
    if value.size > MOST_ELEMENTS:
        wrong = f"a constant has {value.size} elements, more than {MOST_ELEMENTS}"
        _refuse(wrong, MOST_ELEMENTS, value.size, "pass it as a variable")
    return sp.Indexed(sp.ImmutableDenseNDimArray(numbers, value.shape), *at)


def _named(entry: Component, expr: Expr, indices: Sequence[Any]) -> Component:
    """The component with letters for its indices."""
    axes, bound = axis_symbols(expr.shape), bound_symbols(entry)
    marks = {*axes, *bound}
    taken = {symbol.name for symbol in entry.atoms(sp.Symbol) if symbol not in marks}
    free = _given(expr, indices)
    sizes = {size for node in topological([expr]) for size in node.shape if not isinstance(size, int)}
    taken |= {symbol.name for size in (*sizes, *free) for symbol in size.free_symbols}
    letters = (letter for letter in _all_letters() if letter not in taken)
    free = free or [_symbol(next(letters)) for _ in axes]
    names = {axis: own for axis, own in zip(axes, free, strict=True) if axis.is_Symbol}
    return entry.xreplace(names | {symbol: _symbol(next(letters)) for symbol in reversed(bound)})


def _given(expr: Expr, indices: Sequence[Any]) -> list[Component]:
    """The indices that the user chose, as symbols."""
    chosen = list(indices)
    wrong = ""
    if chosen and len(chosen) != expr.ndim:
        wrong = f"got {len(chosen)} indices for {expr.ndim} axes"
    elif any(not isinstance(i, str) and not getattr(i, "is_Symbol", False) for i in chosen):
        wrong = "an index is neither a name nor a SymPy symbol"
    symbols = [] if wrong else [_symbol(i) if isinstance(i, str) else i for i in chosen]
    if len({symbol.name for symbol in symbols}) < len(symbols):
        wrong = "an index is named twice"
    if wrong:
        call = f"to_sympy({describe(expr)})"
        raise errors.GraphError(errors.message(call, wrong, "give one name for each axis"))
    return symbols


def _symbol(name: str) -> Component:
    return sp.Symbol(name, integer=True, nonnegative=True)


def _all_letters() -> Iterator[str]:
    return chain(_LETTERS, (f"i{n}" for n in count(1)))
