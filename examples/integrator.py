"""A recurrent network of neurons with memory learns to integrate a signal.

Run it with ``python examples/integrator.py``. Its units forget: their state follows what they are given with
the time constant `TAU`, of two steps. By weights among themselves they learn to hold a sum for as long as the
signal lasts. The network is one formula through all steps, and Hessian-free optimisation follows its
derivatives back through time. It prints one step of the network, the errors on the way, and an example of
what was learned.
"""

from __future__ import annotations

import numpy as np

import symloss as sl
from symloss.nonlinearities import Continuous
from symloss.optimizers import HessianFree

STEPS, UNITS, TAU = 15, 6, 2.0
SIGNALS, UPDATES = 60, 16


def signals(count: int, steps: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Signals that keep a random level for a random while, and their integrals; both (count, steps)."""
    rng = np.random.default_rng(seed)
    changes = rng.random((count, steps)) < 0.3
    levels = rng.uniform(-1, 1, size=(count, steps))
    held = np.maximum.accumulate(np.where(changes, np.arange(steps), 0), axis=1)
    x = np.take_along_axis(levels, held, axis=1)
    return x, np.cumsum(x, axis=1) / steps


def weights() -> list[sl.Expr]:
    """From the signal to the units, among the units, their biases, and from the units to the answer."""
    rng = np.random.default_rng(0)
    return [
        sl.shared(rng.normal(size=UNITS), name="a"),
        sl.shared(rng.normal(size=(UNITS, UNITS)) / np.sqrt(UNITS), name="R"),
        sl.shared(np.zeros(UNITS), name="b"),
        sl.shared(rng.normal(size=UNITS) / np.sqrt(UNITS), name="c"),
    ]


def answers(x: sl.Expr, params: list[sl.Expr]) -> sl.Expr:
    """What the network says at each step about the signal so far, of the shape of the signals."""
    a, R, b, c = params
    neuron = Continuous(sl.tanh, tau=TAU)
    state = sl.zeros((x.shape[0], UNITS))
    active, said = sl.zeros_like(state), []
    for t in range(x.shape[1]):
        state, active = neuron(state, sl.outer(x[:, t], a) + active @ R + b)
        said.append(active @ c)
    return sl.stack(said, axis=1)


def main(steps: int = STEPS, updates: int = UPDATES) -> tuple[float, float]:
    """Train the network; return its errors on new signals before and after."""
    s, u, y = sl.matrix("s", ("N", UNITS)), sl.vector("u", "N"), sl.matrix("y", ("N", UNITS))
    params = weights()
    a, R, b, _ = params
    after, active = Continuous(sl.tanh, tau=TAU)(s, sl.outer(u, a) + y @ R + b)
    print(f"state     {after}")
    print(f"activity  {active}")

    x, target = sl.matrix("x", ("N", steps)), sl.matrix("target", ("N", steps))
    said = answers(x, params)
    loss = sl.losses.aggregate(sl.losses.squared_error(said, target))
    optimizer = HessianFree(loss, said, params, [x, target])
    measure, answer = sl.function([x, target], loss), sl.function([x], said)

    train, test = signals(SIGNALS, steps, seed=1), signals(SIGNALS, steps, seed=2)
    before = float(np.sqrt(measure(*test)))
    print(f"before training  error {before:.4f} on new signals")
    for k in range(updates):
        value = optimizer.step(*train)
        if k % 5 == 0:
            print(f"update {k:3}  error {np.sqrt(value):.4f}")
    error = float(np.sqrt(measure(*test)))
    print(f"after training   error {error:.4f} on new signals")
    for name, row in zip(("signal", "integral", "answer"), (*test, answer(test[0])), strict=True):
        print(f"{name:9}", *(f"{value:5.2f}" for value in row[0, ::3]))
    return before, error


if __name__ == "__main__":
    main()
