"""What a user asks of calculus, checked: losses, targets, directions and facts; what does not fit raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core import shapes
from ..core.dtypes import is_float
from ..core.errors import GradientError, ShapeError, kind, message, place
from ..core.expr import Expr, describe
from ..core.leaves import lift
from ..core.walk import topological
from ..ops.family import cast


def check_formula(call: str, what: str, formula: Any, scalar: bool = False) -> Expr:
    """A formula of a float dtype, or the error that says why there is nothing to differentiate."""
    if not isinstance(formula, Expr):
        wrong = f"the {what} is {kind(formula)}, not an Expr"
        raise GradientError(message(call, wrong, "build it with sl"))
    if scalar and formula.ndim:
        mend = "reduce it with mean() or sum(), or use jacobian()"
        raise GradientError(message(call, f"needs a scalar {what}, got {describe(formula)}", mend))
    if not is_float(formula.dtype):
        wrong = f"the {what} {describe(formula)} has dtype {formula.dtype.name}, which has no derivatives"
        raise GradientError(message(call, wrong, "build it from tensors of a float dtype"))
    return formula


def targets_of(call: str, wrt: Any) -> list[Expr]:
    """What is varied, as a list."""
    targets = list(wrt) if isinstance(wrt, list | tuple) else [wrt]
    for target in targets:
        if not isinstance(target, Expr):
            wrong = f"wrt is {kind(target)}, not an Expr"
            raise GradientError(message(call, wrong, "pass a variable or another part of the loss"))
        if not is_float(target.dtype):
            wrong = f"wrt {describe(target)} has dtype {target.dtype.name}, which has no derivatives"
            raise GradientError(message(call, wrong, "declare it with a float dtype"))
    return targets


def directions(call: str, what: str, given: Any, like: Sequence[Expr], several: bool) -> list[Expr]:
    """Tangents or cotangents, one for each of `like` and of its shape."""
    if several and (not isinstance(given, list | tuple) or len(given) != len(like)):
        wrong = f"expected a list of {len(like)}, one {what} for each"
        raise ShapeError(message(call, wrong, f"pass [{', '.join('v' + e.name for e in like)}]"))
    found = lift(call, *given) if several else lift(call, given)
    for direction, e in zip(found, like, strict=True):
        if not shapes.same_shape(direction.shape, e.shape):
            wrong = f"the {what} {describe(direction)} does not have the shape of {describe(e)}"
            raise ShapeError(message(call, wrong, "the shapes must agree"))
    return [cast(direction, e.dtype) for direction, e in zip(found, like, strict=True)]


def nested(targets: Sequence[Expr]) -> bool:
    """Whether a target is part of another: one sweep would stop at the outer one."""
    inner = topological([arg for target in targets for arg in target.args])
    return not set(targets).isdisjoint(inner)


def check_connected(call: str, formula: Expr, what: str, target: Expr) -> None:
    """Refuse a target that no derivative can flow to through the formula as it was written."""
    reached = {formula}
    for node in reversed(topological([formula])):
        if node in reached and is_float(node.dtype):
            rule = node.op.derivative
            reached |= {a for k, a in enumerate(node.args) if node.op.definition or (rule and rule(k))}
    if target not in reached:
        wrong = f"the {what} does not depend on {describe(target)}, built at {place(target.site)}"
        mend = "check wrt, or pass disconnected='zeros'" if call == "grad()" else "check wrt"
        raise GradientError(message(call, wrong, mend))
