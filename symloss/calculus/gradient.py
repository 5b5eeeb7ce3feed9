"""`grad`: the derivative of a scalar loss, simplified and written as a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.errors import DomainError, did_you_mean, message, shown
from ..core.expr import Expr
from ..ops.constants import zeros_like
from ..ops.family import cast
from ..rewrite.facts import Facts, facts_of
from .requests import check_connected, check_formula, nested, targets_of
from .variation import Variation

CALL = "grad()"


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
        Where an operation has one-sided derivatives on both sides, it takes their mean.

    Raises
    ------
    GradientError
        If `loss` is not a floating-point scalar, if a derivative does not exist, or if `wrt` is not
        of floating point or not part of the graph.
    """
    if disconnected not in ("raise", "zeros"):
        wrong = f"disconnected is {shown(disconnected)}"
        raise DomainError(message(CALL, wrong, did_you_mean(str(disconnected), ("raise", "zeros"))))
    check_formula(CALL, "loss", loss, scalar=True)
    targets = targets_of(CALL, wrt)
    assumed = facts_of(CALL, assume)
    sweeps = [[target] for target in targets] if nested(targets) else [targets]
    results = [g for sweep in sweeps for g in _gradients(loss, sweep, assumed, disconnected)]
    return results if isinstance(wrt, list | tuple) else results[0]


def _gradients(loss: Expr, targets: Sequence[Expr], assumed: Facts, disconnected: str) -> list[Expr]:
    """The gradients of one sweep; where nothing flows, zeros or the error that `disconnected` asks for."""
    varied = Variation(CALL, [loss], targets, assumed)
    pulled = varied.pulled(varied.roots[0], None, varied.points)
    written = iter(varied.written([p for p in pulled if p is not None]))
    for p, target in zip(pulled, targets, strict=True):
        if p is None and disconnected == "raise":
            check_connected(CALL, loss, "loss", target)
    return [
        cast(next(written), target.dtype) if p is not None else zeros_like(target)
        for p, target in zip(pulled, targets, strict=True)
    ]
