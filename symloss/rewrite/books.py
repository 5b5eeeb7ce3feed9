"""The rule books. Recognition names what a formula is; stability chooses the form that computes it well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ..core.expr import Expr
from ..ops.exponential import exp, expm1, log, log1p, sqrt
from ..ops.logistic import log1mexp, logaddexp, logit, sigmoid, softplus
from ..ops.masked import divide_or_zero, relative_entropy, xlog1py, xlogy
from ..ops.order import abs_
from ..ops.special import erf, erfc, log_erfc
from ..ops.trigonometric import arcsinh, cosh, hypot, logcosh, root_less, sech, sinh, tanh
from .axes import (
    exp_of_log_softmax,
    log_of_softmax,
    log_softmax_of_difference,
    log_softmax_of_entry,
    logsumexp_of_log,
    scatter_of_scaled,
    softmax_of_exp,
    sum_of_one_hot,
    sum_of_scatter,
    sum_of_softmax,
)
from .comparisons import step_of_multiples
from .logarithms import (
    exp_of_powers,
    exp_of_products,
    exp_over_sum,
    expm1_quotient,
    log_of_even_power,
    log_of_exponentials,
    log_of_factors,
    log_of_number,
    log_of_power,
    log_of_prod,
    power_of_sigmoid,
    weighted_log,
)
from .lookup import Book, Names
from .normalise import Normaliser
from .residuals import (
    centred,
    log_over_root,
    logistic_loss,
    logsumexp_less_mean,
    residual,
    residual_times_exp,
    softmax_curvature,
    weighted_log_softmax,
)
from .roots import over_one_root
from .rule import DOMAIN, EXACT, NAN, SIGN0, STABILITY, Rule, wild
from .selection import scales_outside, sum_of_wheres, where_outermost
from .spreads import (
    deviation,
    hypot_of_any_root,
    hypot_of_root,
    norm_of_root,
    root_of_even_power,
    square_of_norm,
    variance,
)
from .systems import cofactors, solve_of_inverse


@dataclass(frozen=True, slots=True)
class Pass:
    """A rule that no pattern expresses: what it makes of an operation `head`, and in which sense."""

    name: str
    head: str
    rewrite: Callable[[Normaliser, Expr], Expr | None]
    tag: str
    needs: str = ""
    """The operations without which it cannot apply, among the arguments or their arguments; ``a|b``: or."""

    def fits(self, heads: Names, inner: Names) -> bool:
        """Whether arguments with these operations, and with those in their arguments, can be rewritten."""
        within = heads | inner
        return all(not within.isdisjoint(choice.split("|")) for choice in self.needs.split())

    def __call__(self, normal: Normaliser, node: Expr) -> Expr | None:
        """What becomes of a normal form, or None."""
        return self.rewrite(normal, node)


AXES: tuple[Pass, ...] = (
    Pass("softmax", "contract", softmax_of_exp, STABILITY, "exp raise"),
    Pass("logsumexp", "log", logsumexp_of_log, STABILITY, "contract exp"),
    Pass("log_softmax", "combine", log_softmax_of_difference, STABILITY, "logsumexp"),
    Pass("log_of_softmax", "log", log_of_softmax, STABILITY, "softmax"),
    Pass("log_of_power", "log", log_of_power, STABILITY, "raise|contract"),
    Pass("exp_of_log_softmax", "exp", exp_of_log_softmax, STABILITY, "log_softmax"),
    Pass("exp_of_products", "contract", exp_of_products, STABILITY, "exp"),
    Pass("power_of_sigmoid", "raise", power_of_sigmoid, STABILITY),
    Pass("root_of_even_power", "raise", root_of_even_power, STABILITY, "raise"),
    Pass("norm", "raise", norm_of_root, STABILITY, "contract"),
    Pass("hypot", "raise", hypot_of_root, STABILITY, "combine"),
    Pass("std", "raise", deviation, STABILITY, "var"),
    Pass("variance", "combine", variance, STABILITY, "contract"),
    Pass("exp_over_sum", "contract", exp_over_sum, STABILITY, "exp raise"),
    Pass("expm1_quotient", "contract", expm1_quotient, STABILITY, "expm1|combine"),
    Pass("weighted_log", "xlogy", weighted_log, STABILITY),
    Pass("log_of_prod", "log", log_of_prod, STABILITY, "prod"),
    Pass("log_softmax_of_entry", "combine", log_softmax_of_entry, STABILITY, "logsumexp pick|getitem"),
    Pass("log_of_exponentials", "log", log_of_exponentials, STABILITY, "combine exp|contract"),
    Pass("log_of_factors", "log", log_of_factors, STABILITY, "contract"),
    Pass("log_of_number", "log", log_of_number, STABILITY),
    Pass("step_of_multiples", "step", step_of_multiples, EXACT),
)
"""Recognition along axes, which no scalar pattern expresses."""


ALGEBRA: tuple[Pass, ...] = (
    Pass("square_of_norm", "raise", square_of_norm, DOMAIN, "norm"),
    Pass("over_one_root", "combine", over_one_root, STABILITY, "raise"),
    Pass("sum_of_softmax", "sum", sum_of_softmax, DOMAIN, "softmax"),
    Pass("sum_of_one_hot", "sum", sum_of_one_hot, EXACT, "one_hot"),
    Pass("sum_of_scatter", "sum", sum_of_scatter, SIGN0, "scatter"),
    Pass("scatter_of_scaled", "scatter", scatter_of_scaled, SIGN0),
    Pass("where_outermost", "contract", where_outermost, NAN, "where"),
    Pass("scales_outside", "where", scales_outside, SIGN0),
    Pass("sum_of_wheres", "combine", sum_of_wheres, SIGN0, "where"),
    Pass("sum_of_wheres", "contract", sum_of_wheres, SIGN0, "combine where|contract"),
)
"""For derivatives only: in a formula of the user's, these would hide an infinity or NaN."""

RESIDUALS: tuple[Pass, ...] = (
    Pass("exp_of_powers", "raise", exp_of_powers, STABILITY, "exp"),
    Pass("logistic_loss", "combine", logistic_loss, STABILITY, "softplus"),
    Pass("softmax_curvature", "combine", softmax_curvature, STABILITY, "eye softmax"),
    Pass("centred", "combine", centred, STABILITY, "softmax|weighted_softmax"),
    Pass("residual", "combine", residual, STABILITY, "sigmoid|softmax"),
    Pass("logsumexp_less_mean", "combine", logsumexp_less_mean, STABILITY, "logsumexp"),
    Pass("weighted_log_softmax", "contract", weighted_log_softmax, STABILITY, "log_softmax"),
    Pass("log_of_even_power", "log", log_of_even_power, STABILITY, "raise"),
    Pass("log_over_root", "contract", log_over_root, STABILITY, "log raise"),
    Pass("residual_times_exp", "contract", residual_times_exp, STABILITY, "exp combine"),
    Pass("cofactors", "contract", cofactors, STABILITY, "inv det"),
    Pass("solve_of_inverse", "contract", solve_of_inverse, STABILITY, "inv"),
    Pass("hypot_with_number", "raise", hypot_of_any_root, STABILITY, "combine"),
)
"""Stability that no scalar pattern expresses."""


@cache
def recognition_rules() -> tuple[Rule, ...]:
    """Scalar formulas that have a name."""
    x, y = wild("x"), wild("y")
    return (
        Rule("sigmoid", 1 / (1 + exp(-x)), sigmoid(x), STABILITY),
        Rule("sigmoid_from_above", exp(x) * sigmoid(-x), sigmoid(x), STABILITY),
        Rule("log_of_sigmoid", log(sigmoid(x)), -softplus(-x), STABILITY),
        Rule("log_of_one_minus_sigmoid", log(1 - sigmoid(x)), -softplus(x), STABILITY),
        Rule("arcsinh", log(x + sqrt(1 + x**2)), arcsinh(x), STABILITY),
        Rule("log_of_exp", log(exp(x)), x, STABILITY),
        Rule("softplus", log(1 + exp(x)), softplus(x), STABILITY),
        Rule("softplus_of_log1p", log1p(exp(x)), softplus(x), STABILITY),
        Rule("logaddexp", log(exp(x) + exp(y)), logaddexp(x, y), STABILITY),
        Rule("cosh", exp(x) + exp(-x), 2 * cosh(x), STABILITY),
        Rule("sinh", exp(x) - exp(-x), 2 * sinh(x), STABILITY),
        Rule("logcosh", log(cosh(x)), logcosh(x), STABILITY),
        Rule("tanh", sinh(x) / cosh(x), tanh(x), STABILITY),
        Rule("tanh_of_sigmoid", (exp(x) - 1) * sigmoid(-x), tanh(x / 2), STABILITY),
        Rule("slope_of_sigmoid", exp(x) * sigmoid(-x) ** 2, sigmoid(x) * sigmoid(-x), STABILITY),
        Rule("exp_of_softplus", exp(-softplus(x)), sigmoid(-x), STABILITY),
        Rule("logit", log(x / (1 - x)), logit(x), STABILITY, domain=(0.1, 0.9)),
        Rule("logit_of_sigmoid", logit(sigmoid(x)), x, STABILITY),
        Rule("log1p_of_expm1", log1p(expm1(x)), x, STABILITY),
        Rule("log1mexp", log(1 - exp(x)), log1mexp(-x), STABILITY, domain=(-4.0, -0.1)),
        Rule("log1mexp_of_log1p", log1p(-exp(x)), log1mexp(-x), STABILITY, domain=(-4.0, -0.1)),
        Rule("log1mexp_of_expm1", log(-expm1(x)), log1mexp(-x), STABILITY, domain=(-4.0, -0.1)),
        Rule("log_of_expm1", log(expm1(x)), x + log1mexp(x), STABILITY, domain=(0.1, 4.0)),
        Rule("log_of_difference", log(exp(x) - exp(y)), x + log1mexp(x - y), STABILITY, domain=(0.1, 1.5)),
        Rule("log_of_exp_less_one", log(exp(x) - 1), x + log1mexp(x), STABILITY, domain=(0.1, 4.0)),
        Rule("erfc", 1 - erf(x), erfc(x), STABILITY),
        Rule("erfc_from_below", 1 + erf(x), erfc(-x), STABILITY),
        Rule("log_erfc", log(erfc(x)), log_erfc(x), STABILITY),
        Rule("square_of_abs", abs_(x) ** 2, x**2, EXACT),
        *_likelihood_rules(),
    )


def _likelihood_rules() -> tuple[Rule, ...]:
    """Logarithms whose weights are 0 where they are infinite."""
    x, y = wild("x"), wild("y")
    return (
        Rule("relative_entropy", x * log(x / y), relative_entropy(x, y), DOMAIN, domain=(0.1, 4.0)),
        Rule("difference_of_logs", x * (log(x) - log(y)), relative_entropy(x, y), DOMAIN, domain=(0.1, 4.0)),
        Rule("poisson", x - y * log(x), x - xlogy(y, x), DOMAIN, domain=(0.1, 4.0)),
        Rule(
            "yes_or_no",
            y * log(x) + (1 - y) * log(1 - x),
            xlogy(y, x) + xlogy(1 - y, 1 - x),
            DOMAIN,
            domain=(0.1, 0.9),
        ),
    )


@cache
def stability_rules() -> tuple[Rule, ...]:
    """Forms that compute the same with less loss of digits."""
    x, y = wild("x"), wild("y")
    return (
        Rule("one_minus_sigmoid", 1 - sigmoid(x), sigmoid(-x), STABILITY),
        Rule("one_minus_square_of_tanh", 1 - tanh(x) ** 2, sech(x) ** 2, STABILITY),
        Rule("xlog1py", xlogy(y, 1 + x), xlog1py(y, x), STABILITY, domain=(0.1, 0.9)),
        Rule("log1p", log(1 + x), log1p(x), STABILITY, domain=(-0.9, 4.0)),
        Rule("expm1", exp(x) - 1, expm1(x), STABILITY),
        Rule("tanh_of_expm1", expm1(x) * sigmoid(-x), tanh(x / 2), STABILITY),
        Rule("one_minus_tanh", 1 - tanh(x), 2 * sigmoid(-2 * x), STABILITY),
        Rule("one_plus_tanh", 1 + tanh(x), 2 * sigmoid(2 * x), STABILITY),
        Rule("odds", sigmoid(x) / sigmoid(-x), exp(x), STABILITY),
        Rule("one_minus_two_sigmoids", 1 - 2 * sigmoid(x), -tanh(x / 2), STABILITY),
        Rule("opposite_sigmoids", sigmoid(x) - sigmoid(-x), tanh(x / 2), STABILITY),
        Rule("softplus_less_argument", softplus(x) - x, softplus(-x), STABILITY),
        Rule("opposite_softplus", softplus(x) - softplus(-x), x, STABILITY),
        Rule("log1p_of_sigmoid", log1p(-sigmoid(x)), -softplus(x), STABILITY),
        Rule("arcsinh_of_hypot", log(x + hypot(1, x)), arcsinh(x), STABILITY),
        Rule(
            "cosine_of_sine",
            1 - divide_or_zero(x, hypot(x, y)) ** 2,
            divide_or_zero(y, hypot(x, y)) ** 2,
            DOMAIN,
            domain=(0.1, 4.0),
        ),
        Rule("root_less", hypot(x, y) - y, root_less(x, y), STABILITY),
        Rule("root_less_one", sqrt(1 + x) - 1, expm1(log1p(x) / 2), STABILITY, domain=(-0.9, 4.0)),
        Rule(
            "yes_or_no_by_log1p",
            y * log(x) + (1 - y) * log1p(-x),
            xlogy(y, x) + xlog1py(1 - y, -x),
            DOMAIN,
            domain=(0.1, 0.9),
        ),
        Rule("entropy_term", x * log(x), xlogy(x, x), DOMAIN, domain=(0.0, 4.0)),
    )


def _book(*rules: Pass | Rule) -> Book:
    book: Book = {}
    for rule in rules:
        book.setdefault(rule.head, []).append(rule)
    return book


@cache
def recognition() -> Book:
    """The rules applied before and after differentiation, by head."""
    return _book(*AXES, *ALGEBRA, *recognition_rules())


@cache
def stability() -> Book:
    """The rules applied to what is compiled, by head: recognition first."""
    return _book(*AXES, *RESIDUALS, *recognition_rules(), *stability_rules())
