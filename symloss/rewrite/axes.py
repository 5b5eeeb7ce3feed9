"""Recognition along axes: softmax, logsumexp and log_softmax written out by hand, in any layout."""

from __future__ import annotations

from typing import NamedTuple

from ..core.expr import Expr, apply
from ..ops.exponential import exp, log
from ..ops.indexing import GETITEM
from ..ops.labels import ONE_HOT, PICK
from ..ops.normal import COMBINE, CONTRACT, RAISE, Index, ones
from ..ops.softmax_family import LOG_SOFTMAX, LOGSUMEXP, SOFTMAX
from .normalise import Normaliser
from .products import Product, canonical, is_size, product_of, split


class ExpSum(NamedTuple):
    """``Σ e^x`` over axes of `x`; `rest` gives, for each other axis of x, its place in the result."""

    x: Expr
    axis: tuple[int, ...]
    rest: Index


def exp_sum(e: Expr) -> ExpSum | None:
    """`e` seen as a sum of exponentials over axes, or None."""
    if e.op is not CONTRACT or len(e.args) != 1 or not is_exp(e.args[0]):
        return None
    (own,), out = e.params["ins"], e.params["out"]
    axis = tuple(p for p, i in enumerate(own) if i not in out)
    if not axis or len(set(own)) < len(own) or len(own) - len(axis) != len(out):
        return None
    return ExpSum(e.args[0].args[0], axis, tuple(out.index(i) for i in own if i in out))


def is_exp(e: Expr) -> bool:
    """Whether a normal form is an exponential."""
    return e.op.name == exp.__name__


def softmax_of_exp(normal: Normaliser, node: Expr) -> Expr | None:
    """``e^x / Σ e^x`` is softmax(x)."""
    product = product_of(node)
    for k, (divisor, index) in enumerate(product.factors):
        total = exp_sum(divisor.args[0]) if divisor.op is RAISE and divisor.params["exponent"] == -1 else None
        if total is None:
            continue
        for n, (factor, own) in enumerate(product.factors):
            if is_exp(factor) and factor.args[0] is total.x and _same_rows(own, index, total):
                rest = [pair for m, pair in enumerate(product.factors) if m not in (k, n)]
                soft = normal.finished(apply(SOFTMAX, total.x, axis=total.axis))
                return normal.product([*rest, (soft, own)], product.out, tuple(product.sizes), node)
    return None


def _same_rows(own: Index, index: Index, total: ExpSum) -> bool:
    """Whether a numerator at indices `own` belongs to the divisor at `index`."""
    kept = [i for p, i in enumerate(own) if p not in total.axis]
    return kept == [index[place] for place in total.rest]


def logsumexp_of_log(normal: Normaliser, node: Expr) -> Expr | None:
    """``log Σ e^x`` is logsumexp(x), also with a number or a size before the sum."""
    coef, core = split(node.args[0])
    if core.op is not CONTRACT or coef <= 0:
        return None
    product = product_of(core)
    scalars = [f for f, own in product.factors if own == () and is_size(f)]
    product.factors = [(f, own) for f, own in product.factors if not (own == () and is_size(f))]
    if len(product.factors) != 1:
        return None
    total = exp_sum(canonical(product))
    if total is None:
        return None
    whole = normal.finished(apply(LOGSUMEXP, total.x, axis=total.axis, keepdims=False))
    value = normal.product([(whole, total.rest)], product.out, tuple(core.shape), node)
    shift = normal.product([(f, ()) for f in (ones((), node.dtype), *scalars)], (), ())
    shift = normal.sum([coef], [shift])
    return (
        value if shift.op is CONTRACT and not shift.args else normal.sum([1, 1], [value, normal(log(shift))])
    )


def log_softmax_of_difference(normal: Normaliser, node: Expr) -> Expr | None:
    """``x − logsumexp(x)`` is log_softmax(x), also inside a larger sum and with a common factor."""
    have = dict(zip(node.args, node.params["coefs"], strict=True))
    for term, c in have.items():
        product = product_of(term)
        lone = len(product.factors) == 1 and product.factors[0][0].op is LOGSUMEXP
        if not lone or not _in_place(product):
            continue
        x = product.factors[0][0].args[0]
        coef, core = split(x)
        parts = list(zip(core.params["coefs"], core.args, strict=True)) if core.op is COMBINE else [(1, core)]
        if all(have.get(part) == -c * coef * k for k, part in parts):
            soft = normal.finished(apply(LOG_SOFTMAX, x, axis=product.factors[0][0].params["axis"]))
            left = [
                (k, t) for t, k in have.items() if t is not term and all(t is not part for _, part in parts)
            ]
            return normal.sum([-c, *[k for k, _ in left]], [soft, *[t for _, t in left]])
    return None


def _in_place(product: Product) -> bool:
    """Whether a logsumexp stands where it lines up with its argument, axis by axis from the right."""
    whole, own = product.factors[0]
    x, axis = whole.args[0], whole.params["axis"]
    kept = [a - x.ndim for a in range(x.ndim) if a not in axis]
    return set(own) <= set(product.out) and kept == [product.out.index(i) - len(product.out) for i in own]


def sum_of_softmax(normal: Normaliser, node: Expr) -> Expr | None:
    """The sum of a softmax over its axes is 1."""
    if len(node.args) != 1 or node.args[0].op is not SOFTMAX:
        return None
    (own,), out = node.params["ins"], node.params["out"]
    if {p for p, i in enumerate(own) if i not in out} != set(node.args[0].params["axis"]):
        return None
    return ones(node.shape, node.dtype)


def sum_of_one_hot(normal: Normaliser, node: Expr) -> Expr | None:
    """The sum of a row of the identity matrix is 1."""
    if len(node.args) != 1 or node.args[0].op is not ONE_HOT:
        return None
    (own,), out = node.params["ins"], node.params["out"]
    if own[-1] in out or any(i not in out for i in own[:-1]):
        return None
    return ones(node.shape, node.dtype)


def log_of_softmax(normal: Normaliser, node: Expr) -> Expr | None:
    """``log softmax(x)`` is log_softmax(x), also through indexing."""
    inner = node.args[0]
    if inner.op is SOFTMAX:
        return normal.finished(apply(LOG_SOFTMAX, *inner.args, **inner.params))
    if inner.op in (PICK, GETITEM) and inner.args[0].op is SOFTMAX:
        soft = inner.args[0]
        logs = normal.finished(apply(LOG_SOFTMAX, *soft.args, **soft.params))
        return normal.finished(apply(inner.op, logs, *inner.args[1:], **inner.params))
    return None


def exp_of_log_softmax(normal: Normaliser, node: Expr) -> Expr | None:
    """``e^log_softmax(x)`` is softmax(x)."""
    inner = node.args[0]
    if inner.op is not LOG_SOFTMAX:
        return None
    return normal.finished(apply(SOFTMAX, *inner.args, **inner.params))


def log_of_power(normal: Normaliser, node: Expr) -> Expr | None:
    """``log x^n`` is n·log x, where n is not even (then x is positive wherever x^n is) or x is a size."""
    inner = node.args[0]
    if inner.op is CONTRACT and len(inner.args) > 1 and all(map(is_size, inner.args)):
        return normal.sum([1] * len(inner.args), [normal.finished(log(f)) for f in inner.args])
    if inner.op is not RAISE or (inner.params["exponent"] % 2 == 0 and not is_size(inner)):
        return None
    return normal.sum([inner.params["exponent"]], [normal(log(inner.args[0]))])
