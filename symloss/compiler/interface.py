"""Whether inputs and outputs make a function; every check raises GraphError or passes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from ..core import shapes
from ..core.errors import DomainError, GraphError, did_you_mean, kind, message, place
from ..core.expr import Expr, called
from ..core.leaves import INPUT
from ..core.walk import topological
from .program import size_symbols

ON_UNUSED = ("raise", "warn", "ignore")


def sequence(values: Any, what: str, call: str) -> list[Any]:
    """Inputs or outputs as a list."""
    if isinstance(values, list | tuple):
        return list(values)
    found = "an Expr" if isinstance(values, Expr) else kind(values)
    raise GraphError(message(call, f"{what} is {found}, expected a list", "write [x, y]"))


def check_graph(
    inputs: Sequence[Any], outputs: Sequence[Expr], known: set[Expr], name: str, on_unused: str = "raise"
) -> None:
    """Refuse inputs that are repeated, share a name, are not used, or are missing."""
    call = f"function {name}"
    if on_unused not in ON_UNUSED:
        wrong = f"on_unused is {on_unused!r}"
        raise DomainError(message(call, wrong, did_you_mean(str(on_unused), ON_UNUSED)))
    for position, variable in enumerate(inputs):
        _check_variable(variable, position, call)
    _check_distinct(inputs, call)
    nodes = topological(outputs)
    _check_missing(nodes, inputs, known, call)
    _check_sizes(nodes, inputs, known, call)
    _check_unused(nodes, inputs, call, on_unused)


def _check_variable(variable: Any, position: int, call: str) -> None:
    if isinstance(variable, Expr) and variable.op.leaf and variable.name:
        return
    what = kind(variable)
    if isinstance(variable, Expr):
        what = f"{called(variable)}, built at {place(variable.site)}"
    raise GraphError(
        message(call, f"input {position} is {what}, not a variable", "pass sl.vector(…) or the like")
    )


def _check_distinct(inputs: Sequence[Expr], call: str) -> None:
    first: dict[str, int] = {}
    for position, variable in enumerate(inputs):
        other = first.setdefault(variable.name, position)
        if other == position:
            continue
        if inputs[other] is variable:
            wrong = f"{variable.name} is given twice, as inputs {other} and {position}"
            raise GraphError(message(call, wrong, "drop one"))
        sites = f"{place(inputs[other].site)} and {place(variable.site)}"
        wrong = f"inputs {other} and {position} are both named {variable.name!r}, built at {sites}"
        raise GraphError(message(call, wrong, "rename one"))


def _check_missing(nodes: Sequence[Expr], inputs: Sequence[Expr], known: set[Expr], call: str) -> None:
    missing = [node for node in nodes if node.op is INPUT and node not in known]
    names = {variable.name: variable for variable in inputs}
    for node in missing:
        if node.name in names:
            other = names[node.name]
            wrong = (
                f"the outputs depend on another {_full(node)}, built at {place(node.site)},"
                f" than the input {_full(other)}, built at {place(other.site)}"
            )
            raise GraphError(message(call, wrong, "use one variable, or rename one"))
    if missing:
        listed = ", ".join(f"{node.name} (built at {place(node.site)})" for node in missing)
        verb = "is" if len(missing) == 1 else "are"
        wrong = f"the outputs depend on {listed}, which {verb} not among the inputs"
        raise GraphError(message(call, wrong, "add what is missing to the inputs, or give it with givens"))


def _full(node: Expr) -> str:
    return f"{node.name}: {shapes.show(node.shape)} {node.dtype.name}"


def _check_sizes(nodes: Sequence[Expr], inputs: Sequence[Expr], known: set[Expr], call: str) -> None:
    """Refuse formulas that compute with a size which no input shows."""
    given = {size for variable in (*inputs, *known) for size in variable.shape}
    for node in nodes:
        for size in sorted(size_symbols(node) - given, key=str):
            variable, axis = shapes.owner(size)
            what = f"the size of axis {axis} of {variable}" if variable else f"the size {size}"
            wrong = f"{called(node)}, built at {place(node.site)}, needs {what}, which no input has"
            raise GraphError(message(call, wrong, "add an input with an axis of that size"))


def _check_unused(nodes: Sequence[Expr], inputs: Sequence[Expr], call: str, on_unused: str) -> None:
    used = set(nodes) | {size for node in nodes for size in size_symbols(node)}
    unused = [v.name for v in inputs if v not in used and not used.intersection(v.shape)]
    if not unused or on_unused == "ignore":
        return
    mend = "leave unused inputs out, or pass on_unused='ignore'"
    text = message(call, f"the outputs do not depend on {', '.join(unused)}", mend)
    if on_unused == "raise":
        raise GraphError(text)
    warnings.warn(text, stacklevel=4)
