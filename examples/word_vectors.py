"""Word vectors from a small text: words that are used alike come to lie near each other.

Run it with ``python examples/word_vectors.py``. Each word of ``text.txt`` predicts the words around it. To
tell them from words drawn at random, by noise-contrastive estimation, is cheaper than a softmax over all.
It prints the loss, its gradient, the course of the training and, last, the nearest neighbours of some words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

import symloss as sl

TEXT = Path(__file__).with_name("text.txt")
DIMENSION, WINDOW, NEGATIVES, BATCH, EPOCHS, RATE = 12, 2, 10, 64, 30, 0.5
SHOWN = ["cat", "baker", "soup", "garden", "yellow", "scarf"]


def pairs(lines: list[list[str]], words: list[str]) -> np.ndarray:
    """Each word with each word at most `WINDOW` places from it in the same line, as rows of two numbers."""
    number = {word: k for k, word in enumerate(words)}
    return np.array(
        [
            (number[word], number[line[j]])
            for line in lines
            for i, word in enumerate(line)
            for j in range(max(i - WINDOW, 0), min(i + WINDOW + 1, len(line)))
            if j != i
        ]
    )


def model(share: np.ndarray) -> tuple[Callable[..., np.ndarray], sl.Expr]:
    """The compiled training step of words, neighbours and negatives, and the vectors that it trains."""
    rng = np.random.default_rng(0)
    V = sl.shared(rng.normal(size=(len(share), DIMENSION)) / DIMENSION, name="V")
    W = sl.shared(np.zeros((len(share), DIMENSION)), name="W")
    b = sl.shared(np.zeros(len(share)), name="b")

    word, near = sl.vector("word", "N", dtype="int64"), sl.vector("near", "N", dtype="int64")
    noise = sl.vector("noise", "k", dtype="int64")
    e = sl.shared(np.log(NEGATIVES * share), name="e")
    loss = sl.losses.aggregate(sl.losses.nce_loss(V[word], near, W, b, noise, e))
    print(f"loss      {loss}")
    print(f"gradient  {sl.grad(loss, b)}  (in b)")

    updates = sl.optimizers.sgd(loss, [V, W, b], RATE)
    return sl.function([word, near, noise], loss, updates=updates, name="step"), V


def neighbours(vectors: np.ndarray, words: list[str], word: str, count: int = 4) -> list[str]:
    """The words whose vectors make the smallest angles with that of a word."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    order = np.argsort(-unit @ unit[words.index(word)])
    return [words[k] for k in order[1 : count + 1]]


def main(epochs: int = EPOCHS) -> dict[str, list[str]]:
    """Train the vectors; return the nearest neighbours of some words."""
    lines = [line.split() for line in TEXT.read_text(encoding="utf-8").splitlines()]
    count = Counter(word for line in lines for word in line)
    words = sorted(count)
    share = np.array([count[word] for word in words]) / count.total()
    data = pairs(lines, words)
    print(f"{len(lines)} sentences, {len(words)} words, {len(data)} pairs of neighbours")

    step, V = model(share)
    rng = np.random.default_rng(1)
    for epoch in range(epochs):
        batches = np.array_split(rng.permutation(data), len(data) // BATCH)
        noise = rng.choice(len(words), size=(len(batches), NEGATIVES), p=share)
        loss = np.mean([step(*batch.T, drawn) for batch, drawn in zip(batches, noise, strict=True)])
        if epoch in (0, epochs - 1):
            print(f"epoch {epoch + 1:3}  loss {loss:.4f}")

    found = {word: neighbours(sl.get_value(V), words, word) for word in SHOWN}
    for word, near in found.items():
        print(f"{word:8} is used like {', '.join(near)}")
    return found


if __name__ == "__main__":
    main()
