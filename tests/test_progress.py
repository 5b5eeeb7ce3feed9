"""The bar of progress makes the steps, shows them, and says what it needs."""

import io
import sys

import numpy as np
import pytest

import symloss as sl
from symloss.core.errors import GraphError
from symloss.optimizers import SGD, HessianFree, progress


def descent():
    """An optimiser of w² whose every step halves w, and w, which begins at 4."""
    w = sl.shared(4.0, "w")
    return SGD(w**2, w, [], 0.25), w


def test_each_batch_is_one_step():
    x, w = sl.vector("x", "N"), sl.shared(0.0, "w")
    optimizer = SGD(sl.mean((x - w) ** 2) / 2, w, [x], learning_rate=1.0)
    batches = [([1.0, 3.0],), ([5.0],)]
    losses = list(progress(optimizer, batches, file=io.StringIO()))
    assert losses == [2.5, 4.5]
    assert sl.get_value(w) == 5


def test_the_bar_shows_how_far_it_is_and_the_loss():
    screen = io.StringIO()
    optimizer, _ = descent()
    assert list(progress(optimizer, [()] * 3, file=screen, desc="training")) == [16, 4, 1]
    last = screen.getvalue().rstrip().rpartition("\r")[2]
    assert last.startswith("training: 100%")
    assert "3/3" in last
    assert last.endswith("loss=1]")


def test_the_bar_shows_the_damping_of_hessian_free_optimisation():
    screen, w = io.StringIO(), sl.shared(4.0, "w")
    list(progress(HessianFree(w**2, w, w, [], damping=2.0), [()], file=screen))
    assert screen.getvalue().rstrip().endswith("loss=16, damping=1.3]")


def test_a_loop_that_is_left_ends_the_training():
    optimizer, w = descent()
    for loss in progress(optimizer, [()] * 10, disable=True):
        if loss < 5:
            break
    np.testing.assert_allclose(sl.get_value(w), 1)


def test_without_tqdm_it_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError) as caught:
        progress(descent()[0], [])
    assert str(caught.value) == 'progress(): tqdm is not installed: pip install "symloss[progress]"'


def test_what_has_no_step_is_refused_at_once():
    w = sl.shared(1.0, "w")
    with pytest.raises(GraphError) as caught:
        progress(sl.optimizers.sgd(w**2, w, 0.1), [])
    assert str(caught.value) == (
        "progress(): the optimiser is a dict, which has no step: give SGD(...) or HessianFree(...)"
    )
