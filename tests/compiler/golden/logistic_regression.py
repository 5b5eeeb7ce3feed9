import numpy as np


def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def sigmoid_minus(x, y):
    """sigmoid(x) - y, without cancellation for y in [0, 1]."""
    e = np.exp(-np.abs(x))
    return ((1 - y) * np.maximum(e, x > 0) - y * np.maximum(e, x <= 0)) / (1 + e)


@np.errstate(all="ignore")
def f(X, w, y):
    """Computes mean(log(1 + exp(Xw)) − y ⊙ Xw); (1/N) Xᵀ(σ(Xw) − y)"""
    N = X.shape[0]
    a = X @ w
    return np.mean(softplus(a) - y * a), 1 / N * (X.T @ sigmoid_minus(a, y))
