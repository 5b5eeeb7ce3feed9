"""What an optimiser asks of a loss and its parameters; each function returns them, or raises."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..calculus.requests import check_formula
from ..core.dtypes import is_float
from ..core.errors import DomainError, DTypeError, GradientError, GraphError, kind, message, shown
from ..core.expr import Expr, describe
from ..core.leaves import SHARED, is_number
from ..core.walk import topological
from ..losses.arguments import Range, positive

DISTINCT = "give each shared variable once"
COUNT = Range(lambda v: v == v // 1 and v > 0, "must be a whole number >= 1", "give an int >= 1")


def parameters(call: str, loss: Any, params: Any) -> list[Expr]:
    """The shared variables of a scalar loss that are to be trained, as a list."""
    check_formula(call, "loss", loss, scalar=True)
    found = list(params) if isinstance(params, list | tuple) else [params]
    if not found:
        raise GraphError(message(call, "there are no parameters", "give the shared variables to be trained"))
    inside = set(topological([loss]))
    for position, param in enumerate(found):
        _check_parameter(call, param)
        if param in found[:position]:
            raise GraphError(message(call, f"the parameter {describe(param)} is given twice", DISTINCT))
        if param not in inside:
            wrong = f"the loss does not depend on the parameter {describe(param)}"
            raise GradientError(message(call, wrong, "leave it out, or build the loss with it"))
    return found


def _check_parameter(call: str, param: Any) -> None:
    if not isinstance(param, Expr) or param.op is not SHARED:
        what = describe(param) if isinstance(param, Expr) else kind(param)
        wrong = f"a parameter is {what}, not a shared variable"
        raise GraphError(message(call, wrong, "make it with shared(value, name)"))
    if not is_float(param.dtype):
        wrong = f"the parameter {describe(param)} has dtype {param.dtype.name}, which has no derivatives"
        raise DTypeError(message(call, wrong, "hold a value of a float dtype"))


def number(call: str, name: str, value: Any, allowed: Range) -> Any:
    """A constant of an optimiser: a number in a range."""
    if not is_number(value):
        raise DomainError(message(f"{call}({name}={shown(value)})", f"{name} is no number", allowed.mend))
    return positive(call, name, value, None, allowed)


def one_for_each(call: str, what: str, given: Any, params: Sequence[Expr]) -> list[Expr]:
    """Formulas, one for each parameter and of its shape."""
    found = list(given) if isinstance(given, list | tuple) else [given]
    shapes = [e.shape if isinstance(e, Expr) else None for e in found]
    if shapes != [param.shape for param in params]:
        wrong = f"the {what} does not have one formula for each parameter, of its shape"
        listed = ", ".join(describe(param) for param in params)
        raise GraphError(message(call, wrong, f"the parameters are {listed}"))
    return found


def free_names(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Names that are not taken: the wanted ones, or these with underscores added."""
    taken, found = set(taken), list[str]()
    for name in wanted:
        while name in taken:
            name += "_"
        taken.add(name)
        found.append(name)
    return found
