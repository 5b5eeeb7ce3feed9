"""A loss seen as a function of one flat vector: its value, slope and curvature, each compiled once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..calculus.gradient import grad
from ..calculus.products import ggnvp
from ..calculus.requests import check_formula
from ..compiler.interface import sequence
from ..core.errors import GradientError, GraphError, NonFiniteError, ShapeError, kind, message
from ..core.expr import Expr, describe
from ..core.leaves import SHARED
from ..core.walk import topological
from ..declare import get_value, scalar, set_value, tensor
from ..function import function
from ..losses.arguments import NOT_NEGATIVE
from ..losses.penalties import structural_damping
from .arguments import free_names, number, one_for_each
from .conjugate import Vector

CALL = "HessianFree()"


class Landscape:
    """The loss around the values that the parameters hold; it moves them only when told to."""

    def __init__(
        self,
        loss: Expr,
        outputs: Any,
        params: Sequence[Expr],
        inputs: Sequence[Expr],
        structural: Any,
        preconditioner: Any,
    ) -> None:
        inputs = sequence(inputs, "inputs", CALL)
        self.params = list(params)
        taken = [e.name for e in topological([loss]) if e.op is SHARED]
        taken += [e.name for e in inputs if isinstance(e, Expr)]
        *names, free = free_names([*(f"{param.name}_along" for param in params), "damping"], taken)
        along = [tensor(n, param.shape, param.dtype) for n, param in zip(names, params, strict=True)]
        damping = scalar(free, dtype=np.result_type(*[p.dtype for p in params]))
        curved = curvature(loss, outputs, params, along, damping, structural)
        scales = (
            [] if preconditioner is None else one_for_each(CALL, "preconditioner", preconditioner, params)
        )
        moved = {param: param + v for param, v in zip(params, along, strict=True)}
        slopes = grad(loss, self.params)
        self._start = function(inputs, [loss, *slopes, *scales], name="step")
        self._error = function([*along, *inputs], loss, givens=moved, name="error", check="off")
        self._product = function(
            [*along, damping, *inputs], curved, name="product", check="off", on_unused="ignore"
        )

    def start(self, batch: Sequence[Any]) -> tuple[float, Vector, Vector | None]:
        """Loss and gradient where the parameters are, and the diagonal for the preconditioner."""
        loss, *rest = self._start(*batch)
        count = len(self.params)
        gradient = _flat(rest[:count])
        for what, value in (("loss", loss), ("gradient", gradient)):
            if not np.all(np.isfinite(value)):
                wrong = f"the {what} is not finite"
                raise NonFiniteError(message("step()", wrong, "check the batch and the parameters"))
        return float(loss), gradient, _flat(rest[count:]) if rest[count:] else None

    def error(self, change: Vector, batch: Sequence[Any]) -> float:
        """The loss after a change of the parameters; infinite where it is not a number."""
        value = float(self._error(*self._parts(change), *batch))
        return np.inf if np.isnan(value) else value

    def product(self, v: Vector, damping: float, batch: Sequence[Any]) -> Vector:
        """The damped curvature matrix times a vector."""
        return _flat(self._product(*self._parts(v), damping, *batch))

    def move(self, change: Vector) -> None:
        """Change the values that the parameters hold."""
        for param, part in zip(self.params, self._parts(change), strict=True):
            set_value(param, get_value(param) + part)

    def _parts(self, flat: Vector) -> list[Any]:
        """A flat vector as one array for each parameter."""
        sizes = [int(np.prod(param.shape)) for param in self.params]
        pieces = np.split(flat, np.cumsum(sizes)[:-1])
        pairs = zip(pieces, self.params, strict=True)
        return [piece.reshape(param.shape).astype(param.dtype) for piece, param in pairs]


def curvature(
    loss: Expr,
    outputs: Any,
    params: Sequence[Expr],
    along: Sequence[Expr],
    damping: Expr,
    structural: Any,
) -> list[Expr]:
    r"""The damped Gauss-Newton matrix times a vector, one formula for each parameter.

    .. math:: J^\top H_L J v + \lambda v + \frac{\lambda}{n} \sum_h w_h J_h^\top J_h v

    The last term is structural damping: J_h is the Jacobian of activations of n items.
    """
    if not isinstance(structural, Mapping):
        wrong = f"structural is {kind(structural)}, expected a mapping"
        raise GraphError(message(CALL, wrong, "write {activations: weight}"))
    _check_outputs(loss, outputs, params)
    products = ggnvp(loss, outputs, list(params), list(along))
    found = {p: curved + damping * v for p, curved, v in zip(params, products, along, strict=True)}
    for activations, weight in structural.items():
        if not isinstance(activations, Expr) or not activations.ndim:
            what = describe(activations) if isinstance(activations, Expr) else kind(activations)
            wrong = f"structural damping of {what}"
            raise ShapeError(message(CALL, wrong, "give activations, with a leading axis of items"))
        number("HessianFree", "structural", weight, NOT_NEGATIVE)
        damped = structural_damping(activations, weight * damping).mean(axis=0).sum()
        inside = set(topological([activations]))
        near = {param: v for param, v in zip(params, along, strict=True) if param in inside}
        for param, more in zip(near, ggnvp(damped, activations, [*near], [*near.values()]), strict=True):
            found[param] = found[param] + more
    return list(found.values())


def _check_outputs(loss: Expr, outputs: Any, params: Sequence[Expr]) -> None:
    ends = outputs if isinstance(outputs, list | tuple) else [outputs]
    inside = set(topological([check_formula(CALL, "output", end) for end in ends]))
    for end in set(ends).difference(topological([loss])):
        wrong = f"the loss is not computed from the output {describe(end)}"
        raise GradientError(message(CALL, wrong, "give the part that the loss was built with"))
    for param in params:
        if param not in inside:
            wrong = f"no output depends on the parameter {describe(param)}"
            raise GradientError(message(CALL, wrong, "make it an output as well"))


def _flat(arrays: Sequence[Any]) -> Vector:
    """Arrays as one vector of float64."""
    return np.concatenate([np.ravel(array) for array in arrays], dtype=np.float64)
