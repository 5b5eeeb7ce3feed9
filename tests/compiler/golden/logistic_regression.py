import numpy as np


def softplus(x, e=None):
    """log(1 + exp(x)), without overflow; e is exp(-|x|), if it is known."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)) if e is None else e)


def sigmoid_minus(x, y, e=None):
    """sigmoid(x) - y, without cancellation in the tails for y in [0, 1]; e is exp(-|x|), if it is known."""
    e = np.exp(-np.abs(x)) if e is None else e
    above = (x > 0).astype(x.dtype)
    return (above - y + e * (1 - above - y)) / (1 + e)


@np.errstate(all="ignore")
def f(X, w, y):
    """Computes mean(log(1 + exp(Xw)) − y ⊙ Xw); (1/N) Xᵀ(σ(Xw) − y)"""
    N = X.shape[0]
    a = X @ w
    e = np.exp(-np.abs(a))
    return np.mean(softplus(a, e) - y * a), 1 / N * (X.T @ sigmoid_minus(a, y, e))
