"""The program of a compiled function: which value each line computes, from which others, by which name."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..core import shapes
from ..core.dtypes import FLOAT64, is_float, promote
from ..core.expr import Expr
from ..core.leaves import CONSTANT, INPUT, SHARED, SIZE
from ..core.notation import ATOM, SUM, Written, render
from ..core.walk import topological, users
from .literals import Constants, number, parameter, scalar
from .sizes import size_source

LONGEST_LINE = 88
_INLINE = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One statement: the name it gives, the formula it computes, and its NumPy text."""

    target: str
    node: Expr
    text: str


@dataclass(frozen=True, slots=True)
class Program:
    """Arguments, sizes read off them, lines in order, and what is returned."""

    arguments: tuple[str, ...]
    sizes: tuple[str, ...]
    lines: tuple[Line, ...]
    results: tuple[str, ...]
    constants: tuple[tuple[str, str], ...]
    kernels: tuple[object, ...]


RESERVED = ("np", "math", "base64")
"""What the names of imported modules are in every generated module."""


class Names:
    """Distinct Python names; those of the user's variables are kept where they can be."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.counts: dict[str, int] = {}

    def new(self, wanted: str) -> str:
        """`wanted`, or `wanted` with a number, or with an underscore where it means something else."""
        name = wanted
        while name in self.taken or keyword.iskeyword(name):
            count = self.counts[wanted] = self.counts.get(wanted, 1) + 1
            name = f"{wanted}_" if count == 2 and len(wanted) > 1 else f"{wanted}{count}"
        self.taken.add(name)
        return name


class Lowering:
    """Turns written formulas into a `Program`; one statement for each shared subexpression."""

    def __init__(self, arguments: Sequence[Expr], outputs: Sequence[Expr], name: str) -> None:
        self.order = topological(outputs)
        self.counts = users(outputs, self.order)
        kernels = dict.fromkeys(k for node in self.order for k in node.op.kernels)
        self.kernels = tuple(kernels)
        self.names = Names({*RESERVED, name, *(k.__name__ for k in kernels)})
        self.constants = Constants(self.names)
        self.written: dict[Expr, Written] = {}
        self.plain = _plain_numbers(self.order)
        self.lines: list[Line] = []
        self.arguments = tuple(self.names.new(a.name) for a in arguments)
        for name, argument in zip(self.arguments, arguments, strict=True):
            self.written[argument] = name, ATOM
        self.size_names: dict[object, str] = {}
        self.sizes = tuple(self._size_lines(arguments))

    def _size_lines(self, arguments: Sequence[Expr]) -> Iterable[str]:
        """``N, K = X.shape`` for the sizes that the formulas need."""
        needed = {symbol for node in self.order for symbol in size_symbols(node)}
        for name, argument in zip(self.arguments, arguments, strict=True):
            for axis, size in enumerate(argument.shape):
                if size in needed and size not in self.size_names:
                    target = self.names.new(str(size).lstrip("_"))
                    self.size_names[size] = target
                    yield f"{target} = {name}.shape[{axis}]"

    def program(self, outputs: Sequence[Expr]) -> Program:
        """The program that computes `outputs`."""
        wanted = set(outputs)
        for node in self.order:
            if node not in self.written:
                self.written[node] = self._statement(node, node in wanted)
        self.outputs = Counter(outputs)
        results = tuple(map(self._result, outputs))
        return Program(
            self.arguments, self.sizes, tuple(self.lines), results, tuple(self.constants.lines), self.kernels
        )

    def _statement(self, node: Expr, wanted: bool) -> Written:
        """The text for a node; a line of its own where it is used twice or would be long."""
        text, binding = self._text(node)
        if node.op.leaf or (self.counts[node] == 1 and not wanted and len(text) <= _INLINE):
            return text, binding
        if self.counts[node] == 1 and wanted and len(text) + 11 <= LONGEST_LINE:
            return text, binding
        target = self.names.new(_wanted_name(node))
        self.lines.append(Line(target, node, text))
        return target, ATOM

    def _text(self, node: Expr) -> Written:
        if node.op is CONSTANT:
            return self.constants.text(node)
        if node.op is SIZE:
            return self._size_text(node.params["value"], whole=False)
        args = [self.written[arg] for arg in node.args]
        if any([arg in self.plain for arg in node.args]):
            pairs = zip(node.args, args, strict=True)
            args = [self._typed(arg) if self._needs_dtype(arg, node) else text for arg, text in pairs]
        written = render(node.op.numpy, args, lambda spec: parameter(spec, node, self._size_text))
        return self._number(node, written[0]) if _is_number(node) else written

    def _number(self, node: Expr, text: str) -> Written:
        """What a function of one constant number is, computed beforehand if it is finite."""
        with np.errstate(all="ignore"):
            value = eval(text, {"np": np})
        if not np.isfinite(value):
            return text, ATOM
        self.plain.add(node)
        return scalar(value.item())

    def _needs_dtype(self, arg: Expr, node: Expr) -> bool:
        """Whether an argument is a plain Python number where NumPy has no array to learn the dtype from."""
        if arg not in self.plain:
            return False
        if not _only_numbers(node, self.plain):
            return _widens(arg, node, self.plain)
        if node not in self.plain:
            return arg.op is CONSTANT or node.dtype != FLOAT64 or node.op.method
        return False

    def _typed(self, node: Expr) -> Written:
        """A plain number with its dtype."""
        value = node.params["value"].item() if node.op is CONSTANT else None
        text = self.written[node][0] if value is None else number(value)
        return f"np.{node.dtype.name}({text})", ATOM

    def _size_text(self, size: shapes.Size, whole: bool = True) -> Written:
        """A size as source; its symbols are variables of the function."""
        if isinstance(size, int):
            return number(size), ATOM
        named = size.xreplace({s: shapes.sympy().Symbol(self.size_names[s]) for s in size.free_symbols})
        return size_source(named, whole), ATOM if size.is_Symbol else SUM

    def _result(self, node: Expr) -> str:
        """What is returned: never an input, a constant, a view of one, or another result."""
        text = self.written[node][0]
        root, seen = node, self.outputs[node] > 1
        while root.op.view and root.args:
            root = root.args[0]
            seen = seen or self.counts[root] > 1
        fresh = not (root.op.leaf or seen)
        if fresh and node not in self.plain:
            return text
        known = node.op.leaf or node in self.plain
        return f"np.array({text}, dtype=np.{node.dtype.name})" if known else f"np.array({text})"


def size_symbols(node: Expr) -> set[object]:
    """The size symbols that the source of a node mentions."""
    found: set[object] = set()
    if not node.params or node.op in (INPUT, SHARED):
        return found
    stack: list[object] = list(node.params.values())
    while stack:
        value = stack.pop()
        if isinstance(value, tuple):
            stack.extend(value)
        else:
            found |= getattr(value, "free_symbols", set())
    return found


def _plain_numbers(order: Sequence[Expr]) -> set[Expr]:
    """The nodes whose source is a Python number: constants, sizes, and what operators make of them."""
    plain: set[Expr] = set()
    for node in order:
        leaf = node.op in (CONSTANT, SIZE) and not node.ndim
        sign = node.op.operator and bool(node.args)
        sized = any(arg in plain and arg.op is not CONSTANT for arg in node.args)
        if leaf or (sign and sized and all(arg in plain for arg in node.args)):
            plain.add(node)
    return plain


def _is_number(node: Expr) -> bool:
    """Whether a node is a function of NumPy's of one constant number."""
    if len(node.args) != 1 or node.args[0].op is not CONSTANT or node.ndim:
        return False
    plain = node.op.elementwise and not node.op.operator and not node.op.kernels
    return plain and is_float(node.dtype) and node.dtype == node.args[0].dtype


def _only_numbers(node: Expr, plain: set[Expr]) -> bool:
    """Whether no argument tells NumPy the dtype of the result."""
    values = [arg for arg in node.args if arg.dtype.kind != "b"]
    return not node.op.elementwise or all(arg in plain for arg in values)


def _widens(number: Expr, node: Expr, plain: set[Expr]) -> bool:
    """Whether a number is of a wider float dtype than the tensors it meets, so that NumPy must be told."""
    arrays = [arg.dtype for arg in node.args if arg not in plain and is_float(arg.dtype)]
    wide = node.op.elementwise and is_float(number.dtype) and bool(arrays)
    return wide and promote(*arrays, number.dtype) != promote(*arrays)


def _wanted_name(node: Expr) -> str:
    return node.op.letter.lower() or node.op.stem or "v"


def lower(arguments: Sequence[Expr], outputs: Sequence[Expr], name: str = "f") -> Program:
    """The program of a function of that name, which computes written formulas from their variables."""
    return Lowering(arguments, outputs, name).program(outputs)
