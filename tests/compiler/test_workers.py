"""Work is shared out to threads: every piece once, errors where it was asked for, nobody waits for help."""

import os
import threading

import pytest

from symloss.compiler import workers
from symloss.compiler.workers import Job, share


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
    monkeypatch.setattr(workers, "_queues", {})
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
    assert not job.taken_back()
    late = Job(lambda: done.append(2))
    assert late.taken_back()
    late.do()
    assert done == [1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own():
    assert share(lambda k: k, 4, 2) == [0, 1, 2, 3]
    child = os.fork()
    if child == 0:
        os._exit(share(lambda k: k, 4, 2) != [0, 1, 2, 3])
    assert os.waitpid(child, 0)[1] == 0
