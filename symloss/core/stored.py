"""Graphs as flat records, for pickling: rebuilt node by node when loaded, so that every check runs again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import shapes
from .dtypes import DType, parse_dtype
from .errors import FormatError, did_you_mean, message
from .expected import DISTRIBUTION, PROBABILITY, expect, notes_of
from .expr import Expr, apply, hook
from .leaves import CONSTANT, SHARED, Holder, constant_of, leaf
from .op import OPS, Op
from .walk import topological

VERSION = 1
_OPEN = "open size "

Record = tuple[str, tuple[int, ...], dict[str, Any], Any, str]
"""Operation, positions of the arguments, parameters, shape and dtype (of leaves)."""


def dump(roots: Sequence[Expr]) -> dict[str, Any]:
    """The graphs as records, arguments before their users, and the positions of the roots."""
    order = topological(roots)
    position = {node: k for k, node in enumerate(order)}
    records = [_record(node, position) for node in order]
    notes = [(position[f], position[v], what) for f, v, what in notes_of(order) if v in position]
    return {"version": VERSION, "nodes": records, "roots": [position[root] for root in roots], "notes": notes}


def _record(node: Expr, position: Mapping[Expr, int]) -> Record:
    params = {name: _portable(value) for name, value in node.params.items()}
    args = tuple(position[arg] for arg in node.args)
    return node.op.name, args, params, _portable(node.shape) if node.op.leaf else None, node.dtype.name


def load(stored: Any) -> list[Expr]:
    """The roots of stored graphs.

    Raises
    ------
    FormatError
        If the record is damaged, of another version, or names an unknown operation.
    """
    if not isinstance(stored, dict) or stored.get("version") != VERSION:
        version = stored.get("version") if isinstance(stored, dict) else type(stored).__name__
        raise FormatError(
            message("load", f"version {version!r}, expected {VERSION}", "store the graph again")
        )
    nodes: list[Expr] = []
    try:
        for name, args, params, shape, dtype in stored["nodes"]:
            below = [_at(nodes, a) for a in args]
            nodes.append(_node(_operation(name), below, _restored(params), _restored(shape), dtype))
        _expect(nodes, stored.get("notes", ()))
        return [_at(nodes, root) for root in stored["roots"]]
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        if isinstance(error, FormatError):
            raise
        wrong = f"the record is damaged after node {len(nodes)} ({type(error).__name__})"
        raise FormatError(message("load", wrong, "store the graph again")) from error


def _expect(nodes: list[Expr], notes: Any) -> None:
    """Note again what formulas expect of variables."""
    for formula, variable, what in notes:
        if what not in (PROBABILITY, DISTRIBUTION):
            raise ValueError(what)
        expect(_at(nodes, formula), {_at(nodes, variable): what})


def _at(nodes: list[Expr], position: int) -> Expr:
    """An earlier node: a record never refers to what comes after it."""
    if not 0 <= position < len(nodes):
        raise IndexError(position)
    return nodes[position]


def _operation(name: str) -> Op:
    if name not in OPS:
        mend = f"define it before loading; {did_you_mean(name, OPS)}"
        raise FormatError(message("load", f"the operation {name!r} is not known", mend))
    return OPS[name]


def _node(op: Op, args: list[Expr], params: dict[str, Any], shape: Any, dtype: str) -> Expr:
    if op is CONSTANT:
        return constant_of(params["value"], parse_dtype(dtype, "load"))
    if op is SHARED:
        return _shared(params.pop("holder"), shape, parse_dtype(dtype, "load"), params)
    if op.leaf:
        return leaf(op, shape, parse_dtype(dtype, "load"), **params)
    return apply(op, *args, **params)


def _shared(holder: Any, shape: Any, dtype: DType, params: dict[str, Any]) -> Expr:
    """A shared variable; graphs that are loaded together hold one value where they held one."""
    value = holder.value if isinstance(holder, Holder) else None
    if not isinstance(value, np.ndarray) or (value.shape, value.dtype) != (shape, dtype):
        raise ValueError(holder)
    value.flags.writeable = False
    return leaf(SHARED, shape, dtype, **params, holder=holder)


def _portable(value: Any) -> Any:
    """A parameter with open sizes under a name that means the same in another process."""
    if type(value) is tuple:
        return tuple(map(_portable, value))
    if hasattr(value, "free_symbols"):
        known = shapes.open_sizes()
        return value.xreplace(
            {s: shapes.sp.Symbol(_OPEN + repr(known[s])) for s in value.free_symbols if s in known}
        )
    return value


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _restored(entry) for name, entry in value.items()}
    if type(value) is tuple:
        return tuple(map(_restored, value))
    if hasattr(value, "free_symbols"):
        return value.xreplace({s: _size(s) for s in value.free_symbols})
    return value


def _size(symbol: Any) -> Any:
    if not symbol.name.startswith(_OPEN):
        return shapes.declared(symbol.name)
    variable, axis, rank = symbol.name[len(_OPEN) + 1 : -1].rsplit(", ", 2)
    return shapes.open_size(variable.strip("'"), int(axis), int(rank))


@hook
def dump_graph(expr: Expr) -> dict[str, Any]:
    """One graph as a record."""
    return dump([expr])


@hook
def load_graph(stored: Any) -> Expr:
    """The graph of a record."""
    return load(stored)[0]
