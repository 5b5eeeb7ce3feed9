"""The examples run, and show what they promise."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_digits_are_classified_and_the_formulas_and_source_are_shown(capsys):
    accuracy = load("digits").main()
    report, _, source = capsys.readouterr().out.partition("\n\n")
    assert accuracy > 0.95
    assert f"accuracy  {accuracy:.4f} on 599 digits held out" in report
    assert all(word in report for word in ("loss      ", "gradient  ", "softmax", "Xᵀ"))
    assert "step" in [node.name for node in ast.walk(ast.parse(source)) if hasattr(node, "name")]


def test_hessian_free_updates_go_deeper_than_many_steps_of_gradient_descent(capsys):
    descent, free = load("hessian_free").main(steps=150, updates=18)
    lines = capsys.readouterr().out.splitlines()
    assert free < descent < 2.5
    assert lines[0].startswith("gradient descent   150 steps  loss 2.")
    assert lines[1].startswith("Hessian-free        18 steps  loss 2.")
    assert f"-> {descent:.2e}" in lines[0]
    assert f"-> {free:.2e}" in lines[1]


@pytest.mark.parametrize("name", ["digits", "hessian_free"])
def test_digits_without_scikit_learn_say_how_to_install_it(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(SystemExit) as stop:
        load(name).main()
    assert stop.value.code == 'The digits come with scikit-learn: pip install ".[examples]"'
