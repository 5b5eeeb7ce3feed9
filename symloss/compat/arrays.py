"""Formulas at arrays: compiled on the fly, once for each combination of shapes and dtypes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec

import numpy as np

from ..core.expr import Expr
from ..declare import tensor
from ..function import Function, function

P = ParamSpec("P")
Formula = Callable[..., Any]
MOST_COMPILED = 256


def at_arrays(formula: Formula, /, *arrays: Any, **options: Any) -> Any:
    """What a formula of variables is at arrays: one array, or a tuple of them.

    Parameters
    ----------
    formula : callable
        A function of expressions, named at the top of a module so that it is compiled only once.
    *arrays : array or nested lists
        The values of its positional arguments.
    **options
        What else it takes; hashable.
    """
    names = list(inspect.signature(formula).parameters)[: len(arrays)]
    return _at(formula, dict(zip(names, arrays, strict=True)), options)


def also_on_arrays(formula: Callable[P, Any]) -> Callable[P, Any]:
    """A function of expressions that takes arrays as well, and of arrays alone returns an array."""
    signature = inspect.signature(formula)

    @functools.wraps(formula)
    def either(*args: P.args, **kwargs: P.kwargs) -> Any:
        given = dict(signature.bind(*args, **kwargs).arguments)
        if any(isinstance(value, Expr) for value in given.values()):
            return formula(*args, **kwargs)
        arrays = {name: value for name, value in given.items() if isinstance(value, np.ndarray | list)}
        return _at(formula, arrays, {name: given[name] for name in given if name not in arrays})

    return either


def _at(formula: Formula, arrays: dict[str, Any], options: dict[str, Any]) -> Any:
    values = {name: np.asarray(value) for name, value in arrays.items()}
    kinds = tuple((name, value.shape, value.dtype.name) for name, value in values.items())
    compiled, single = _compiled(formula, kinds, tuple(options.items()))
    results = compiled(*values.values())
    return results[0] if single else tuple(results)


@functools.lru_cache(maxsize=MOST_COMPILED)
def _compiled(
    formula: Formula, kinds: tuple[tuple[str, Any, str], ...], options: tuple[tuple[str, Any], ...]
) -> tuple[Function, bool]:
    """A formula as a function of arrays, and whether it has a single result."""
    variables = {name: tensor(name, shape, dtype) for name, shape, dtype in kinds}
    results = formula(**variables, **dict(options))
    single = isinstance(results, Expr)
    outputs = [results] if single else list(results)
    return function(list(variables.values()), outputs, on_unused="ignore"), single
