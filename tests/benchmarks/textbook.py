"""Value and gradients of each loss in NumPy, stable, as a careful person writes them by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray
LOG_TWO_PI, LOG_TWO = float(np.log(2 * np.pi)), float(np.log(2))


def squared_error(p: Array, t: Array) -> Any:
    d = p - t
    return np.mean(d * d), d * (2 / d.size)


def absolute_error(p: Array, t: Array) -> Any:
    d = p - t
    return np.mean(np.abs(d)), np.sign(d) / d.size


def huber(p: Array, t: Array) -> Any:
    d = p - t
    a = np.abs(d)
    return np.mean(np.where(a <= 1, 0.5 * d * d, a - 0.5)), np.where(a <= 1, d, np.sign(d)) / d.size


def log_cosh(p: Array, t: Array) -> Any:
    d = p - t
    a = np.abs(d)
    return np.mean(a + np.log1p(np.exp(-2 * a))) - LOG_TWO, np.tanh(d) / d.size


def quantile(p: Array, t: Array) -> Any:
    d = t - p
    return np.mean(np.maximum(0.9 * d, -0.1 * d)), np.where(d > 0, -0.9, 0.1).astype(p.dtype) / d.size


def poisson(p: Array, t: Array) -> Any:
    return np.mean(p - t * np.log(p)), (1 - t / p) / p.size


def poisson_log(z: Array, t: Array) -> Any:
    e = np.exp(z)
    return np.mean(e - t * z), (e - t) / z.size


def gaussian(p: Array, t: Array, v: Array) -> Any:
    d, precision = p - t, np.exp(-v)
    slope = d * precision
    return 0.5 * (LOG_TWO_PI + np.mean(v + slope * d)), slope / d.size


def gaussian_kl(m: Array, v: Array) -> Any:
    e = np.exp(v)
    value = 0.5 * np.mean(np.sum(e + m * m - 1 - v, axis=1))
    return value, m / len(m), (e - 1) * (0.5 / len(m))


def binary(p: Array, t: Array) -> Any:
    value = -np.mean(t * np.log(p) + (1 - t) * np.log1p(-p))
    return value, (p - t) / (p * (1 - p)) / p.size


def sigmoid_and_softplus(z: Array) -> tuple[Array, Array]:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e), np.maximum(z, 0) + np.log1p(e)


def binary_logits(z: Array, y: Array) -> Any:
    s, softplus = sigmoid_and_softplus(z)
    return np.mean(softplus - y * z), (s - y) / z.size


def categorical(p: Array, t: Array) -> Any:
    return -np.sum(t * np.log(p)) / len(p), -t / p / len(p)


def softmax_and_log(z: Array) -> tuple[Array, Array]:
    shifted = z - z.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=1, keepdims=True)
    return e / total, shifted - np.log(total)


def softmax_labels(z: Array, y: Array) -> Any:
    shifted = z - z.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    total = p.sum(axis=1, keepdims=True)
    rows = np.arange(len(z))
    value = np.mean(np.log(total[:, 0]) - shifted[rows, y])
    p /= total
    p[rows, y] -= 1
    p /= len(z)
    return value, p


def softmax_soft(z: Array, y: Array) -> Any:
    p, log_p = softmax_and_log(z)
    return -np.sum(y * log_p) / len(z), (p * y.sum(axis=1, keepdims=True) - y) / len(z)


def softmax_rows(z: Array, y: Array) -> Any:
    p, log_p = softmax_and_log(z)
    return -np.sum(y * log_p) / len(z), (p - y) / len(z)


def smoothed(z: Array, y: Array) -> Any:
    p, log_p = softmax_and_log(z)
    rows = np.arange(len(z))
    value = -0.9 * np.mean(log_p[rows, y]) - 0.1 * np.mean(log_p)
    p -= 0.1 / z.shape[1]
    p[rows, y] -= 0.9
    p /= len(z)
    return value, p


def focal(z: Array, y: Array) -> Any:
    sign = 2 * y - 1
    u = sign * z
    q, cost = sigmoid_and_softplus(-u)
    square = q * q
    return np.mean(square * cost), -sign * square * (2 * (1 - q) * cost + q) / z.size


def kl(p: Array, t: Array) -> Any:
    return np.sum(t * (np.log(t) - np.log(p))) / len(p), -t / p / len(p)


def js(p: Array, t: Array) -> Any:
    m = (p + t) / 2
    log_p, log_m = np.log(p), np.log(m)
    value = 0.5 * np.sum(p * log_p + t * np.log(t) - 2 * m * log_m) / len(p)
    return value, (log_p - log_m) * (0.5 / len(p))


def hinge(p: Array, t: Array) -> Any:
    margin = 1 - t * p
    return np.mean(np.maximum(margin, 0)), -t * (margin > 0) / p.size


def binary_hinge(p: Array, t: Array) -> Any:
    return hinge(p, 2 * t - 1)


def multiclass_hinge(p: Array, t: Array) -> Any:
    rows = np.arange(len(p))
    others = p.copy()
    others[rows, t] = -np.inf
    rival = others.argmax(axis=1)
    margin = p[rows, rival] - p[rows, t] + 1
    slope = np.zeros_like(p)
    slope[rows, rival] = (margin > 0) / len(p)
    slope[rows, t] = -slope[rows, rival]
    return np.mean(np.maximum(margin, 0)), slope


def dice(p: Array, t: Array) -> Any:
    common = 2 * np.sum(p * t, axis=1, keepdims=True) + 1
    total = p.sum(axis=1, keepdims=True) + t.sum(axis=1, keepdims=True) + 1
    share = common / total
    return 1 - np.mean(share), (share - 2 * t) / (total * len(p))


def tversky(p: Array, t: Array) -> Any:
    inside = np.sum(p * t, axis=1, keepdims=True)
    common = inside + 1
    wrong, missed = p.sum(axis=1, keepdims=True) - inside, t.sum(axis=1, keepdims=True) - inside
    total = common + 0.5 * wrong + 0.5 * missed
    share = common / total
    return 1 - np.mean(share), (0.5 * share - t) / (total * len(p))


def cosine(p: Array, t: Array) -> Any:
    length = np.linalg.norm(p, axis=1, keepdims=True)
    u, v = p / length, t / np.linalg.norm(t, axis=1, keepdims=True)
    c = np.sum(u * v, axis=1, keepdims=True)
    return 1 - np.mean(c), (c * u - v) / (length * len(p))


def triplet(a: Array, p: Array, n: Array) -> Any:
    near, far = a - p, a - n
    cost = np.sum(near * near, axis=1) - np.sum(far * far, axis=1) + 1
    return np.mean(np.maximum(cost, 0)), (n - p) * ((cost > 0) * (2 / len(a))).astype(a.dtype)[:, None]


def info_nce(q: Array, k: Array) -> Any:
    value, slope = softmax_labels(q @ k.T, np.arange(len(q)))
    return value, slope @ k


def listnet(s: Array, t: Array) -> Any:
    return softmax_rows(s, softmax_and_log(t)[0])


def softmax_regression(w: Array, b: Array, x: Array, y: Array) -> Any:
    value, slope = softmax_labels(x @ w + b, y)
    return value, x.T @ slope, slope.sum(axis=0)


FORMS: dict[str, Callable[..., Any]] = {
    "squared_error": squared_error,
    "absolute_error": absolute_error,
    "huber_loss": huber,
    "log_cosh": log_cosh,
    "quantile_loss": quantile,
    "poisson_nll": poisson,
    "poisson_nll_log": poisson_log,
    "gaussian_nll": gaussian,
    "gaussian_kl": gaussian_kl,
    "binary_crossentropy": binary,
    "binary_crossentropy_logits": binary_logits,
    "categorical_crossentropy": categorical,
    "softmax_crossentropy, labels": softmax_labels,
    "softmax_crossentropy, any targets": softmax_soft,
    "softmax_crossentropy, rows sum to 1": softmax_rows,
    "smoothed_softmax_crossentropy": smoothed,
    "focal_loss": focal,
    "kl_divergence": kl,
    "js_divergence": js,
    "hinge_loss": hinge,
    "binary_hinge_loss": binary_hinge,
    "multiclass_hinge_loss": multiclass_hinge,
    "dice_loss": dice,
    "tversky_loss": tversky,
    "cosine_distance": cosine,
    "triplet_loss": triplet,
    "info_nce": info_nce,
    "listnet": listnet,
    "softmax regression": softmax_regression,
}
