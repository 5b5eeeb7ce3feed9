"""Which rules of a book are worth trying at a normal form: those that its operations leave possible."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from ..core.expr import Expr
from ..ops.normal import COMBINE

if TYPE_CHECKING:
    from .normalise import Normaliser

Rewrite = Callable[["Normaliser", Expr], Expr | None]
"""Gives what a normal form becomes, or None where the rule does not apply.

It may have a method `fits`, which gets the names of the operations of the arguments, and of their arguments,
and says whether the rule can apply at all.
"""
Rules = list[tuple[str, Rewrite]]
Book = dict[str, Rules]
"""By head: the name of a rule, and the rule."""
Names = frozenset[str]


class Lookup:
    """The rules to try at a node; each node is tried once for each head."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.inert: dict[str, set[Expr]] = {head: set() for head in book}
        self.fitting: dict[Hashable, Rules] = {}

    def rules(self, head: str, node: Expr) -> Rules:
        """The rules for a head that may apply to a node at which none is known to fail."""
        inert = self.inert.get(head)
        if inert is None or node in inert:
            return []
        names = operations_within(node)
        found = self.fitting.get((head, names))
        if found is None:
            found = [rule for rule in self.book[head] if _fits(rule[1], *names)]
            self.fitting[head, names] = found
        return found

    def failed(self, head: str, node: Expr) -> None:
        """Note that no rule applies."""
        if head in self.inert:
            self.inert[head].add(node)

    def forget(self) -> None:
        """Try every node again."""
        for inert in self.inert.values():
            inert.clear()


def _fits(rewrite: Rewrite, heads: Names, inner: Names) -> bool:
    fits = getattr(rewrite, "fits", None)
    return fits is None or fits(heads, inner)


def operations_within(e: Expr) -> tuple[Names, Names]:
    """The operations of the arguments of a normal form, and of their arguments; numbers before them aside."""
    parts = [a.args[0] if a.op is COMBINE and len(a.args) == 1 else a for a in e.args]
    within = [arg for part in parts for arg in part.args]
    inner = [a.args[0] if a.op is COMBINE and len(a.args) == 1 else a for a in within]
    return frozenset([part.op.name for part in parts]), frozenset([part.op.name for part in inner])
