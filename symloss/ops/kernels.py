"""NumPy functions that generated modules carry along: arrays in, arrays out, and a float keeps its dtype."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def step(x: Array, y: Array) -> Array:
    """1 where x > y, 0 where x < y, 1/2 where they are equal."""
    return np.where(x == y, 0.5, np.heaviside(x - y, 0.5))


def logcosh(x: Array) -> Array:
    """log(cosh(x)), without overflow for large x and accurate near 0."""
    size = np.abs(x)
    near = 0.5 * np.log1p(np.square(np.sinh(np.minimum(size, 1))))
    far = size + np.log1p(np.exp(-2 * size)) - 0.6931471805599453
    return np.where(size < 1, near, far)


def root_less(x: Array, y: Array) -> Array:
    """sqrt(y**2 + x**2) - y, without cancellation for y > 0."""
    root = np.hypot(x, y)
    return np.where((y > 0) & np.isfinite(root), x / np.where(root == 0, 1, y + root) * x, root - y)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), accurate in both tails."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


def logit(p: Array) -> Array:
    """log(p / (1 - p)), accurate near 0, 1/2 and 1."""
    near_half = np.abs(p - 0.5) < 0.25
    middle = np.log1p((2 * p - 1) / np.where(near_half, 1 - p, 1))
    return np.where(near_half, middle, np.log(p) - np.log1p(-p))


def expm1_ratio(n: int, x: Array) -> Array:
    """The n-th derivative of (exp(x) - 1) / x, by a series near 0."""
    near = np.abs(x) < n + 2
    small, far = np.where(near, x, 0), np.where(near, 1, x)
    term, series = np.ones_like(small), np.zeros_like(small)
    for k in range(40 + 8 * n):
        series = series + term / (n + k + 1)
        term = term * small / (k + 1)
    value = np.expm1(far) / far
    for k in range(1, n + 1):
        value = (np.exp(far) - k * value) / far
    return np.where(near, series, value)


def expm1_share(n: int, x: Array) -> Array:
    """The n-th derivative of x / (exp(x) - 1), by a series near 0; n is 0, 1 or 2."""
    even = (12, -720, 30240, -1209600, 47900160, -1892437580.3183792, 74724249600, -2950130727918.1643)
    series = [1, -0.5, *(c for d in even for c in (1 / d, 0))]
    for _ in range(n):
        series = [k * c for k, c in enumerate(series)][1:]
    near = np.abs(x) < 0.7
    small, size = np.where(near, x, 0), np.where(near, 1, np.minimum(np.abs(x), 1e4))
    value, share = np.zeros_like(small), size / np.expm1(size)
    for c in reversed(series):
        value = value * small + c
    slope = share / size * (1 - size - share)
    far = (share - np.minimum(x, 0), np.where(x > 0, slope, -1 - slope))
    return np.where(near, value, far[n] if n < 2 else -(slope * (size + 2 * share) + share) / size)


def log1mexp(x: Array) -> Array:
    """log(1 - exp(-x)) for x > 0, switched at log 2."""
    return np.where(x < 0.6931471805599453, np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))


def xlogy(x: Array, y: Array) -> Array:
    """x * log(y), and 0 where x is 0 unless y is negative or NaN."""
    return x * np.log(np.where((x == 0) & (y >= 0), 1, y))


def xlog1py(x: Array, y: Array) -> Array:
    """x * log(1 + y), and 0 where x is 0 unless 1 + y is negative or NaN."""
    return x * np.log1p(np.where((x == 0) & (y >= -1), 0, y))


def masked_log(x: Array, y: Array) -> Array:
    """log(y), and 0 where x and y are 0."""
    return np.log(np.where((x == 0) & (y == 0), 1, y))


def masked_log1p(x: Array, y: Array) -> Array:
    """log(1 + y), and 0 where x and 1 + y are 0."""
    return np.log1p(np.where((x == 0) & (y == -1), 0, y))


def relative_entropy(x: Array, y: Array) -> Array:
    """x * log(x / y), and 0 where x is 0 unless y is negative or NaN."""
    nothing = (x == 0) & (y >= 0)
    share = np.where(nothing, 1, x) / np.where(nothing, 1, y)
    beyond = (share == 0) | np.isinf(share)
    return x * np.where(beyond, np.log(x) - np.log(y), np.log(share))


def weighted(x: Array, y: Array) -> Array:
    """x * y, and 0 where x is 0 and y infinite."""
    return x * np.where((x == 0) & np.isinf(y), 0, y)


def softplus_minus(x: Array, y: Array) -> Array:
    """log(1 + exp(x)) - y * x, without cancellation for y in [0, 1]; 0 where y is sure and right."""
    size, share = np.abs(x), np.where(x > 0, 1 - y, y)
    return np.log1p(np.exp(-size)) + weighted(share, size)


def sigmoid_minus(x: Array, y: Array) -> Array:
    """sigmoid(x) - y, without cancellation for y in [0, 1]."""
    e = np.exp(-np.abs(x))
    return np.where(x > 0, (1 - y) - y * e, (1 - y) * e - y) / (1 + e)


def softmax_minus(x: Array, y: Array, axis: Any) -> Array:
    """softmax(x) - y, without cancellation where the largest entry is nearly 1."""
    top = np.argmax(x, axis=axis, keepdims=True)
    e = np.exp(x - np.take_along_axis(x, top, axis))
    one = np.take_along_axis(e, top, axis)
    np.put_along_axis(e, top, 0, axis)
    rest = e.sum(axis=axis, keepdims=True)
    z = e / (one + rest) - y
    y_top = np.take_along_axis(y, top, axis)
    np.put_along_axis(z, top, ((1 - y_top) * one - y_top * rest) / (one + rest), axis)
    return z


def centred_by(p: Array, y: Array, axis: Any) -> Array:
    """y - sum(p * y) for p that add up to 1, without cancellation where one of them is nearly 1."""
    y = y - np.take_along_axis(y, np.argmax(np.abs(p), axis=axis, keepdims=True), axis)
    return y - np.sum(p * y, axis=axis, keepdims=True)


def softmax_total_minus(x: Array, y: Array, axis: Any) -> Array:
    """softmax(x) * sum(y) - y, accurate where one entry dominates."""
    top = np.argmax(x, axis=axis, keepdims=True)
    e = np.exp(x - np.take_along_axis(x, top, axis))
    one, y_top = (np.take_along_axis(a, top, axis) for a in (e, y))
    np.put_along_axis(e, top, 0, axis)
    rest = e.sum(axis=axis, keepdims=True)
    others = y.sum(axis=axis, keepdims=True) - y_top
    z = e / (one + rest) * (others + y_top) - y
    np.put_along_axis(z, top, (one * others - rest * y_top) / (one + rest), axis)
    return z


def ratio(x: Array, y: Array) -> Array:
    """x / y, and 0 where x is 0 unless y is NaN."""
    return x / np.where((x == 0) & ~np.isnan(y), 1, y)


def divide_or_zero(x: Array, y: Array) -> Array:
    """x / y, and 0 where y is 0 unless x is NaN."""
    return np.where((y == 0) & ~np.isnan(x), 0, x / np.where(y == 0, 1, y))


def erf(x: Array) -> Array:
    """The error function, element by element."""
    x = np.asarray(x)
    return np.vectorize(math.erf, otypes=[float])(x).astype(x.dtype)


def erfc(x: Array) -> Array:
    """The complementary error function, element by element."""
    x = np.asarray(x)
    return np.vectorize(math.erfc, otypes=[float])(x).astype(x.dtype)


def erfcx(x: Array) -> Array:
    """exp(x**2) * erfc(x), by an asymptotic series for large x."""
    size = np.maximum(x, 10)
    t, term, total = 0.5 / np.square(size), np.ones_like(size), np.ones_like(size)
    for k in range(1, 24, 2):
        term = -term * k * t
        total = total + term
    small = np.minimum(x, 10)
    return np.where(x < 10, np.exp(np.square(small)) * erfc(small), total / size * 0.5641895835477563)


def log_erfc(x: Array) -> Array:
    """log(erfc(x)), accurate near 0 and for large x."""
    near = np.log1p(-erf(np.clip(x, -1, 0.5)))
    middle = np.log(erfc(np.clip(x, None, 10)))
    far = np.log(erfcx(np.maximum(x, 10))) - np.square(x)
    return np.where(x < 10, np.where(np.abs(x) < 0.5, near, middle), far)


def gammaln(x: Array) -> Array:
    """log |Gamma(x)|, element by element; infinite at 0, -1, -2, ... and above 2.55e305."""
    x = np.asarray(x)
    pole = ((x <= 0) & (x == np.floor(x))) | (x > 2.55e305)
    value = np.vectorize(math.lgamma, otypes=[float])(np.where(pole, 1, x))
    return np.where(pole, np.inf, value).astype(x.dtype)


def polygamma(n: int, x: Array) -> Array:
    """The n-th derivative of digamma, by recurrence and an asymptotic series; NaN for n > 0 and x < 0."""
    x = np.asarray(x)
    y = np.where(x < 0.5, 1 - x, x).astype(float) if n == 0 else x.astype(float)
    sign, total = (-1.0) ** (n + 1), np.zeros_like(y)
    for _ in range(20 + n):
        total = total + math.factorial(n) / y ** (n + 1)
        y = y + 1
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
    series = -np.log(y) if n == 0 else math.factorial(n - 1) / y**n
    series = series + math.factorial(n) / (2 * y ** (n + 1))
    for k, b in enumerate(bernoulli, 1):
        series = series + b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) / y ** (2 * k + n)
    value = sign * (total + series)
    if n == 0:
        value = np.where(x < 0.5, value - np.pi / np.tan(np.pi * x), value)
    else:
        value = np.where(x < 0, np.nan, value)
    return value.astype(x.dtype)


def logsumexp(x: Array, axis: Any, keepdims: bool = False) -> Array:
    """log(sum(exp(x))), accurate where one entry dominates."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0)
    e = np.where(x == top, 0, np.exp(x - shift))
    ties = np.count_nonzero(x == top, axis=axis, keepdims=True)
    rest = e.sum(axis=axis, keepdims=True) + (ties - 1).astype(x.dtype)
    value = np.where(np.isfinite(top), top + np.log1p(rest), top)
    return value if keepdims else value.squeeze(axis)


def log_softmax(x: Array, axis: Any) -> Array:
    """x - logsumexp(x), accurate where one entry dominates."""
    shifted = x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    e = np.where(shifted == 0, 0, np.exp(shifted))
    ties = np.count_nonzero(shifted == 0, axis=axis, keepdims=True)
    rest = e.sum(axis=axis, keepdims=True) + (ties - 1).astype(x.dtype)
    return shifted - np.log1p(rest)


def softmax(x: Array, axis: Any) -> Array:
    """exp(x) / sum(exp(x)), without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=axis, keepdims=True)


def weighted_logsumexp(x: Array, w: Array, axis: Any, keepdims: bool = False) -> Array:
    """log(sum(w * exp(x))), accurate where one entry dominates."""
    size = np.where(w == 0, -np.inf, x) + np.log(np.abs(np.where(w == 0, 1, w)))
    top = np.max(size, axis=axis, keepdims=True, initial=-np.inf)
    e = np.sign(w) * np.exp(size - np.where(np.isfinite(top), top, 0))
    lead = size == top
    plus = np.count_nonzero(lead & (w > 0), axis=axis, keepdims=True).astype(x.dtype)
    minus = np.count_nonzero(lead & (w < 0), axis=axis, keepdims=True).astype(x.dtype)
    rest = np.sum(np.where(lead, 0, e), axis=axis, keepdims=True) + (plus - minus - 1)
    value = np.where(np.isfinite(top), top + np.log1p(rest), top)
    return value if keepdims else value.squeeze(axis)


def weighted_softmax(x: Array, w: Array, axis: Any) -> Array:
    """w * exp(x) / sum(w * exp(x)), without overflow."""
    shifted = np.where(w == 0, -np.inf, x) - weighted_logsumexp(x, w, axis, True)
    return w * np.exp(shifted)


def norm(x: Array, axis: Any, keepdims: bool = False) -> Array:
    """The Euclidean norm, scaled so that it neither overflows nor underflows."""
    top = np.max(np.abs(x), axis=axis, keepdims=True, initial=0)
    scale = np.where((top > 0) & np.isfinite(top), top, 1)
    value = scale * np.sqrt(np.square(x / scale).sum(axis=axis, keepdims=True))
    return value if keepdims else value.squeeze(axis)


def centred(x: Array, axis: Any) -> Array:
    """The entries less their mean; exactly 0 where they are equal."""
    x = x - np.min(x, axis=axis, keepdims=True, initial=np.inf)
    return x - np.sum(x, axis=axis, keepdims=True) / math.prod(x.shape[a] for a in np.atleast_1d(axis))


def variance(x: Array, axis: Any, ddof: int = 0, keepdims: bool = False) -> Array:
    """The variance in two passes."""
    count = math.prod(x.shape[a] for a in np.atleast_1d(axis))
    return np.sum(np.square(centred(x, axis)), axis=axis, keepdims=keepdims) / max(count - ddof, 0)


def deviation(x: Array, axis: Any, ddof: int = 0, keepdims: bool = False) -> Array:
    """The standard deviation, scaled so that no square overflows or underflows."""
    count = math.prod(x.shape[a] for a in np.atleast_1d(axis))
    return norm(centred(x, axis), axis, keepdims) / np.sqrt(max(count - ddof, 0)).astype(x.dtype)


def log_prod(x: Array, axis: Any, keepdims: bool = False) -> Array:
    """log(prod(x)), by the sum of logarithms where some partial product could overflow or underflow."""
    logs = np.log(np.where(x == 0, 1, np.abs(x)))
    safe = np.abs(logs).sum(axis=axis, keepdims=keepdims) < -0.9 * np.log(np.finfo(x.dtype).tiny)
    sign = np.prod(np.sign(x), axis=axis, keepdims=keepdims)
    apart = np.log(sign) + logs.sum(axis=axis, keepdims=keepdims)
    return np.where(safe, np.log(np.prod(x, axis=axis, keepdims=keepdims)), apart)


def prod_others(x: Array, axis: int) -> Array:
    """For each entry the product of all others along the axis, zeros included."""
    x = np.moveaxis(x, axis, -1)
    ones = np.ones_like(x[..., :1])
    before = np.cumprod(np.concatenate([ones, x[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, x[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return np.moveaxis(before * after, -1, axis)


def cholesky(x: Array) -> Array:
    """The lower triangular L with L @ L.T equal to the symmetric part of x."""
    return np.linalg.cholesky(x / 2 + np.swapaxes(x, -1, -2) / 2)


def scatter(shape: Any, index: Any, values: Array) -> Array:
    """Zeros with values added at an index; repeated indices add up."""
    out = np.zeros(shape, dtype=values.dtype)
    np.add.at(out, index, values)
    return out


def check_labels(labels: Array, n_classes: int) -> Array:
    """The labels, if all lie in [0, n_classes)."""
    labels = np.asarray(labels)
    bad = (labels < 0) | (labels >= n_classes)
    if np.any(bad):
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise IndexError(f"label {labels[where]} at index {where} outside [0, {n_classes})")
    return labels


def one_hot(labels: Array, n_classes: int, dtype: Any) -> Array:
    """1 at each label, else 0."""
    return (check_labels(labels, n_classes)[..., None] == np.arange(n_classes)).astype(dtype)


def pick(x: Array, labels: Array) -> Array:
    """The entry of each row that its label names."""
    labels = check_labels(labels, x.shape[-1])
    return np.take_along_axis(x, labels[..., None].astype(np.intp), axis=-1)[..., 0]


def put_along_axis(values: Array, index: Array, axis: int, size: int) -> Array:
    """Zeros with values added along an axis; repeated indices add up."""
    values, index = np.moveaxis(values, axis, -1), np.moveaxis(index, axis, -1)
    out = np.zeros((*values.shape[:-1], size), dtype=values.dtype)
    rest = np.indices(values.shape, sparse=True)[:-1]
    np.add.at(out, (*rest, np.broadcast_to(index, values.shape)), values)
    return np.moveaxis(out, -1, axis)


def take_back_along_axis(x: Array, index: Array, axis: int) -> Array:
    """Entries along an axis, the index repeated over extra leading axes of x."""
    index = np.broadcast_to(index, x.shape[: x.ndim - index.ndim] + index.shape)
    return np.take_along_axis(x, index, axis)


def delay(x: Array, axis: int, first: float) -> Array:
    """The entries moved up by one place along an axis, behind a first one."""
    z = np.roll(x, 1, axis)
    np.moveaxis(z, axis, 0)[:1] = first
    return z


def recurrence(u: Array, a: Array, axis: int, backward: bool = False) -> Array:
    """h[j] = u[j] + a[j] * h[j-1] along an axis; backward, h[j] = u[j] + a[j+1] * h[j+1]."""
    h = np.array(np.broadcast_to(u, np.broadcast_shapes(u.shape, a.shape)), dtype=np.result_type(u, a))
    lines, a = np.moveaxis(h, axis, 0), np.moveaxis(np.broadcast_to(a, h.shape), axis, 0)
    for j in range(len(lines) - 1, 0, -1) if backward else range(1, len(lines)):
        if backward:
            lines[j - 1] += a[j] * lines[j]
        else:
            lines[j] += a[j] * lines[j - 1]
    return h


def share(x: Array, axis: int, rest: bool = False) -> Array:
    """The part of exp(x) in the sum of exp(x) up to it along an axis, or that of the entries before it."""
    top = np.maximum.accumulate(x, axis)
    shift = np.where(np.isfinite(top), top, 0)
    sums = recurrence(np.exp(x - shift), np.exp(delay(top, axis, -np.inf) - shift), axis)
    lead = x - delay(top, axis, -np.inf) - np.log(delay(sums, axis, 1))
    lead = np.where(x == -np.inf, x, lead)
    return sigmoid(-lead if rest else lead)


def arg_top_k(x: Array, k: int, axis: int) -> Array:
    """The positions of the k largest entries along an axis, the lowest one of a tie first."""
    ascending = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    descending = x.shape[axis] - 1 - np.flip(ascending, axis)
    return np.take(descending, np.arange(k), axis=axis)
