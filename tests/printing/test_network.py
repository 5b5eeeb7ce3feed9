"""The graph of a formula in networkx is the graph of the formula, however deep."""

import subprocess
import sys

import networkx as nx
import pytest

import symloss as sl
from symloss import testing
from symloss.core.op import OPS
from symloss.core.walk import topological

x, z, y = sl.scalar("x"), sl.vector("z", "K"), sl.vector("y", "K")
L = -sl.sum(y * sl.log_softmax(z))


def labels(formula):
    return [label for _, label in sl.to_networkx(formula).nodes(data="label")]


def test_nodes_tell_what_they_are():
    graph = sl.to_networkx(L)
    assert dict(graph.nodes(data=True)) == {
        0: {"op": "input", "label": "y", "shape": y.shape, "dtype": "float64", "name": "y"},
        1: {"op": "input", "label": "z", "shape": z.shape, "dtype": "float64", "name": "z"},
        2: {"op": "log_softmax", "label": "log_softmax", "shape": z.shape, "dtype": "float64", "name": ""},
        3: {"op": "multiply", "label": "⊙", "shape": z.shape, "dtype": "float64", "name": ""},
        4: {"op": "sum", "label": "Σ", "shape": (), "dtype": "float64", "name": ""},
        5: {"op": "negative", "label": "−", "shape": (), "dtype": "float64", "name": ""},
    }
    assert graph.graph == {"roots": [5]}


def test_edges_lead_from_arguments_to_users_and_keep_every_position():
    assert list(sl.to_networkx(x * x).edges(data="positions")) == [(0, 1, (0, 1))]
    assert list(sl.to_networkx(x - z).edges(data="positions")) == [(0, 2, (0,)), (1, 2, (1,))]


def test_several_formulas_share_their_parts():
    graph = sl.to_networkx([L, sl.log_softmax(z), L])
    assert len(graph) == 6
    assert graph.graph["roots"] == [5, 2, 5]


def test_a_graph_is_the_same_each_time_and_acyclic():
    gradient = sl.grad(L, z)
    first, second = sl.to_networkx(gradient), sl.to_networkx(gradient)
    assert nx.utils.graphs_equal(first, second)
    assert nx.is_directed_acyclic_graph(first)
    assert [*first] == [*range(len(topological([gradient])))]


@pytest.mark.parametrize("op", [op for op in OPS.values() if not op.leaf], ids=lambda op: op.name)
def test_every_operation_has_a_label_of_its_own(op):
    for expr, _ in testing.cases(op):
        label = labels(expr)[-1]
        assert label
        assert label != "·"
        assert "\u2062" not in label
        assert "«" not in label


@pytest.mark.parametrize(
    ("formula", "label"),
    [
        (z + y, "+"),
        (z / y, "/"),
        (sl.matrix("A", "N K") @ z, "@"),
        (sl.matrix("A", "N K").T, "·ᵀ"),
        (sl.sum(sl.matrix("A", "N K"), axis=1), "Σ_K"),
        (z**3, "^"),
        (abs(z), "|·|"),
        (sl.where(z > 0, z, y), "where"),
        (z.astype("float32"), "cast float32"),
        (z[1:3], "·[1:3]"),
        (sl.reshape(sl.vector("a", 6), (2, 3)), "reshape (2, 3)"),
        (sl.scalar("lam"), "λ"),
        (sl.constant(0.5), "0.5"),
        (sl.constant([[1.0, 2.0]]), "array float64"),
    ],
    ids=lambda value: str(value),
)
def test_a_label_is_the_sign_of_the_operation(formula, label):
    assert labels(formula)[-1] == label


def test_a_chain_of_100_000_nodes_under_a_small_stack():
    code = (
        "import sys, symloss as sl\n"
        "x = sl.scalar('x')\n"
        "for _ in range(100_000): x = sl.exp(x)\n"
        "sys.setrecursionlimit(150)\n"
        "print(len(sl.to_networkx(x)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "100001\n"


@pytest.mark.parametrize(("given", "wrong"), [(3, "an int"), ([x, "y"], "a str")])
def test_what_is_no_expression_is_refused(given, wrong):
    with pytest.raises(sl.errors.GraphError) as caught:
        sl.to_networkx(given)
    assert str(caught.value) == f"to_networkx(): {wrong} is no expression: pass an Expr or a list of them"


def test_no_formulas_are_refused():
    with pytest.raises(sl.errors.GraphError) as caught:
        sl.draw([])
    assert str(caught.value) == "draw(): got no formulas: pass at least one"
