"""Random formulas mean what they say: a reader who knows only the conventions computes the same values."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

import symloss as sl

Array = np.ndarray
TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|exp|[A-Za-z][₀-₉]*|[ᵀΣ]|[⁰-⁹²³¹⁻]+|[^\s\w])")
POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


class Reader:
    """Evaluates a line of text: ``ᵀ`` makes a vector a row, letters side by side are multiplied."""

    def __init__(self, text: str, values: dict[str, Array]) -> None:
        self.tokens, self.values, self.at = [*TOKEN.findall(text), ""], values, 0

    def next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self) -> str:
        return self.tokens[self.at]

    def sum(self) -> Array:
        sign = -1 if self.peek() == "−" and self.next() else 1
        result = sign * column(self.quotient())
        while self.peek() in ("+", "−"):
            sign = 1 if self.next() == "+" else -1
            result = result + sign * column(self.quotient())
        return result

    def quotient(self) -> Array:
        result = self.product()
        while self.peek() in ("⊙", "/"):
            sign = self.next()
            right = self.product() if sign == "⊙" else self.factor()
            result = column(result) * column(right) if sign == "⊙" else column(result) / column(right)
        return result

    def product(self) -> Array:
        result = self.factor()
        while self.peek() not in ("", ")", "+", "−", "⊙", "/"):
            if self.peek() == "·":
                self.next()
            result = times(result, self.factor())
        return result

    def factor(self) -> Array:
        token = self.next()
        if token == "Σ":
            return np.sum(column(self.factor()))
        if token in ("exp", "("):
            self.at += token == "exp"
            result = self.sum()
            assert self.next() == ")"
            result = np.exp(result) if token == "exp" else result
        else:
            result = np.float64(token) if token[0].isdigit() else self.values[token]
        while self.peek() == "ᵀ" or self.peek()[:1] in [*"⁻⁰¹²³⁴⁵⁶⁷⁸⁹"]:
            mark = self.next()
            result = transposed(result) if mark == "ᵀ" else result ** int(mark.translate(POWERS))
        return result


def column(value: Array) -> Array:
    return value[0] if value.ndim == 2 and value.shape[0] == 1 else value


def transposed(value: Array) -> Array:
    return value[None, :] if value.ndim == 1 else value.T


def times(left: Array, right: Array) -> Array:
    if left.ndim == 0 or right.ndim == 0:
        return left * right
    result = left[:, None] @ right if left.ndim == 1 else left @ right
    return result[0] if result.shape == (1,) else result


def read(text: str, values: dict[str, Array]) -> Array:
    formula, _, listed = text.partition(", where ")
    known = dict(values)
    for part in reversed(re.split(r", (?=\w+ = )", listed) if listed else []):
        name, _, meaning = part.partition(" = ")
        known[name] = Reader(meaning, known).sum()
    return column(Reader(formula, known).sum())


def leaves(rng: random.Random) -> tuple[list[tuple[sl.Expr, Array]], dict[str, Array]]:
    numbers = np.random.default_rng(rng.randrange(10**6))
    ranks = {"A": 2, "B": 2, "x": 1, "y": 1, "s": 0, "t": 0}
    values = {name: np.asarray(numbers.uniform(0.5, 1.5, (3,) * rank)) for name, rank in ranks.items()}
    return [(sl.tensor(n, ("N",) * ranks[n]), values[n]) for n in ranks], values


def grown(rng: random.Random, pool: list[tuple[sl.Expr, Array]]) -> tuple[sl.Expr, Array] | None:
    """One more formula, made of one or two of the pool."""
    (a, va), (b, vb) = rng.choice(pool), rng.choice(pool)
    kind = rng.choice("+−⊙@Tn2/eΣo1")
    if kind in "+−⊙":
        made = {"+": (a + b, va + vb), "−": (a - b, va - vb), "⊙": (a * b, va * vb)}[kind]
        return made
    if kind == "@":
        return (a @ b, va @ vb) if va.ndim and vb.ndim else None
    if kind == "T":
        return (a.T, va.T) if va.ndim == 2 else None
    if kind == "/":
        return (a / b, va / vb) if np.all(vb != 0) else None
    if kind == "o":
        return (sl.outer(a, b), np.outer(va, vb)) if va.ndim == vb.ndim == 1 else None
    if kind == "e":
        return (sl.exp(a), np.exp(va)) if np.all(np.abs(va) < 5) else None
    return {"n": (-a, -va), "2": (a**2, va**2), "Σ": (sl.sum(a), np.sum(va)), "1": (2 * a, 2 * va)}[kind]


@pytest.mark.parametrize("seed", range(400))
def test_a_text_says_what_the_graph_computes(seed: int) -> None:
    rng = random.Random(seed)
    pool, values = leaves(rng)
    for _ in range(12):
        made = grown(rng, pool)
        if made is not None and np.all(np.abs(made[1]) < 1e12):
            pool.append(made)
    for formula, value in pool[6:]:
        text = str(formula)
        got = read(text, values)
        assert np.allclose(np.broadcast_to(got, np.shape(value)), value, rtol=1e-9), text
