"""Drawings are well-formed, the same each time, and show every node once and where it can be read."""

import subprocess
import sys
from xml.etree import ElementTree

import pytest

import symloss as sl
from symloss.core.dtypes import FLOAT64
from symloss.core.leaves import INPUT, leaf
from symloss.printing.layout import arrange

x, z, y = sl.scalar("x"), sl.vector("z", "K"), sl.vector("y", "K")
L = -sl.sum(y * sl.log_softmax(z))
X, W, V, Y = sl.matrix("X", "N D"), sl.matrix("W", "D H"), sl.matrix("V", "H K"), sl.matrix("Y", "N K")
NET = -sl.mean(sl.sum(Y * sl.log_softmax(sl.relu(X @ W) @ V), axis=1))
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "a\"b'<c>&amp;\\N\\n#`|{[]}; -->%%\n\x00é𝔸\ud800"


def texts(drawing):
    return ["".join(node.itertext()) for node in ElementTree.fromstring(drawing.svg()).iter(f"{SVG}text")]


def rectangles(drawing):
    shapes = ElementTree.fromstring(drawing.svg()).iter(f"{SVG}rect")
    return [tuple(float(shape.get(key)) for key in ("x", "y", "width", "height")) for shape in shapes]


def test_the_text_for_graphviz():
    assert sl.draw(L).dot() == (
        "digraph formula {\n"
        '  node [fontname="sans-serif"];\n'
        '  n0 [label="y\\nK", shape=ellipse];\n'
        '  n1 [label="z\\nK", shape=ellipse];\n'
        '  n2 [label="log_softmax\\nK", shape=box];\n'
        '  n3 [label="⊙\\nK", shape=box];\n'
        '  n4 [label="Σ", shape=box];\n'
        '  n5 [label="−", shape=box, peripheries=2];\n'
        "  n1 -> n2;\n"
        "  n0 -> n3;\n"
        "  n2 -> n3;\n"
        "  n3 -> n4;\n"
        "  n4 -> n5;\n"
        "}\n"
    )


def test_the_text_for_mermaid():
    assert sl.draw(L).mermaid() == (
        "flowchart TD\n"
        '    n0(["y<br/>K"])\n'
        '    n1(["z<br/>K"])\n'
        '    n2["log#95;softmax<br/>K"]\n'
        '    n3["⊙<br/>K"]\n'
        '    n4["Σ"]\n'
        '    n5["−"]\n'
        "    n1 --> n2\n"
        "    n0 --> n3\n"
        "    n2 --> n3\n"
        "    n3 --> n4\n"
        "    n4 --> n5\n"
        "    style n5 stroke-width:3px\n"
    )


def test_an_image_shows_operations_names_and_shapes():
    assert sorted(texts(sl.draw(L))) == sorted(["y", "K", "z", "K", "log_softmax", "K", "⊙", "K", "Σ", "−"])
    styles = [
        shape.get("class")
        for shape in ElementTree.fromstring(sl.draw(sl.exp(x) + 1).svg()).iter(f"{SVG}rect")
    ]
    assert styles == ["variable", "operation", "fixed", "operation result"]


def test_numbers_tell_arguments_apart_where_their_order_does_not():
    assert not {"1", "2"} & {*texts(sl.draw(x - y))}
    assert "1, 2" in texts(sl.draw(z * z))
    crossed = sl.grad(L, z)
    assert {"1", "2"} <= {*texts(sl.draw([L, crossed]))}


@pytest.mark.parametrize("formula", [L, [L, sl.grad(L, z)], NET, sl.grad(NET, W), [NET, sl.grad(NET, X)]])
def test_boxes_lie_inside_the_image_and_apart(formula):
    drawing = sl.draw(formula)
    image = ElementTree.fromstring(drawing.svg())
    width, height = float(image.get("width")), float(image.get("height"))
    boxes = rectangles(drawing)
    assert len(boxes) == len(sl.to_networkx(formula))
    for n, (left, top, wide, high) in enumerate(boxes):
        assert 0 <= left <= left + wide <= width
        assert 0 <= top <= top + high <= height
        for other_left, other_top, other_wide, _ in boxes[:n]:
            assert other_top != top or left >= other_left + other_wide or other_left >= left + wide


def test_arguments_stand_above_their_users():
    graph, boxes = sl.to_networkx(sl.grad(NET, W)), rectangles(sl.draw(sl.grad(NET, W)))
    assert all(boxes[argument][1] < boxes[user][1] for argument, user in graph.edges)


def test_a_notebook_gets_an_image():
    drawing = sl.draw(L)
    assert drawing._repr_mimebundle_() == {
        "image/svg+xml": drawing.svg(),
        "text/plain": "<Drawing of 6 nodes>",
    }


def test_names_are_escaped_for_each_sink():
    formula = sl.exp(leaf(INPUT, (), FLOAT64, name=HOSTILE))
    drawing = sl.draw(formula)
    clean = HOSTILE.replace("\n", "�").replace("\x00", "�").replace("\ud800", "�")
    assert [text[:31] for text in texts(drawing)] == [clean[:31], "exp"]
    assert drawing.dot().splitlines()[2] == (
        '  n0 [label="a\\"b\'<c>&amp;amp;\\\\N\\\\n#`|{[]}; -->%%��é𝔸�", shape=ellipse];'
    )
    assert drawing.mermaid().splitlines()[1] == (
        '    n0(["a#34;b#39;#60;c#62;#38;amp#59;#92;N#92;n#35;#96;#124;#123;#91;#93;#125;#59; '
        '#45;#45;#62;#37;#37;��é𝔸�"])'
    )


def test_a_drawing_is_the_same_whatever_the_hash_seed():
    code = (
        "import symloss as sl\n"
        "z, y = sl.vector('z', 'K'), sl.vector('y', 'K')\n"
        "L = -sl.sum(y * sl.log_softmax(z))\n"
        "d = sl.draw([L, sl.grad(L, z)])\n"
        "print(ascii(d.svg() + d.dot() + d.mermaid()))"
    )

    def run(seed):
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command,
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout

    assert run("1") == run("2")


def test_files_are_written_by_their_ending(tmp_path):
    drawing = sl.draw(L)
    for ending, text in (
        (".svg", drawing.svg()),
        (".dot", drawing.dot()),
        (".gv", drawing.dot()),
        (".mmd", drawing.mermaid()),
    ):
        drawing.save(tmp_path / f"loss{ending}")
        assert (tmp_path / f"loss{ending}").read_text(encoding="utf-8") == text
    with pytest.raises(sl.errors.InputError) as caught:
        drawing.save(tmp_path / "loss.png")
    assert str(caught.value) == "save(): a drawing cannot be written as '.png': use .svg, .dot, .gv or .mmd"


def test_a_graph_of_more_than_400_nodes_is_refused():
    formula = x
    for _ in range(399):
        formula = sl.exp(formula)
    assert len(rectangles(sl.draw(formula))) == 400
    with pytest.raises(sl.errors.LimitError) as caught:
        sl.draw(sl.exp(formula))
    assert str(caught.value) == (
        "draw(): the formula has 401 nodes, more than 400: draw parts of it, or use to_networkx()"
    )
    assert (caught.value.limit, caught.value.value) == (400, 401)


def test_a_ladder_of_layers_has_no_crossing():
    layout = arrange([(), (), (0,), (1,), (2, 3)], [10.0] * 5, 5.0)
    assert layout.layers == [[0, 1], [2, 3], [4]]
    assert layout.centres[4] == pytest.approx((layout.centres[2] + layout.centres[3]) / 2)


def test_crossings_that_can_be_avoided_are():
    layout = arrange([(), (), (), (2,), (1,), (0,), (3, 4, 5)], [10.0] * 7, 5.0)
    places = {box: rank for layer in layout.layers for rank, box in enumerate(layer)}
    assert [places[b] for b in (0, 1, 2)] == [places[b] for b in (5, 4, 3)]


def test_the_style_of_an_image_leaves_the_page_around_it_alone():
    style = ElementTree.fromstring(sl.draw(L).svg()).find(f"{SVG}style").text
    assert all(line.startswith("  .symloss-drawing ") for line in style.strip("\n").splitlines())
