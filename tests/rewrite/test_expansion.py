"""Products are multiplied out where a sum gets shorter, whatever axes they lack or are summed over."""

import numpy as np
import pytest

import symloss as sl

A, B = sl.matrix("A", "N C"), sl.matrix("B", "N C")
u, v, r, t = sl.vector("u", "N"), sl.vector("v", "N"), sl.vector("r", "C"), sl.vector("t", "C")
x, y = sl.scalar("x"), sl.scalar("y")
VARIABLES = [A, B, u, v, r, t, x, y]
SIZES = {"N": 3, "C": 4}


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (x * (r + 1) - (x + y) * r, "x − yr"),
        (u[:, None] * (A + 1) - (u + v)[:, None] * A, "u[:, None] − A ⊙ v[:, None]"),
        ((A + r) * (B + 1) - A * B - A, "r ⊙ (B + 1)"),
        (sl.sum(A * (B + 1), axis=1) + sl.sum((1 - A) * B, axis=1), "Σ_C A + Σ_C B"),
        (sl.sum((u + 1) * (v + 1)) - sl.sum(u * v), "(u + 1)ᵀ(v + 1) − uᵀv"),
    ],
)
def test_a_sum_is_written_in_the_shorter_way(formula, text):
    assert str(sl.simplify(formula)) == text


def test_the_slope_of_tversky_is_as_short_as_that_of_dice():
    slope = str(sl.grad(sl.mean(sl.losses.tversky_loss(A, B)), A))
    assert slope.startswith("(1/N)((u/v²)[:, None]/2 − B/v[:, None]), where ")


def values():
    rng = np.random.default_rng(0)
    return {e: rng.uniform(0.5, 2, [SIZES[str(size)] for size in e.shape]) for e in VARIABLES}


class Drawn:
    """A formula and, computed beside it, its value."""

    def __init__(self, rng):
        self.rng, self.values = rng, values()

    def leaf(self):
        place = self.rng.integers(len(VARIABLES) + 1)
        if place == len(VARIABLES):
            return sl.constant(1.0), np.float64(1)
        e = VARIABLES[place]
        column = e in (u, v)
        value = self.values[e]
        return (e[:, None], value[:, None]) if column else (e, value)

    def factor(self):
        (a, p), (b, q) = self.leaf(), self.leaf()
        kind = self.rng.integers(3)
        return [(a, p), (a + b, p + q), (a - b, p - q)][kind], [(a, p)]

    def summed(self, pair, axes):
        e, value = pair[0] + 0 * A, pair[1] + 0 * self.values[A]
        return (sl.sum(e, axis=axes), value.sum(axis=axes)) if axes else (e, value)


@pytest.mark.parametrize("seed", range(120))
def test_what_is_multiplied_out_has_the_value_that_it_had(seed):
    drawn = Drawn(np.random.default_rng(seed))
    axes = [(), (0,), (1,), (0, 1)][seed % 4]
    (f, p), parts = drawn.factor()
    (g, q), others = drawn.factor()
    (h, s), _ = drawn.factor()
    (a, k), (b, m) = parts[0], others[0]
    whole, value = drawn.summed((f * g * h, p * q * s), axes)
    less, lost = drawn.summed((a * b * h, k * m * s), axes)
    found = sl.function(VARIABLES, sl.simplify(whole - less), on_unused="ignore")(*drawn.values.values())
    np.testing.assert_allclose(found, value - lost, rtol=1e-11, atol=1e-11)
