"""Recognition along axes: softmax, logsumexp and log_softmax written out by hand, in any layout."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..core import shapes
from ..core.expr import Expr, apply
from ..core.leaves import CONSTANT
from ..ops.along import SUM as TOTAL
from ..ops.constants import ARANGE
from ..ops.exponential import exp, log
from ..ops.indexing import GETITEM, SCATTER
from ..ops.labels import ONE_HOT, PICK
from ..ops.normal import COMBINE, CONTRACT, RAISE, Index, by_labels, ones
from ..ops.softmax_family import LOG_SOFTMAX, LOGSUMEXP, SOFTMAX, WEIGHTED_LOGSUMEXP, WEIGHTED_SOFTMAX
from .normalise import Normaliser
from .products import Product, canonical, is_size, product_of, split

Pair = tuple[Expr, Index]


class ExpSum(NamedTuple):
    """``s Σ w e^x`` over axes of `x`; `rest` gives, for each other axis of x, its place in the result.

    The weights `w` have the shape of x; None stands for ones. `scalars` are the sizes that make up s.
    """

    x: Expr
    axis: tuple[int, ...]
    rest: Index
    weights: Expr | None
    scalars: list[Expr]


def exp_sum(normal: Normaliser, e: Expr) -> ExpSum | None:
    """`e` seen as a sum of exponentials over axes, or None."""
    if e.op is not CONTRACT:
        return None
    product = product_of(e)
    scalars = [f for f, own in product.factors if own == () and is_size(f)]
    factors = [(f, own) for f, own in product.factors if own != () or not is_size(f)]
    lead = next((k for k, (f, own) in enumerate(factors) if is_exp(f) and _all_of(own, product)), None)
    if lead is None:
        return None
    (power, own), others = factors[lead], factors[:lead] + factors[lead + 1 :]
    out = product.out
    axis = tuple(p for p, i in enumerate(own) if i not in out)
    rest = tuple(out.index(i) for i in own if i in out)
    weights = normal.product(others, own, tuple(product.sizes), e) if others else None
    return ExpSum(power.args[0], axis, rest, weights, scalars) if axis else None


def _all_of(own: Index, product: Product) -> bool:
    """Whether a factor has every index of a product, each once, and none is repeated outside it."""
    indices = {i for _, index in product.factors for i in index} | set(product.out)
    return len(set(own)) == len(own) and indices == set(own)


def is_exp(e: Expr) -> bool:
    """Whether a normal form is an exponential."""
    return e.op.name == exp.__name__


def softmax_of_exp(normal: Normaliser, node: Expr) -> Expr | None:
    """``e^x / Σ e^x`` is softmax(x), also with weights and a number before the sum."""
    product = product_of(node)
    for k, (divisor, index) in enumerate(product.factors):
        inverse = divisor.op is RAISE and divisor.params["exponent"] == -1
        total = exp_sum(normal, split(divisor.args[0])[1]) if inverse else None
        if total is None:
            continue
        for n, (factor, own) in enumerate(product.factors):
            if is_exp(factor) and factor.args[0] is total.x and _same_rows(own, index, total):
                rest = [pair for m, pair in enumerate(product.factors) if m not in (k, n)]
                soft, rest = _share(normal, total, own, rest)
                scales = [(normal.power(s, Fraction(-1)), ()) for s in total.scalars]
                pairs = [*rest, *scales, (soft, own)]
                return normal.product(pairs, product.out, tuple(product.sizes), node)
    return None


def _share(normal: Normaliser, total: ExpSum, own: Index, rest: list[Pair]) -> tuple[Expr, list[Pair]]:
    """``e^x / Σ w e^x``, or with the weights above as well where they are among the other factors."""
    x, axis, weights = total.x, total.axis, total.weights
    if weights is None:
        return normal.finished(apply(SOFTMAX, x, axis=axis)), rest
    wanted = product_of(weights)
    place = dict(zip(wanted.out, own, strict=True))
    needed = [(f, tuple(place[i] for i in index)) for f, index in wanted.factors]
    if wanted.coef == 1 and not wanted.summed() and all(pair in rest for pair in needed):
        for pair in needed:
            rest.remove(pair)
        return normal.finished(apply(WEIGHTED_SOFTMAX, x, weights, axis=axis)), rest
    whole = apply(WEIGHTED_LOGSUMEXP, x, weights, axis=axis, keepdims=True)
    return normal(exp(x - whole)), rest


def _same_rows(own: Index, index: Index, total: ExpSum) -> bool:
    """Whether a numerator at indices `own` belongs to the divisor at `index`."""
    kept = [i for p, i in enumerate(own) if p not in total.axis]
    return kept == [index[place] for place in total.rest]


def logsumexp_of_log(normal: Normaliser, node: Expr) -> Expr | None:
    """``log Σ e^x`` is logsumexp(x), also with weights, and with a number or a size before the sum."""
    coef, core = split(node.args[0])
    total = exp_sum(normal, core) if coef > 0 else None
    if total is None:
        return None
    if total.weights is None:
        whole = apply(LOGSUMEXP, total.x, axis=total.axis, keepdims=False)
    else:
        whole = apply(WEIGHTED_LOGSUMEXP, total.x, total.weights, axis=total.axis, keepdims=False)
    axes = tuple(range(core.ndim))
    value = normal.product([(normal.finished(whole), total.rest)], axes, core.shape, node)
    shift = normal.product([(f, ()) for f in (ones((), node.dtype), *total.scalars)], (), ())
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


def log_softmax_of_entry(normal: Normaliser, node: Expr) -> Expr | None:
    """``x[k] − logsumexp(x)`` is log_softmax(x)[k], also inside a larger sum."""
    terms = list(zip(node.params["coefs"], node.args, strict=True))
    for k, (c, whole) in enumerate(terms):
        if whole.op is not LOGSUMEXP:
            continue
        for n, (d, entry) in enumerate(terms):
            chosen = entry.op in (PICK, GETITEM) and entry.args[0] is whole.args[0]
            if not chosen or c != -d or _entry_axis(entry) != whole.params["axis"]:
                continue
            logs = normal.finished(apply(LOG_SOFTMAX, whole.args[0], axis=whole.params["axis"]))
            value = normal.finished(apply(entry.op, logs, *entry.args[1:], **entry.params))
            rest = [pair for m, pair in enumerate(terms) if m not in (k, n)]
            return normal.sum([d, *[e for e, _ in rest]], [value, *[t for _, t in rest]])
    return None


def _entry_axis(entry: Expr) -> tuple[int, ...] | None:
    """The axis along which one entry of each line is chosen; None for other indices."""
    if entry.op is PICK:
        return (entry.args[0].ndim - 1,)
    index = entry.params["index"]
    if len(entry.args) == 1:
        places = [k for k, one in enumerate(index) if isinstance(one, int)]
        whole = all(isinstance(one, int) or one == (None, None, None) for one in index)
        return tuple(places) if whole and len(places) == 1 else None
    return (1,) if _in_each_row(entry, entry.args[0].shape) else None


def _in_each_row(entry: Expr, shape: shapes.Shape) -> bool:
    """Whether an index chooses one entry of each row of a matrix of that shape, in order."""
    if entry.params["index"] != ("#2", "#3") or len(shape) != 2 or entry.args[2].ndim != 1:
        return False
    rows = entry.args[1]
    if rows.ndim != 1 or not shapes.same(rows.shape[0], shape[0]):
        return False
    counted = rows.op is CONSTANT and bool(np.all(rows.params["value"] == np.arange(rows.shape[0])))
    return counted or rows.op is ARANGE


def scatter_of_scaled(normal: Normaliser, node: Expr) -> Expr | None:
    """A number and sizes go outside a scatter."""
    product = product_of(node.args[0])
    sizes = [(f, own) for f, own in product.factors if own == () and is_size(f)]
    if product.coef == 1 and not sizes:
        return None
    coef, product.coef = product.coef, Fraction(1)
    product.factors = [(f, own) for f, own in product.factors if own != () or not is_size(f)]
    inner = normal.finished(apply(SCATTER, canonical(product), *node.args[1:], **node.params))
    axes = tuple(range(inner.ndim))
    return normal.sum([coef], [normal.product([*sizes, (inner, axes)], axes, inner.shape)])


def sum_of_scatter(normal: Normaliser, node: Expr) -> Expr | None:
    """What was scattered, where it is added up along all axes or along that of the entry chosen."""
    if len(node.args) != 1 or node.args[0].op is not SCATTER:
        return None
    scattered = node.args[0]
    values, index, (own,) = scattered.args[0], scattered.params["index"], node.params["ins"]
    out = node.params["out"]
    if not out:
        inside = sum(one is not None for one in index) == scattered.ndim
        return (
            normal(apply(TOTAL, values, axis=tuple(range(values.ndim)), keepdims=False)) if inside else None
        )
    if _in_each_row(scattered, scattered.shape) and own == (*out, own[-1]):
        return values
    places = [k for k, one in enumerate(index) if isinstance(one, int)]
    whole = all(isinstance(one, int) or one == (None, None, None) for one in index)
    lines = [p for p, i in enumerate(own) if i not in out]
    if not whole or len(index) != scattered.ndim or places != lines or len(set(own)) < len(own):
        return None
    kept = [i for i in own if i in out]
    return normal(by_labels([(values, kept)], out))


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
