"""Checks of single steps: values and slopes of 60 digits at random points, where the facts hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..calculus.reverse import Flow
from ..calculus.variation import POINT, point
from ..core.evaluate import exact_values
from ..core.expr import Expr
from ..core.leaves import INPUT, SHARED
from ..core.sampling import central_differences, random_values, satisfying
from ..core.walk import topological
from ..ops.normal import by_labels
from ..rewrite.facts import Facts

_ROUNDINGS = 2**14
"""Both sides of a step are exact but for the numbers in them, which are written as floats of the dtype."""
SLOPES = 1e-12
"""Of central differences of 60 digits."""


def variables_of(formulas: Sequence[Expr], inner: Mapping[Expr, Expr]) -> dict[Expr, Any]:
    """Random values for the variables of formulas; what stands for an inner expression has its value."""
    targets = {p: target for target, p in inner.items()}
    nodes = topological([*formulas, *targets.values()])
    values: dict[Expr, Any] = random_values(node for node in nodes if node.op in (INPUT, SHARED))
    for node in nodes:
        if node.op is POINT and node in targets:
            (values[node],) = exact_values([targets[node]], values)
    return values


def same_value(loss: Expr, before: Expr, after: Expr, assumed: Facts, tries: int = 2) -> bool:
    """Whether two formulas of the variables of a loss have one value at random points where facts hold."""
    for _ in range(tries):
        at = variables_of([loss, before, after, *[side for fact in assumed for side in fact]], {})
        held = satisfying(assumed, at) if assumed else at
        left, right = exact_values([before, after], held)
        if not _agree(left, right, max(_rounding(before), 1e-9 if assumed else 0)):
            return False
    return True


def flow_holds(loss: Expr, flow: Flow, inner: Mapping[Expr, Expr]) -> bool:
    """Whether a rule was applied rightly: against central differences of the operation itself.

    Of several cotangents, as those of a Hessian, the first is tried.
    """
    values = variables_of([loss, flow.node, flow.cotangent, flow.value, flow.rule], inner)
    stated, simplified = exact_values([flow.rule, flow.value], values)
    if not _agree(stated, simplified, _rounding(flow.value)):
        return False
    moving = point(flow.arg, "moving")
    args = [moving if k == flow.position else arg for k, arg in enumerate(flow.node.args)]
    again = flow.node.with_args(tuple(args))
    g, here = exact_values([flow.cotangent, flow.arg], values)
    one = (0,) * (g.ndim - flow.node.ndim)
    weights, axes = point(flow.node, "weights"), range(flow.node.ndim)
    total = by_labels([(again, axes), (weights, axes)], [])
    slopes = central_differences(total, moving, {**values, moving: here, weights: g[one]})
    allowed = SLOPES + _rounding(flow.value)
    return all(abs(simplified[one + at] - s) <= allowed * max(1, abs(s)) for at, s in slopes.items())


def _rounding(e: Expr) -> float:
    return float(np.finfo(e.dtype).eps) * _ROUNDINGS


def _agree(left: Any, right: Any, rtol: float) -> bool:
    """Whether two arrays of exact numbers agree; one may be broadcast to the other."""
    left, right = np.broadcast_arrays(left, right)
    return all(
        abs(a - b) <= rtol * max(1, abs(a), abs(b)) or (a != a and b != b)
        for a, b in zip(left.ravel(), right.ravel(), strict=True)
    )
