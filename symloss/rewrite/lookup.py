"""Which rules of a book are worth trying at a normal form: those that its operations leave possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..core.expr import Expr
from ..ops.normal import COMBINE

if TYPE_CHECKING:
    from .normalise import Normaliser

Names = frozenset[str]


class Rewrite(Protocol):
    """A rule, written as two formulas or as a function."""

    @property
    def name(self) -> str:
        """What the trace calls it."""

    def fits(self, heads: Names, inner: Names) -> bool:
        """Whether it can apply where arguments have these operations, and their arguments those."""

    def __call__(self, normal: Normaliser, node: Expr) -> Expr | None:
        """What a normal form becomes, or None where it does not apply."""


Book = dict[str, list[Rewrite]]
"""The rules by head: the operation at which they are tried."""


class Lookup:
    """The rules to try at a node; each node is tried once for each head."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.inert: dict[str, set[Expr]] = {head: set() for head in book}
        self.fitting: dict[tuple[str, tuple[Names, Names]], list[Rewrite]] = {}

    def rules(self, head: str, node: Expr) -> list[Rewrite]:
        """The rules for a head that may apply to a node at which none is known to fail."""
        inert = self.inert.get(head)
        if inert is None or node in inert:
            return []
        names = operations_within(node)
        found = self.fitting.get((head, names))
        if found is None:
            found = [rule for rule in self.book[head] if rule.fits(*names)]
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


def operations_within(e: Expr) -> tuple[Names, Names]:
    """The operations of the arguments of a normal form, and of their arguments; numbers before them aside."""
    parts = [_without_number(arg) for arg in e.args]
    inner = [_without_number(arg) for part in parts for arg in part.args]
    return frozenset([part.op.name for part in parts]), frozenset([part.op.name for part in inner])


def _without_number(e: Expr) -> Expr:
    return e.args[0] if e.op is COMBINE and len(e.args) == 1 else e
