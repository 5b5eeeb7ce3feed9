"""What a process has for passes over rows: processors, threads, and memory that it keeps."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
MOST_KEPT = 2**25 - 2**14
"""Just less than the most that a C library keeps for later when it is freed."""
_crews: dict[int, Crew] = {}
"""The crew of this process, under its number: a forked child makes one of its own."""


def cores() -> int:
    """How many processors this process may use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return count or 1


@cache
def keep_memory() -> None:
    """Let the C library keep the memory of freed arrays, which it else gives back page by page.

    glibc keeps freed memory in pieces as large as the largest that a program has freed.
    """
    np.empty(MOST_KEPT, dtype=np.uint8)


class Lock:
    """A lock that a forked child finds open: the thread that held it has no life there."""

    def __init__(self) -> None:
        self._renew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()


_one_at_a_time = Lock()


def share(work: Callable[[int], Any], count: int, threads: int) -> list[Any]:
    """The results of `work` for 0, 1, … `count` - 1, computed on several threads, this one among them.

    Whatever is raised, nothing goes on in another thread when this returns.
    """
    results: list[Any] = [None] * count
    waiting = deque(range(count))

    def run() -> None:
        while (i := _taken(waiting)) is not None:
            try:
                results[i] = work(i)
            except BaseException:
                waiting.clear()
                raise

    crew = _crew() if min(threads, count) > 1 else _NOBODY
    jobs = [Job(run) for _ in range(min(threads, count, 1 + crew.size) - 1)]
    try:
        for job in jobs:
            crew.queue.put(job)
        run()
    finally:
        _settle(jobs, waiting)
    for job in jobs:
        error, job.error = job.error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # it knows this frame, which must not know it
    return results


def _settle(jobs: Sequence[Job], waiting: deque[int]) -> None:
    """Wait for jobs that have begun, also when that is interrupted, and take back the others."""
    try:
        for job in jobs:
            job.settle()
    except BaseException:
        waiting.clear()
        _settle(jobs, waiting)
        raise


class Job:
    """Work for another thread: done once, or taken back before it has begun.

    A pool of `concurrent.futures` takes 50 µs more for each, as long as a block of cheap operations.
    """

    __slots__ = ("done", "error", "settled", "work")

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = deque([work])
        self.error: BaseException | None = None
        self.settled = False
        self.done = threading.Lock()
        self.done.acquire()

    def do(self) -> None:
        """Do the work, if it was not taken back."""
        work = _taken(self.work)
        if work is None:
            return
        try:
            work()
        except BaseException as error:
            self.error = error
        finally:
            self.settled = True
            self.done.release()

    def settle(self) -> None:
        """Take the work back; if it has begun, wait until it is done."""
        if _taken(self.work) is not None:
            self.settled = True
        while not self.settled:
            self.done.acquire()


def _taken(waiting: deque[T]) -> T | None:
    """The next one, if one is left; no two threads get the same."""
    try:
        return waiting.popleft()
    except IndexError:
        return None


@dataclass(frozen=True, slots=True)
class Crew:
    """Threads, and the queue from which they take jobs."""

    queue: SimpleQueue[Job] = field(default_factory=SimpleQueue)
    size: int = 0


_NOBODY = Crew()


def _crew() -> Crew:
    """The other threads of this process."""
    number = os.getpid()
    with _one_at_a_time:
        if number not in _crews:
            queue = SimpleQueue[Job]()
            _crews[number] = Crew(queue, sum(_started(queue, k) for k in range(1, cores())))
    return _crews[number]


def _started(queue: SimpleQueue[Job], number: int) -> bool:
    """Start a thread, if the system lets us."""
    try:
        threading.Thread(target=_live, args=(queue,), name=f"symloss-{number}", daemon=True).start()
    except RuntimeError:
        return False
    return True


def _live(queue: SimpleQueue[Job]) -> None:
    """What a thread does all its life."""
    while True:
        queue.get().do()
