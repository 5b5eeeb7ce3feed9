"""Sums of exponentials along axes, and the shares in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .elementwise import weighted
from .places import check_labels

Array = Any


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
    """x - logsumexp(x), accurate where one entry dominates; 0 for a lone one."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    shifted = x - top if x.size > top.size else 0 * np.sign(x)
    ties = np.count_nonzero(shifted == 0, axis=axis, keepdims=True)
    rest = np.sum(np.where(shifted == 0, 0, np.exp(shifted)), axis=axis, keepdims=True)
    return shifted - np.log1p(rest + (ties - 1).astype(x.dtype))


def softmax(x: Array, axis: Any) -> Array:
    """exp(x) / sum(exp(x)), without overflow; 1 for a lone entry."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    e = x - top if x.size > top.size else np.sign(x)
    np.exp(e, out=e)
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


def logsumexp_minus(x: Array, w: Array, axis: Any, keepdims: bool = False) -> Array:
    """logsumexp(x) - sum(w * x), without cancellation where one entry dominates."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0)
    rest = logsumexp(x - shift, axis, True) + shift * (1 - w.sum(axis=axis, keepdims=True))
    value = rest - weighted(w, x - shift).sum(axis=axis, keepdims=True)
    return value if keepdims else value.squeeze(axis)


def exponentials(x: Array, axis: int) -> Array:
    """exp(x - max(x)) but 0 at the maximum, their sum, the maximum and its index."""
    index = np.indices(x.shape, sparse=True)
    place = x.argmax(axis=axis, keepdims=True) if x.shape[axis] else index[axis]
    at = (*index[:axis], place, *index[axis:][1:])
    top = x[at]
    e = np.exp(x - top)
    e[at] = 0 * (top if x.shape[axis] > 1 else np.sign(top))
    return e, e.sum(axis=axis, keepdims=True), top, *at


def log_total(x: Array, parts: Any = None, axis: int = -1, keepdims: bool = False) -> Array:
    """log(sum(exp(x))), accurate where one entry dominates."""
    _, rest, top, *_ = parts or exponentials(x, axis)
    value = np.where(np.isfinite(top), top + np.log1p(rest), top) if x.shape[axis] else rest - np.inf
    return value if keepdims else value.squeeze(axis)


def log_shares(x: Array, parts: Any = None, axis: int = -1) -> Array:
    """x - log(sum(exp(x))), accurate where one entry dominates."""
    _, rest, top, *_ = parts or exponentials(x, axis)
    return (x - top if x.shape[axis] > 1 else 0 * np.sign(x)) - np.log1p(rest)


def log_softmax_at(x: Array, labels: Array, parts: Any = None) -> Array:
    """log_shares(x) at the label of each row."""
    _, rest, top, *at = parts or exponentials(x, -1)
    own = x[(*at[:-1], check_labels(labels, x.shape[-1])[..., None])]
    return ((own - top if x.shape[-1] > 1 else 0 * np.sign(own)) - np.log1p(rest))[..., 0]


def shares(x: Array, parts: Any = None, axis: int = -1) -> Array:
    """exp(x) / sum(exp(x)), without overflow."""
    e, rest, _, *at = parts or exponentials(x, axis)
    top = 1 / (1 + rest)
    z = e * top
    z[tuple(at)] = top
    return z


def softmax_minus(x: Array, y: Array, parts: Any = None, axis: int = -1) -> Array:
    """softmax(x) - y, without cancellation where the largest entry is nearly 1."""
    e, rest, _, *at = parts or exponentials(x, axis)
    top, y_top = 1 / (1 + rest), y[tuple(at)]
    z = e * top - y
    z[tuple(at)] = (1 - y_top - y_top * rest) * top
    return z


def softmax_minus_one_hot(x: Array, labels: Array, parts: Any = None, weight: Array = 1) -> Array:
    """weight * (softmax(x) - onehot(labels)), without cancellation where the largest entry is nearly 1."""
    e, rest, _, *at = parts or exponentials(x, -1)
    labels = check_labels(labels, x.shape[-1])[..., None]
    own, top = (*at[:-1], labels), weight / (1 + rest)
    z = e * top
    z[tuple(at)] = top
    z[own] = (e[own] - rest - (labels != at[-1])) * top
    return z


def softmax_total_minus(x: Array, y: Array, parts: Any = None, axis: int = -1) -> Array:
    """softmax(x) * sum(y) - y, accurate where one entry dominates."""
    e, rest, _, *at = parts or exponentials(x, axis)
    total, y_top = y.sum(axis=axis, keepdims=True), y[tuple(at)]
    z = e * (total / (1 + rest)) - y
    z[tuple(at)] = (total - y_top - rest * y_top) / (1 + rest)
    return z


def centred_by(p: Array, y: Array, axis: Any) -> Array:
    """y - sum(p * y) for p that add up to 1, without cancellation where one of them is nearly 1."""
    y = y - np.take_along_axis(y, np.argmax(np.abs(p), axis=axis, keepdims=True), axis)
    return y - np.sum(p * y, axis=axis, keepdims=True)
