"""Differences of a likelihood and its target, in forms that do not cancel; stability only."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..core.expr import Expr, apply
from ..core.op import OPS
from ..ops.curvature import SOFTMAX_JACOBIAN
from ..ops.likelihood import (
    CENTRED_BY,
    LOGSUMEXP_MINUS,
    SOFTMAX_MINUS,
    SOFTMAX_TOTAL_MINUS,
    sigmoid_minus,
    softplus_minus,
    times_exp,
    weighted,
)
from ..ops.logistic import sigmoid, softplus
from ..ops.masked import ratio
from ..ops.normal import (
    COMBINE,
    CONTRACT,
    DELTA,
    RAISE,
    Coefficient,
    Index,
    by_labels,
    number_in,
    ones,
    times,
)
from ..ops.softmax_family import LOG_SOFTMAX, LOGSUMEXP, SOFTMAX, WEIGHTED_SOFTMAX
from .axes import is_exp
from .normalise import Normaliser
from .products import Product, base_and_exponent, canonical, product_of, scaled, split
from .sums import normal_sum, unrepeated

LOG = OPS["log"]
SHARES = (SOFTMAX, WEIGHTED_SOFTMAX)


def residual(normal: Normaliser, node: Expr) -> Expr | None:
    """``sigmoid(x) − y`` and ``softmax(x) − y``, times a number."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    if len(terms) != 2:
        return None
    for (c, p), (d, y) in (terms, terms[::-1]):
        if c != -d or (y.op is CONTRACT and not y.args):
            continue
        if p.op.name == sigmoid.__name__ and y.op is not p.op:
            return normal.sum([c], [normal.finished(sigmoid_minus(p.args[0], y))])
        if p.op is SOFTMAX and len(p.params["axis"]) == 1 and y.shape == p.shape and y.op is not SOFTMAX:
            soft = apply(SOFTMAX_MINUS, p.args[0], y, axis=p.params["axis"])
            return normal.sum([c], [normal.finished(soft)])
    return None


def logsumexp_less_mean(normal: Normaliser, node: Expr) -> Expr | None:
    """``logsumexp(x) − Σ w·x`` along the same axes, times a number, also inside a larger sum."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    for k, (c, part) in enumerate(terms):
        for n, (d, other) in enumerate(terms):
            weights = _weights(normal, part, other) if part.op is LOGSUMEXP and n != k else None
            if weights is None:
                continue
            weights = normal.sum([-d / c], [weights])
            whole = normal.finished(apply(LOGSUMEXP_MINUS, part.args[0], weights, **part.params))
            rest = [t for m, t in enumerate(terms) if m not in (k, n)]
            return normal.sum([c, *[e for e, _ in rest]], [whole, *[t for _, t in rest]])
    return None


def _weights(normal: Normaliser, total: Expr, mean: Expr) -> Expr | None:
    """The weights with which `mean` adds up what `total` is the logsumexp of; None for other formulas."""
    x, product = total.args[0], product_of(mean)
    for k, (factor, own) in enumerate(product.factors):
        kept = tuple(i for a, i in enumerate(own) if a not in total.params["axis"])
        if factor is not x or kept != product.out or len(set(own)) < len(own):
            continue
        rest = product.factors[:k] + product.factors[k + 1 :]
        used = {i for _, at in rest for i in at}
        if used <= set(own) and not used.isdisjoint(set(own) - set(kept)):
            return normal(by_labels(rest, own, {i: product.sizes[i] for i in own}))
    return None


def centred(normal: Normaliser, node: Expr) -> Expr | None:
    """``y − Σ softmax(x)·y`` and ``y − softmax(x)·Σy`` along one axis, times a number."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    for k, (c, term) in enumerate(terms):
        rest = terms[:k] + terms[k + 1 :]
        for soft in dict.fromkeys(f for f, _ in product_of(term).factors if f.op in SHARES):
            if not rest or len(soft.params["axis"]) != 1 or soft.shape != node.shape:
                continue
            y = normal_sum([e for e, _ in rest], [t for _, t in rest], node.shape, as_written=True)
            mean, share = _taken_off(normal, soft, y)
            if mean is scaled(-c, term):
                return normal.finished(apply(CENTRED_BY, soft, y, **soft.params))
            if share is scaled(-c, term) and soft.op is SOFTMAX:
                whole = normal.finished(apply(SOFTMAX_TOTAL_MINUS, soft.args[0], y, **soft.params))
                return normal.sum([-1], [whole])
    return None


def _taken_off(normal: Normaliser, soft: Expr, y: Expr) -> tuple[Expr, Expr]:
    """``Σ softmax(x)·y`` and ``softmax(x)·Σy`` as they stand in a sum."""
    axes = list(range(soft.ndim))
    kept: list[object] = [("one", i) if i in soft.params["axis"] else i for i in axes]
    total = normal(by_labels([(y, axes)], kept))
    mean = normal(by_labels([(soft, axes), (y, axes)], kept))
    return _bare(mean), _bare(normal(times(soft, total)))


def _bare(e: Expr) -> Expr:
    """A term of a sum without the axes that only repeat it, its number outside."""
    coef, core = split(e)
    inner, bare = split(unrepeated(core))
    return scaled(coef * inner, bare)


def softmax_curvature(normal: Normaliser, node: Expr) -> Expr | None:
    """``diag(p) − p pᵀ`` for a softmax p along its last axis, times a number, also inside a larger sum."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    for k, (c, part) in enumerate(terms):
        for p, number, left in _on_the_diagonal(normal, part):
            for n, (d, other) in enumerate(terms):
                if d == -c * number and _is_square(other, p):
                    whole = normal.finished(apply(SOFTMAX_JACOBIAN, p))
                    rest = [t for m, t in enumerate(terms) if m not in (k, n)] + [(c, e) for e in left]
                    return normal.sum([-d, *[e for e, _ in rest]], [whole, *[t for _, t in rest]])
    return None


def _on_the_diagonal(normal: Normaliser, term: Expr) -> Iterator[tuple[Expr, Coefficient, list[Expr]]]:
    """A softmax whose entries times a number stand on a diagonal, that number, and what else stands there."""
    product = product_of(term)
    tensors = [(f, own) for f, own in product.factors if f.op is not DELTA]
    if [own for f, own in product.factors if f.op is DELTA] != [product.out[-2:]]:
        return
    for k, (p, own) in enumerate(tensors):
        others = [f for f, at in tensors[:k] + tensors[k + 1 :] if at == own and f.op is COMBINE]
        last = p.op is SOFTMAX and p.params["axis"] == (p.ndim - 1,)
        if not last or own != product.out[:-1] or len(tensors) != 1 + len(others) or len(others) > 1:
            continue
        if not others:
            yield p, Fraction(1), []
            continue
        number, left = _without_number(others[0])
        if number:
            rest = [(left if f is others[0] else f, at) for f, at in product.factors]
            yield p, number, [normal.product(rest, product.out, tuple(product.sizes), term)]


def _without_number(e: Expr) -> tuple[Coefficient, Expr]:
    """The number that is a term of a sum, 0 if there is none, and the sum without it."""
    terms = list(zip(e.params["coefs"], e.args, strict=True))
    number = next((c for c, part in terms if number_in(part) == 1), Fraction(0))
    rest = [(c, part) for c, part in terms if number_in(part) is None]
    return number, normal_sum([c for c, _ in rest], [t for _, t in rest], e.shape, as_written=True)


def _is_square(term: Expr, p: Expr) -> bool:
    """Whether a term is the outer product of a tensor's last axis with itself."""
    product = product_of(term)
    *lead, k, m = product.out
    return len(product.factors) == 2 and set(product.factors) == {(p, (*lead, k)), (p, (*lead, m))}


def logistic_loss(normal: Normaliser, node: Expr) -> Expr | None:
    """``softplus(x) − y x``, times a number, also inside a larger sum."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    for k, (c, part) in enumerate(terms):
        if part.op.name != softplus.__name__:
            continue
        scale, x = split(part.args[0])
        for n, (d, term) in enumerate(terms):
            y = quotient(normal, term, x) if n != k else None
            if y is None:
                continue
            loss = normal.finished(softplus_minus(part.args[0], normal.sum([-d / (c * scale)], [y])))
            rest = [t for m, t in enumerate(terms) if m not in (k, n)]
            return normal.sum([c, *[e for e, _ in rest]], [loss, *[t for _, t in rest]])
    return None


def quotient(normal: Normaliser, term: Expr, x: Expr) -> Expr | None:
    """The tensor whose elementwise product with `x` is `term`; None if there is none, or it is a number."""
    if x.ndim > term.ndim or x.shape != term.shape[term.ndim - x.ndim :]:
        return None
    product, left = product_of(term), list(product_of(term).factors)
    for factor, _ in product_of(x).factors:
        place = next((k for k, (f, _) in enumerate(left) if f is factor), None)
        if place is None:
            return None
        del left[place]
    kept = tuple(i for i in product.out if any(i in own for _, own in left))
    if not left or any(i not in kept for _, own in left for i in own) or kept not in ((), product.out):
        return None
    y = canonical(Product(left, kept, list(product.sizes), product.dtype))
    at = product.out[len(product.out) - x.ndim :]
    again = normal.product([(y, kept), (x, at)], product.out, tuple(product.sizes), term)
    return y if again is term else None


def weighted_log_softmax(normal: Normaliser, node: Expr) -> Expr | None:
    """``w·log_softmax(x)``, also summed, is 0 where the weight is 0, even at a class that is impossible."""
    product = product_of(node)
    for k, (logs, own) in enumerate(product.factors):
        if logs.op is not LOG_SOFTMAX or len(set(own)) < len(own):
            continue
        inside: list[tuple[Expr, Index]] = []
        rest: list[tuple[Expr, Index]] = []
        for f, i in product.factors[:k] + product.factors[k + 1 :]:
            (inside if i and set(i) <= set(own) and f.op is not SOFTMAX else rest).append((f, i))
        if not any(own[a] in i for a in logs.params["axis"] for _, i in inside):
            continue
        lengths = {i: product.sizes[i] for i in own}
        weight = normal(by_labels(inside, own, lengths))
        coef, core = split(normal.finished(weighted(weight, logs)))
        value = normal(by_labels([*rest, (core, own)], product.out, lengths))
        return normal.sum([coef], [value])
    return None


def residual_times_exp(normal: Normaliser, node: Expr) -> Expr | None:
    """``(x − y)^n·e^a`` is ((x − y)·e^(a/n))^n, where e^a may be infinite while x − y is 0."""
    product = product_of(node)
    for k, (power, own) in enumerate(product.factors):
        for n, (factor, at) in enumerate(product.factors):
            base, exponent = base_and_exponent(factor)
            if not is_exp(power) or base.op is not COMBINE or len(base.args) < 2 or own != at:
                continue
            if exponent < 1 or exponent % 1 or len(set(own)) < len(own):
                continue
            share = normal.sum([1 / exponent], [power.args[0]])
            value = normal.power(normal.finished(times_exp(base, share)), exponent)
            rest = [pair for m, pair in enumerate(product.factors) if m not in (k, n)]
            return normal.product([*rest, (value, own)], product.out, tuple(product.sizes), node)
    return None


def log_over_root(normal: Normaliser, node: Expr) -> Expr | None:
    """``log(x)·(1 − x)^−e`` for 0 < e < 1 is 0 at 1, where the logarithm vanishes faster than the root."""
    product = product_of(node)
    for k, (logs, own) in enumerate(product.factors):
        for n, (root, at) in enumerate(product.factors):
            if logs.op is not LOG or root.op is not RAISE or own != at or len(set(own)) < len(own):
                continue
            one_less = normal.sum([1, -1], [ones((), logs.dtype), logs.args[0]])
            base, exponent = base_and_exponent(root)
            if base.op is RAISE:
                base, exponent = base.args[0], exponent * base.params["exponent"]
            if not -1 < exponent < 0 or base is not one_less:
                continue
            value = normal.finished(ratio(logs, normal.power(base, -exponent)))
            rest = [pair for m, pair in enumerate(product.factors) if m not in (k, n)]
            return normal.product([*rest, (value, own)], product.out, tuple(product.sizes), node)
    return None
