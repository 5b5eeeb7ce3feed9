import numpy as np


def exponentials(x, axis):
    """exp(x - max(x)) but 0 at the maximum, their sum, the place and the maximum."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    at = np.argmax(x, axis=axis, keepdims=True) if x.size else x.astype(int)
    e = np.exp(x - top)
    np.put_along_axis(e, at, 0 * (top if x.shape[axis] > 1 else np.sign(top)), axis)
    return e, e.sum(axis=axis, keepdims=True), at, top


def log_total(x, parts=None, axis=-1, keepdims=False):
    """log(sum(exp(x))), accurate where one entry dominates."""
    _, rest, _, top = parts or exponentials(x, axis)
    value = np.where(np.isfinite(top), top + np.log1p(rest), top)
    return value if keepdims else value.squeeze(axis)


def softmax_minus(x, y, parts=None, axis=-1):
    """softmax(x) - y, without cancellation where the largest entry is nearly 1."""
    e, rest, at, _ = parts or exponentials(x, axis)
    z = e / (1 + rest) - y
    y_top = np.take_along_axis(y, at, axis)
    np.put_along_axis(z, at, (1 - y_top - y_top * rest) / (1 + rest), axis)
    return z


@np.errstate(all="ignore")
def f(X, W, Y, lam):
    """Computes mean(logsumexp(XW, K) − Σ_K (Y ⊙ XW)) + (λ/2) Σ(W²); (1/N) Xᵀ(softmax…"""
    N = X.shape[0]
    a = X @ W
    e = exponentials(a, 1)
    v = np.mean(log_total(a, e, axis=1) - np.sum(Y * a, axis=1)) + lam / 2 * np.sum(W**2)
    return v, 1 / N * (X.T @ softmax_minus(a, Y, e, axis=1)) + lam * W
