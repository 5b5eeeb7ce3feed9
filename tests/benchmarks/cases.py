"""The losses of workload W1: what they are called with, and how symloss writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import symloss as sl
from symloss import losses

SIZES = [(256, 10), (4096, 100), (4096, 1000)]
LARGE = SIZES[-1]
Arrays = list[np.ndarray]


@dataclass(frozen=True)
class Case:
    """A loss, the kind of its inputs, and how many of the first ones it is differentiated in."""

    name: str
    kind: str
    loss: Callable[..., sl.Expr]
    wrt: int = 1
    sizes: tuple[tuple[int, int], ...] = tuple(SIZES)
    facts: Callable[..., list[sl.Expr]] = lambda *inputs: []


# Inputs: a function of random numbers and a size for each kind ------------------------------------
def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def real(rng: Any, n: int, c: int) -> Arrays:
    return [rng.standard_normal((n, c)), rng.standard_normal((n, c))]


def uncertain(rng: Any, n: int, c: int) -> Arrays:
    return [*real(rng, n, c), rng.standard_normal((n, c))]


def rates(rng: Any, n: int, c: int) -> Arrays:
    return [np.exp(rng.standard_normal((n, c))), rng.poisson(1.5, (n, c)).astype(float)]


def log_rates(rng: Any, n: int, c: int) -> Arrays:
    return [rng.standard_normal((n, c)), rng.poisson(1.5, (n, c)).astype(float)]


def chances(rng: Any, n: int, c: int) -> Arrays:
    return [rng.uniform(0.01, 0.99, (n, c)), rng.integers(0, 2, (n, c)).astype(float)]


def logits(rng: Any, n: int, c: int) -> Arrays:
    return [3 * rng.standard_normal((n, c)), rng.integers(0, 2, (n, c)).astype(float)]


def signs(rng: Any, n: int, c: int) -> Arrays:
    return [rng.standard_normal((n, c)), 2.0 * rng.integers(0, 2, (n, c)) - 1]


def distributions(rng: Any, n: int, c: int) -> Arrays:
    return [softmax(rng.standard_normal((n, c))), softmax(rng.standard_normal((n, c)))]


def soft(rng: Any, n: int, c: int) -> Arrays:
    return [3 * rng.standard_normal((n, c)), softmax(rng.standard_normal((n, c)))]


def labels(rng: Any, n: int, c: int) -> Arrays:
    return [3 * rng.standard_normal((n, c)), rng.integers(0, c, n)]


def triplets(rng: Any, n: int, c: int) -> Arrays:
    return [rng.standard_normal((n, c)) for _ in range(3)]


def keys(rng: Any, n: int, c: int) -> Arrays:
    return [rng.standard_normal((n, c)) / c**0.25 for _ in range(2)]


def regression(rng: Any, n: int, d: int) -> Arrays:
    """Weights and biases of ten classes, then features and labels."""
    weights, biases = 0.1 * rng.standard_normal((d, 10)), 0.1 * rng.standard_normal(10)
    return [weights, biases, rng.standard_normal((n, d)), rng.integers(0, 10, n)]


NUMBERS = [real, uncertain, rates, log_rates, chances, logits, signs, distributions, soft, triplets, keys]
KINDS = {kind.__name__: kind for kind in (*NUMBERS, labels, regression)}
DIMS = {"regression": ["D C", "C", "N D", "N"], "labels": ["N C", "N"], "keys": ["N D", "N D"]}


def inputs(kind: str, size: tuple[int, int], dtype: str) -> Arrays:
    """The same numbers each time; labels stay integers."""
    made = KINDS[kind](np.random.default_rng(0), *size)
    return [a.astype(dtype) if a.dtype.kind == "f" else a for a in made]


def declared(kind: str, arrays: Arrays) -> list[sl.Expr]:
    """The inputs as symbols."""
    dims = DIMS.get(kind, ["N C"] * len(arrays))
    return [sl.tensor(name, d, dtype=str(a.dtype)) for name, d, a in zip("pqrs", dims, arrays, strict=False)]


# Losses, in the order of the catalogue ------------------------------------------------------------
def rows_sum_to_one(z: sl.Expr, y: sl.Expr) -> list[sl.Expr]:
    return [sl.eq(sl.sum(y, axis="C"), 1)]


def softmax_regression(w: sl.Expr, b: sl.Expr, x: sl.Expr, y: sl.Expr) -> sl.Expr:
    return losses.softmax_crossentropy(x @ w + b, y)


CASES = [
    Case("squared_error", "real", losses.squared_error),
    Case("absolute_error", "real", losses.absolute_error),
    Case("huber_loss", "real", losses.huber_loss),
    Case("log_cosh", "real", losses.log_cosh),
    Case("quantile_loss", "real", lambda p, t: losses.quantile_loss(p, t, 0.9)),
    Case("poisson_nll", "rates", losses.poisson_nll),
    Case("poisson_nll_log", "log_rates", losses.poisson_nll_log),
    Case("gaussian_nll", "uncertain", losses.gaussian_nll),
    Case("gaussian_kl", "real", losses.gaussian_kl, wrt=2),
    Case("binary_crossentropy", "chances", losses.binary_crossentropy),
    Case("binary_crossentropy_logits", "logits", losses.binary_crossentropy_logits),
    Case("categorical_crossentropy", "distributions", losses.categorical_crossentropy),
    Case("softmax_crossentropy, labels", "labels", losses.softmax_crossentropy),
    Case("softmax_crossentropy, any targets", "soft", losses.softmax_crossentropy),
    Case("softmax_crossentropy, rows sum to 1", "soft", losses.softmax_crossentropy, facts=rows_sum_to_one),
    Case("smoothed_softmax_crossentropy", "labels", losses.smoothed_softmax_crossentropy),
    Case("focal_loss", "logits", losses.focal_loss),
    Case("kl_divergence", "distributions", losses.kl_divergence),
    Case("js_divergence", "distributions", losses.js_divergence),
    Case("hinge_loss", "signs", losses.hinge_loss),
    Case("binary_hinge_loss", "logits", losses.binary_hinge_loss),
    Case("multiclass_hinge_loss", "labels", losses.multiclass_hinge_loss),
    Case("dice_loss", "chances", losses.dice_loss),
    Case("tversky_loss", "chances", losses.tversky_loss),
    Case("cosine_distance", "real", losses.cosine_distance),
    Case("triplet_loss", "triplets", losses.triplet_loss),
    Case("info_nce", "keys", losses.info_nce, sizes=((256, 10), (512, 100), (512, 1000))),
    Case("listnet", "real", losses.listnet),
    Case("softmax regression", "regression", softmax_regression, wrt=2, sizes=((1000, 100),)),
]


def compiled(case: Case, arrays: Arrays, threads: int | None = None) -> Callable[..., Any]:
    """Value and gradients of the mean, as symloss compiles them."""
    symbols = declared(case.kind, arrays)
    loss = losses.aggregate(case.loss(*symbols))
    slopes = sl.grad(loss, symbols[: case.wrt], assume=case.facts(*symbols))
    return sl.function(symbols, [loss, *slopes], threads=threads)
