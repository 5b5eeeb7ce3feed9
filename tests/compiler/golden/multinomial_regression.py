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


def log_total(x, parts=None, axis=-1, keepdims=False):
    """log(sum(exp(x))), accurate where one entry dominates."""
    _, rest, top, *_ = parts or exponentials(x, axis)
    value = np.where(np.isfinite(top), top + np.log1p(rest), top) if x.shape[axis] else rest - np.inf
    return value if keepdims else value.squeeze(axis)


def softmax_minus(x, y, parts=None, axis=-1):
    """softmax(x) - y, without cancellation where the largest entry is nearly 1."""
    e, rest, _, *at = parts or exponentials(x, axis)
    top, y_top = 1 / (1 + rest), y[tuple(at)]
    z = e * top - y
    z[tuple(at)] = (1 - y_top - y_top * rest) * top
    return z


@np.errstate(all="ignore")
def f(X, W, Y, lam):
    """Computes mean(logsumexp(XW, K) − Σ_K (Y ⊙ XW)) + (λ/2) Σ(W²); (1/N) Xᵀ(softmax…"""
    N = X.shape[0]
    a = X @ W
    e = exponentials(a, 1)
    v = np.mean(log_total(a, e, axis=1) - np.sum(Y * a, axis=1)) + lam / 2 * np.sum(W**2)
    return v, 1 / N * (X.T @ softmax_minus(a, Y, e, axis=1)) + lam * W
