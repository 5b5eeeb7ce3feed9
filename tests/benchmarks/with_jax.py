"""The losses in JAX: compiled with `jit`, in both precisions, on arrays that are on the device already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from cases import Arrays, Case
from jax.nn import log_softmax, one_hot, relu, sigmoid, softmax, softplus

jax.config.update("jax_enable_x64", True)

NAME = "JAX"
LOG_TWO_PI = float(np.log(2 * np.pi))


def total(x: Any) -> Any:
    return jnp.sum(x, axis=-1)


def of_label(x: Any, y: Any) -> Any:
    return jnp.take_along_axis(x, y[:, None], axis=-1)[:, 0]


def huber(p: Any, t: Any) -> Any:
    a = jnp.abs(p - t)
    return jnp.where(a <= 1, 0.5 * (p - t) ** 2, a - 0.5)


def smoothed(z: Any, y: Any) -> Any:
    u = log_softmax(z)
    return -0.9 * of_label(u, y) - 0.1 * jnp.mean(u, axis=-1)


def focal(z: Any, y: Any) -> Any:
    u = (2 * y - 1) * z
    return sigmoid(-u) ** 2 * softplus(-u)


def js(p: Any, t: Any) -> Any:
    m = (p + t) / 2
    return total(p * jnp.log(p) + t * jnp.log(t) - 2 * m * jnp.log(m)) / 2


def multiclass_hinge(p: Any, t: Any) -> Any:
    others = jnp.where(one_hot(t, p.shape[1], dtype=bool), -jnp.inf, p)
    return relu(jnp.max(others, axis=-1) - of_label(p, t) + 1)


def dice(p: Any, t: Any) -> Any:
    return 1 - (2 * total(p * t) + 1) / (total(p) + total(t) + 1)


def tversky(p: Any, t: Any) -> Any:
    common = total(p * t) + 1
    return 1 - common / (common + 0.5 * total(p * (1 - t)) + 0.5 * total((1 - p) * t))


def cosine(p: Any, t: Any) -> Any:
    return 1 - total(p * t) / (jnp.linalg.norm(p, axis=-1) * jnp.linalg.norm(t, axis=-1))


FORMS: dict[str, Callable[..., Any]] = {
    "squared_error": lambda p, t: (p - t) ** 2,
    "absolute_error": lambda p, t: jnp.abs(p - t),
    "huber_loss": huber,
    "log_cosh": lambda p, t: jnp.logaddexp(p - t, t - p) - jnp.log(2).astype(p.dtype),
    "quantile_loss": lambda p, t: jnp.maximum(0.9 * (t - p), -0.1 * (t - p)),
    "poisson_nll": lambda p, t: p - t * jnp.log(p),
    "poisson_nll_log": lambda z, t: jnp.exp(z) - t * z,
    "gaussian_nll": lambda p, t, v: 0.5 * (LOG_TWO_PI + v + (t - p) ** 2 * jnp.exp(-v)),
    "gaussian_kl": lambda m, v: 0.5 * total(jnp.exp(v) + m**2 - 1 - v),
    "binary_crossentropy": lambda p, t: -t * jnp.log(p) - (1 - t) * jnp.log1p(-p),
    "binary_crossentropy_logits": lambda z, y: softplus(z) - y * z,
    "categorical_crossentropy": lambda p, t: -total(t * jnp.log(p)),
    "softmax_crossentropy, labels": lambda z, y: -of_label(log_softmax(z), y),
    "softmax_crossentropy, any targets": lambda z, y: -total(y * log_softmax(z)),
    "softmax_crossentropy, rows sum to 1": lambda z, y: -total(y * log_softmax(z)),
    "smoothed_softmax_crossentropy": smoothed,
    "focal_loss": focal,
    "kl_divergence": lambda p, t: total(t * (jnp.log(t) - jnp.log(p))),
    "js_divergence": js,
    "hinge_loss": lambda p, t: relu(1 - t * p),
    "binary_hinge_loss": lambda p, t: relu(1 - (2 * t - 1) * p),
    "multiclass_hinge_loss": multiclass_hinge,
    "dice_loss": dice,
    "tversky_loss": tversky,
    "cosine_distance": cosine,
    "triplet_loss": lambda a, p, n: relu(total((a - p) ** 2) - total((a - n) ** 2) + 1),
    "info_nce": lambda q, k: -jnp.diagonal(log_softmax(q @ k.T)),
    "listnet": lambda s, t: -total(softmax(t) * log_softmax(s)),
    "softmax regression": lambda w, b, x, y: -of_label(log_softmax(x @ w + b), y),
}


def contestant(case: Case, arrays: Arrays) -> Callable[[], Any]:
    """Value and gradients of the mean."""
    form = FORMS[case.name]
    both = jax.value_and_grad(lambda *a: jnp.mean(form(*a)), argnums=tuple(range(case.wrt)))
    call = jax.jit(lambda *a: [(found := both(*a))[0], *found[1]])
    there = jax.device_put(arrays)
    return lambda: jax.block_until_ready(call(*there))
