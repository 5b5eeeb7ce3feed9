"""`derive`: the steps that lead from a loss to its derivative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..calculus.gradient import grad
from ..calculus.jacobian import hessian, identity
from ..calculus.requests import check_connected, check_formula, targets_of
from ..calculus.reverse import Flow
from ..calculus.variation import Variation
from ..core.errors import DomainError, GradientError, message, shown
from ..core.expr import Expr
from ..core.notation import ATOM
from ..core.walk import substitute
from ..ops.normal import COMBINE, CONTRACT
from ..printing.letters import superscript
from ..rewrite.facts import Facts, facts_of
from ..rewrite.present import present
from .checks import flow_holds, same_value
from .derivation import Derivation
from .laws import SUM_OF_PATHS, derivative_law, name_of, rewriting_law
from .steps import Step

CALL = "derive()"


def derive(loss: Expr, wrt: Expr, assume: Sequence[Expr] = (), order: int = 1) -> Derivation:
    r"""The steps that lead to a gradient or a Hessian.

    Parameters
    ----------
    loss : Expr, ()
        What is differentiated.
    wrt : Expr
        A variable, or any part of the graph of `loss`.
    assume : sequence of Expr
        Facts that may be used, such as ``sl.eq(sl.sum(y, axis="K"), 1)``.
    order : {1, 2}
        Whether the gradient or the Hessian is derived.

    Returns
    -------
    Derivation
        Its last step ends with `grad(loss, wrt, assume)`, or with `hessian(loss, wrt, assume=assume)`.

    Raises
    ------
    GradientError
        If there is no derivative.
    DomainError
        If `order` is neither 1 nor 2.
    """
    if order not in (1, 2) or isinstance(order, bool):
        raise DomainError(message(CALL, f"order is {shown(order)}", "use 1 or 2"))
    check_formula(CALL, "loss", loss, scalar=True)
    target, *others = targets_of(CALL, wrt)
    if others:
        wrong = f"wrt is a list of {len(others) + 1}: a derivation follows one target"
        raise GradientError(message(CALL, wrong, "derive each of them alone"))
    check_connected(CALL, loss, "loss", target)
    chain = Chain(loss, target, facts_of(CALL, assume), order)
    result = grad(loss, target, assume) if order == 1 else hessian(loss, target, assume=assume)
    power = superscript("2") if order == 2 else ""
    title = f"∂{power}L/∂{chain.called(target)}{power} for L = {loss}"
    return Derivation(title, loss, result, chain.finished(result))


class Chain:
    """Collects the steps of one derivation."""

    def __init__(self, loss: Expr, target: Expr, assumed: Facts, order: int) -> None:
        self.loss, self.target, self.assumed = loss, target, assumed
        self.varied = Variation(CALL, [loss], [target], [])
        self.steps: list[Step] = []
        self._recognised()
        (point,), (root,) = self.varied.points, self.varied.roots
        slope = self._pulled(root, None, point, "∂L/∂", r"\partial L")
        if order == 2 and slope is not None:
            towards = self.called(target)
            self._pulled(
                slope, self.varied.normal(identity(target)), point, f"∂(∂L/∂{towards})/∂",
                rf"\partial \frac{{\partial L}}{{\partial {self.latex(target)}}}",
            )  # fmt: skip

    def written(self, form: Expr) -> Expr:
        """A normal form, or a rule over normal forms, as a formula of the user's variables."""
        back = {p: t for t, p in self.varied.inner.items()}
        return substitute(present([form], self.varied.normal), back)[0]

    # Steps ----------------------------------------------------------------------------------------
    def _add(
        self, rule: str, law: str, quantity: tuple[str, str], before: Expr, after: Expr,
        part: Expr, holds: Callable[[], bool], routine: bool = False,
    ) -> None:  # fmt: skip
        step = Step(rule, law, quantity[0], before, after, part, holds, routine, latex_quantity=quantity[1])
        self.steps.append(step)

    def _recognised(self) -> None:
        """What rewriting made of the loss before it is differentiated."""
        seen: set[tuple[Expr, Expr]] = set()
        for step in self.varied.normal.trace:
            before, after = self.written(step.before), self.written(step.after)
            if (before, after) not in seen and before is not after:
                seen.add((before, after))
                check = self._same(before, after)
                self._add(step.rule, rewriting_law(step.rule), ("", ""), before, after, before, check)

    def _pulled(self, root: Expr, cotangent: Expr | None, point: Expr, of: str, latex: str) -> Expr | None:
        """Steps for every flow of a sweep, and for what meets."""
        flows: list[Flow] = []
        (slope,) = self.varied.pulled(root, cotangent, [point], flows)
        met: dict[Expr, list[Flow]] = {}
        for flow in flows:
            met.setdefault(flow.arg, []).append(flow)
        for flow in flows:
            self._flow(flow, len(met[flow.arg]) > 1, of, latex)
            if flow is met[flow.arg][-1] and len(met[flow.arg]) > 1:
                self._meeting(met[flow.arg], of, latex)
        return slope

    def _flow(self, flow: Flow, partial: bool, of: str, latex: str) -> None:
        linear = (COMBINE, CONTRACT)
        onward = flow.arg.op in linear and flow.node.op in linear
        before, after = self.written(flow.rule), self.written(flow.value)
        inner = self.varied.inner
        self._add(
            name_of(flow.node.op), derivative_law(flow), self._quantity(flow.arg, partial, of, latex),
            before, after, self.written(flow.arg), lambda: flow_holds(self.loss, flow, inner),
            routine=flow.node.op is COMBINE or onward,
        )  # fmt: skip

    def _meeting(self, flows: list[Flow], of: str, latex: str) -> None:
        parts = [self.written(flow.value) for flow in flows]
        before = sum(parts[1:], parts[0])
        normal = self.varied.normal
        after = self.written(normal.sum([1] * len(flows), [flow.value for flow in flows]))
        quantity = self._quantity(flows[0].arg, False, of, latex)
        part = self.written(flows[0].arg)
        self._add("sum over paths", SUM_OF_PATHS, quantity, before, after, part, self._same(before, after))

    def finished(self, result: Expr) -> tuple[Step, ...]:
        """All steps, the facts used last."""
        before = self.steps[-1].after if self.steps else result
        if before is not result:
            texts = ", ".join(f"{left} = {right}" for left, right in self.assumed) or "the same terms"
            rule = "assumed" if self.assumed else "collected"
            quantity = self.steps[-1].quantity, self.steps[-1].latex_quantity
            check = self._same(before, result, self.assumed)
            self._add(rule, texts, quantity, before, result, before, check)
        if self.steps:
            self.steps[-1] = replace(self.steps[-1], routine=False)
        return tuple(self.steps)

    def _same(self, before: Expr, after: Expr, assumed: Facts | None = None) -> Callable[[], bool]:
        return lambda: same_value(self.loss, before, after, assumed or [])

    # Names ----------------------------------------------------------------------------------------
    def _quantity(self, arg: Expr, partial: bool, of: str, latex: str) -> tuple[str, str]:
        """What a flow computes; along one path of several, a part of it."""
        written = self.written(arg)
        path, latex_path = (" along one path", r"\Big|_{\text{one path}}") if partial else ("", "")
        return (
            f"{of}{self.called(written)}{path}",
            rf"\frac{{{latex}}}{{\partial {self.latex(written)}}}{latex_path}",
        )

    def called(self, part: Expr) -> str:
        """The text of a part, in brackets where it needs them."""
        return str(part) if _is_closed(part) else f"({part})"

    def latex(self, part: Expr) -> str:
        """The LaTeX of a part, in brackets where it needs them."""
        return part.latex() if _is_closed(part) else rf"\left({part.latex()}\right)"


def _is_closed(part: Expr) -> bool:
    """Whether a part reads as one thing: a variable, or a function with its arguments in brackets."""
    return part.op.text.binding >= ATOM
