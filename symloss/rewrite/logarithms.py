"""Logarithms of products and of sums of exponentials, and exponentials multiplied: what would overflow."""

from __future__ import annotations

from fractions import Fraction

from ..core.expr import Expr, apply
from ..core.op import OPS
from ..ops.exponential import EXPM1_RATIO, EXPM1_SHARE, exp, expm1, log
from ..ops.extrema import LOG_PROD, PROD
from ..ops.indexing import GETITEM
from ..ops.labels import PICK
from ..ops.likelihood import weighted
from ..ops.logistic import logaddexp, sigmoid, softplus
from ..ops.normal import COMBINE, CONTRACT, RAISE, Coefficient, Index, number_in, ones
from ..ops.order import abs_
from ..ops.softmax_family import SOFTMAX
from ..ops.trigonometric import cosh
from .axes import is_exp, logsumexp_of_log
from .normalise import Normaliser
from .products import Product, base_and_exponent, canonical, is_size, is_zero, product_of, split

LOG = OPS["log"]
POSITIVE = (OPS[exp.__name__], OPS[sigmoid.__name__], OPS[cosh.__name__], SOFTMAX)


def log_of_power(normal: Normaliser, node: Expr) -> Expr | None:
    """``log x^n`` is n·log x, where n is not even (then x is positive wherever x^n is) or x is a size."""
    inner = node.args[0]
    if inner.op is CONTRACT and len(inner.args) > 1 and all(map(is_size, inner.args)):
        return normal.sum([1] * len(inner.args), [normal.finished(log(f)) for f in inner.args])
    if inner.op is not RAISE or (inner.params["exponent"] % 2 == 0 and not is_size(inner)):
        return None
    return normal.sum([inner.params["exponent"]], [normal(log(inner.args[0]))])


def log_of_number(normal: Normaliser, node: Expr) -> Expr | None:
    """``log(c·x)`` is log c + log x, for a number c > 0 and where something is known about log x."""
    coef, core = split(node.args[0])
    if coef == 1 or not coef > 0 or (core.op is CONTRACT and not core.args):
        return None
    inner = normal.finished(log(core))
    return None if inner.op is LOG else normal.sum([1, 1], [inner, _log_of(normal, coef, node)])


def _log_of(normal: Normaliser, coef: Coefficient, node: Expr) -> Expr:
    """The logarithm of a number, as a normal form."""
    return normal(log(normal.sum([coef], [ones((), node.dtype)])))


def log_of_factors(normal: Normaliser, node: Expr) -> Expr | None:
    """``log(e^a·y)`` is a + log y, and so on for factors that are positive and have a known logarithm."""
    inner = node.args[0]
    product = product_of(inner)
    if inner.op is not CONTRACT or product.summed() or len(product.factors) < 2:
        return None
    logs: list[tuple[Expr, Index]] = []
    rest: list[tuple[Expr, Index]] = []
    coefs: list[Coefficient] = []
    for factor, own in product.factors:
        base, exponent = base_and_exponent(factor)
        known = normal.finished(log(base)) if _is_positive(base) and len(set(own)) == len(own) else None
        if known is None or known.op is LOG:
            rest.append((factor, own))
        else:
            logs.append((known, own))
            coefs.append(exponent)
    if not logs:
        return None
    sizes, out = tuple(product.sizes), product.out
    terms = [normal.product([pair], out, sizes, node) for pair in logs]
    if rest:
        others = canonical(Product(rest, out, list(sizes), product.dtype))
        terms.append(normal.finished(log(others)))
        coefs.append(Fraction(1))
    return normal.sum(coefs, terms)


def _is_positive(e: Expr) -> bool:
    """Whether a factor has no negative value, and a logarithm worth knowing."""
    if e.op in (GETITEM, PICK):
        return e.args[0].op is SOFTMAX
    if e.op is CONTRACT:
        return bool(e.args) and all(is_exp(f) or is_size(f) for f in e.args)
    return e.op in POSITIVE


def log_of_exponentials(normal: Normaliser, node: Expr) -> Expr | None:
    """``log(a + b e^x + c e^y + …)`` for numbers above 0, by softplus and logaddexp."""
    coef, core = split(node.args[0])
    if core.op is not COMBINE or coef <= 0 or not all(c > 0 for c in core.params["coefs"]):
        return None
    number: Coefficient = 0
    exponents: list[Expr] = []
    for c, term in zip(core.params["coefs"], core.args, strict=True):
        if number_in(term) is not None:
            number = c * coef
            continue
        exponent = _exponent(normal, term)
        if exponent is None:
            return None
        shift = [] if c * coef == 1 else [_log_of(normal, c * coef, node)]
        exponents.append(normal.sum([1] * (1 + len(shift)), [exponent, *shift]))
    total = exponents[0]
    for exponent in exponents[1:]:
        total = normal(logaddexp(total, exponent))
    if number == 0:
        return total
    shift = [] if number == 1 else [_log_of(normal, number, node)]
    inside = normal.sum([1, *[-1] * len(shift)], [total, *shift])
    return normal.sum([1] * (1 + len(shift)), [normal(softplus(inside)), *shift])


def _exponent(normal: Normaliser, term: Expr) -> Expr | None:
    """The logarithm of a term that is an exponential or a sum of such with no weights."""
    if is_exp(term):
        return term.args[0]
    positive = term.op is CONTRACT and _is_positive(term)
    return logsumexp_of_log(normal, log(term)) if positive else None


def log_of_even_power(normal: Normaliser, node: Expr) -> Expr | None:
    """``log x^n`` is n·log |x|, for even n."""
    inner = node.args[0]
    if inner.op is not RAISE or inner.params["exponent"] % 2 or is_size(inner):
        return None
    return normal.sum([inner.params["exponent"]], [normal(log(abs_(inner.args[0])))])


def log_of_prod(normal: Normaliser, node: Expr) -> Expr | None:
    """``log Π x`` neither overflows nor underflows with the product."""
    inner = node.args[0]
    if inner.op is not PROD:
        return None
    return normal.finished(apply(LOG_PROD, *inner.args, **inner.params))


def weighted_log(normal: Normaliser, node: Expr) -> Expr | None:
    """``xlogy(w, y)`` is w·log y, and 0 where w is 0, for a y whose logarithm is known."""
    weight, y = node.args
    known = normal.finished(log(y)) if y.op in POSITIVE or _is_positive(y) else None
    if known is None or known.op is LOG:
        return None
    coef, core = split(known)
    return normal.sum([coef], [normal.finished(weighted(weight, core))])


# Exponentials -------------------------------------------------------------------------------------
def exp_of_products(normal: Normaliser, node: Expr) -> Expr | None:
    """``e^a·e^b`` is e^(a + b), at the same indices."""
    product = product_of(node)
    groups: dict[Index, list[int]] = {}
    for k, (factor, own) in enumerate(product.factors):
        if is_exp(factor):
            groups.setdefault(own, []).append(k)
    for own, places in groups.items():
        if len(places) > 1 and len(set(own)) == len(own):
            exponents = [product.factors[k][0].args[0] for k in places]
            whole = normal.sum([1] * len(exponents), exponents)
            rest = [pair for k, pair in enumerate(product.factors) if k not in places]
            value = ones(whole.shape, node.dtype) if is_zero(whole) else normal.finished(exp(whole))
            return normal.product([*rest, (value, own)], product.out, tuple(product.sizes), node)
    return None


def exp_of_powers(normal: Normaliser, node: Expr) -> Expr | None:
    """``(e^x)^n`` is e^(n x)."""
    inner = node.args[0]
    if not is_exp(inner):
        return None
    return normal.finished(exp(normal.sum([node.params["exponent"]], [inner.args[0]])))


def power_of_sigmoid(normal: Normaliser, node: Expr) -> Expr | None:
    """``(1 + e^−x)^−n`` is σ(x)^n, for n = 2, 3 and so on."""
    exponent = node.params["exponent"]
    if exponent >= -1 or exponent != int(exponent):
        return None
    once = normal.power(node.args[0], Fraction(-1))
    return None if once.op is RAISE or split(once)[0] != 1 else normal.power(once, -exponent)


def exp_over_sum(normal: Normaliser, node: Expr) -> Expr | None:
    """``e^a / (c e^a + …)`` is σ(a + log c − log …)/c, for a sum of exponentials and positive numbers."""
    product = product_of(node)
    for k, (divisor, index) in enumerate(product.factors):
        base, exponent = base_and_exponent(divisor)
        if exponent > -1 or exponent != int(exponent) or base.op is not COMBINE:
            continue
        for n, (factor, own) in enumerate(product.factors):
            share = _share(normal, factor, base) if is_exp(factor) and own == index else None
            if share is None:
                continue
            rest = [pair for m, pair in enumerate(product.factors) if m not in (k, n)]
            left = normal.power(base, exponent + 1)
            pairs = [*rest, (share, own), (left, own)] if exponent < -1 else [*rest, (share, own)]
            return normal.product(pairs, product.out, tuple(product.sizes), node)
    return None


def _share(normal: Normaliser, power: Expr, base: Expr) -> Expr | None:
    """What part of a sum an exponential is that stands in it, divided by its coefficient."""
    terms = list(zip(base.params["coefs"], base.args, strict=True))
    own = next((c for c, term in terms if term is power), None)
    others = [(c, term) for c, term in terms if term is not power]
    if own is None or not all(c > 0 for c, _ in terms) or power.shape != base.shape:
        return None
    rest = normal.sum([c for c, _ in others], [term for _, term in others])
    if number_in(rest) is None:
        logs = normal.finished(log(rest))
        if logs.op is LOG:
            return None
    else:
        logs = normal(log(rest))
    shifts = [logs] if own == 1 else [logs, normal(log(normal.sum([1 / own], [ones((), base.dtype)])))]
    inside = normal.sum([1, *[-1] * len(shifts)], [power.args[0], *shifts])
    return normal.sum([1 / own], [normal.finished(sigmoid(inside))])


def expm1_quotient(normal: Normaliser, node: Expr) -> Expr | None:
    """``(e^x − 1)/x`` and ``x/(e^x − 1)`` by what is right near 0, and at 0 in the limit."""
    product = product_of(node)
    for k, (factor, own) in enumerate(product.factors):
        base, exponent = base_and_exponent(factor)
        found = _less_one(base) if exponent in (1, -1) else None
        if found is None:
            continue
        sign, inside = found
        coef, core = split(inside)
        wanted = normal.power(core, -exponent)
        place = next((n for n, pair in enumerate(product.factors) if pair == (wanted, own)), None)
        if place is None:
            continue
        value = normal.finished(apply(EXPM1_RATIO if exponent == 1 else EXPM1_SHARE, inside, n=0))
        rest = [pair for n, pair in enumerate(product.factors) if n not in (k, place)]
        whole = normal.product([*rest, (value, own)], product.out, tuple(product.sizes), node)
        return normal.sum([sign * Fraction(coef) ** int(exponent)], [whole])
    return None


def _less_one(e: Expr) -> tuple[Coefficient, Expr] | None:
    """The sign and the x of ±(e^x − 1); None for other formulas."""
    if e.op.name == expm1.__name__:
        return 1, e.args[0]
    if e.op is not COMBINE or len(e.args) != 2:
        return None
    terms = dict(zip(e.args, e.params["coefs"], strict=True))
    power = next((term for term in terms if is_exp(term)), None)
    number = next((term for term in terms if number_in(term) is not None), None)
    if power is None or number is None or abs(terms[power]) != 1 or terms[power] != -terms[number]:
        return None
    return terms[power], power.args[0]
