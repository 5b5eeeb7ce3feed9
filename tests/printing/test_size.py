"""However deep or however often repeated, a formula prints in time and space that grow with the graph."""

import sys
import time
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


def seconds(write: Callable[[sl.Expr], str], formula: sl.Expr) -> float:
    start = time.perf_counter()
    write(formula)
    return time.perf_counter() - start


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
        assert min(seconds(write, formula) for _ in range(3)) < (0.05 if write is str else 0.25)


@pytest.mark.parametrize("write", WRITERS[:1])
def test_a_matrix_power_by_squaring(write: Callable[[sl.Expr], str]) -> None:
    formula = sl.matrix("A", "N N")
    for _ in range(200):
        formula = formula @ formula
    for write in WRITERS:
        assert len(write(formula)) <= 40_000


@pytest.mark.parametrize("write", WRITERS)
def test_a_long_chain_takes_linear_time(write: Callable[[sl.Expr], str]) -> None:
    def chain(length: int) -> sl.Expr:
        formula = x = sl.vector("x", "N")
        for n in range(length):
            formula = sl.sin(formula) if n % 2 else formula + x
        return formula

    with shallow():
        short, long = chain(10_000), chain(40_000)
        assert seconds(write, long) < 8 * max(seconds(write, short), 0.02)


def test_a_chain_of_a_hundred_thousand() -> None:
    formula = sl.scalar("x")
    with shallow():
        for _ in range(100_000):
            formula = sl.tanh(formula)
        assert str(formula).startswith("tanh(")
