"""Formulas at arrays: compiled on the fly, once for each combination of shapes and dtypes."""

from __future__ import annotations

import functools
import inspect
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ParamSpec

import numpy as np

from ..core.expr import Expr
from ..declare import tensor
from ..function import Function, function

P = ParamSpec("P")
Formula = Callable[..., Any]
Kind = tuple[str, tuple[int, ...], str]
Other = tuple[str, type, Any]
"""With its type: 1 and 1.0 are equal, and make formulas of different dtypes."""
MOST_COMPILED = 256


def at_arrays(formula: Formula, /, *args: Any, **options: Any) -> Any:
    """What a formula of variables is at arrays: one array, or a tuple of them.

    The formula is a function of expressions that stands at the top of a module, so that it is compiled only
    once for each combination of shapes, dtypes and `options`.
    """
    given = inspect.signature(formula).bind(*args, **options).arguments
    values = {k: np.asarray(v) if isinstance(v, np.ndarray | list) else v for k, v in given.items()}
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    kinds = tuple((name, value.shape, value.dtype.name) for name, value in arrays.items())
    others = tuple((name, type(value), value) for name, value in values.items() if name not in arrays)
    compiled, single = _compiled(formula, tuple(values), kinds, others)
    results = compiled(*arrays.values())
    return results[0] if single else tuple(results)


def also_on_arrays(formula: Callable[P, Any]) -> Callable[P, Any]:
    """A function of expressions that takes arrays as well, and of arrays alone returns an array."""

    @functools.wraps(formula)
    def either(*args: P.args, **kwargs: P.kwargs) -> Any:
        symbolic = any(isinstance(value, Expr) for value in (*args, *kwargs.values()))
        return formula(*args, **kwargs) if symbolic else at_arrays(formula, *args, **kwargs)

    return either


def floating(x: Any) -> Any:
    """An array of floats; integers become float64."""
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(float)


@functools.lru_cache(maxsize=MOST_COMPILED)
def _compiled(
    formula: Formula, names: tuple[str, ...], kinds: tuple[Kind, ...], others: tuple[Other, ...]
) -> tuple[Function, bool]:
    """A formula as a function of arrays, and whether it has a single result."""
    variables = {name: tensor(name, shape, dtype) for name, shape, dtype in kinds}
    values = {**variables, **{name: value for name, _, value in others}}
    arguments = OrderedDict((name, values[name]) for name in names)
    bound = inspect.BoundArguments(inspect.signature(formula), arguments)
    results = formula(*bound.args, **bound.kwargs)
    single = isinstance(results, Expr)
    outputs = [results] if single else list(results)
    return function(list(variables.values()), outputs, on_unused="ignore"), single
