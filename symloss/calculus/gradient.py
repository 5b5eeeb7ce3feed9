"""`grad`: the derivative of a scalar loss, simplified and written as a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.dtypes import is_float
from ..core.errors import DomainError, GradientError, GraphError, did_you_mean, kind, message, place, shown
from ..core.expr import Expr, describe
from ..core.leaves import leaf
from ..core.notation import Notation
from ..core.op import Op
from ..core.walk import substitute, topological
from ..ops.arithmetic import eq
from ..ops.constants import zeros_like
from ..ops.family import cast
from ..ops.normal import ones
from ..rewrite.books import recognition
from ..rewrite.normalise import Normaliser
from ..rewrite.present import present
from .reverse import pull_back

POINT = Op(
    "point",
    "Where an inner expression is varied: it stands for that expression as if it were a variable.",
    shape=lambda call, shape, **_: shape,
    dtype=lambda dtype, **_: dtype,
    numpy=Notation("«name»"),
    text=Notation("«name»"),
    latex=Notation("«name»"),
    leaf=True,
)


def grad(loss: Expr, wrt: Any, assume: Sequence[Expr] = (), disconnected: str = "raise") -> Any:
    r"""The gradient of a scalar loss, as a formula.

    Parameters
    ----------
    loss : Expr, ()
        What is differentiated.
    wrt : Expr or sequence of Expr
        Variables, or any expressions of the graph of `loss`; each keeps its shape in the result.
    assume : sequence of Expr
        Facts that may be used, such as ``sl.eq(sl.sum(y, axis="K"), 1)``.
    disconnected : {"raise", "zeros"}
        What happens where `loss` does not depend on an element of `wrt`.

    Returns
    -------
    Expr, or list of Expr if `wrt` is a sequence
        Where a one-sided derivative exists on both sides, their mean.

    Raises
    ------
    GradientError
        If `loss` is not a floating-point scalar, if a derivative does not exist, or if `wrt` is not
        of floating point or not part of the graph.
    """
    if disconnected not in ("raise", "zeros"):
        wrong = f"disconnected is {shown(disconnected)}"
        raise DomainError(message("grad()", wrong, did_you_mean(str(disconnected), ("raise", "zeros"))))
    several = isinstance(wrt, list | tuple)
    targets = list(wrt) if several else [wrt]
    _check_loss(loss)
    for target in targets:
        _check_target(target, loss)
    assumed = facts(assume)
    sweeps = [[target] for target in targets] if _nested(targets) else [targets]
    results = [g for sweep in sweeps for g in _gradients(loss, sweep, assumed, disconnected)]
    return results if several else results[0]


def _gradients(
    loss: Expr, targets: Sequence[Expr], assumed: list[tuple[Expr, Expr]], disconnected: str
) -> list[Expr]:
    """The gradients as written formulas; facts simplify the derivative, never what is differentiated."""
    points = [leaf(POINT, t.shape, t.dtype, name=str(t.uid)) if t.args else t for t in targets]
    inner = {target: point for target, point in zip(targets, points, strict=True) if target.args}
    (varied,) = substitute([loss], inner)
    normal = Normaliser(rules=recognition())
    pulled = pull_back(normal.written(varied), normal(ones((), loss.dtype)), points, normal)
    if assumed:
        sides = substitute([side for fact in assumed for side in fact], inner)
        normal = Normaliser(zip(sides[::2], sides[1::2], strict=True), recognition())
        normal.written(varied)
    found = [normal(p) for p in pulled if p is not None]
    back = {point: target for target, point in inner.items()}
    written = iter(substitute(present(found, normal), back))
    return [
        cast(next(written), target.dtype) if p is not None else _nothing(loss, target, disconnected)
        for p, target in zip(pulled, targets, strict=True)
    ]


def _nested(targets: Sequence[Expr]) -> bool:
    """Whether a target is part of another: one sweep would stop at the outer one."""
    inner = topological([arg for target in targets for arg in target.args])
    return not set(targets).isdisjoint(inner)


def _nothing(loss: Expr, target: Expr, disconnected: str) -> Expr:
    """The gradient where nothing flows: zeros where everything cancels, else as `disconnected` says."""
    if disconnected == "zeros" or _depends(loss, target):
        return zeros_like(target)
    wrong = f"the loss does not depend on {describe(target)}, built at {place(target.site)}"
    raise GradientError(message("grad()", wrong, "check wrt, or pass disconnected='zeros'"))


def _depends(loss: Expr, target: Expr) -> bool:
    """Whether a derivative can flow from `loss` to `target` through the formula as it was written."""
    reached = {loss}
    for node in reversed(topological([loss])):
        if node in reached and is_float(node.dtype):
            rule = node.op.derivative
            reached |= {a for k, a in enumerate(node.args) if node.op.definition or (rule and rule(k))}
    return target in reached


def _check_loss(loss: Any) -> None:
    if not isinstance(loss, Expr):
        raise GradientError(message("grad()", f"the loss is {kind(loss)}, not an Expr", "build it with sl"))
    if loss.ndim:
        mend = "reduce it with mean() or sum(), or use jacobian()"
        raise GradientError(message("grad()", f"needs a scalar loss, got {describe(loss)}", mend))
    if not is_float(loss.dtype):
        wrong = f"the loss {describe(loss)} has dtype {loss.dtype.name}, which has no derivatives"
        raise GradientError(message("grad()", wrong, "build it from tensors of a float dtype"))


def _check_target(target: Any, loss: Expr) -> None:
    if not isinstance(target, Expr):
        wrong = f"wrt is {kind(target)}, not an Expr"
        raise GradientError(message("grad()", wrong, "pass a variable or another part of the loss"))
    if not is_float(target.dtype):
        wrong = f"wrt {describe(target)} has dtype {target.dtype.name}, which has no derivatives"
        raise GradientError(message("grad()", wrong, "declare it with a float dtype"))


def facts(assume: Sequence[Any]) -> list[tuple[Expr, Expr]]:
    """The two sides of each assumed equation."""
    sides = []
    if not isinstance(assume, list | tuple):
        wrong = f"assume is {kind(assume)}, expected a list"
        raise GraphError(message("grad()", wrong, "write [sl.eq(left, right)]"))
    for fact in assume:
        if not isinstance(fact, Expr) or fact.op.name != eq.__name__:
            what = describe(fact) if isinstance(fact, Expr) else kind(fact)
            wrong = f"the assumption {what} is not an equation"
            raise GraphError(message("grad()", wrong, "write it with sl.eq(left, right)"))
        sides.append((fact.args[0], fact.args[1]))
    return sides
