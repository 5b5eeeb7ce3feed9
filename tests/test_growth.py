"""Long and shared graphs: whatever is done with them grows no faster than they do."""

import json
import subprocess
import sys

import pytest

import symloss as sl
from symloss.core.walk import topological
from symloss.rewrite.books import recognition
from symloss.rewrite.normalise import Normaliser
from symloss.rewrite.stabilise import stabilise

DEEP = """
import json, resource, sys
sys.setrecursionlimit(150)
import numpy as np
import symloss as sl

x = sl.vector("x", "N")
step = {
    "functions": lambda e: sl.sin(e),
    "sums": lambda e: e + 0.001 * sl.sin(x),
    "network": lambda e: sl.tanh(0.5 * e + 0.1),
}[sys.argv[1]]
e = x
for _ in range(int(sys.argv[2])):
    e = step(e)
loss = sl.mean(e)
slope = sl.grad(loss, x)
text, latex = str(slope), slope.latex()
f = sl.function([x], [loss, slope])
value, gradient = f(np.array([0.25, 0.5]))
print(json.dumps({
    "characters": len(text) + len(str(loss)),
    "latex": len(latex),
    "source": len(f.source),
    "finite": bool(np.isfinite(value) and np.isfinite(gradient).all()),
    "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
}))
"""


def deep(kind, length):
    """What a chain of that many links, taken all the way on a shallow stack, comes to."""
    command = [sys.executable, "-W", "error", "-c", DEEP, kind, str(length)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


def test_a_chain_of_100000_functions_is_taken_all_the_way_on_a_shallow_stack():
    found = deep("functions", 100_000)
    assert found["finite"]
    assert found["gigabytes"] < 1.5


@pytest.mark.parametrize("kind", ["functions", "sums", "network"])
def test_what_a_chain_prints_and_compiles_to_grows_as_the_chain(kind):
    once, twice, fourfold = (deep(kind, length) for length in (150, 300, 600))
    for what in ("characters", "latex", "source"):
        assert fourfold[what] - twice[what] <= 2.2 * (twice[what] - once[what]) + 100, what


# Counted by the calls of what every pass is made of -------------------------------------------------
x = sl.vector("x", "N")
y = sl.vector("y", "N")
CHAINS = {
    "functions": lambda e: sl.sin(e),
    "sums": lambda e: e + y * sl.sin(e),
    "differences": lambda e: y - e,
    "products": lambda e: e * sl.cos(e),
    "quotients": lambda e: y / (1 + e * e),
    "powers": lambda e: e**2 + y,
    "softmax": lambda e: sl.softmax(e) * y,
    "sigmoids": lambda e: sl.sigmoid(e) * y,
    "selections": lambda e: sl.where(e > 0, e * y, sl.sin(e)),
}


def chain(link, length):
    e = x
    for _ in range(length):
        e = link(e)
    return sl.mean(e)


class Counted(Normaliser):
    """A normaliser that counts the forms it makes and their operands."""

    count = 0

    def product(self, pairs, out, sizes, node=None):
        Counted.count += 1 + len(pairs)
        return super().product(pairs, out, sizes, node)

    def sum(self, coefs, terms):
        Counted.count += 1 + len(terms)
        return super().sum(coefs, terms)

    def finished(self, node):
        Counted.count += 1 + len(node.args)
        return super().finished(node)


def work(link, length):
    """Forms and operands that the normal form of the gradient of a chain takes."""
    Counted.count = 0
    loss = chain(link, length)
    Counted(rules=recognition())(sl.grad(loss, x))
    return Counted.count


@pytest.mark.parametrize("name", CHAINS)
def test_the_work_on_the_gradient_of_a_chain_doubles_with_the_chain(name):
    first = 20 if name == "products" else 48
    once, twice, fourfold = (work(CHAINS[name], length) for length in (first, 2 * first, 4 * first))
    assert fourfold - twice <= 2.2 * (twice - once) + 100


@pytest.mark.parametrize("link", CHAINS.values(), ids=CHAINS)
def test_the_gradient_of_a_chain_has_a_bounded_number_of_nodes_per_node(link):
    for length in (8, 48):
        loss = chain(link, length)
        nodes = len(topological([loss]))
        assert len(topological([sl.grad(loss, x)])) <= 5 * nodes + 50


@pytest.mark.parametrize("link", CHAINS.values(), ids=CHAINS)
def test_stabilising_a_chain_adds_a_bounded_number_of_nodes_per_node(link):
    loss = chain(link, 120)
    assert len(topological(stabilise([loss]))) <= 2 * len(topological([loss])) + 50


# Shared subexpressions ------------------------------------------------------------------------------
def doubled(levels):
    """A formula whose tree has 2^levels leaves and whose graph has one node per level."""
    e = x
    for _ in range(levels):
        e = sl.sin(e) * e
    return e


def test_a_doubling_graph_of_a_thousand_levels_prints_in_a_line_per_level():
    loss = sl.sum(doubled(1000))
    for text in (str(loss), loss.latex(), repr(loss)):
        assert len(text) < 100 * 1000


def test_a_doubling_graph_is_differentiated_and_compiled_once_per_level():
    loss = sl.sum(doubled(40))
    slope = sl.grad(loss, x)
    assert len(topological([slope])) <= 5 * len(topological([loss])) + 50
    source = sl.function([x], [loss, slope]).source
    assert source.count("np.sin(") == source.count("np.cos(") == 40
