import numpy as np


def sigmoid_minus(x, y):
    """sigmoid(x) - y, without cancellation for y in [0, 1]."""
    e = np.exp(-np.abs(x))
    return np.where(x > 0, (1 - y) - y * e, (1 - y) * e - y) / (1 + e)


@np.errstate(all="ignore")
def f(X, w, y):
    """Computes mean(log(1 + exp(Xw)) − y ⊙ Xw); (1/N) Xᵀ(σ(Xw) − y)"""
    N = X.shape[0]
    a = X @ w
    return np.mean(np.logaddexp(0, a) - y * a), 1 / N * (X.T @ sigmoid_minus(a, y))
