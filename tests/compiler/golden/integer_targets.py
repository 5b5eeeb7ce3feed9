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


def scatter(shape, index, values):
    """Zeros with values added at an index; repeated indices add up."""
    out = np.zeros(shape, dtype=values.dtype)
    np.add.at(out, index, values)
    return out


def softmax_minus(x, y, parts=None, axis=-1):
    """softmax(x) - y, without cancellation where the largest entry is nearly 1."""
    e, rest, at, _ = parts or exponentials(x, axis)
    z = e / (1 + rest) - y
    y_top = np.take_along_axis(y, at, axis)
    np.put_along_axis(z, at, (1 - y_top - y_top * rest) / (1 + rest), axis)
    return z


@np.errstate(all="ignore")
def f(Z, t):
    """Computes mean(−log_softmax(Z)[arange(N), t]); (1/N)(softmax(Z) − scatter(broad…"""
    N = Z.shape[0]
    K = Z.shape[1]
    e = exponentials(Z, 1)
    v = np.arange(N, dtype=np.int64)
    v2 = scatter((N, K), np.s_[..., v, t], np.broadcast_to(np.float64(1), (N,)))
    return (
        np.mean(-log_shares(Z, e, axis=1)[v, t]),
        1 / N * softmax_minus(Z, v2, e, axis=1),
    )
