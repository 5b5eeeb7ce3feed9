"""The examples run, and show what they promise."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import numpy as np
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


def test_an_autoencoder_expects_more_of_digits_than_their_mean_and_draws_them(capsys, tmp_path):
    autoencoder = load("autoencoder")
    train, test = autoencoder.load()
    p = train.mean(axis=0).clip(1e-9, 1 - 1e-9)
    alone = np.mean(np.sum(test * np.log(p) + (1 - test) * np.log(1 - p), axis=1))
    before, after = autoencoder.main(epochs=30, picture=str(tmp_path / "digits.png"))
    report = capsys.readouterr().out
    assert before < alone < alone + 1 < after < 0
    assert "gradient  σ(z) − x  (in z)\ngradient  m  (in m)\ngradient  (exp(v) − 1)/2  (in v)\n" in report
    assert f"evidence       {alone:8.3f} nats on digits held out\n" in report
    assert f"evidence bound {after:8.3f} nats on digits held out\n" in report
    assert (tmp_path / "digits.png").read_bytes().startswith(b"\x89PNG")


def test_a_recurrent_network_learns_to_integrate(capsys):
    before, after = load("integrator").main(steps=8, updates=12)
    report = capsys.readouterr().out.splitlines()
    assert after < before / 10
    assert report[0] == "state     0.5s + 0.5(u aᵀ + yR + b)"
    assert report[-3].startswith("signal ")
    integral, answer = (np.array(line.split()[1:], float) for line in report[-2:])
    np.testing.assert_allclose(answer, integral, atol=0.1)


def test_the_signals_of_the_integrator_are_summed():
    x, target = load("integrator").signals(5, 8, seed=3)
    np.testing.assert_allclose(target[:, -1], x.mean(axis=1))
    np.testing.assert_allclose(np.diff(target, axis=1), x[:, 1:] / 8)


WORDS_OF_A_KIND = [
    "cat dog horse cow goat",
    "girl boy farmer baker teacher",
    "bread cheese soup cake rice",
    "garden kitchen forest village market",
    "red green blue yellow white",
    "hat coat scarf shirt",
]


def test_words_that_are_used_alike_come_to_lie_near_each_other(capsys):
    found = load("word_vectors").main(epochs=20)
    kinds = [kind.split() for kind in WORDS_OF_A_KIND]
    assert len(found) == len(kinds)
    for word, near in found.items():
        (kind,) = (kind for kind in kinds if word in kind)
        assert set(near[:3]) <= set(kind)
    assert "cat      is used like " in capsys.readouterr().out


@pytest.mark.parametrize("name", ["digits", "hessian_free", "autoencoder"])
def test_digits_without_scikit_learn_say_how_to_install_it(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(SystemExit) as stop:
        load(name).main()
    assert stop.value.code == 'The digits come with scikit-learn: pip install ".[examples]"'


def test_a_picture_without_matplotlib_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(SystemExit) as stop:
        load("autoencoder").draw([], [], str(tmp_path / "digits.png"))
    assert stop.value.code == 'The picture is drawn with matplotlib: pip install ".[plot]"'
