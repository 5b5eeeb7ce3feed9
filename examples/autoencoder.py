"""A variational autoencoder of handwritten digits: images from a code of a few numbers.

Run it with ``python examples/autoencoder.py``. One half of the network turns an image into the mean and
log-variance of its code, the other turns a sample of the code into a score for each pixel. The loss is the
negative evidence lower bound. The random part of a sample is an input, so that all the rest has derivatives.
It prints the bound of an image and its gradients as formulas, then the bound on held-out digits before and
after, next to that of the mean image. ``python examples/autoencoder.py digits.png`` also draws some of them
above their reconstructions, for which matplotlib is needed.
"""

from __future__ import annotations

import sys

import numpy as np

import symloss as sl

PIXELS, HIDDEN, CODE = 64, 64, 8
BATCH, EPOCHS, RATE = 50, 60, 0.05


def load() -> tuple[np.ndarray, np.ndarray]:
    """The pixels in [0, 1] of digits to train on, and of the held-out third; always the same."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise SystemExit('The digits come with scikit-learn: pip install ".[examples]"') from None
    pixels = np.random.default_rng(0).permutation(load_digits().data / 16)
    held_out, kept = np.split(pixels, [len(pixels) // 3])
    return kept, held_out


def layer(name: str, rows: int, columns: int, scale: float = 1.0) -> list[sl.Expr]:
    """The weights and biases of an affine map; the initial weights are random."""
    rng = np.random.default_rng([rows, columns])
    values = scale * rng.normal(size=(rows, columns)) / np.sqrt(rows), np.zeros(columns)
    return [sl.shared(value, name=f"{letter}_{name}") for letter, value in zip("Wb", values, strict=True)]


def explain() -> None:
    """Print the bound of one image, and its gradients in what the two halves of the network give."""
    z, x = sl.vector("z", "D"), sl.vector("x", "D")
    m, v = sl.vector("m", "K"), sl.vector("v", "K")
    loss = sl.losses.vae_bernoulli_logits(z, x, m, v)
    print(f"loss      {loss}")
    for e, gradient in zip((z, m, v), sl.grad(loss, [z, m, v]), strict=True):
        print(f"gradient  {gradient}  (in {e})")


def main(epochs: int = EPOCHS, picture: str | None = None) -> tuple[float, float]:
    """Train the network; return the bound on the held-out digits, in nats for each, before and after."""
    explain()
    train, test = load()
    x, noise = sl.matrix("x", ("N", PIXELS)), sl.matrix("noise", ("N", CODE))
    A, a = layer("h", PIXELS, HIDDEN)
    B, b = layer("m", HIDDEN, CODE)
    C, c = layer("v", HIDDEN, CODE, scale=0)
    D, d = layer("g", CODE, HIDDEN)
    E, e = layer("z", HIDDEN, PIXELS)

    h = sl.tanh(x @ A + a)
    m, v = h @ B + b, h @ C + c
    code = m + sl.exp(v / 2) * noise
    z = sl.tanh(code @ D + d) @ E + e
    loss = sl.losses.aggregate(sl.losses.vae_bernoulli_logits(z, x, m, v))
    params = [A, a, B, b, C, c, D, d, E, e]
    optimizer = sl.optimizers.SGD(loss, params, [x, noise], RATE)
    evaluate, decode = sl.function([x, noise], loss), sl.function([x, noise], sl.sigmoid(z))

    rng = np.random.default_rng(1)
    fixed = rng.normal(size=(len(test), CODE))
    before = -float(evaluate(test, fixed))
    print(f"before training  evidence bound {before:8.3f} nats on digits held out")
    for epoch in range(epochs):
        batches = np.array_split(rng.permutation(train), len(train) // BATCH)
        losses = [optimizer.step(batch, rng.normal(size=(len(batch), CODE))) for batch in batches]
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1:3}        evidence bound {-np.mean(losses):8.3f} nats")
    after = -float(evaluate(test, fixed))
    print(f"the mean image   evidence       {alone(train, test):8.3f} nats on digits held out")
    print(f"after training   evidence bound {after:8.3f} nats on digits held out")
    if picture:
        draw(test[:10], decode(test[:10], np.zeros((10, CODE))), picture)
    return before, after


def alone(train: np.ndarray, test: np.ndarray) -> float:
    """The log-likelihood of an image if every image is expected to be the mean one, in nats."""
    p, x = sl.vector("p", PIXELS), sl.matrix("x", ("N", PIXELS))
    loss = sl.sum(sl.losses.binary_crossentropy(sl.broadcast_to(p, x.shape), x), axis=1)
    return -float(sl.function([p, x], sl.mean(loss))(train.mean(axis=0).clip(1e-9), test))


def draw(images: np.ndarray, reconstructed: np.ndarray, path: str) -> None:
    """Write images, and below each its reconstruction, to a file."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SystemExit('The picture is drawn with matplotlib: pip install ".[plot]"') from None
    figure = Figure(figsize=(len(images), 2), layout="constrained")
    for axes, image in zip(figure.subplots(2, len(images)).flat, [*images, *reconstructed], strict=True):
        axes.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        axes.axis("off")
    figure.savefig(path)
    print(f"{path} shows {len(images)} digits above their reconstructions")


if __name__ == "__main__":
    main(picture=sys.argv[1] if len(sys.argv) > 1 else None)
