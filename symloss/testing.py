"""Checks that users run on their own operations, formulas and rules; each is silent or raises `CheckError`.

What symloss derives and compiles is compared with values of 60 digits, which come from the meaning of each
operation alone, and with central differences of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .calculus.gradient import grad
from .compiler.emit import module_source
from .compiler.program import lower
from .core import shapes
from .core.dtypes import FLOAT64, is_float
from .core.errors import GradientError, GraphError, SymlossError, message
from .core.evaluate import DIGITS, exact_values, mpmath, of_meaning
from .core.expr import Expr, apply
from .core.leaves import INPUT, constant_of, leaf
from .core.op import OPS, Op
from .core.sampling import Values, central_differences, random_values, sample
from .core.walk import substitute, topological
from .function import function
from .ops.along import sum_
from .ops.normal import COMBINE, CONTRACT, RAISE
from .rewrite.normalise import Normaliser
from .rewrite.rule import EXACT, NAN, SIGN0, ULP, WILD, Rule

__all__ = ["CheckError", "check_gradient", "check_op", "check_rule", "weighted_sum"]

RTOL = 1e-11
_SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 5e-324, -1e-300, 1e300, np.inf, -np.inf, np.nan)


class CheckError(SymlossError, AssertionError):
    """Something that a check found to be wrong."""


def weighted_sum(e: Expr, seed: int = 0) -> Expr:
    """A scalar in which every element of `e` has a weight of its own."""
    if not is_float(e.dtype):
        raise GradientError(message("check_gradient()", f"the dtype is {e.dtype.name}", "use a float dtype"))
    if not e.ndim:
        return e
    rng = np.random.default_rng(seed + 17)
    if all(isinstance(size, int) for size in e.shape):
        return sum_(constant_of(rng.uniform(0.5, 1.5, e.shape), e.dtype) * e)
    weights = leaf(INPUT, e.shape, e.dtype, name=f"weights{seed}")
    return sum_(weights * e)


def _variables(roots: Sequence[Expr]) -> list[Expr]:
    return [node for node in topological(roots) if node.op is INPUT]


# Gradients ----------------------------------------------------------------------------------------
def check_gradient(
    expr: Expr, wrt: Any, at: Mapping[Expr, Any] | None = None, *, order: int = 1, rtol: float = RTOL
) -> None:
    """Compare the compiled gradient of an expression with central differences of 60 digits.

    Parameters
    ----------
    expr : Expr
        A scalar, or a tensor, of which a sum with random weights is then checked.
    wrt : Expr or sequence of Expr
        Variables.
    at : mapping of Expr to array, optional
        Values of the variables; random ones in [0.1, 0.9] by default.
    order : {1, 2}
        With 2, a weighted sum of each gradient is checked in the same way as well.
    rtol : float
        Allowed error, relative to the largest element of the gradient.

    Raises
    ------
    CheckError
        If an element differs (the message gives both values), or has no slope at that point.
    """
    targets = list(wrt) if isinstance(wrt, list | tuple) else [wrt]
    for target in targets:
        if target.op is not INPUT:
            raise GraphError(message("check_gradient()", f"{target} is no variable", "pass variables"))
    loss = weighted_sum(expr)
    if order > 1:
        for target in targets:
            first = grad(loss, target, disconnected="zeros")
            if _depends(first, targets):
                check_gradient(weighted_sum(first, 1), targets, at, rtol=rtol)
    point = random_values(_variables([loss]), given=at)
    found = _compiled(grad(loss, targets, disconnected="zeros"), point)
    for target, value in zip(targets, found, strict=True):
        _compare_slopes(loss, target, point, value, rtol)


def _depends(e: Expr, targets: Sequence[Expr]) -> bool:
    return not set(targets).isdisjoint(topological([e]))


def _compiled(roots: Sequence[Expr], point: Mapping[Expr, Any]) -> list[Any]:
    variables = list(point)
    result: list[Any] = function(variables, list(roots), on_unused="ignore")(*point.values())
    return result


def _compare_slopes(loss: Expr, target: Expr, point: Mapping[Expr, Any], found: Any, rtol: float) -> None:
    expected = central_differences(loss, target, point)
    largest = max([abs(v) for v in expected.values() if mpmath().isfinite(v)], default=0)
    for index in expected:
        if not mpmath().isfinite(expected[index]):
            wrong = f"there is no slope in {target.name}{list(index) or ''} at that point"
            raise CheckError(message("check_gradient()", wrong, "pass values inside the domain as at={…}"))
        difference = abs(found[index] - expected[index])
        if not difference <= rtol * max(largest, abs(expected[index])) + rtol * 1e-6:
            wrong = f"the gradient in {target.name}{list(index) or ''} is {found[index]!r}"
            mend = f"central differences give {_shown(expected[index])}"
            raise CheckError(message("check_gradient()", wrong, mend))


# Operations ---------------------------------------------------------------------------------------
def check_op(op: Op | str | Callable[..., Expr], rtol: float = RTOL) -> None:
    """Check every fact that the record of an operation states against the others.

    Value, shape and dtype of the compiled operation, its definition, and its first and second derivatives are
    compared with its meaning (or reference), in its domain and on its samples.

    Parameters
    ----------
    op : Op, str or function
        The record, its name, or the public function of that name.
    rtol : float
        Allowed relative error of values and derivatives.

    Raises
    ------
    CheckError
        If a fact is missing or wrong; the message says which.
    """
    record = op if isinstance(op, Op) else OPS[op if isinstance(op, str) else op.__name__]
    check_facts(record)
    if record.elementwise:
        check_reference(record)
    for expr, point in cases(record):
        if record not in (CONTRACT, COMBINE, RAISE):
            check_value(expr, point, rtol)
        check_definition(expr, point)
        if record.undifferentiable or not is_float(expr.dtype):
            continue
        for variable in expr.args:
            if variable.op is INPUT and is_float(variable.dtype):
                check_gradient(expr, variable, point, order=2, rtol=rtol)


def check_facts(op: Op) -> None:
    """Whether the record says all that it has to."""
    _require(op.doc.endswith((".", "…")) and op.doc[0].strip() != "", op, "its doc is no sentence")
    for kind in ("numpy", "text", "latex"):
        _require(bool(getattr(op, kind).template), op, f"its {kind} notation is empty")
    if op.leaf:
        return
    _require(bool(op.meaning or op.reference), op, "it states neither meaning nor reference")
    differentiable = op.derivative or op.definition or op.undifferentiable
    _require(bool(differentiable), op, "it states no derivative, no definition, and no reason for that")
    if op.elementwise:
        _require(bool(op.domain), op, "it states no domain")
    else:
        _require(bool(op.samples), op, "it states no samples")


def _require(holds: bool, op: Op, wrong: str) -> None:
    if not holds:
        raise CheckError(message(f"check_op({op.name!r})", wrong, "state it in the record"))


def cases(op: Op, dtype: Any = FLOAT64, seed: int = 0) -> list[tuple[Expr, Values]]:
    """The operation applied to variables, with values for them: on its samples, or in its domain."""
    rng = np.random.default_rng(seed + 5)
    found = []
    for *arguments, params in op.samples or _shapes(len(op.domain)):
        if params.get("dtype") is FLOAT64:
            params = {**params, "dtype": dtype}
        point: Values = {}
        for position, given in enumerate(arguments):
            interval = op.domain[position] if op.domain else (0.3, 2.0)
            array = np.asarray(given) if isinstance(given, np.ndarray) else None
            value = sample(rng, given, dtype, interval) if array is None else array
            point[leaf(INPUT, value.shape, value.dtype, name=f"a{position}")] = value
        found.append((apply(op, *_one_number(op, list(point), point), **params), point))
    return found


def _shapes(arity: int) -> tuple[tuple[Any, ...], ...]:
    """Shapes for the arguments of an elementwise operation: equal ones, and ones that broadcast."""
    return ((*[(3,)] * arity, {}), ((2, 3), *[(3,)] * (arity - 1), {}))


def _one_number(op: Op, variables: list[Expr], point: Values) -> list[Expr]:
    """The arguments; one whose domain is a single number is that number."""
    for position, (low, high) in enumerate(op.domain):
        if low == high:
            variable = variables[position]
            del point[variable]
            variables[position] = constant_of(low, variable.dtype)
    return variables


def check_value(expr: Expr, point: Values, rtol: float = RTOL) -> None:
    """Compare the compiled value, its shape and its dtype with the exact value and what was inferred."""
    (value,) = _compiled([expr], point)
    call = f"check_op({expr.op.name!r})"
    if value.dtype != expr.dtype:
        wrong = f"the dtype is inferred as {expr.dtype.name} and comes out as {value.dtype.name}"
        raise CheckError(message(call, wrong, "mend its dtype rule"))
    (exact,) = exact_values([expr], point)
    if value.shape != exact.shape or len(value.shape) != expr.ndim:
        wrong = f"the shape is inferred as {shapes.show(expr.shape)} and comes out as {value.shape}"
        raise CheckError(message(call, wrong, "mend its shape rule"))
    for index in np.ndindex(*value.shape):
        if not agree(value[index], exact[index], rtol):
            wrong = f"the value at {list(index)} is {value[index]!r}, by its meaning {_shown(exact[index])}"
            raise CheckError(message(call, wrong, "mend its NumPy notation or its meaning"))


def _shown(exact: Any) -> str:
    return str(exact) if isinstance(exact, bool) else str(mpmath().nstr(exact, 17))


def agree(value: Any, exact: Any, rtol: float) -> bool:
    """Whether a computed number is the exact one, up to a relative error; NaN agrees with NaN."""
    if isinstance(exact, bool) or not mpmath().isfinite(exact) or not np.isfinite(value):
        return bool(value == exact or (value != value and exact != exact))
    return bool(abs(mpmath().mpf(value.item()) - exact) <= rtol * abs(exact) + rtol * 1e-3)


def check_definition(expr: Expr, point: Values) -> None:
    """Compare the operation with its definition, both at 60 digits."""
    op = expr.op
    body = op.definition(*expr.args, **expr.params) if op.definition else None
    if body is None:
        return
    if body.dtype != expr.dtype:
        wrong = f"it has dtype {expr.dtype.name}, its definition {body.dtype.name}"
        raise CheckError(message(f"check_op({op.name!r})", wrong, "mend its definition"))
    left, right = exact_values([expr, body], point)
    if left.shape != right.shape or not _same(left, right):
        wrong = "its definition has another value than its meaning"
        raise CheckError(message(f"check_op({op.name!r})", wrong, "mend one of them"))


def check_reference(op: Op) -> None:
    """Compare the reference of an elementwise operation with its meaning, where it states both."""
    if op.meaning is None or op.reference is None:
        return
    meaning = of_meaning(op)
    for expr, point in cases(op):
        exact = exact_values(list(expr.args), point)
        for numbers in zip(*[v.ravel().tolist() for v in np.broadcast_arrays(*exact)], strict=True):
            with mpmath().workdps(DIGITS):
                one, other = op.reference(*numbers), meaning(*numbers)
            if not abs(one - other) <= 1e-40 * abs(other):
                wrong = f"at {[_shown(n) for n in numbers]} its reference and its meaning differ"
                raise CheckError(message(f"check_op({op.name!r})", wrong, "mend one of them"))


def _same(left: Any, right: Any, digits: int = 40) -> bool:
    """Whether two arrays of exact values agree to so many digits."""
    mp = mpmath()
    pairs = zip(left.ravel(), right.ravel(), strict=True)
    with mp.workdps(DIGITS):
        return all(
            bool(a == b or (a != a and b != b) or abs(a - b) <= mp.mpf(10) ** -digits * (abs(a) + abs(b)))
            for a, b in pairs
        )


# Rules --------------------------------------------------------------------------------------------
def check_rule(rule: Rule, points: int = 8) -> None:
    """Check that both sides of a rule are equal in the sense of its tag, and that the rule fires.

    Both sides are compared at 60 digits on its domain; a rule tagged EXACT, SIGN0 or NAN also in floating
    point, on special values (zeros of both signs, infinities, NaN).

    Raises
    ------
    CheckError
        If the sides differ, or the rule does not fire on its own left side.
    """
    left, right, variables = _sides(rule)
    rng = np.random.default_rng(11)
    point = {v: rng.uniform(*rule.domain, points) for v in variables}
    exact_left, exact_right = exact_values([left, right], point)
    if not _same(np.broadcast_to(exact_left, points), np.broadcast_to(exact_right, points)):
        first = {v.name: value[0].item() for v, value in point.items()}
        wrong = f"{left} and {right} differ, for example near {first}"
        raise CheckError(message(f"check_rule({rule.name!r})", wrong, "mend one side, or the domain"))
    check_fires(rule, left)
    if rule.tag in (EXACT, SIGN0, NAN) or rule.tag.startswith(ULP):
        _check_floats(rule, left, right, variables)


def check_fires(rule: Rule, formula: Expr) -> None:
    """Whether the rule fires on a formula, alone among all rules."""
    normal = Normaliser(rules={rule.head: [rule]})
    normal(formula)
    if not any(step.rule == rule.name for step in normal.trace):
        wrong = f"it does not fire on {formula}"
        raise CheckError(message(f"check_rule({rule.name!r})", wrong, "its left side never stands like this"))


def _sides(rule: Rule) -> tuple[Expr, Expr, list[Expr]]:
    """Both sides over vectors in place of the pattern's variables."""
    wilds = [n for n in topological([rule.left, rule.right]) if n.op is WILD]
    stand_ins = {w: leaf(INPUT, (), FLOAT64, name=f"v_{w.name}") for w in wilds}
    vectors = {v: leaf(INPUT, (shapes.declared("n"),), FLOAT64, name=v.name) for v in stand_ins.values()}
    left, right = substitute([rule.left, rule.right], {w: vectors[v] for w, v in stand_ins.items()})
    return left, right, list(vectors.values())


def _check_floats(rule: Rule, left: Expr, right: Expr, variables: list[Expr]) -> None:
    """Compare both sides in floating point, as they stand, on special values."""
    grids = np.meshgrid(*[np.array(_SPECIAL)] * len(variables))
    columns = [grid.ravel() for grid in grids]
    both = [as_it_stands(side, variables)(*columns) for side in (left, right)]
    a, b = (np.broadcast_to(np.asarray(side, dtype=float), columns[0].shape) for side in both)
    equal = (a == b) | (np.isnan(a) & np.isnan(b))
    if rule.tag == EXACT:
        equal &= (np.signbit(a) == np.signbit(b)) | np.isnan(a)
    if rule.tag == NAN:
        equal |= np.isnan(a) | np.isnan(b)
    if rule.tag.startswith(ULP):
        ulps = float(rule.tag.removeprefix(ULP) or 4)
        with np.errstate(all="ignore"):
            equal |= np.abs(a - b) <= ulps * np.spacing(np.abs(a))
    if not equal.all():
        k = int(np.argmin(equal))
        at = ", ".join(f"{v.name} = {c[k]}" for v, c in zip(variables, columns, strict=True))
        wrong = f"tagged {rule.tag}, but at {at} the sides are {a[k]} and {b[k]}"
        raise CheckError(message(f"check_rule({rule.name!r})", wrong, "weaken the tag"))


def as_it_stands(expr: Expr, variables: Sequence[Expr]) -> Callable[..., Any]:
    """The NumPy of a formula, without any rewriting."""
    scope: dict[str, Any] = {}
    exec(module_source(lower(list(variables), [expr]), "f", "As it stands"), scope)
    compiled: Callable[..., Any] = scope["f"]
    return compiled
