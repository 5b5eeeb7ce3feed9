"""What the tests of losses share: compiled value and gradient, and distances in units of the last place."""

import mpmath
import numpy as np
import pytest

import symloss as sl


@pytest.fixture
def value_and_slope():
    """A function: the loss at arrays, and the gradient of its sum in the predictions."""

    def compute(loss, predictions, targets, **options):
        p = sl.tensor("p", predictions.shape, dtype=predictions.dtype.name)
        t = sl.tensor("t", targets.shape, dtype=targets.dtype.name)
        value = loss(p, t, **options)
        return sl.function([p, t], [value, sl.grad(sl.sum(value), p)])(predictions, targets)

    return compute


@pytest.fixture
def ulps():
    """A function: how far a float is from a high-precision number, in units of its last place."""

    def distance(got, exact):
        if not mpmath.isfinite(exact):
            return 0.0 if float(got) == float(exact) else np.inf
        nearest = np.abs(got.dtype.type(float(exact)))
        return float(abs(mpmath.mpf(float(got)) - exact) / mpmath.mpf(float(np.spacing(nearest))))

    return distance
