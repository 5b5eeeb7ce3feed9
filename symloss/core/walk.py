"""Iterative traversals of expression graphs: depth is limited by memory, not by the Python stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .expected import move
from .expr import Expr

T = TypeVar("T")


def topological(
    roots: Iterable[Expr],
    stop: Callable[[Expr], bool] | None = None,
    skip: Mapping[Expr, object] | None = None,
) -> list[Expr]:
    """Every node below the roots, arguments before their users; nothing below a node where `stop` holds.

    Nodes that are keys of `skip` are left out together with what only they lead to.
    """
    order: list[Expr] = []
    seen: set[Expr] = set()
    stack: list[Any] = [*roots][::-1]
    while stack:
        node = stack.pop()
        if node is None:
            # the mark above a node whose arguments are all in the list
            order.append(stack.pop())
        elif node not in seen and (skip is None or node not in skip):
            seen.add(node)
            if not node.args or (stop is not None and stop(node)):
                order.append(node)
            else:
                stack += (node, None)
                stack += node.args[::-1]
    return order


def rebuild(roots: Iterable[Expr], change: Callable[[Expr, tuple[Expr, ...]], Expr]) -> list[Expr]:
    """Map every node bottom-up: `change` gets the node and its already mapped arguments."""
    roots = list(roots)
    done: dict[Expr, Expr] = {}
    for node in topological(roots):
        done[node] = change(node, tuple([done[arg] for arg in node.args]))
    return [done[root] for root in roots]


def substitute(roots: Iterable[Expr], replacements: Mapping[Expr, Expr]) -> list[Expr]:
    """The graphs with every key of `replacements` replaced by its value."""
    if not replacements:
        return list(roots)

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        return replacements[node] if node in replacements else move(node, node.with_args(args), replacements)

    return rebuild(roots, change)


def users(roots: Iterable[Expr], order: Iterable[Expr] | None = None) -> dict[Expr, int]:
    """How often each node is used: once for each argument position, and once for being a root.

    `order` is every node below the roots, if that is known.
    """
    roots = list(roots)
    counts = dict.fromkeys(topological(roots) if order is None else order, 0)
    for node in counts:
        for arg in node.args:
            counts[arg] += 1
    for root in roots:
        counts[root] += 1
    return counts
