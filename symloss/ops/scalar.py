"""`scalar_function`: a user's function of numbers, stated as one SymPy expression, as an operation."""

from __future__ import annotations

import functools
import itertools
import linecache
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import shapes
from ..core.dtypes import BOOL, FLOAT64, promote
from ..core.errors import DomainError, GradientError, GraphError, NameError_, message
from ..core.expr import FUNCTIONS, Expr
from ..core.leaves import CONSTANT, INPUT, constant_of, leaf
from ..core.notation import ATOM, LOOSE, POWER, PRODUCT, SUM, UNARY, Notation, Written, render
from ..core.op import OPS, Op, Rule
from ..core.walk import topological, users
from . import kernels
from .arithmetic import eq
from .conditions import where
from .family import Function, broadcast_shape, public, public_function, real

__all__ = [
    "scalar_function",
]

_RESERVED = {"np", "base64", "math", *(name for name in vars(kernels) if not name.startswith("_"))}
_FUNCTIONS = {
    **{name: name for name in "exp log sin cos tan sinh cosh tanh erf erfc sign floor heaviside".split()},
    **{name: name for name in "polygamma".split()},
    "Abs": "abs",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "ceiling": "ceil",
    "loggamma": "gammaln",
    "Pow": "power",
    "Not": "logical_not",
    "Equality": "eq",
    "Unequality": "neq",
    "StrictLessThan": "lt",
    "LessThan": "le",
    "StrictGreaterThan": "gt",
    "GreaterThan": "ge",
}
"""SymPy's name to ours."""
_CHAINS = {"Add": "add", "Mul": "multiply", "Max": "maximum", "Min": "minimum", "And": "logical_and",
           "Or": "logical_or"}  # fmt: skip
"""Functions that SymPy gives any number of arguments."""
_LIMITS = {"StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan"}
_stated: dict[str, tuple[Any, Function]] = {}


@public
def scalar_function(name: str, formula: Callable[..., Any]) -> Function:
    """Make an elementwise function of your own from a SymPy expression.

    Its derivatives of any order, its LaTeX and its NumPy come from the expression. Where the expression is
    made of cases, the derivative at their common limit is the mean of the two sides.

    Parameters
    ----------
    name : str
        What it is called in formulas and in generated source.
    formula : function
        Takes real SymPy symbols, one for each of its arguments, and returns an expression of them.

    Returns
    -------
    function
        From expressions to an expression; arguments broadcast.

    Raises
    ------
    NameError_
        If the name is no identifier, or already means something else.
    GraphError
        If the expression is none, or does not depend on exactly the arguments.
    DomainError
        If it has a part that symloss has no operation for.

    Examples
    --------
    >>> import sympy
    >>> import symloss as sl
    >>> bump = sl.scalar_function("bump", lambda x: 1 / (1 + x**2))
    >>> x = sl.scalar("x")
    >>> bump(x).eval({x: 2})
    array(0.2)
    """
    shapes.check_name(name, "scalar_function")
    call = f"scalar_function({name!r})"
    symbols = _symbols(call, formula)
    expression = _checked(call, formula(*symbols), symbols)
    if name in _stated and _stated[name][0] == (symbols, expression):
        return _stated[name][1]
    if name in _stated or name in OPS or name in FUNCTIONS or name in _RESERVED:
        means = str(_stated[name][0][1])[:80] if name in _stated else "a part of symloss"
        raise NameError_(message(call, f"{name!r} already means {means}", "choose another name"))
    function = public_function(_record(name, symbols, expression), len(symbols))
    _stated[name] = (symbols, expression), function
    return function


def _symbols(call: str, formula: Callable[..., Any]) -> tuple[Any, ...]:
    """A real symbol for each argument of the formula."""
    code = getattr(formula, "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code is not None else ()
    if not names:
        raise GraphError(message(call, "the formula is no function with arguments", "write lambda x: …"))
    for name in names:
        if name in _RESERVED:
            raise NameError_(message(call, f"an argument is called {name!r}", "choose another name"))
    return tuple(shapes.sympy().Symbol(name, real=True) for name in names)


def _checked(call: str, expression: Any, symbols: tuple[Any, ...]) -> Any:
    """The expression, if it depends on exactly the arguments."""
    if not isinstance(expression, shapes.sympy().Expr):
        wrong = f"the formula returns a {type(expression).__name__}, not a SymPy expression"
        raise GraphError(message(call, wrong, "build it with sympy"))
    for symbol in sorted(expression.free_symbols.symmetric_difference(symbols), key=str):
        known = "is not used" if symbol in symbols else "is no argument"
        raise GraphError(message(call, f"{symbol} {known}", "use each argument, and nothing else"))
    return expression


def _record(name: str, symbols: tuple[Any, ...], expression: Any) -> Op:
    slots = [f"#{i + 1}" for i in range(len(symbols))]
    latex = shapes.sympy().latex(expression, symbol_names=dict(zip(symbols, slots, strict=True)))
    body = Translation(name, {s: leaf(INPUT, (), FLOAT64, name=s.name) for s in symbols})(expression)
    parts = dict.fromkeys(kernel for node in topological([body]) for kernel in node.op.kernels)
    return Op(
        name,
        f"{expression}, element by element.",
        shape=broadcast_shape,
        dtype=real,
        numpy=Notation(f"{name}({', '.join(slots)})"),
        text=Notation(f"{name}({', '.join(slots)})"),
        latex=Notation(latex, _binding(expression), (ATOM,)),
        meaning=shapes.sympy().Lambda(symbols, expression),
        derivative=functools.partial(_rule, symbols, expression),
        kernels=(*parts, _kernel(name, symbols, expression, body)),
        elementwise=True,
        domain=((-4.0, 4.0),) * len(symbols),
    )


def _binding(expression: Any) -> int:
    """How tightly the LaTeX of an expression binds."""
    if expression.is_Add:
        return SUM
    if expression.is_Mul:
        return PRODUCT
    if expression.is_Pow:
        return POWER
    return ATOM if expression.is_Function and not expression.is_Piecewise else LOOSE


@functools.cache
def _rule(symbols: tuple[Any, ...], expression: Any, position: int) -> Rule | None:
    """The rule for one argument; None where the derivative is 0."""
    sympy = shapes.sympy()
    slope = expression.diff(symbols[position]).replace(sympy.DiracDelta, lambda *_: sympy.Integer(0))
    if slope == 0:
        return None

    def rule(g: Expr, z: Expr, *args: Expr) -> Expr:
        if slope.has(sympy.Derivative, sympy.Subs):
            wrong = f"{z.op.name} has no derivative: SymPy finds none"
            raise GradientError(message("grad()", wrong, "wrap it in stop_gradient() to hold it constant"))
        if not slope.free_symbols:
            return g * float(slope)
        return g * Translation(z.op.name, dict(zip(symbols, args, strict=True)), slope=True)(slope)

    return rule


# From SymPy to expressions ------------------------------------------------------------------------
class Translation:
    """From SymPy to symloss, the symbols being given; a slope is averaged at the limits of cases."""

    def __init__(self, name: str, values: dict[Any, Expr], slope: bool = False) -> None:
        self.name, self.done, self.slope = name, dict[Any, Any](values), slope
        self.dtype = promote(*[value.dtype for value in values.values()])

    def __call__(self, root: Any) -> Expr:
        """The expression for a SymPy expression."""
        stack = [root]
        while stack:
            part = stack[-1]
            waiting = [a for a in _parts(part) if a not in self.done]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if part not in self.done:
                self.done[part] = self._value(part, [self.done[a] for a in _parts(part)])
        result: Expr = self.done[root]
        return result

    def _value(self, part: Any, args: list[Any]) -> Any:
        kind = type(part).__name__
        if not part.free_symbols:
            return self._number(part)
        if kind == "Piecewise":
            return self._cases([pair.cond for pair in part.args], args)
        if kind == "Pow" and part.exp.is_number and part.exp < 0:
            return 1 / FUNCTIONS["power"](args[0], -args[1])
        if kind in _CHAINS:
            return functools.reduce(FUNCTIONS[_CHAINS[kind]], args)
        if kind == "Heaviside" and args[1:] in ([], [0.5]):
            return FUNCTIONS["heaviside"](args[0])
        if kind == "sign" and self.slope:
            return FUNCTIONS["direction"](args[0])
        if kind in _FUNCTIONS:
            return FUNCTIONS[_FUNCTIONS[kind]](*args)
        wrong = f"symloss has no operation for SymPy's {kind}"
        raise DomainError(message(f"scalar_function({self.name!r})", wrong, "write it with other functions"))

    def _number(self, part: Any) -> Any:
        if part.is_Boolean:
            return constant_of(bool(part), BOOL)
        if part.is_extended_real is False or part.is_extended_real is None:
            wrong = f"the constant {part} is not real"
            raise DomainError(message(f"scalar_function({self.name!r})", wrong, "use real numbers"))
        return int(part) if part.is_Integer else float(part)

    def _cases(self, conditions: list[Any], args: list[Any]) -> Any:
        """Nested choices; without a last case that always holds, NaN where none does."""
        values = [v if isinstance(v, Expr) else constant_of(v, self.dtype) for v in args[::2]]
        tests = args[1::2]
        always = conditions[-1] == shapes.sympy().true
        result = values[-1] if always else constant_of(np.nan, self.dtype)
        for condition, value, test in [*zip(conditions, values, tests, strict=True)][-1 - always :: -1]:
            chosen = where(test, value, result)
            if self.slope and type(condition).__name__ in _LIMITS:
                at_limit = eq(self.done[condition.lhs], self.done[condition.rhs])
                chosen = where(at_limit, value / 2 + result / 2, chosen)
            result = chosen
        return result


def _parts(part: Any) -> tuple[Any, ...]:
    """What the value of a part is made from."""
    if not part.free_symbols:
        return ()
    if part.is_Piecewise:
        return tuple(entry for pair in part.args for entry in pair.args)
    return tuple(part.args)


# From expressions to a kernel ---------------------------------------------------------------------
def _kernel(name: str, symbols: tuple[Any, ...], expression: Any, body: Expr) -> Callable[..., Any]:
    """The function in NumPy, with one line for each part that is used twice."""
    counts, taken = users([body]), {symbol.name for symbol in symbols}
    free = (v for v in map("v{}".format, itertools.count(1)) if v not in taken)
    lines: list[str] = []
    texts: dict[Expr, Written] = {}
    for node in topological([body]):
        written = _written(node, texts)
        if counts[node] > 1 and not node.op.leaf:
            target = next(free)
            lines.append(f"{target} = {written[0]}")
            written = target, ATOM
        texts[node] = written
    head = f"def {name}({', '.join(s.name for s in symbols)}):"
    body_lines = [f'"""{expression}"""', *lines, f"return {texts[body][0]}"]
    source = "\n    ".join([head, *body_lines]) + "\n"
    filename, scope = f"<symloss scalar_function {name}>", {"np": np, "math": math, **vars(kernels)}
    exec(compile(source, filename, "exec"), scope)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    kernel: Callable[..., Any] = scope[name]
    return kernel


def _written(node: Expr, texts: dict[Expr, Written]) -> Written:
    if node.op is INPUT:
        return node.name, ATOM
    if node.op is CONSTANT:
        value = node.params["value"].item()
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
        return repr(int(value) if whole else value).replace("inf", "np.inf").replace(
            "nan", "np.nan"
        ), UNARY if value < 0 else ATOM
    return render(node.op.numpy, [texts[arg] for arg in node.args], operator.methodcaller("strip"))
