"""Work is shared out to threads: every piece once, errors where it was asked for, nobody waits for help."""

import gc
import os
import signal
import threading
import time
import weakref

import numpy as np
import pytest

from symloss.compiler import workers
from symloss.compiler.workers import Job, Lock, share


@pytest.mark.parametrize("count", [0, 1, 2, 7, 200])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_piece_is_done_once_and_results_come_in_order(count, threads):
    done = []

    def work(k):
        done.append(k)
        return k * k

    assert share(work, count, threads) == [k * k for k in range(count)]
    assert sorted(done) == list(range(count))


@pytest.mark.parametrize("wrong", [0, 1, 39])
def test_an_error_is_raised_where_the_work_was_asked_for(wrong):
    begun = []

    def work(k):
        begun.append(k)
        if k == wrong:
            raise KeyError(k)

    with pytest.raises(KeyError):
        share(work, 40, 2)
    assert share(lambda k: k, 3, 2) == [0, 1, 2]
    assert len(begun) == len(set(begun))


def test_nobody_waits_for_a_thread_that_is_busy_with_something_else(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    monkeypatch.setattr(workers, "_crews", {})
    begun, release = threading.Event(), threading.Event()

    def long(k):
        if threading.current_thread().name.startswith("symloss"):
            begun.set()
            release.wait()
        elif not begun.is_set():
            begun.wait()

    other = threading.Thread(target=share, args=(long, 2, 2))
    other.start()
    begun.wait()
    try:
        assert share(lambda k: k, 3, 2) == [0, 1, 2]
    finally:
        release.set()
        other.join()


def test_a_job_is_done_once_or_taken_back():
    done = []
    job = Job(lambda: done.append(1))
    job.do()
    late = Job(lambda: done.append(2))
    for one in (job, late):
        one.settle()
    late.do()
    assert done == [1]


@pytest.mark.parametrize("processors", [1, 2])
def test_where_no_thread_can_be_started_one_does_all(processors, monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(workers, "cores", lambda: processors)
    monkeypatch.setattr(workers, "_crews", {})
    monkeypatch.setattr(threading.Thread, "start", refuse)
    for _ in range(5):
        assert share(lambda k: k, 4, 2) == [0, 1, 2, 3]
    assert workers._crew().queue.qsize() == 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers interrupt here")
def test_an_interrupt_waits_for_what_has_begun(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    begun, done = threading.Event(), []

    def interrupt(*_):
        raise KeyboardInterrupt

    def work(k):
        if threading.current_thread() is threading.main_thread():
            begun.wait()
            return
        begun.set()
        time.sleep(0.2)
        done.append(k)

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            share(work, 2, 2)
        assert len(done) == 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_an_error_leaves_no_cycle_behind(monkeypatch):
    def work(k):
        if threading.current_thread() is threading.main_thread():
            begun.wait()
            return
        value = np.zeros(3)
        kept.append(weakref.ref(value))
        begun.set()
        raise KeyError(k)

    begun, kept = threading.Event(), []
    monkeypatch.setattr(workers, "cores", lambda: 2)
    monkeypatch.setattr(workers, "_crews", {})
    gc.collect()
    gc.disable()
    try:
        for _ in range(4):
            begun.clear()
            try:
                share(work, 2, 2)
            except KeyError:
                continue
        assert [ref() for ref in kept] == [None] * 4
    finally:
        gc.enable()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    monkeypatch.setattr(workers, "_crews", {})
    assert share(lambda k: k, 4, 2) == [0, 1, 2, 3]
    child = os.fork()
    if child == 0:
        done = share(lambda k: k, 4, 2) == [0, 1, 2, 3]
        os._exit(not done or threading.active_count() < 2)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_finds_open_what_another_thread_holds():
    lock, held, release = Lock(), threading.Event(), threading.Event()

    def hold():
        with lock:
            held.set()
            release.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        with lock:
            os._exit(0)
    release.set()
    holder.join()
    assert os.waitpid(child, 0)[1] == 0
