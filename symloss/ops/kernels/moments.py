"""Norms, variances and products along axes, and what is made of whole matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def norm(x: Array, axis: Any, keepdims: bool = False) -> Array:
    """The Euclidean norm; scaled where squares would overflow or underflow."""
    squares, real = np.square(x).sum(axis=axis, keepdims=True), np.finfo(x.dtype)
    value = np.sqrt(squares)
    if x.size and not real.tiny / real.eps < squares.min() <= squares.max() < np.inf:
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


def cofactors(x: Array) -> Array:
    """det(x) * inv(x).T, by the singular values where a matrix is singular."""
    try:
        return np.linalg.det(x)[..., None, None] * np.swapaxes(np.linalg.inv(x), -1, -2)
    except np.linalg.LinAlgError:
        u, s, v = np.linalg.svd(x)
        sign = np.linalg.det(u) * np.linalg.det(v)
        return u * (sign[..., None] * prod_others(s, -1))[..., None, :] @ v


def cholesky(x: Array) -> Array:
    """The lower triangular L with L @ L.T equal to the symmetric part of x."""
    return np.linalg.cholesky(x / 2 + np.swapaxes(x, -1, -2) / 2)
