"""The networks of the package hessianfree train with our loss objects and activations in place of its own.

It needs ``pip install -e ".[test,hessianfree]"``. The package asks NumPy for nothing that NumPy 2 dropped.
Its networks ask that losses and activations are of its own classes: ours become so by naming both.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

import hessianfree as hf
import numpy as np
import pytest

import symloss.compat.hessianfree as ours

INPUTS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
ONE = np.array([[0.0], [1], [1], [0]])
TWO = np.column_stack([1 - ONE, ONE])


BASES = {
    hf.loss_funcs.LossFunction: "SquaredError CrossEntropy SparseL2 StructuralDamping LossSet",
    hf.nl.Nonlinearity: "Linear Tanh Logistic Gaussian Softmax Continuous",
}
"""What the networks ask of a loss or an activation, and the classes that are exchanged."""
NAMED = [(name, base) for base, names in BASES.items() for name in names.split()]
OWN = SimpleNamespace(**{name: getattr(sys.modules[base.__module__], name) for name, base in NAMED})
OURS = SimpleNamespace(**{name: type(name, (getattr(ours, name), base), {}) for name, base in NAMED})


CASES = {
    "squared error": ([2, 5, 1], ONE, lambda kit: (kit.Logistic(), kit.SquaredError())),
    "crossentropy": (
        [2, 5, 2],
        TWO,
        lambda kit: ([kit.Linear(), kit.Tanh(), kit.Softmax()], kit.CrossEntropy()),
    ),
    "sparse units": (
        [2, 5, 1],
        ONE,
        lambda kit: (kit.Gaussian(), kit.LossSet([kit.SquaredError(), kit.SparseL2(0.01, target=0.1)])),
    ),
}


def trained(shape, targets, layers, loss, debug=False):
    """A network of the package, trained from the same start; `debug` has it check its derivatives."""
    net = hf.FFNet(
        shape,
        layers=layers,
        loss_type=loss,
        debug=debug,
        rng=np.random.RandomState(0),
        dtype=np.float64,
    )
    optimizer = hf.opt.HessianFree(CG_iter=20, plotting=False)
    net.run_epochs(INPUTS, targets, optimizer, max_epochs=25, print_period=1000)
    return net


@pytest.mark.parametrize("case", CASES)
def test_training_with_our_losses_and_activations_leads_to_the_same_weights(case):
    shape, targets, parts = CASES[case]
    own, new = (trained(shape, targets, *parts(kit)) for kit in (OWN, OURS))
    np.testing.assert_allclose(new.W, own.W, rtol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_the_network_finds_our_derivatives_right_by_differences(case):
    shape, targets, parts = CASES[case]
    trained(shape, targets, *parts(OURS), debug=True)


def test_the_network_learns_exclusive_or():
    net = trained([2, 5, 1], ONE, OURS.Logistic(), OURS.SquaredError())
    np.testing.assert_allclose(net.forward(INPUTS)[-1], ONE, atol=0.1)


def test_the_network_notices_a_loss_with_a_wrong_derivative(monkeypatch):
    class Wrong(OURS.SquaredError):
        def d_loss(self, activities, targets):
            return [None if d is None else 2 * d for d in super().d_loss(activities, targets)]

    def pause(*_):
        raise InterruptedError("the network shows both gradients and waits for a key")

    monkeypatch.setattr("builtins.input", pause)
    with pytest.raises(InterruptedError):
        trained([2, 5, 1], ONE, OURS.Logistic(), Wrong(), debug=True)


def recurrent(kit):
    """A recurrent network with memory, with structural damping, after a few steps towards summing a signal.

    Rounding differs, and what the steps make of that grows from one to the next.
    """
    rng = np.random.RandomState(1)
    x = rng.uniform(-1, 1, size=(20, 8, 1))
    optimizer = hf.opt.HessianFree(CG_iter=30, plotting=False)
    net = hf.RNNet(
        [1, 4, 1],
        layers=[kit.Linear(), kit.Continuous(kit.Tanh(), tau=2.0), kit.Linear()],
        loss_type=kit.LossSet([kit.SquaredError(), kit.StructuralDamping(0.1, optimizer=optimizer)]),
        rng=np.random.RandomState(0),
        dtype=np.float64,
    )
    net.run_epochs(x, np.cumsum(x, axis=1) / 8, optimizer, max_epochs=3, print_period=1000)
    return net


def test_a_recurrent_network_with_memory_trains_to_the_same_weights():
    np.testing.assert_allclose(recurrent(OURS).W, recurrent(OWN).W, rtol=1e-6)
