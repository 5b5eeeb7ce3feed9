import numpy as np


def heaviside(x):
    """1 where x > 0, 0 where x < 0, 1/2 at 0."""
    return 0.5 * np.sign(x) + 0.5


@np.errstate(all="ignore")
def f(scores, labels):
    """Computes mean(h); −(1/N)([1 − scores ⊙ labels > 0] ⊙ labels)"""
    N = scores.shape[0]
    d = 1 - scores * labels
    return np.mean(np.maximum(d, 0)), -1 / N * (heaviside(d) * labels)
