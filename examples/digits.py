"""Multinomial regression on handwritten digits: from the formula to a trained classifier.

Run it with ``python examples/digits.py``. It prints the loss and its gradient as formulas,
trains the 65 × 10 weights on two thirds of the 1,797 digits that scikit-learn ships,
prints the accuracy on both parts and, last, the NumPy source of the training step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import symloss as sl

PIXELS, CLASSES = 64, 10
DECAY, RATE, MOMENTUM, STEPS = 1e-3, 0.5, 0.9, 300


class Digits(NamedTuple):
    """Pixels in [0, 1] with a column of ones, one row per digit; labels in 0, …, 9."""

    pixels: np.ndarray
    labels: np.ndarray


def load() -> tuple[Digits, Digits]:
    """Two thirds of the digits to train on and the held-out third, always the same."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise SystemExit('The digits come with scikit-learn: pip install ".[examples]"') from None
    brightness, labels = load_digits(return_X_y=True)
    pixels = np.column_stack([brightness / 16, np.ones(len(labels))])
    order = np.random.default_rng(0).permutation(len(labels))
    held_out, kept = np.split(order, [len(labels) // 3])
    return Digits(pixels[kept], labels[kept]), Digits(pixels[held_out], labels[held_out])


def main() -> float:
    """Print formulas, accuracies and source; return the accuracy on the held-out third."""
    train, test = load()

    X = sl.matrix("X", ("N", PIXELS + 1))
    t = sl.vector("t", "N", dtype="int64")
    W = sl.shared(np.zeros((PIXELS + 1, CLASSES)), name="W")
    V = sl.shared(np.zeros((PIXELS + 1, CLASSES)), name="V")

    scores = X @ W
    surprise = sl.losses.aggregate(sl.losses.softmax_crossentropy(scores, t))
    loss = surprise + DECAY / 2 * sl.sum(W**2)
    gradient = sl.grad(loss, W)
    print(f"loss      {loss}")
    print(f"gradient  {gradient}")

    velocity = MOMENTUM * V - RATE * gradient
    step = sl.function([X, t], loss, updates={V: velocity, W: W + velocity}, name="step")
    classify = sl.function([X], sl.argmax(scores, axis=1), name="classify")

    for done in range(STEPS + 1):
        value = step(train.pixels, train.labels)
        if done % 100 == 0:
            print(f"step {done:3}  loss {value:.4f}")

    train_accuracy, test_accuracy = (
        float(np.mean(classify(part.pixels) == part.labels)) for part in (train, test)
    )
    print(f"accuracy  {train_accuracy:.4f} on {len(train.labels)} digits trained on")
    print(f"accuracy  {test_accuracy:.4f} on {len(test.labels)} digits held out")
    print(f"\n{step.source}")
    return test_accuracy


if __name__ == "__main__":
    main()
