import numpy as np


def logsumexp(x, axis, keepdims=False):
    """log(sum(exp(x))), accurate where one entry dominates."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0)
    e = np.where(x == top, 0, np.exp(x - shift))
    ties = np.count_nonzero(x == top, axis=axis, keepdims=True)
    rest = e.sum(axis=axis, keepdims=True) + (ties - 1).astype(x.dtype)
    value = np.where(np.isfinite(top), top + np.log1p(rest), top)
    return value if keepdims else value.squeeze(axis)


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


@np.errstate(all="ignore")
def f(X, W, Y, lam):
    """Computes mean(logsumexp(XW, K) − Σ_K (Y ⊙ XW)) + (λ/2) Σ(W²); (1/N) Xᵀ(softmax…"""
    N = X.shape[0]
    a = X @ W
    return (
        np.mean(logsumexp(a, 1) - np.sum(Y * a, axis=1)) + lam / 2 * np.sum(W**2),
        1 / N * (X.T @ softmax_minus(a, Y, 1)) + lam * W,
    )
