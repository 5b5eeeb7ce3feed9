"""Labels, picking and scattering, and what goes from one place to the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from .elementwise import sigmoid

Array = Any


def scatter(shape: Any, index: Any, values: Array) -> Array:
    """Zeros with values added at an index; repeated indices add up."""
    out = np.zeros(shape, dtype=values.dtype)
    np.add.at(out, index, values)
    return out


def check_labels(labels: Array, n_classes: int) -> Array:
    """The labels, if all lie in [0, n_classes)."""
    labels = np.asarray(labels)
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        where = tuple(int(i) for i in np.argwhere((labels < 0) | (labels >= n_classes))[0])
        raise IndexError(f"label {labels[where]} at index {where} outside [0, {n_classes})")
    return labels.astype(np.intp)


def one_hot(labels: Array, n_classes: int, dtype: Any) -> Array:
    """1 at each label, else 0."""
    labels = check_labels(labels, n_classes)
    z = np.zeros((*labels.shape, n_classes), dtype)
    z[(*np.indices(labels.shape, sparse=True), labels)] = 1
    return z


def on_diagonal(x: Array, first: int, second: int) -> Array:
    """Zeros with x where the axis `first` and a new axis `second` have the same index."""
    n = x.shape[first]
    z = np.zeros((*x.shape[:second], n, *x.shape[second:]), x.dtype)
    np.moveaxis(z, (first, second), (0, 1))[range(n), range(n)] = np.moveaxis(x, first, 0)
    return z


def pick(x: Array, labels: Array) -> Array:
    """The entry of each row that its label names."""
    labels = check_labels(labels, x.shape[-1])
    return x[(*np.indices(labels.shape, sparse=True), labels)]


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
