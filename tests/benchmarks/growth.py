"""Workload W4: time and memory as graphs and data grow."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from children import child
from report import Section, Table

STAGES = ["build", "grad", "simplify", "print", "compile"]
CYCLES = 1000
DOUBLED = (
    "Seconds for chains of sines, and of sums `e + y * sin(e)`, and the ratios from each length to the next: "
    "medians of nine runs, or of as many as 15 seconds allow."
)

PEAK = """
import pathlib, resource

def peak():
    # getrusage counts what the parent held before the process began; the kernel's own mark does not
    status = pathlib.Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 2**20
"""

CHAIN = """
import json, sys, time
sys.setrecursionlimit(150)
import numpy as np
import symloss as sl
from symloss.core.walk import topological

times, last = {}, time.perf_counter()
def stage(name):
    global last
    times[name], last = time.perf_counter() - last, time.perf_counter()

x = sl.vector("x", "N")
e = x
last = time.perf_counter()
for _ in range(int(sys.argv[1])):
    e = sl.sin(e)
loss = sl.mean(e)
stage("build")
if sys.argv[2] == "whole":
    slope = sl.grad(loss, x)
    stage("grad")
    nodes = len(topological([loss])), len(topological([slope]))
    text = str(slope)
    stage("print")
    f = sl.function([x], [loss, slope])
    stage("compile")
    f(np.array([0.25, 0.5]))
    stage("call")
    times["nodes"], times["gradient"] = nodes
times["gigabytes"] = peak()
print(json.dumps(times))
"""

DOUBLING = """
import json, statistics, sys, time
import symloss as sl

links = {"functions": lambda e, y: sl.sin(e), "sums": lambda e, y: e + y * sl.sin(e)}
sizes, end = [int(n) for n in sys.argv[2:]], time.perf_counter() + 15
found = {n: [] for n in sizes}
for turn in range(10):
    if turn > 3 and time.perf_counter() > end:
        break
    for n in sizes:
        x, y = sl.vector(f"x{turn}_{n}", "N"), sl.vector(f"y{turn}_{n}", "N")
        marks = [time.perf_counter()]
        e = x
        for _ in range(n):
            e = links[sys.argv[1]](e, y)
        loss = sl.mean(e)
        marks.append(time.perf_counter())
        slope = sl.grad(loss, x)
        marks.append(time.perf_counter())
        sl.simplify(slope)
        marks.append(time.perf_counter())
        str(slope)
        marks.append(time.perf_counter())
        sl.function([v for v in (x, y) if v is x or "s" == sys.argv[1][0]], [loss, slope])
        marks.append(time.perf_counter())
        found[n].append([b - a for a, b in zip(marks, marks[1:])])
medians = [[statistics.median(column[1:]) for column in zip(*found[n])] for n in sizes]
print(json.dumps(medians))
"""

LEVELS = """
import json, time
import symloss as sl
e = x = sl.scalar("x")
for _ in range(1000):
    e = sl.sin(e) * e
str(x)
start = time.perf_counter()
text = str(e)
print(json.dumps([time.perf_counter() - start, len(text.encode())]))
"""

CYCLE = """
import gc, json, sys
import numpy as np
import symloss as sl

def cycle(k):
    p, t = sl.vector(f"p{k}", "N"), sl.vector(f"t{k}", "N")
    loss = sl.mean((p - t) ** 2)
    sl.function([p, t], [loss, sl.grad(loss, p)])(np.ones(3), np.zeros(3))

def resident():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * 4096

n = int(sys.argv[1])
for k in range(n // 2):
    cycle(k)
before = resident()
for k in range(n // 2, n // 2 + n):
    cycle(k)
print(json.dumps(resident() - before))
"""

BLOCKED = """
import json, threading, time
import numpy as np
import symloss as sl

z, y = sl.matrix("z", "N C"), sl.matrix("y", "N C")
loss = sl.mean(sl.losses.binary_crossentropy_logits(z, y))
f = sl.function([z, y], [loss, sl.grad(loss, z)])
f(np.zeros((4096, 1000)), np.zeros((4096, 1000)))
a, b = np.full((20_000, 1000), 0.5), np.full((20_000, 1000), 1.0)
open("/proc/self/clear_refs", "w").write("5")
def memory(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) * 1024
before = memory("VmRSS")
value, slope = f(a, b)
print(json.dumps([(memory("VmHWM") - before) / slope.nbytes, slope.nbytes]))
"""

MAPPED = """
import json, sys, threading, time
import numpy as np
import symloss as sl

path, rows, columns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
X, w, t = sl.matrix("X", "N D"), sl.vector("w", "D"), sl.vector("t", "N")
loss = sl.mean(sl.losses.squared_error(X @ w, t))
f = sl.function([X, w, t], [loss, sl.grad(loss, w)])
data = np.memmap(path, dtype=np.float64, mode="r", shape=(rows, columns))
weights, targets = np.ones(columns), np.ones(rows)
own, done = [0], threading.Event()
def watch():
    while not done.wait(0.01):
        lines = open("/proc/self/status").read().splitlines()
        own[0] = max(own[0], *(int(line.split()[1]) for line in lines if line.startswith("RssAnon")))
threading.Thread(target=watch, daemon=True).start()
start = time.perf_counter()
value, slope = f(data, weights, targets)
seconds = time.perf_counter() - start
done.set()
print(json.dumps([seconds, peak(), own[0] / 2**20, float(value)]))
"""


def measure(peers: Sequence[ModuleType]) -> Section:
    found = Section("W4: growth")
    for part in (chains, doubling, levels, cycles, blocked, mapped):
        print(part.__name__, "...", flush=True)
        part(found)
    return found


def chains(found: Section) -> None:
    """Long chains of sines, in processes of their own."""
    if whole := child(PEAK + CHAIN, 100_000, "whole", seconds=150):
        total = sum(whole.get(name, 0) for name in [*STAGES, "call"])
        stages = ", ".join(f"{name} {whole[name]:.1f} s" for name in [*STAGES, "call"] if name in whole)
        memory, most = whole["gigabytes"], 5 * whole["nodes"] + 50
        found.blocks.append(f"A chain of 100,000 sines at recursion limit 150: {stages}; {memory:.2f} GB.")
        found.judge("chain of 100,000 nodes, all stages", "≤ 30 s", f"{total:.1f} s", total <= 30)
        found.judge("its peak memory", "< 1 GB", f"{memory:.2f} GB", memory < 1)
        judged = f"{whole['gradient']} for {whole['nodes']}"
        found.judge("nodes of its gradient", "≤ 5n + 50", judged, whole["gradient"] <= most)
    if built := child(PEAK + CHAIN, 1_000_000, "build"):
        judged = f"{built['build']:.1f} s, {built['gigabytes']:.2f} GB"
        found.judge("1,000,000 nodes built", "≤ 10 s", judged, built["build"] <= 10)


def doubling(found: Section) -> None:
    """Chains of three lengths, each twice the last, in turn."""
    rows, worst = [], 0.0
    for kind, sizes in (("functions", [1000, 2000, 4000]), ("sums", [25, 50, 100])):
        if times := child(DOUBLING, kind, *sizes):
            rows += [
                [f"{kind}, {n}", *(f"{t:.4f}" for t in row)] for n, row in zip(sizes, times, strict=True)
            ]
            ratios = [[b / a for a, b in zip(*two, strict=True)] for two in itertools.pairwise(times)]
            rows += [[f"{kind}, ratio", *(f"{r:.2f}" for r in row)] for row in ratios]
            worst = max(worst, *(r for row in ratios for r in row))
    found.blocks.append(DOUBLED)
    found.blocks.append(Table(["links", *STAGES], rows))
    found.judge("time when a graph doubles", "≤ 2.3×", f"{worst:.2f}× at most", 0 < worst <= 2.3)


def levels(found: Section) -> None:
    if printed := child(LEVELS):
        seconds, size = printed
        judged = f"{1000 * seconds:.0f} ms"
        found.judge("a DAG that doubles 1,000 times is printed", "< 50 ms", judged, seconds < 0.05)
        found.judge("the length of what is printed", "≤ 200 kB", f"{size / 1000:.0f} kB", size <= 200_000)


def cycles(found: Section) -> None:
    leaked = child(CYCLE, CYCLES)
    if leaked is not None:
        whole = leaked * 100_000 / CYCLES / 1e6
        judged = f"{leaked / 1e6:.2f} MB in {CYCLES:,} cycles, {whole:.0f} MB at that rate"
        found.judge("100,000 cycles of compiling and dropping leak", "< 10 MB", judged, whole < 10)


def blocked(found: Section) -> None:
    """Memory beyond the inputs while 20,000 × 1000 numbers are worked on."""
    if used := child(BLOCKED):
        judged = f"{used[0]:.2f}× an output of {used[1] / 1e6:.0f} MB"
        found.judge(
            "memory of a blocked call beyond its inputs", "outputs plus blocks", judged, used[0] < 1.25
        )


def mapped(found: Section) -> None:
    """A linear model on a sparse file of 4 GB that is mapped into memory."""
    rows, columns = 2**23, 64
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features"
        with path.open("wb") as file:
            file.truncate(8 * rows * columns)
        used = child(PEAK + MAPPED, path, rows, columns)
    if used:
        seconds, peak, own, _ = used
        judged = f"{peak:.2f} GB resident, {own:.2f} GB of them its own, {seconds:.1f} s"
        found.judge("value and gradient of 4 GB of mapped features", "< 1 GB", judged, peak < 1)
