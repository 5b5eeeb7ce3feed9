"""The laws that steps follow, in words; every function returns one sentence."""

from __future__ import annotations

import inspect
import operator
import re
from fractions import Fraction
from functools import cache, reduce

from ..calculus.reverse import Flow
from ..core.expr import Expr, apply
from ..core.leaves import INPUT, leaf
from ..core.op import Op
from ..core.walk import rebuild
from ..ops.normal import COMBINE, CONTRACT, RAISE
from ..rewrite.books import ALGEBRA, AXES, recognition_rules
from ..rewrite.rule import WILD

SUM_OF_PATHS = "what flows back along several paths is added up"
_FIXED = {
    COMBINE: "a sum is differentiated term by term",
    CONTRACT: "a product is linear in each factor: what comes in meets the other factors",
}


def name_of(op: Op) -> str:
    """What the derivative of an operation is called."""
    names = {COMBINE: "sum rule", CONTRACT: "product rule", RAISE: "power rule"}
    return names.get(op) or f"derivative of {op.name}"


def derivative_law(flow: Flow) -> str:
    """How the operation of a flow passes on what comes in, for variables in place of its arguments."""
    node, position = flow.node, flow.position
    if node.op in _FIXED:
        return _FIXED[node.op]
    names = ("x", "y", "u", "v", "w")
    if len(node.args) > len(names):
        return f"{node.op.name} passes back what its record states"
    args = [leaf(INPUT, arg.shape, arg.dtype, name=name) for arg, name in zip(node.args, names, strict=False)]
    if node.op is RAISE:
        n = Fraction(node.params["exponent"])
        return f"xⁿ passes g on as n·xⁿ⁻¹·g, here with n = {n}"
    z = apply(node.op, *args, **node.params)
    g = leaf(INPUT, node.shape, node.dtype, name="g")
    rule = node.op.derivative(position) if node.op.derivative else None
    passed = _plain(rule(g, z, *args)) if rule else "nothing"
    return f"{_plain(z)} passes g on as {passed}" + (f" to {names[position]}" if len(args) > 1 else "")


def _plain(e: Expr) -> str:
    """A formula on one line, contractions as the elementwise products that they are in rules."""

    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        if node.op is CONTRACT and args and set(node.params["ins"]) == {node.params["out"]}:
            return reduce(operator.mul, args)
        return node.with_args(args)

    return str(rebuild([e], change)[0])


@cache
def _rewriting_laws() -> dict[str, str]:
    laws = {}
    for known in AXES + ALGEBRA:
        laws[known.name] = re.sub(r"`+", "", (inspect.getdoc(known.rewrite) or "").split("\n")[0].rstrip("."))
    for rule in recognition_rules():
        laws[rule.name] = f"{_with_variables(rule.left)} = {_with_variables(rule.right)}"
    return laws


def _with_variables(pattern: Expr) -> Expr:
    def change(node: Expr, args: tuple[Expr, ...]) -> Expr:
        return leaf(INPUT, (), node.dtype, name=node.name) if node.op is WILD else node.with_args(args)

    return rebuild([pattern], change)[0]


def rewriting_law(rule: str) -> str:
    """What a rule of rewriting says."""
    return _rewriting_laws().get(rule, rule.replace("_", " "))
