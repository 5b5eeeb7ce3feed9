"""Prints all rules: ``python tests/rewrite/table.py``.

For each one its book, tag, left and right side, how many digits both sides agree to at random points, and in
how many of the situations of the tests it fires on its bait.
"""

from __future__ import annotations

import sys
from pathlib import Path

import mpmath
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import test_rules as tests

import symloss as sl
from symloss.core.evaluate import exact_values
from symloss.core.walk import topological
from symloss.rewrite.books import AXES, RESIDUALS
from symloss.rewrite.rule import WILD
from symloss.testing import random_values

SITUATIONS = (
    lambda e: e,
    tests.permuted,
    lambda e: 3 * e - 2 * sl.cos(sl.sum(tests.X)),
    lambda e: -2 * e * sl.cos(sl.sum(tests.X)) / 3,
    lambda e: sl.sum(e),
    lambda e: sl.exp(e).T,
)


def digits(left, right, domain):
    """To how many digits both sides agree at random points."""
    variables = [node for node in topological([left, right]) if node.op.name == "input"]
    worst = 50.0
    for seed in range(3):
        at = random_values(variables, seed=seed, domain=domain)
        a, b = exact_values([left, right], at)
        for x, y in zip(*[e.ravel() for e in np.broadcast_arrays(a, b)], strict=True):
            error = abs(x - y) / max(abs(x), mpmath.mpf("1e-30"))
            worst = min(worst, 50.0 if error == 0 else float(-mpmath.log10(error)))
    return int(worst)


def fires(name, bait, book):
    """In how many situations the rule fires."""
    return sum(name in tests.fired(situation(bait), book) for situation in SITUATIONS)


def entries():
    """One row for each rule: name, book, tag, left, right, digits, situations."""
    recognised = {rule.name for rule in tests.recognition_rules()}
    for rule in tests.RULES:
        plain = {w: sl.scalar(w.name) for w in topological([rule.left, rule.right]) if w.op is WILD}
        left, right = (tests.substitute([side], plain)[0] for side in (rule.left, rule.right))
        bait = tests.bait(rule, tests.X)
        found = digits(left, right, (max(rule.domain[0], -0.9), min(rule.domain[1], 0.9)))
        book = "recognition" if rule.name in recognised else "stability"
        yield rule.name, book, rule.tag, left, right, found, fires(rule.name, bait, tests.alone(rule))
    of_axes, stable = ({rule.name for rule in book} for book in (AXES, RESIDUALS))
    for name, pairs in tests.BAITS.items():
        left, right = (side(tests.X, 1) for side in pairs[0])
        book = "recognition" if name in of_axes else "stability" if name in stable else "algebra"
        fired = fires(name, left, tests.book(name))
        yield name, book, tests.FUNCTIONS[name], left, right, digits(left, right, (0.1, 0.9)), fired


def main():
    """Print the table."""
    row = "{:<28} {:<12} {:<10} {:<44} {:<44} {:>6} {:>5}"
    print(row.format("rule", "book", "tag", "left", "right", "digits", "fires"))
    for name, book, tag, left, right, found, fired in entries():
        cut = [text if len(text) <= 44 else text[:43] + "…" for text in (str(left), str(right))]
        print(row.format(name, book, tag, *cut, found, f"{fired}/{len(SITUATIONS)}"))


if __name__ == "__main__":
    main()
