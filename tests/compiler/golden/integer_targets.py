import numpy as np


def log_softmax(x, axis):
    """x - logsumexp(x), accurate where one entry dominates; 0 for a lone one."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    shifted = x - top if x.size > top.size else 0 * np.sign(x)
    ties = np.count_nonzero(shifted == 0, axis=axis, keepdims=True)
    rest = np.sum(np.where(shifted == 0, 0, np.exp(shifted)), axis=axis, keepdims=True)
    return shifted - np.log1p(rest + (ties - 1).astype(x.dtype))


def scatter(shape, index, values):
    """Zeros with values added at an index; repeated indices add up."""
    out = np.zeros(shape, dtype=values.dtype)
    np.add.at(out, index, values)
    return out


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
def f(Z, t):
    """Computes mean(−log_softmax(Z)[arange(N), t]); (1/N)(softmax(Z) − scatter(broad…"""
    N = Z.shape[0]
    K = Z.shape[1]
    v = np.arange(N, dtype=np.int64)
    v2 = scatter((N, K), np.s_[..., v, t], np.broadcast_to(np.float64(1), (N,)))
    return np.mean(-log_softmax(Z, 1)[v, t]), 1 / N * softmax_minus(Z, v2, 1)
