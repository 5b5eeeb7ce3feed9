"""`check="values"` looks at large arrays piece by piece: the same errors, and little memory."""

import tracemalloc

import numpy as np
import pytest

import symloss as sl
from symloss import losses
from symloss.core.errors import DomainError, NonFiniteError

q, z = sl.matrix("q", "N C"), sl.matrix("z", "N C")


def checked(loss):
    return sl.function([q, z], sl.mean(loss), check="values", on_unused="ignore")


@pytest.mark.parametrize("where", [(0, 0), (70_001, 3), (149_999, 7)])
def test_a_value_far_down_a_large_array_is_named_by_its_index(where):
    even = np.full((150_000, 8), 1 / 8)
    call = checked(losses.categorical_crossentropy(q, z))
    for value, error, text in (
        (np.nan, NonFiniteError, f"f(), argument q: 1 of 1200000 values are NaN, first at index {where}"),
        (1.5, DomainError, f"f(), argument q: 1.5 at index {where} is no probability"),
        (0.5, DomainError, f"f(), argument q: the row at index {where[:1]} sums to 1.375, expected 1"),
    ):
        wrong = even.copy()
        wrong[where] = value
        with pytest.raises(error) as found:
            call(wrong, even)
        assert str(found.value).startswith(text)


def test_checks_of_a_large_array_take_the_memory_of_a_piece():
    values = np.full((200_000, 8), 1 / 8)
    f = checked(losses.kl_divergence(q, z))
    f(values, values)
    tracemalloc.start()
    try:
        f._values.check([values, values])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < values.nbytes / 4


@pytest.mark.parametrize("rows", [3, 100_000])
def test_an_output_that_is_not_finite_leaves_the_array_to_fill_as_it_was(rows):
    values, room = np.ones((rows, 8)), np.full((rows, 8), 7.0)
    values[-1, -1] = 0
    with pytest.raises(NonFiniteError):
        sl.function([q], sl.log(q), check="values")(values, out=room)
    assert np.all(room == 7)
