"""An interleaved stopwatch: contestants run in turn, so that what disturbs one of them disturbs all.

In each round everyone has a burst of calls to himself, after a pause in which the threads of the one before
him fall asleep and a burst that is not counted: what is measured is a program that calls one library.

pytest-benchmark measures one contestant to its end before it starts the next; a ratio then compares two
different minutes of the machine, so this stopwatch goes around instead.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROUNDS = 9
MOST_ROUNDS = 41
BURST = 4e-3  # seconds that one measurement lasts at least
PAUSE = 6e-3  # seconds in which the threads of the last contestant, which wait by spinning, fall asleep


@dataclass(frozen=True)
class Times:
    """The seconds that one call took, in each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def quartiles(self) -> tuple[float, float]:
        low, _, high = statistics.quantiles(self.rounds, n=4, method="inclusive")
        return low, high


def race(contestants: Mapping[str, Callable[[], object]], seconds: float = 0.3) -> dict[str, Times]:
    """The times of each contestant: nine rounds after warm-up, and more while there are seconds left."""
    bursts = {name: calls_in_a_burst(call) for name, call in contestants.items()}
    found: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    gc.collect()
    gc.disable()
    try:
        end = time.perf_counter() + seconds
        for turn in range(MOST_ROUNDS):
            if turn >= ROUNDS and time.perf_counter() > end:
                break
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                found[name].append(measured(contestants[name], bursts[name]))
    finally:
        gc.enable()
    return {name: Times(tuple(times)) for name, times in found.items()}


def calls_in_a_burst(call: Callable[[], object]) -> int:
    """How many calls are measured together, as the second of two tells; the first one compiles."""
    call()
    start = time.perf_counter()
    call()
    return 1 + int(BURST / (time.perf_counter() - start))


def measured(call: Callable[[], object], calls: int) -> float:
    """The mean seconds of a call in a burst, after a pause and a burst that wakes caches and threads."""
    time.sleep(PAUSE)
    for _ in range(calls):
        call()
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls
