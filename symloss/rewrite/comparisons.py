"""Comparisons, which are the slopes of maxima, where signs decide them."""

from __future__ import annotations

from ..core.expr import Expr
from ..ops.arithmetic import MINUS
from ..ops.order import heaviside
from .normalise import Normaliser
from .products import scaled, split


def step_of_multiples(normal: Normaliser, node: Expr) -> Expr | None:
    """``[c·x > d·x]`` for numbers c and d, which says whether x is positive, or else negative."""
    (c, x), (d, y) = map(split, node.args)
    if x is not y or c == d or x.shape != node.shape:
        return None
    return normal.finished(heaviside(x if c > d else scaled(MINUS, x)))
