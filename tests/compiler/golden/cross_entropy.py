import numpy as np


def log_softmax(x, axis):
    """x - logsumexp(x), accurate where one entry dominates; 0 for a lone one."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    shifted = x - top if x.size > top.size else 0 * np.sign(x)
    ties = np.count_nonzero(shifted == 0, axis=axis, keepdims=True)
    rest = np.sum(np.where(shifted == 0, 0, np.exp(shifted)), axis=axis, keepdims=True)
    return shifted - np.log1p(rest + (ties - 1).astype(x.dtype))


def weighted(x, y):
    """x * y, and 0 where x is 0 and y infinite."""
    return x * np.where((x == 0) & np.isinf(y), 0, y)


def softmax_total_minus(x, y, axis):
    """softmax(x) * sum(y) - y, accurate where one entry dominates."""
    at = np.argmax(x, axis=axis, keepdims=True)
    e = np.exp(x - np.take_along_axis(x, at, axis) if x.shape[axis] > 1 else np.sign(x))
    one, y_top = (np.take_along_axis(a, at, axis) for a in (e, y))
    np.put_along_axis(e, at, 0, axis)
    rest = e.sum(axis=axis, keepdims=True)
    others = y.sum(axis=axis, keepdims=True) - y_top
    z = e / (one + rest) * (others + y_top) - y
    np.put_along_axis(z, at, (one * others - rest * y_top) / (one + rest), axis)
    return z


@np.errstate(all="ignore")
def f(z, y):
    """Computes −Σ(y ⊙ log_softmax(z)); softmax(z)·Σy − y"""
    return -np.sum(weighted(y, log_softmax(z, 0))), softmax_total_minus(z, y, 0)
