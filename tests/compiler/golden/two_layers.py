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


def softmax_minus(x, y, axis):
    """softmax(x) - y, without cancellation where the largest entry is nearly 1."""
    at = np.argmax(x, axis=axis, keepdims=True)
    e = np.exp(x - np.take_along_axis(x, at, axis) if x.shape[axis] > 1 else np.sign(x))
    one = np.take_along_axis(e, at, axis)
    np.put_along_axis(e, at, 0, axis)
    rest = e.sum(axis=axis, keepdims=True)
    z = e / (one + rest) - y
    y_top = np.take_along_axis(y, at, axis)
    np.put_along_axis(z, at, ((1 - y_top) * one - y_top * rest) / (one + rest), axis)
    return z


def heaviside(x):
    """1 where x > 0, 0 where x < 0, 1/2 at 0."""
    return (np.sign(x) + 1) / 2


@np.errstate(all="ignore")
def f(X, Y, W1, b1, W2, b2):
    """Computes mean(−Σ_K (Y ⊙ log_softmax(relu(X W₁ + b₁)·W₂ + b₂))); (1/N) Xᵀ((P − …"""
    N = X.shape[0]
    v = X @ W1 + b1
    h = np.maximum(v, 0)
    v2 = h @ W2 + b2
    v3 = 1 / N
    v4 = softmax_minus(v2, Y, 1)
    v5 = v4 @ W2.T * heaviside(v)
    return (
        np.mean(-np.sum(weighted(Y, log_softmax(v2, 1)), axis=1)),
        v3 * (X.T @ v5),
        v3 * np.sum(v5, axis=0),
        v3 * (h.T @ v4),
        v3 * np.sum(v4, axis=0),
    )
