"""Workload W3: how long it takes to start, to derive and compile, and to call."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from children import child
from report import Section, Table
from timing import ROUNDS, race

import symloss as sl

START = """
import json, time
start = time.perf_counter()
{imports}
imported = time.perf_counter()
{gradient}
print(json.dumps([imported - start, time.perf_counter() - imported, time.time()]))
"""
ARRAYS = """
import numpy as np
numbers, labels = np.random.default_rng(0).standard_normal((256, 10)), np.arange(256) % 10
"""
STARTS = {
    "symloss": (
        "import symloss as sl",
        """
z, y = sl.matrix("z", "N C"), sl.vector("y", "N", dtype="int64")
loss = sl.mean(sl.losses.softmax_crossentropy(z, y))
sl.function([z, y], [loss, sl.grad(loss, z)])(numbers, labels)
""",
    ),
    "JAX": (
        "import jax, jax.numpy as jnp",
        """
def loss(z):
    return -jnp.mean(jax.nn.log_softmax(z)[jnp.arange(256), labels])
jax.block_until_ready(jax.jit(jax.value_and_grad(loss))(numbers))
""",
    ),
    "torch": (
        "import torch",
        """
z = torch.from_numpy(numbers).requires_grad_()
torch.nn.functional.cross_entropy(z, torch.from_numpy(labels)).backward()
""",
    ),
    "NumPy": (
        "import numpy",
        """
e = np.exp(numbers - numbers.max(axis=1, keepdims=True))
p = e / e.sum(axis=1, keepdims=True)
value = -np.mean(np.log(p[np.arange(256), labels]))
p[np.arange(256), labels] -= 1
""",
    ),
    "autograd": (
        "import autograd, autograd.numpy as anp",
        """
def loss(z):
    return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[anp.arange(256), labels])
autograd.value_and_grad(loss)(numbers)
""",
    ),
    "PyTensor": (
        "import pytensor, pytensor.tensor as pt",
        """
from pytensor.tensor.special import log_softmax
z, y = pt.matrix("z"), pt.lvector("y")
loss = -pt.mean(log_softmax(z, axis=-1)[pt.arange(y.shape[0]), y])
pytensor.function([z, y], [loss, pt.grad(loss, z)])(numbers, labels)
""",
    ),
}
CATALOGUE = """
import json, time
import symloss as sl
from symloss import losses
from symloss.core.leaves import INPUT
from symloss.core.walk import topological
from symloss.losses.letters import LETTERS, variables

x = sl.vector("x")
sl.function([x], sl.grad(sl.sum(x**2), x))
found = {}
for name, letters in LETTERS.items():
    start = time.perf_counter()
    loss = getattr(losses, name)(*variables(letters))
    scalar = losses.aggregate(loss) if loss.ndim else loss
    symbols = [node for node in topological([scalar]) if node.op is INPUT]
    try:
        slope = sl.grad(scalar, next(v for v in symbols if v.dtype.kind == "f"))
    except (sl.errors.GradientError, StopIteration):
        continue
    sl.function(symbols, [scalar, slope])
    found[name] = time.perf_counter() - start
print(json.dumps(found))
"""


def measure(peers: Sequence[ModuleType]) -> Section:
    found = Section("W3: latency")
    starts(found)
    compiling(found)
    calls(found)
    return found


def starts(found: Section) -> None:
    """Fresh processes, in turn."""
    rounds: dict[str, list[Sequence[float]]] = {name: [] for name in STARTS}
    for turn in range(ROUNDS + 1):
        for name in [name for name in STARTS if turn < 4 or name != "PyTensor"]:
            rounds[name] += [one] if (one := started(name)) else []
        print(f"start {turn} of {ROUNDS}", flush=True)
    medians = {
        name: [statistics.median(column) for column in zip(*times[1:], strict=True)]
        for name, times in rounds.items()
        if len(times) > 1
    }
    found.blocks.append(
        "The mean softmax cross-entropy of 256×10 scores and its gradient, in a fresh process; seconds. "
        f"Medians of {ROUNDS} processes, of 3 for PyTensor, which finds what it compiled in its cache."
    )
    header = ["library", "import", "derive, compile and call", "process start to first gradient"]
    rows = [[name, *(f"{time:.3f}" for time in times)] for name, times in medians.items()]
    found.blocks.append(Table(header, rows))
    ours = medians["symloss"]
    found.judge("import symloss", "≤ 0.15 s", f"{ours[0]:.3f} s", ours[0] <= 0.15)
    found.judge("process start to first gradient", "≤ 0.5 s", f"{ours[2]:.3f} s", ours[2] <= 0.5)


def started(name: str) -> Sequence[float] | None:
    """Seconds to import, to the first gradient from there, and to it from the start of the process."""
    imports, gradient = STARTS[name]
    start = time.time()
    run = child(START.format(imports=imports, gradient=ARRAYS + gradient))
    return [run[0], run[1], run[2] - start] if run else None


def compiling(found: Section) -> None:
    """Each loss of the catalogue once in each process, as the first of its kind."""
    runs = [run for _ in range(ROUNDS) if (run := child(CATALOGUE))]
    if not runs:
        return
    times = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    ordered = sorted(times, key=times.__getitem__, reverse=True)
    middle, worst = statistics.median(times.values()), times[ordered[0]]
    slowest = ", ".join(f"{name} {1000 * times[name]:.0f}" for name in ordered[:8])
    found.blocks.append(
        f"Deriving and compiling each of the {len(times)} losses of the catalogue that have a gradient, "
        f"medians of {len(runs)} processes; the slowest, in milliseconds: {slowest}."
    )
    found.judge("derive and compile, median loss", "≤ 20 ms", f"{1000 * middle:.1f} ms", middle <= 0.02)
    judged = f"{1000 * worst:.0f} ms ({ordered[0]})"
    found.judge("derive and compile, worst loss", "≤ 100 ms", judged, worst <= 0.1)


def calls(found: Section) -> None:
    """A function of three small inputs, beside its own source."""
    f = small()
    namespace: dict[str, Any] = {}
    exec(f.source, namespace)
    arrays = [np.random.default_rng(0).standard_normal(10) for _ in range(3)]
    bare = functools.partial(namespace["f"], *arrays)
    times = race({"checked": functools.partial(f, *arrays), "bare": bare}, seconds=2)
    each = zip(times["checked"].rounds, times["bare"].rounds, strict=True)
    extra = 1e6 * statistics.median(checked - alone for checked, alone in each)
    found.blocks.append(
        f"A call with three vectors of 10 numbers (normal log-likelihood and its gradient) takes "
        f"{1e6 * times['checked'].median:.1f} µs, its bare source {1e6 * times['bare'].median:.1f} µs."
    )
    found.judge("call overhead, checks included", "≤ 5 µs", f"{extra:.2f} µs", extra <= 5)


def small() -> Any:
    p, t, v = (sl.vector(name, "N") for name in "ptv")
    loss = sl.mean(sl.losses.gaussian_nll(p, t, v))
    return sl.function([p, t, v], [loss, sl.grad(loss, p)])
