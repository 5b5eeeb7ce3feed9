"""The margin by which the labelled entry of a row exceeds all others, and its slope."""

from __future__ import annotations

from typing import Any

import numpy as np

from .places import check_labels

Array = Any


def rivals(x: Array, labels: Array) -> Array:
    """The entries with -inf at the labels, the places of the largest, and the index of the labels."""
    own = (*np.indices(x.shape, sparse=True)[:-1], check_labels(labels, x.shape[-1])[..., None])
    others = x.copy()
    others[own] = -np.inf
    return others, others.argmax(axis=-1, keepdims=True), *own


def margin(x: Array, labels: Array, parts: Any = None) -> Array:
    """The entry of each row that its label names, less the largest of the others."""
    others, best, *own = parts or rivals(x, labels)
    return (x[tuple(own)] - others[(*own[:-1], best)])[..., 0]


def margin_slope(x: Array, labels: Array, parts: Any = None, weight: Array = 1) -> Array:
    """weight at each label, -weight at the largest of the others, shared by equal ones, and 0 elsewhere."""
    others, best, *own = parts or rivals(x, labels)
    at = (*own[:-1], best)
    lead = others == others[at]
    if np.count_nonzero(lead) == np.count_nonzero(lead[at]) == best.size:
        z = np.empty_like(x)
        z[...] = 0 * weight
        z[at] = -weight
    else:
        lead[tuple(own)] = False
        z = lead * (-weight / lead.sum(axis=-1, keepdims=True).astype(x.dtype))
    z[tuple(own)] = weight
    return z
