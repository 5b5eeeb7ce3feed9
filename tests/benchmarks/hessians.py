"""Workload W2: Hessians in closed form, beside those that JAX and torch make of derivatives."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from report import Section, Table, milliseconds, ratio
from timing import Times, race

import symloss as sl

OURS, CORE = "symloss", "symloss, core"
SECONDS = 0.3
DEEP = 10
Arrays = list[np.ndarray]


@dataclass(frozen=True)
class Problem:
    """A loss of some inputs, and its Hessian in the first of them."""

    name: str
    numbers: Callable[[Any, int], Arrays]
    dims: list[str]
    loss: Callable[..., sl.Expr]
    peer: Callable[..., Any]
    sizes: Sequence[int]
    targets: dict[str, tuple[int, float]]  # for a contestant: at which size, how many times as fast as JAX
    torch: int = 0  # up to which size torch takes part

    def measured(self, size: int, peers: Sequence[ModuleType]) -> dict[str, Times]:
        arrays = self.numbers(np.random.default_rng(0), size)
        contestants = self.ours(arrays)
        for module in peers:
            if module.NAME == "JAX":
                contestants["JAX"] = jax_hessian(self.peer, arrays)
        slow = {}
        if size <= self.torch and any(module.NAME == "torch" for module in peers):
            slow["torch.func"] = torch_hessian(self.peer, arrays)
        check(self.name, contestants | slow)
        return race(contestants, SECONDS) | (race(slow, 0) if slow else {})

    def ours(self, arrays: Arrays) -> dict[str, Callable[[], Any]]:
        symbols = [
            sl.tensor(name, d, dtype=str(a.dtype))
            for name, d, a in zip("abcde", self.dims, arrays, strict=False)
        ]
        hessian = sl.hessian(self.loss(*symbols), symbols[0])
        found = {OURS: functools.partial(sl.function(symbols, hessian, on_unused="ignore"), *arrays)}
        if CORE in self.targets:
            core = sl.function(symbols, sl.structure(hessian).core, on_unused="ignore")
            found[CORE] = functools.partial(core, *arrays)
        return found


# Peers --------------------------------------------------------------------------------------------
def jax_hessian(loss: Callable[..., Any], arrays: Arrays) -> Callable[[], Any]:
    import jax
    import jax.numpy as jnp

    call = jax.jit(jax.hessian(functools.partial(loss, jnp)))
    there = jax.device_put(arrays)
    return lambda: jax.block_until_ready(call(*there))


def torch_hessian(loss: Callable[..., Any], arrays: Arrays) -> Callable[[], Any]:
    import torch

    call = torch.func.hessian(functools.partial(loss, torch))
    there = [torch.from_numpy(a) for a in arrays]
    return lambda: call(*there)


def check(name: str, contestants: dict[str, Callable[[], Any]]) -> None:
    """Raise unless all whole Hessians agree; how the core makes it is tested with the library."""
    whole = {key: np.asarray(call()) for key, call in contestants.items() if key != CORE}
    for key, found in whole.items():
        expected = whole[OURS]
        if found.shape != expected.shape or not np.allclose(found, expected, 1e-6, 1e-9):
            raise ValueError(f"{name}: {key} and symloss differ")


# Problems: numbers, the loss in symloss, and the loss in a NumPy-like namespace -------------------
def quadratic_numbers(rng: Any, n: int) -> Arrays:
    return [rng.standard_normal(n), rng.standard_normal((n, n))]


def logistic_numbers(rng: Any, n: int) -> Arrays:
    x = rng.standard_normal((2 * n, n))
    return [0.1 * rng.standard_normal(n), x, rng.integers(0, 2, 2 * n).astype(float)]


def logistic(w: sl.Expr, x: sl.Expr, y: sl.Expr) -> sl.Expr:
    return sl.mean(sl.losses.binary_crossentropy_logits(x @ w, y))


def logistic_peer(xp: Any, w: Any, x: Any, y: Any) -> Any:
    z = x @ w
    return xp.mean(xp.logaddexp(xp.zeros_like(z), z) - y * z)


def factors_numbers(rng: Any, n: int) -> Arrays:
    u, v = rng.standard_normal((n, 5)), rng.standard_normal((n, 5))
    return [u, v, rng.standard_normal((n, n)), rng.uniform(0.5, 1.5, (n, n))]


def factors(u: sl.Expr, v: sl.Expr, t: sl.Expr, weights: sl.Expr) -> sl.Expr:
    return sl.sum(weights * (t - u @ v.T) ** 2)


def factors_peer(xp: Any, u: Any, v: Any, t: Any, weights: Any) -> Any:
    return xp.sum(weights * (t - u @ v.T) ** 2)


def classes_numbers(rng: Any, n: int) -> Arrays:
    """As many examples as twice the features, and ten classes."""
    return [0.1 * rng.standard_normal((n, 10)), rng.standard_normal((2 * n, n)), rng.integers(0, 10, 2 * n)]


def classes(w: sl.Expr, x: sl.Expr, y: sl.Expr) -> sl.Expr:
    return sl.mean(sl.losses.softmax_crossentropy(x @ w, y))


def crossentropy(xp: Any, z: Any, y: Any) -> Any:
    top = xp.amax(z, 1)[:, None]
    rest = xp.log(xp.sum(xp.exp(z - top), 1))
    return xp.mean(rest - (z - top)[xp.arange(len(y)), y])


def classes_peer(xp: Any, w: Any, x: Any, y: Any) -> Any:
    return crossentropy(xp, x @ w, y)


def network_numbers(rng: Any, n: int) -> Arrays:
    """100 examples, `n` features and units, and all layers but the first in one array."""
    first, rest = rng.standard_normal((n, n)), rng.standard_normal((DEEP - 1, n, n))
    scale = (2 / n) ** 0.5
    return [scale * first, scale * rest, rng.standard_normal((100, n)), rng.integers(0, n, 100)]


def network(w: sl.Expr, rest: sl.Expr, x: sl.Expr, y: sl.Expr) -> sl.Expr:
    for layer in range(DEEP - 1):
        x = sl.relu(x @ (w if layer == 0 else rest[layer - 1]))
    return sl.mean(sl.losses.softmax_crossentropy(x @ rest[DEEP - 2], y))


def network_peer(xp: Any, w: Any, rest: Any, x: Any, y: Any) -> Any:
    for layer in range(DEEP - 1):
        z = x @ (w if layer == 0 else rest[layer - 1])
        x = xp.where(z > 0, z, xp.zeros_like(z))
    return crossentropy(xp, x @ rest[DEEP - 2], y)


PROBLEMS = [
    Problem(
        "xᵀAx",
        quadratic_numbers,
        ["D", "D D"],
        lambda x, a: x @ a @ x,
        lambda xp, x, a: x @ a @ x,
        (200, 500, 1000),
        {OURS: (500, 20)},
        torch=200,
    ),
    Problem(
        "logistic regression, m=2n",
        logistic_numbers,
        ["D", "N D", "N"],
        logistic,
        logistic_peer,
        (200, 500, 1000),
        {OURS: (1000, 1.5)},
        torch=200,
    ),
    Problem(
        "matrix factorisation with weights, k=5",
        factors_numbers,
        ["N R", "M R", "N M", "N M"],
        factors,
        factors_peer,
        (50, 100, 200),
        {OURS: (200, 500), CORE: (200, 2000)},
        torch=50,
    ),
    Problem(
        "softmax regression, m=2n, 10 classes",
        classes_numbers,
        ["D C", "N D", "N"],
        classes,
        classes_peer,
        (20, 50),
        {OURS: (50, 2)},
        torch=20,
    ),
    Problem(
        "ReLU net of 10 layers, first weights",
        network_numbers,
        ["D D", "L D D", "N D", "N"],
        network,
        network_peer,
        (10, 20),
        {},
        torch=10,
    ),
]


def measure(peers: Sequence[ModuleType]) -> Section:
    found = Section("W2: Hessians")
    found.blocks.append(
        "In milliseconds per call, float64; JAX is `jax.hessian` under `jit`. The core is the part of the "
        "Hessian that `sl.structure` says to be enough. Factors: times as fast as JAX."
    )
    rows = []
    for problem in PROBLEMS:
        for size in problem.sizes:
            times = problem.measured(size, peers)
            rows.append(
                [problem.name, str(size), *(cell(times, name) for name in NAMES), factor(times, OURS)]
            )
            print("  ".join(rows[-1]), flush=True)
            judge(found, problem, size, times)
    found.blocks.append(Table(["problem", "n", *NAMES, "factor"], rows))
    return found


NAMES = [OURS, CORE, "JAX", "torch.func"]


def cell(times: dict[str, Times], name: str) -> str:
    if name not in times:
        return "-"
    low, high = times[name].quartiles
    return f"{milliseconds(times[name].median)} ± {1000 * (high - low) / 2:.1g}"


def factor(times: dict[str, Times], name: str) -> str:
    return ratio(times["JAX"].median / times[name].median) if "JAX" in times else "-"


def judge(found: Section, problem: Problem, size: int, times: dict[str, Times]) -> None:
    for name, (where, target) in problem.targets.items():
        if size == where and "JAX" in times:
            met = times["JAX"].median / times[name].median >= target
            what = f"{problem.name}, n={size}, {name}: times as fast as JAX"
            found.judge(what, f"≥ {target}", factor(times, name), met)
