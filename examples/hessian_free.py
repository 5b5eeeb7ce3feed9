"""Hessian-free optimisation against gradient descent, on handwritten digits.

Run it with ``python examples/hessian_free.py``. A network with one hidden layer is trained twice from the
same start, on all of two thirds of the 1,797 digits that scikit-learn ships. It prints where both loss curves
begin and end, and the accuracy on the held-out third.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

import symloss as sl
from symloss.optimizers import SGD, HessianFree

PIXELS, HIDDEN, CLASSES = 64, 30, 10
RATE, STEPS, UPDATES = 0.5, 500, 30


class Network(NamedTuple):
    """The variables and formulas of a classifier."""

    inputs: list[sl.Expr]
    params: list[sl.Expr]
    scores: sl.Expr
    loss: sl.Expr


def network() -> Network:
    """One layer of tanh units and the scores of ten classes; the initial weights are always the same."""
    rng = np.random.default_rng(0)
    x, t = sl.matrix("x", ("N", PIXELS)), sl.vector("t", "N", dtype="int64")
    A = sl.shared(rng.normal(size=(PIXELS, HIDDEN)) / np.sqrt(PIXELS), name="A")
    a = sl.shared(np.zeros(HIDDEN), name="a")
    B = sl.shared(rng.normal(size=(HIDDEN, CLASSES)) / np.sqrt(HIDDEN), name="B")
    b = sl.shared(np.zeros(CLASSES), name="b")
    scores = sl.tanh(x @ A + a) @ B + b
    loss = sl.losses.aggregate(sl.losses.softmax_crossentropy(scores, t))
    return Network([x, t], [A, a, B, b], scores, loss)


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pixels in [0, 1] and labels to train on, then those of the held-out third; always the same."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise SystemExit('The digits come with scikit-learn: pip install ".[examples]"') from None
    brightness, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    held_out, kept = np.split(order, [len(labels) // 3])
    pixels = brightness / 16
    return pixels[kept], labels[kept], pixels[held_out], labels[held_out]


def train(
    name: str, count: int, net: Network, optimizer: sl.optimizers.SGD | sl.optimizers.HessianFree
) -> float:
    """Make so many steps; print the ends of the loss curve and the accuracy; return the last loss."""
    pixels, labels, new_pixels, new_labels = load()
    began = time.perf_counter()
    losses = [optimizer.step(pixels, labels) for _ in range(count)]
    seconds = time.perf_counter() - began
    x, t = net.inputs
    last = float(sl.function([x, t], net.loss)(pixels, labels))
    found = sl.function([x], sl.argmax(net.scores, axis=1))(new_pixels)
    print(f"{name:17} {count:4} steps  loss {losses[0]:.4f} -> {last:.2e}  ", end="")
    print(f"accuracy {np.mean(found == new_labels):.4f} on digits held out  {seconds:.1f} s")
    return last


def main(steps: int = STEPS, updates: int = UPDATES) -> tuple[float, float]:
    """Train both ways; return the final losses of gradient descent and of Hessian-free optimisation."""
    net = network()
    descent = train("gradient descent", steps, net, SGD(net.loss, net.params, net.inputs, RATE))
    net = network()
    optimizer = HessianFree(net.loss, net.scores, net.params, net.inputs)
    free = train("Hessian-free", updates, net, optimizer)
    products = sum(update.iterations for update in optimizer.history)
    print(f"damping 1 -> {optimizer.damping:.2e}, {products} iterations of conjugate gradients")
    return descent, free


if __name__ == "__main__":
    main()
