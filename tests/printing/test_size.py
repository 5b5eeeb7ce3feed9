"""However deep or however often repeated, a formula prints in time and space that grow with the graph."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import symloss as sl

WRITERS: list[Callable[[sl.Expr], str]] = [
    str,
    lambda e: e.latex("matrix"),
    lambda e: e.latex("index"),
    lambda e: e.latex(),
]


@contextmanager
def shallow() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(150)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def calls(write: Callable[[sl.Expr], str], formula: sl.Expr) -> int:
    """How many Python functions writing a formula calls."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        write(formula)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("double", [lambda e: e * e, lambda e: e + e])
@pytest.mark.parametrize("leaf", [sl.scalar("x"), sl.vector("x", "N")])
def test_a_formula_that_doubles_a_thousand_times(
    write: Callable[[sl.Expr], str], double: Callable[[sl.Expr], sl.Expr], leaf: sl.Expr
) -> None:
    formula = leaf
    for _ in range(1000):
        formula = double(formula)
    with shallow():
        assert len(write(formula)) <= 200_000
        assert calls(write, formula) < 200_000


@pytest.mark.parametrize("write", WRITERS[:1])
def test_a_matrix_power_by_squaring(write: Callable[[sl.Expr], str]) -> None:
    formula = sl.matrix("A", "N N")
    for _ in range(200):
        formula = formula @ formula
    for write in WRITERS:
        assert len(write(formula)) <= 40_000


@pytest.mark.parametrize("write", WRITERS)
def test_a_long_chain_takes_a_linear_number_of_steps(write: Callable[[sl.Expr], str]) -> None:
    def chain(length: int) -> sl.Expr:
        formula = x = sl.vector("x", "N")
        for n in range(length):
            formula = sl.sin(formula) if n % 2 else formula + x
        return formula

    with shallow():
        short, long = chain(2_000), chain(8_000)
        assert calls(write, long) < 4.6 * calls(write, short)


def test_a_chain_of_a_hundred_thousand() -> None:
    formula = sl.scalar("x")
    with shallow():
        for _ in range(100_000):
            formula = sl.tanh(formula)
        assert str(formula).startswith("tanh(")


def test_the_indices_of_a_long_chain_of_sums_are_letters():
    v = formula = sl.vector("v", "N")
    for _ in range(6400):
        formula = v * sl.sum(sl.sin(formula))
    text = sl.latex(formula, notation="index")
    assert [c for c in text if ord(c) > 0x2FFF] == []
