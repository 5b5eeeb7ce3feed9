"""`function`: the one place that knows the order of the passes, from formulas to a callable."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .compiler.arguments import Checker, check_graph
from .compiler.emit import module_source
from .compiler.program import Program, plan
from .core import shapes
from .core.errors import DomainError, GraphError, InputError, ShapeError, did_you_mean, message
from .core.expr import Expr, describe, public
from .core.leaves import INPUT, SHARED, array_constant
from .core.walk import substitute, topological
from .declare import set_value
from .ops.family import cast
from .rewrite.stabilise import stabilise

_numbers = itertools.count(1)
_LARGEST_DESCRIBED = 200
_CHECKS = ("inputs", "values", "off")


class Function:
    """A compiled function: call it with arrays; read its NumPy as `source`."""

    def __init__(self, name: str, checker: Checker, program: Program, raw: Any, source: str) -> None:
        self.name, self.source, self.program = name, source, program
        self._checker, self._raw = checker, raw
        self._shared: tuple[Expr, ...] = ()
        self._updated: tuple[Expr, ...] = ()
        self._single, self._count = False, 0
        self._check = "inputs"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        values = list(self._checker.bind(args, kwargs))
        held = [variable.params["holder"].value for variable in self._shared]
        arrays = [*values, *held] if self._check == "off" else self._checker.arrays([*values, *held])
        results = self._raw(*arrays)
        if not isinstance(results, tuple):
            results = (results,)
        outputs = [np.asarray(result) for result in results[: self._count]]
        for variable, value in zip(self._updated, results[self._count :], strict=True):
            set_value(variable, value)
        return outputs[0] if self._single else outputs

    def save(self, path: str | Path) -> None:
        """Write `source` as an importable module."""
        Path(path).write_text(self.source, encoding="utf-8")

    def __repr__(self) -> str:
        return f"<function {self.name}({', '.join(self.program.arguments)})>"


def function(
    inputs: Sequence[Expr],
    outputs: Expr | Sequence[Expr],
    *,
    updates: Mapping[Expr, Any] | Sequence[tuple[Expr, Any]] | None = None,
    givens: Mapping[Expr, Any] | None = None,
    name: str = "f",
    check: str = "inputs",
    on_unused: str = "raise",
) -> Function:
    """Compile formulas to NumPy.

    Parameters
    ----------
    inputs : sequence of Expr
        The variables, in the order of the arguments; calls may also name them.
    outputs : Expr or sequence of Expr
        One formula gives one array, a sequence gives a list.
    updates : mapping of shared Expr to Expr, optional
        New values of shared variables, set after each call.
    givens : mapping of Expr to Expr, optional
        Replacements made in the formulas before anything else.
    name : str
        The name of the function in `source`.
    check : {"inputs", "off"}
        Whether shapes, dtypes, sizes and label ranges are checked at each call.
    on_unused : {"raise", "ignore"}
        What happens with inputs that no output depends on.

    Returns
    -------
    Function
        Pure and safe to call from several threads, except for its updates.

    Raises
    ------
    GraphError
        If inputs and outputs do not make a function.
    """
    shapes.check_name(name, "function")
    if check not in _CHECKS:
        raise DomainError(message("function", f"check is {check!r}", did_you_mean(str(check), _CHECKS)))
    single = isinstance(outputs, Expr)
    wanted = [outputs] if isinstance(outputs, Expr) else list(outputs)
    changes = _updates(updates or {}, name)
    roots = _replaced([*wanted, *changes.values()], givens or {}, name)
    inputs = list(inputs)
    shared = [node for node in topological(roots) if node.op is SHARED]
    needed = [v for v in inputs if not isinstance(v, Expr) or v in set(topological(roots))]
    check_graph(inputs if on_unused == "raise" else needed, roots, {*inputs, *shared}, name)
    _check_names(inputs, shared, name)
    result = _compiled([*inputs, *shared], roots, name, inputs)
    result._shared, result._updated = tuple(shared), tuple(changes)
    result._single, result._count, result._check = single, len(wanted), check
    return result


def _compiled(arguments: list[Expr], roots: list[Expr], name: str, inputs: list[Expr]) -> Function:
    program = plan(arguments, stabilise(roots))
    source = module_source(program, name, "Computes " + _about(roots))
    scope: dict[str, Any] = {}
    filename = f"<symloss {name} {next(_numbers)}>"
    exec(compile(source, filename, "exec"), scope)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    checker = Checker(name, arguments, roots)
    checker.names = [variable.name for variable in inputs]
    return Function(name, checker, program, scope[name], source)


def _about(roots: list[Expr]) -> str:
    """The outputs in one line, for the docstring of the generated function."""
    if len(topological(roots)) > _LARGEST_DESCRIBED:
        return "a formula of many operations."
    text = "; ".join(str(root).partition(", where ")[0] for root in roots)
    text = text.replace("\\", " ").replace('"', "'")
    return text if len(text) <= 70 else text[:69] + "…"


def _check_names(inputs: list[Expr], shared: list[Expr], name: str) -> None:
    for variable in shared:
        if any(other.name == variable.name for other in inputs):
            wrong = f"an input and a shared variable are both named {variable.name!r}"
            raise GraphError(message(f"function {name}", wrong, "rename one"))


def _replaced(roots: list[Any], givens: Mapping[Expr, Any], name: str) -> list[Expr]:
    for position, root in enumerate(roots):
        if not isinstance(root, Expr):
            wrong = f"output {position} is a {type(root).__name__}, not an Expr"
            raise GraphError(message(f"function {name}", wrong, "build it with sl, or use constant(value)"))
    if not givens:
        return roots
    replacements = {}
    for old, new in givens.items():
        new = new if isinstance(new, Expr) else array_constant(np.asarray(new, dtype=old.dtype))
        if not shapes.same_shape(old.shape, new.shape):
            wrong = f"{describe(old)} cannot become {describe(new)}"
            raise ShapeError(message("givens", wrong, "the shapes must agree"))
        replacements[old] = cast(new, old.dtype)
    return substitute(roots, replacements)


def _updates(updates: Mapping[Expr, Any] | Sequence[tuple[Expr, Any]], name: str) -> dict[Expr, Expr]:
    pairs = list(updates.items() if isinstance(updates, Mapping) else updates)
    changes: dict[Expr, Expr] = {}
    for variable, value in pairs:
        if not isinstance(variable, Expr) or variable.op is not SHARED:
            raise GraphError(
                message(f"function {name}", "updates change shared variables only", "make it with shared()")
            )
        if variable in changes:
            raise GraphError(message(f"function {name}", f"{variable.name} is updated twice", "keep one"))
        new = value if isinstance(value, Expr) else array_constant(np.asarray(value, dtype=variable.dtype))
        if not shapes.same_shape(new.shape, variable.shape):
            raise ShapeError(
                message(
                    f"function {name}", f"update of {describe(variable)} is {describe(new)}", "keep the shape"
                )
            )
        changes[variable] = cast(new, variable.dtype)
    return changes


# Single values -----------------------------------------------------------------------------------
@public
def evaluate(expr: Expr, values: Mapping[Any, Any]) -> Any:
    """The value of one expression for given values of its variables (or of their names)."""
    variables = [node for node in topological([expr]) if node.op is INPUT]
    by_name = {v.name: v for v in variables}
    given = {key if isinstance(key, Expr) else by_name.get(key, key): value for key, value in values.items()}
    missing = [v.name for v in variables if v not in given]
    if missing:
        raise InputError(message("eval()", f"no value for {', '.join(missing)}", "pass {variable: value}"))
    unknown = [key for key in given if key not in variables]
    if unknown:
        shown = unknown[0].name if isinstance(unknown[0], Expr) else repr(unknown[0])
        raise InputError(message("eval()", f"{shown} is no variable of the expression", "drop it"))
    return function(variables, expr, name="value")(*[given[v] for v in variables])
