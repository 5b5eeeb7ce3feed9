import numpy as np


@np.errstate(all="ignore")
def f(scores, labels):
    """Computes mean(h); −(1/N)([1 − scores ⊙ labels > 0] ⊙ labels)"""
    N = scores.shape[0]
    d = 1 - scores * labels
    return np.mean(np.maximum(d, 0)), -(1 / N * (np.heaviside(d, 0.5) * labels))
