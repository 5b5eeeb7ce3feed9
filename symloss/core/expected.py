"""What is expected of the values of variables: noted beside the formulas that expect it, and read off graphs.

A note belongs to one formula, not to the variable: other formulas of the same variable expect nothing. A
formula that is written out just as a loss does it is the same node, and has its note while that is alive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from weakref import WeakKeyDictionary

from .expr import Expr

PROBABILITY = "probability"
"""Each value is in [0, 1]."""
DISTRIBUTION = "distribution"
"""Each value is a probability, and the rows along the last axis sum to 1."""

Notes = Mapping[Expr, str]
_notes: WeakKeyDictionary[Expr, dict[Expr, str]] = WeakKeyDictionary()


def expect(formula: Expr, expected: Notes) -> Expr:
    """The formula, with a note of what it expects of variables; a leaf takes none."""
    if expected and not formula.op.leaf:
        _notes[formula] = _both(_notes.get(formula, {}), expected)
    return formula


def expectations(nodes: Iterable[Expr]) -> dict[Expr, str]:
    """For each variable of which the nodes of a graph expect something, what that is."""
    found: dict[Expr, str] = {}
    for node in nodes if _notes else ():
        found = _both(found, _notes.get(node, {}))
    return found


def notes_of(nodes: Iterable[Expr]) -> list[tuple[Expr, Expr, str]]:
    """The notes in a graph, one by one: the formula, the variable, and what is expected of it."""
    return [(node, variable, what) for node in nodes for variable, what in _notes.get(node, {}).items()]


def move(old: Expr, new: Expr, replacements: Mapping[Expr, Expr]) -> Expr:
    """`new`, which stands for `old` where variables are replaced, with its notes."""
    notes = _notes.get(old)
    if notes:
        expected = {_source(replacements.get(v, v)): what for v, what in notes.items()}
        expect(new, {variable: what for variable, what in expected.items() if variable.op.leaf})
    return new


def _source(e: Expr) -> Expr:
    """What an expression is another dtype of."""
    while e.op.recast:
        e = e.args[0]
    return e


def _both(one: Notes, other: Notes) -> dict[Expr, str]:
    """What two formulas expect: rows that sum to 1 are probabilities as well."""
    found = {**one, **other}
    return {v: DISTRIBUTION if DISTRIBUTION in (what, one.get(v)) else what for v, what in found.items()}
