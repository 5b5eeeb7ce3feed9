"""An expression fills an array by its last operation, wherever NumPy has a function that can."""

import numpy as np
import pytest

from symloss.compiler.filling import filling

STATEMENTS = {
    "a - b": "np.subtract(a, b, out=r)",
    "2 / 7 * (a - b)": "np.multiply(2 / 7, a - b, out=r)",
    "-(a / b)": "np.negative(a / b, out=r)",
    "a @ m": "np.matmul(a, m, out=r)",
    "np.exp(a + b)": "np.exp(a + b, out=r)",
    "np.maximum(a, 0)": "np.maximum(a, 0, out=r)",
    "a**2": "r[...] = a**2",
    "np.where(a > 0, a, b)": "r[...] = np.where(a > 0, a, b)",
    "np.sum(a, axis=1, keepdims=True)": "r[...] = np.sum(a, axis=1, keepdims=True)",
    "np.clip(a, -1, 1)": "r[...] = np.clip(a, -1, 1)",
    "kernel(a, b)": "r[...] = kernel(a, b)",
    "a[0]": "r[...] = a[0]",
    "np.modf(a)[0]": "r[...] = np.modf(a)[0]",
}


@pytest.mark.parametrize("text", STATEMENTS)
def test_the_last_operation_fills(text):
    assert filling("r", text) == STATEMENTS[text]


@pytest.mark.parametrize("text", STATEMENTS)
def test_what_is_filled_has_the_bits_of_the_expression(text):
    rng = np.random.default_rng(0)
    scope = {"np": np, "kernel": np.hypot, "r": np.empty((3, 3))}
    scope |= {name: rng.standard_normal((3, 3)) for name in "abm"}
    exec(filling("r", text), scope)
    expected = np.broadcast_to(eval(text, scope), (3, 3))
    assert scope["r"].tobytes() == np.ascontiguousarray(expected).tobytes()
