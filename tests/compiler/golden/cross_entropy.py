import numpy as np


def exponentials(x, axis):
    """exp(x - max(x)) but 0 at the maximum, their sum, the place and the maximum."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    at = np.argmax(x, axis=axis, keepdims=True) if x.size else x.astype(int)
    e = np.exp(x - top)
    np.put_along_axis(e, at, 0 * (top if x.shape[axis] > 1 else np.sign(top)), axis)
    return e, e.sum(axis=axis, keepdims=True), at, top


def log_shares(x, parts=None, axis=-1):
    """x - log(sum(exp(x))), accurate where one entry dominates."""
    _, rest, _, top = parts or exponentials(x, axis)
    return (x - top if x.shape[axis] > 1 else 0 * np.sign(x)) - np.log1p(rest)


def weighted(x, y):
    """x * y, and 0 where x is 0 and y infinite."""
    z = x * y
    return np.where((x == 0) & np.isinf(y), 0, z) if np.isnan(z).any() else z


def softmax_total_minus(x, y, parts=None, axis=-1):
    """softmax(x) * sum(y) - y, accurate where one entry dominates."""
    e, rest, at, _ = parts or exponentials(x, axis)
    y_top = np.take_along_axis(y, at, axis)
    others = y.sum(axis=axis, keepdims=True) - y_top
    z = e * ((others + y_top) / (1 + rest)) - y
    np.put_along_axis(z, at, (others - rest * y_top) / (1 + rest), axis)
    return z


@np.errstate(all="ignore")
def f(z, y):
    """Computes −Σ(y ⊙ log_softmax(z)); softmax(z)·Σy − y"""
    e = exponentials(z, 0)
    return (
        -np.sum(weighted(y, log_shares(z, e, axis=0))),
        softmax_total_minus(z, y, e, axis=0),
    )
