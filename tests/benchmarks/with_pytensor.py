"""The losses in PyTensor, in its default mode."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from cases import Arrays, Case

with warnings.catch_warnings():  # that no BLAS was found for C matters in C mode only
    warnings.simplefilter("ignore")
    import pytensor
    import pytensor.tensor as pt
from pytensor.tensor.special import log_softmax, softmax

NAME = "PyTensor"
LOG_TWO_PI = float(np.log(2 * np.pi))


def mode() -> str:
    """Which backend runs, in words."""
    linker = type(pytensor.compile.mode.get_default_mode().linker).__name__
    return f"{linker}, C compiler {pytensor.config.cxx or 'absent'}"


def usable() -> bool:
    """Whether a compiler runs, of Numba or of C: without one PyTensor is not in its best form."""
    return "Numba" in mode() or bool(pytensor.config.cxx)


def total(x: Any) -> Any:
    return pt.sum(x, axis=-1)


def of_label(x: Any, y: Any) -> Any:
    return x[pt.arange(y.shape[0]), y]


def huber(p: Any, t: Any) -> Any:
    a = pt.abs(p - t)
    return pt.switch(a <= 1, 0.5 * (p - t) ** 2, a - 0.5)


def log_cosh(p: Any, t: Any) -> Any:
    a = pt.abs(p - t)
    return a + pt.softplus(-2 * a) - float(np.log(2))


def smoothed(z: Any, y: Any) -> Any:
    u = log_softmax(z, axis=-1)
    return -0.9 * of_label(u, y) - 0.1 * pt.mean(u, axis=-1)


def focal(z: Any, y: Any) -> Any:
    u = (2 * y - 1) * z
    return pt.sigmoid(-u) ** 2 * pt.softplus(-u)


def js(p: Any, t: Any) -> Any:
    m = (p + t) / 2
    return total(p * pt.log(p) + t * pt.log(t) - 2 * m * pt.log(m)) / 2


def multiclass_hinge(p: Any, t: Any) -> Any:
    others = pt.switch(pt.eq(pt.arange(p.shape[1]), t[:, None]), -np.inf, p)
    return pt.maximum(pt.max(others, axis=-1) - of_label(p, t) + 1, 0)


def dice(p: Any, t: Any) -> Any:
    return 1 - (2 * total(p * t) + 1) / (total(p) + total(t) + 1)


def tversky(p: Any, t: Any) -> Any:
    common = total(p * t) + 1
    return 1 - common / (common + 0.5 * total(p * (1 - t)) + 0.5 * total((1 - p) * t))


def cosine(p: Any, t: Any) -> Any:
    return 1 - total(p * t) / pt.sqrt(total(p**2) * total(t**2))


FORMS: dict[str, Callable[..., Any]] = {
    "squared_error": lambda p, t: (p - t) ** 2,
    "absolute_error": lambda p, t: pt.abs(p - t),
    "huber_loss": huber,
    "log_cosh": log_cosh,
    "quantile_loss": lambda p, t: pt.maximum(0.9 * (t - p), -0.1 * (t - p)),
    "poisson_nll": lambda p, t: p - t * pt.log(p),
    "poisson_nll_log": lambda z, t: pt.exp(z) - t * z,
    "gaussian_nll": lambda p, t, v: 0.5 * (LOG_TWO_PI + v + (t - p) ** 2 * pt.exp(-v)),
    "gaussian_kl": lambda m, v: 0.5 * total(pt.exp(v) + m**2 - 1 - v),
    "binary_crossentropy": lambda p, t: -t * pt.log(p) - (1 - t) * pt.log1p(-p),
    "binary_crossentropy_logits": lambda z, y: pt.softplus(z) - y * z,
    "categorical_crossentropy": lambda p, t: -total(t * pt.log(p)),
    "softmax_crossentropy, labels": lambda z, y: -of_label(log_softmax(z, axis=-1), y),
    "softmax_crossentropy, any targets": lambda z, y: -total(y * log_softmax(z, axis=-1)),
    "softmax_crossentropy, rows sum to 1": lambda z, y: -total(y * log_softmax(z, axis=-1)),
    "smoothed_softmax_crossentropy": smoothed,
    "focal_loss": focal,
    "kl_divergence": lambda p, t: total(t * (pt.log(t) - pt.log(p))),
    "js_divergence": js,
    "hinge_loss": lambda p, t: pt.maximum(1 - t * p, 0),
    "binary_hinge_loss": lambda p, t: pt.maximum(1 - (2 * t - 1) * p, 0),
    "multiclass_hinge_loss": multiclass_hinge,
    "dice_loss": dice,
    "tversky_loss": tversky,
    "cosine_distance": cosine,
    "triplet_loss": lambda a, p, n: pt.maximum(total((a - p) ** 2) - total((a - n) ** 2) + 1, 0),
    "info_nce": lambda q, k: -pt.diagonal(log_softmax(q @ k.T, axis=-1)),
    "listnet": lambda s, t: -total(softmax(t, axis=-1) * log_softmax(s, axis=-1)),
    "softmax regression": lambda w, b, x, y: -of_label(log_softmax(x @ w + b, axis=-1), y),
}
COMPILED: dict[tuple[str, str], Callable[..., Any]] = {}


def contestant(case: Case, arrays: Arrays) -> Callable[[], Any]:
    """Value and gradients of the mean; one function serves all sizes."""
    key = case.name, str(arrays[0].dtype)
    if key not in COMPILED:
        COMPILED[key] = compiled(case, arrays)
    call = COMPILED[key]
    return lambda: call(*arrays)


def compiled(case: Case, arrays: Arrays) -> Callable[..., Any]:
    """Compiled and called once; `floatX` keeps the numbers of a formula from widening float32."""
    dtype = str(arrays[0].dtype)
    with pytensor.config.change_flags(floatX=dtype):
        symbols = [pt.tensor(dtype=str(a.dtype), shape=(None,) * a.ndim) for a in arrays]
        loss = pt.mean(FORMS[case.name](*symbols))
        call: Callable[..., Any] = pytensor.function(symbols, [loss, *pt.grad(loss, symbols[: case.wrt])])
    call(*arrays)
    return call
