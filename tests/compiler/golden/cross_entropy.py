import numpy as np


def exponentials(x, axis):
    """exp(x - max(x)) but 0 at the maximum, their sum, the maximum and its index."""
    index = np.indices(x.shape, sparse=True)
    place = x.argmax(axis=axis, keepdims=True) if x.shape[axis] else index[axis]
    at = (*index[:axis], place, *index[axis:][1:])
    top = x[at]
    e = np.exp(x - top)
    e[at] = 0 * (top if x.shape[axis] > 1 else np.sign(top))
    return e, e.sum(axis=axis, keepdims=True), top, *at


def log_shares(x, parts=None, axis=-1):
    """x - log(sum(exp(x))), accurate where one entry dominates."""
    _, rest, top, *_ = parts or exponentials(x, axis)
    return (x - top if x.shape[axis] > 1 else 0 * np.sign(x)) - np.log1p(rest)


def weighted(x, y):
    """x * y, and 0 where x is 0 and y infinite."""
    z = x * y
    return np.where((x == 0) & np.isinf(y), 0, z) if np.isnan(z).any() else z


def softmax_total_minus(x, y, parts=None, axis=-1):
    """softmax(x) * sum(y) - y, accurate where one entry dominates."""
    e, rest, _, *at = parts or exponentials(x, axis)
    total, y_top = y.sum(axis=axis, keepdims=True), y[tuple(at)]
    z = e * (total / (1 + rest)) - y
    z[tuple(at)] = (total - y_top - rest * y_top) / (1 + rest)
    return z


@np.errstate(all="ignore")
def f(z, y):
    """Computes −Σ(y ⊙ log_softmax(z)); softmax(z)·Σy − y"""
    e = exponentials(z, 0)
    return (
        -np.sum(weighted(y, log_shares(z, e, axis=0))),
        softmax_total_minus(z, y, e, axis=0),
    )
