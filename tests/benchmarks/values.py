"""Workload W1: value and gradient of each loss."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import textbook
from cases import CASES, SIZES, Case, compiled, inputs
from peers import Patience
from report import Section, Table, milliseconds, ratio
from timing import Times, race

OURS, ONE, TEXTBOOK = "symloss", "1 thread", "textbook"
DTYPES = ["float64", "float32"]
TOLERANCES = {"float64": 1e-8, "float32": 1e-4}
MEAN_TARGETS = {"float64": 0.8, "float32": 1.0}
SECONDS = [0.1, 0.15, 0.0]  # that a row may go on for after nine rounds, for each size


@dataclass(frozen=True)
class Row:
    """One loss at one size in one precision, and the times of all contestants."""

    case: Case
    size: tuple[int, int]
    dtype: str
    times: dict[str, Times]

    @property
    def group(self) -> int:
        return self.case.sizes.index(self.size) if len(self.case.sizes) > 1 else len(SIZES)

    @property
    def label(self) -> str:
        usual = self.group < len(SIZES) and self.size == SIZES[self.group]
        return self.case.name if usual else f"{self.case.name}, {self.size[0]}×{self.size[1]}"

    @property
    def best(self) -> str:
        return min((name for name in self.times if name not in (OURS, ONE)), key=self.median)

    def median(self, name: str) -> float:
        return self.times[name].median

    def ratio_to(self, name: str) -> float:
        return self.median(OURS) / self.median(name)

    @property
    def misses(self) -> list[str]:
        """Which targets this row misses."""
        most = 0.5 if self.group == len(SIZES) - 1 else 1.05
        book = [f"textbook > {most}"] if self.ratio_to(TEXTBOOK) > most else []
        return book + (["best > 1.3"] if self.ratio_to(self.best) > 1.3 else [])


def measure(peers: Sequence[ModuleType], wanted: Sequence[str], patience: float) -> Section:
    """All rows whose loss has one of `wanted` in its name."""
    budget, rows = Patience(patience), []
    for case in (one for one in CASES if any(part in one.name for part in wanted)):
        for dtype in DTYPES:
            for size in case.sizes:
                if one := row(case, size, dtype, peers, budget):
                    rows.append(one)
                    print(line(one), flush=True)
    return section(rows, peers)


def row(
    case: Case, size: tuple[int, int], dtype: str, peers: Sequence[ModuleType], budget: Patience
) -> Row | None:
    arrays = inputs(case.kind, size, dtype)
    book = functools.partial(textbook.FORMS[case.name], *arrays)
    contestants: dict[str, Callable[[], Any]] = {OURS: functools.partial(compiled(case, arrays), *arrays)}
    if size == SIZES[-1]:
        contestants[ONE] = functools.partial(compiled(case, arrays, threads=1), *arrays)
    contestants[TEXTBOOK] = book
    for peer in peers:
        if call := budget.contestant(peer, case, arrays):
            contestants[peer.NAME] = call
    expected = sampled(book())
    tolerance = TOLERANCES[dtype]
    agreeing = {name: call for name, call in contestants.items() if agrees(name, call, expected, tolerance)}
    if OURS not in agreeing:
        return None
    return Row(case, size, dtype, race(agreeing, SECONDS[case.sizes.index(size)]))


def sampled(results: Sequence[Any]) -> list[np.ndarray]:
    """The value, and some entries of each gradient: every thirteenth of a large one."""
    arrays = [np.asarray(result) for result in results]
    return [a.ravel()[:: 13 if a.size > 10_000 else 1] for a in arrays]


def agrees(name: str, call: Callable[[], Any], expected: list[np.ndarray], tolerance: float) -> bool:
    """Whether a contestant computes what the textbook does, up to rounding at a kink."""
    for found, book in zip(sampled(call()), expected, strict=True):
        same_type = found.shape == book.shape and found.dtype == book.dtype
        close = same_type and np.isclose(found, book, tolerance, tolerance * np.abs(book).max())
        if np.mean(close) < 1 - 1e-5:
            print(f"skipped: {name} computes something else than the textbook", flush=True)
            return False
    return True


def line(row: Row) -> str:
    times = "  ".join(f"{name} {milliseconds(t.median)}" for name, t in row.times.items())
    marks = f"  MISSES {', '.join(row.misses)}" if row.misses else ""
    title = f"{row.label} {row.dtype} {row.size[0]}×{row.size[1]}"
    ratios = f"÷ textbook {ratio(row.ratio_to(TEXTBOOK))}, ÷ best {ratio(row.ratio_to(row.best))}"
    return f"{title}: {times} ms; {ratios}{marks}"


# What they tell together --------------------------------------------------------------------------
def section(rows: Sequence[Row], peers: Sequence[ModuleType]) -> Section:
    found = Section("W1: value and gradient of a loss")
    modes = [f"PyTensor ran in its default mode: {peer.mode()}." for peer in peers if hasattr(peer, "mode")]
    found.blocks.append(
        "The mean over a batch and its gradient in the predictions, in milliseconds per call. symloss checks "
        "its inputs and uses its default threads. The last column names the targets that a row misses."
    )
    found.blocks += modes
    for group in range(len(SIZES) + 1):
        for dtype in DTYPES:
            chosen = [row for row in rows if row.group == group and row.dtype == dtype]
            if chosen:
                title = "{}×{}".format(*SIZES[group]) if group < len(SIZES) else "End to end"
                found.blocks += [f"### {title}, {dtype}", table(chosen)]
    judge(found, rows)
    return found


def table(rows: Sequence[Row]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in row.times))
    header = ["loss", *names, "÷ textbook", "÷ best", "best", "misses"]
    return Table(header, [cells(row, names) for row in rows])


def cells(row: Row, names: Sequence[str]) -> list[str]:
    ratios = [ratio(row.ratio_to(TEXTBOOK)), ratio(row.ratio_to(row.best)), row.best]
    misses = f"**{'; '.join(row.misses)}**" if row.misses else ""
    return [row.label, *(cell(row.times.get(name)) for name in names), *ratios, misses]


def cell(times: Times | None) -> str:
    if times is None:
        return "-"
    low, high = times.quartiles
    return f"{milliseconds(times.median)} ± {1000 * (high - low) / 2:.1g}"


def judge(found: Section, rows: Sequence[Row]) -> None:
    usual = [row for row in rows if row.group < len(SIZES)]
    large = [row for row in usual if row.group == len(SIZES) - 1]
    if not large:
        usual = large = list(rows)
    worst_book, worst_large = (max(r.ratio_to(TEXTBOOK) for r in some) for some in (rows, large))
    slow = [row for row in rows if row.ratio_to(TEXTBOOK) > 1.05]
    half = [row for row in large if row.ratio_to(TEXTBOOK) > 0.5]
    judged = f"{ratio(worst_book)}; {len(slow)} of {len(rows)} rows miss"
    found.judge("ratio to the textbook, worst row", "≤ 1.05", judged, not slow)
    judged = f"{ratio(worst_large)}; {len(half)} of {len(large)} rows miss"
    found.judge("ratio to the textbook, worst large row", "≤ 0.5", judged, not half)
    for dtype, target in MEAN_TARGETS.items():
        mean = geometric_mean([row.ratio_to(row.best) for row in usual if row.dtype == dtype])
        found.judge(f"ratio to the best, geometric mean, {dtype}", f"≤ {target}", ratio(mean), mean <= target)
    behind = [row for row in rows if row.ratio_to(row.best) > 1.3]
    judged = f"{ratio(max(row.ratio_to(row.best) for row in rows))}; {len(behind)} of {len(rows)} rows miss"
    found.judge("ratio to the best, worst row", "≤ 1.3", judged, not behind)


def geometric_mean(ratios: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios))
