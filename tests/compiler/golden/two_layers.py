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


def softmax_minus(x, y, parts=None, axis=-1):
    """softmax(x) - y, without cancellation where the largest entry is nearly 1."""
    e, rest, _, *at = parts or exponentials(x, axis)
    top, y_top = 1 / (1 + rest), y[tuple(at)]
    z = e * top - y
    z[tuple(at)] = (1 - y_top - y_top * rest) * top
    return z


def heaviside(x):
    """1 where x > 0, 0 where x < 0, 1/2 at 0."""
    return 0.5 * np.sign(x) + 0.5


@np.errstate(all="ignore")
def f(X, Y, W1, b1, W2, b2):
    """Computes mean(−Σ_K (Y ⊙ log_softmax(relu(X W₁ + b₁)·W₂ + b₂))); (1/N) Xᵀ((P − …"""
    N = X.shape[0]
    v = X @ W1 + b1
    h = np.maximum(v, 0)
    v2 = h @ W2 + b2
    e = exponentials(v2, 1)
    v3 = 1 / N
    v4 = softmax_minus(v2, Y, e, axis=1)
    v5 = v4 @ W2.T * heaviside(v)
    return (
        -np.sum(weighted(Y, log_shares(v2, e, axis=1))) / N,
        v3 * (X.T @ v5),
        v3 * np.sum(v5, axis=0),
        v3 * (h.T @ v4),
        v3 * np.sum(v4, axis=0),
    )
