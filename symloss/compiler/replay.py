"""What went wrong inside a compiled function: the operation, its operands' shapes, and where it was built."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..core import shapes
from ..core.errors import (
    AxisError,
    DomainError,
    InternalError,
    LabelRangeError,
    ShapeError,
    SymlossError,
    message,
    place,
)
from ..core.expr import Expr, called
from ..core.walk import topological
from .program import lower


class StatementError(Exception):
    """The node whose NumPy raised, and the values computed before it."""

    def __init__(self, node: Expr, values: Mapping[Expr, Any]) -> None:
        super().__init__(node.op.name)
        self.node, self.values = node, values


def explained(
    name: str, arguments: Sequence[Expr], outputs: Sequence[Expr], arrays: Sequence[Any], error: Exception
) -> Exception:
    """Our error for one that generated NumPy raised: the formula is computed again, node by node."""
    try:
        with np.errstate(all="ignore"):
            Replay(arguments, outputs, arrays)
    except StatementError as failed:
        node = failed.node
        operands = ", ".join(f"{called(arg)}: {_shape(failed.values.get(arg))}" for arg in node.args)
        call = f"{name}(), {node.op.name}({operands}) built at {place(node.site)}"
        kind, wrong, mend = _class(node, failed.__cause__)
        return kind(message(call, wrong, mend))
    return InternalError(message(f"{name}()", f"{type(error).__name__} in the generated source", "report it"))


class Replay:
    """Formulas that are computed again, one statement for each node, so that every value is known.

    `StatementError` is raised at the first statement that raises.
    """

    def __init__(self, arguments: Sequence[Expr], outputs: Sequence[Expr], arrays: Sequence[Any]) -> None:
        nodes = [node for node in topological(outputs) if not node.op.leaf]
        program = lower(arguments, nodes)
        self.values: dict[Expr, Any] = dict(zip(arguments, arrays, strict=True))
        self._names = dict(zip(arguments, program.arguments, strict=True))
        self._names |= {line.node: line.target for line in program.lines}
        self._texts = {line.node: line.text for line in program.lines}
        self._texts |= {n: t for n, t in zip(nodes, program.results, strict=True) if n not in self._texts}
        self._scope: dict[str, Any] = {"np": np, "base64": base64, "math": math}
        self._scope |= {getattr(kernel, "__name__", ""): kernel for kernel in program.kernels}
        self._scope |= dict(zip(program.arguments, arrays, strict=True))
        for statement in [*program.sizes, *[f"{name} = {value}" for name, value in program.constants]]:
            exec(statement, self._scope)
        for node in self._texts:
            self._run(node)

    def _run(self, node: Expr) -> None:
        try:
            self.values[node] = eval(self._texts[node], self._scope)
        except Exception as error:
            raise StatementError(node, self.values) from error
        if node in self._names:
            self._scope[self._names[node]] = self.values[node]

    def value(self, node: Expr) -> Any:
        """What a node is; of a leaf that is no argument, its constant, if it has one."""
        return self.values.get(node, node.params.get("value"))

    def again(self, node: Expr, changed: Mapping[Expr, Any]) -> Any:
        """What a node would be if some of its operands had other values."""
        renamed = {self._names[arg]: value for arg, value in changed.items() if arg in self._names}
        return eval(self._texts[node], self._scope, renamed)


def _shape(value: Any) -> str:
    return shapes.show(getattr(value, "shape", ()))


def _class(node: Expr, error: BaseException | None) -> tuple[type[SymlossError], str, str]:
    """Which of our errors stands for one of NumPy's, what is wrong, and the mend."""
    text = str(error).partition("\n")[0].rstrip(". ")
    if isinstance(error, IndexError):
        chosen = node.op.labels is not None or len(node.args) > 1
        return (
            (LabelRangeError, text, "check the integers") if chosen else (AxisError, text, "check the index")
        )
    if "zero-size array" in text or "empty sequence" in text:
        return ShapeError, "there are no elements to choose from", "pass arrays with elements along that axis"
    if any(word in text for word in ("shape", "broadcast", "dimension")):
        return ShapeError, "the shapes do not fit", "check the shapes of the arguments"
    if isinstance(error, ZeroDivisionError):
        return DomainError, "it divides by the length of an empty axis", "pass arrays with elements"
    if isinstance(error, ValueError):
        return DomainError, text, "check the values of the arguments"
    return InternalError, text, "report it"
