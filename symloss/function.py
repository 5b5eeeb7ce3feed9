"""`function`: the one place that knows the order of the passes, from formulas to a callable."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .compiler.arguments import Checker, fillable, write
from .compiler.emit import module_source
from .compiler.explain import Explanation, explain
from .compiler.interface import check_graph, sequence
from .compiler.program import RESERVED, Program, lower, size_symbols
from .compiler.replay import explained
from .compiler.runner import Runner
from .compiler.sizes import Sizes
from .compiler.stages import Plan
from .compiler.values import Values
from .core import shapes
from .core.dtypes import is_float
from .core.errors import (
    AxisError,
    DomainError,
    DTypeError,
    GraphError,
    InputError,
    NameError_,
    ShapeError,
    did_you_mean,
    kind,
    message,
    shown,
)
from .core.expr import Expr, describe, hook
from .core.leaves import INPUT, SHARED, lift
from .core.stored import dump, load
from .core.walk import substitute, topological
from .declare import set_value
from .ops.family import cast
from .rewrite.stabilise import stabilise

_LARGEST_DESCRIBED = 200
_CHECKS = ("inputs", "values", "off")
_OPTIONS = ("name", "check", "casting", "batch", "threads")
_CASTINGS = ("safe", "same_kind")
_MAPPING = "give a mapping from variables to values"


@dataclass(frozen=True)
class Signature:
    """What a compiled function was asked for: enough to compile it again."""

    name: str
    inputs: tuple[Expr, ...]
    outputs: tuple[Expr, ...]
    updates: tuple[tuple[Expr, Expr], ...]
    single: bool
    check: str
    casting: str = "safe"
    batch: str | None = None
    threads: int | None = None

    @property
    def roots(self) -> list[Expr]:
        """Everything that a call computes."""
        return [*self.outputs, *(value for _, value in self.updates)]

    @property
    def shared(self) -> list[Expr]:
        """The shared variables whose values a call reads."""
        return [node for node in topological(self.roots) if node.op is SHARED]


class Function:
    """A compiled function: call it with arrays; read its NumPy as `source`.

    It pickles as its formulas, which are checked and compiled again when it is loaded.
    """

    def __init__(self, signature: Signature) -> None:
        self.signature, self.name = signature, signature.name
        self._shared = signature.shared
        self._arguments = [*signature.inputs, *self._shared]
        self._written = stabilise(signature.roots)
        self.program = lower(self._arguments, self._written, self.name)
        _check_free(self.name, self.program)
        self.source = module_source(self.program, self.name, "Computes " + _about(signature.roots))
        self._checker = Checker(self.name, signature.inputs, signature.roots, signature.casting)
        self._check = self._checker.unchecked if signature.check == "off" else self._checker.arrays
        sizes = self._checker.sizes
        self._runner = Runner(
            self._arguments,
            self._written,
            self.source,
            self.name,
            sizes,
            _batches(signature, sizes),
            signature.threads,
        )
        updated = [variable for variable, _ in signature.updates]
        values = signature.check == "values"
        self._values = Values(self._runner, signature.roots, updated) if values else None

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs from values given by position or by name; `out` takes arrays to fill."""
        out = kwargs.pop("out", None) if kwargs and "out" not in self._checker.names else None
        arrays = self._check(self._checker.bind(args, kwargs))
        if self._shared:
            arrays = [*arrays, *[variable.params["holder"].value for variable in self._shared]]
        if self._values:
            self._values.check(arrays)
        given = [] if out is None else [*args, *kwargs.values(), *arrays]
        try:
            rooms = [] if self._values else fillable(out, len(self.signature.outputs), given)
            results = self._runner(arrays, rooms)
        except (MemoryError, Warning):
            raise
        except Exception as error:
            raise explained(self.name, self._arguments, self._written, arrays, error) from error
        if self._values:
            self._values.check_results(results, arrays)
        count = len(self.signature.outputs)
        outputs = [_writeable(result) for result in results[:count]]
        if out is not None:
            outputs = write(outputs, out, given, self.name)
        for (variable, _), value in zip(self.signature.updates, results[count:], strict=True):
            set_value(variable, value)
        return outputs[0] if self.signature.single else outputs

    @property
    def plan(self) -> Plan | None:
        """The stages in which large inputs are computed, block by block; None if they are computed whole."""
        plans = self._runner.plans
        return plans[0] if plans else None

    def explain(self, **lengths: int) -> Explanation:
        """A table of the lines of `source`: formula, operations, bytes, and the stage in which each runs.

        Operations and bytes are formulas in the sizes, or numbers for the sizes whose lengths are given.

        Raises
        ------
        AxisError
            If a length is given for a size that no input has.
        """
        sizes = {shapes.size_text(size): size for variable in self._arguments for size in variable.shape}
        for name in lengths:
            if name not in sizes:
                wrong = f"no input has an axis of size {name!r}"
                raise AxisError(message(f"{self.name}.explain()", wrong, did_you_mean(name, sizes)))
        call = f"{self.name}.explain()"
        known = {sizes[name]: shapes.integer(length, name, call) for name, length in lengths.items()}
        return explain(self.program, self._written, self.plan, known)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `source` as an importable module."""
        with open(path, "w", encoding="utf-8") as module:
            module.write(self.source)

    def __reduce__(self) -> tuple[Any, ...]:
        signature = self.signature
        changed = [variable for variable, _ in signature.updates]
        graphs = dump([*signature.inputs, *changed, *signature.roots])
        counts = len(signature.inputs), len(changed)
        options = {name: getattr(signature, name) for name in _OPTIONS}
        return _loaded, (graphs, counts, signature.single, options)

    def __repr__(self) -> str:
        return f"<function {self.name}({', '.join(self.program.arguments)})>"


def function(
    inputs: Sequence[Expr],
    outputs: Expr | Sequence[Expr],
    *,
    updates: Mapping[Expr, Any] | Sequence[tuple[Expr, Any]] | None = None,
    givens: Mapping[Expr, Any] | None = None,
    name: str = "f",
    batch: str | None = None,
    threads: int | None = None,
    check: str = "inputs",
    on_unused: str = "raise",
    casting: str = "safe",
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
    batch : str, optional
        The size along which large inputs are cut into blocks of rows; by default the one that fits best.
    threads : int, optional
        On how many threads the blocks are computed; by default one for each processor. The result does not
        depend on it.
    check : {"inputs", "values", "off"}
        What is checked at each call. "inputs": shapes, dtypes, sizes and label ranges. "values": also that no
        argument holds NaN, that probabilities are in [0, 1] and their rows sum to 1 where a loss says so, and
        that all outputs are finite.
    on_unused : {"raise", "warn", "ignore"}
        What happens with inputs that no output depends on.
    casting : {"safe", "same_kind"}
        Whether an array of a wider float dtype is refused, or rounded, where a narrower one is declared.

    Returns
    -------
    Function
        Pure and safe to call from several threads, except for its updates.

    Raises
    ------
    GraphError
        If inputs and outputs do not make a function.
    """
    _check_options(name, check, casting, threads)
    single = isinstance(outputs, Expr)
    wanted = [outputs] if isinstance(outputs, Expr) else sequence(outputs, "outputs", f"function {name}")
    changes = _updates({} if updates is None else updates, name)
    roots = _replaced([*wanted, *changes.values()], {} if givens is None else givens, name)
    inputs = sequence(inputs, "inputs", f"function {name}")
    updated = dict(zip(changes, roots[len(wanted) :], strict=True))
    signature = Signature(
        name,
        tuple(inputs),
        tuple(roots[: len(wanted)]),
        tuple(updated.items()),
        single,
        check,
        casting,
        batch,
        threads,
    )
    known = {variable for variable in (*inputs, *signature.shared) if isinstance(variable, Expr)}
    check_graph(inputs, roots, known, name, on_unused)
    _check_names(inputs, signature.shared, name)
    return Function(signature)


def _writeable(result: Any) -> Any:
    """An array that the caller may change; NumPy gives diagonals and what it repeats read-only."""
    array = result if type(result) is np.ndarray else np.asarray(result)
    return array if array.flags.writeable else array.copy()


def _check_options(name: str, check: str, casting: str, threads: int | None) -> None:
    """Refuse names and options that mean nothing."""
    shapes.check_name(name, "function")
    for what, chosen, choices in (("check", check, _CHECKS), ("casting", casting, _CASTINGS)):
        if chosen not in choices:
            wrong = f"{what} is {shown(chosen)}"
            raise DomainError(message(f"function {name}", wrong, did_you_mean(str(chosen), choices)))
    if threads is not None and (type(threads) is not int or threads < 1):
        raise DomainError(message(f"function {name}", f"threads is {shown(threads)}", "give 1, 2, 3, …"))


def _batches(signature: Signature, sizes: Sizes) -> list[Any]:
    """The sizes along which a program may be cut: the one asked for, or all, first axes first."""
    inputs, batch = signature.inputs, signature.batch
    axes = [variable.shape[a : a + 1] for a in range(shapes.LARGEST_RANK) for variable in inputs]
    named = {shapes.size_text(size): sizes.find(size) for axis in axes for size in axis}
    if batch is None:
        return [size for size in dict.fromkeys(named.values()) if size != 1]
    if batch not in named:
        wrong = f"no input has an axis of size {shown(batch)}"
        raise AxisError(message(f"function {signature.name}", wrong, did_you_mean(str(batch), named)))
    return [named[batch]]


def _loaded(graphs: Any, counts: tuple[int, int], single: bool, options: dict[str, Any]) -> Function:
    """A pickled function, compiled again."""
    nodes = load(graphs)
    inputs, changed = nodes[: counts[0]], nodes[counts[0] : sum(counts)]
    roots = nodes[sum(counts) :]
    outputs = roots[: len(roots) - len(changed)]
    updates = dict(zip(changed, roots[len(outputs) :], strict=True))
    wanted = outputs[0] if single else outputs
    return function(inputs, wanted, updates=updates, on_unused="ignore", **options)


def _check_free(name: str, program: Program) -> None:
    """Refuse a function name that something else in the generated module has."""
    kernels = {getattr(kernel, "__name__", "") for kernel in program.kernels}
    if name in {*RESERVED, *kernels}:
        wrong = f"{name!r} means something else in the generated module"
        raise NameError_(message(f"function {name}", wrong, "choose another name"))


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
            wrong = f"output {position} is {kind(root)}, not an Expr"
            raise GraphError(message(f"function {name}", wrong, "build it with sl, or use constant(value)"))
    replacements = {}
    for old, new in _pairs(givens, "givens", name):
        if not isinstance(old, Expr):
            wrong = f"givens replace expressions, not {kind(old)}"
            raise GraphError(message(f"function {name}", wrong, _MAPPING))
        new = _value(new, old, f"givens({old.name or old.op.name})")
        if not shapes.same_shape(old.shape, new.shape):
            wrong = f"{describe(old)} cannot become {describe(new)}"
            raise ShapeError(message("givens", wrong, "the shapes must agree"))
        replacements[old] = cast(new, old.dtype)
    return substitute(roots, replacements) if replacements else roots


def _pairs(changes: Any, what: str, name: str) -> list[tuple[Any, Any]]:
    """The items of a mapping or of a list of pairs."""
    pairs = list(changes.items()) if isinstance(changes, Mapping) else changes
    if isinstance(pairs, list | tuple) and all(isinstance(p, list | tuple) and len(p) == 2 for p in pairs):
        return [(old, new) for old, new in pairs]
    wrong = f"{what} is {kind(changes)}, expected a mapping"
    raise GraphError(message(f"function {name}", wrong, _MAPPING))


def _value(value: Any, like: Expr, call: str) -> Expr:
    """What takes the place of a variable, as an expression."""
    if isinstance(value, Expr):
        return value
    return cast(lift(call, value)[0], like.dtype)


def _updates(updates: Mapping[Expr, Any] | Sequence[tuple[Expr, Any]], name: str) -> dict[Expr, Expr]:
    changes: dict[Expr, Expr] = {}
    for variable, value in _pairs(updates, "updates", name):
        if not isinstance(variable, Expr) or variable.op is not SHARED:
            raise GraphError(
                message(f"function {name}", "updates change shared variables only", "make it with shared()")
            )
        if variable in changes:
            raise GraphError(message(f"function {name}", f"{variable.name} is updated twice", "keep one"))
        new = _value(value, variable, f"updates({variable.name})")
        if not shapes.same_shape(new.shape, variable.shape):
            raise ShapeError(
                message(
                    f"function {name}", f"update of {describe(variable)} is {describe(new)}", "keep the shape"
                )
            )
        if is_float(new.dtype) and not is_float(variable.dtype):
            wrong = f"update of {variable.name}, of dtype {variable.dtype.name}, is {new.dtype.name}"
            raise DTypeError(message(f"function {name}", wrong, "declare it as a float, or use .astype()"))
        changes[variable] = cast(new, variable.dtype)
    return changes


# Single values -----------------------------------------------------------------------------------
@hook
def evaluate(expr: Expr, values: Any) -> Any:
    """The value of one expression for given values of its variables (or of their names)."""
    if not isinstance(values, Mapping):
        wrong = f"values is {kind(values)}, expected a mapping"
        raise InputError(message("eval()", wrong, _MAPPING))
    nodes = topological([expr])
    variables = [node for node in nodes if node.op is INPUT]
    sizes = {size for node in nodes for size in size_symbols(node)}
    keys = [key for key in values if isinstance(key, Expr) and key.op is INPUT and key not in variables]
    variables += [key for key in keys if sizes.intersection(key.shape)]
    by_name = {v.name: v for v in variables}
    given = {key if isinstance(key, Expr) else by_name.get(key, key): value for key, value in values.items()}
    missing = [v.name for v in variables if v not in given]
    if missing:
        raise InputError(message("eval()", f"no value for {', '.join(missing)}", _MAPPING))
    unknown = [key for key in given if key not in variables]
    if unknown:
        what = unknown[0].name if isinstance(unknown[0], Expr) else shown(unknown[0])
        raise InputError(message("eval()", f"{what} is no variable of the expression", "drop it"))
    return function(variables, expr, name="value")(*[given[v] for v in variables])
