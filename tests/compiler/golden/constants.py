import numpy as np

C = np.array([0.5, -0.0, np.inf], dtype=np.float32)


@np.errstate(all="ignore")
def f(x):
    """Computes x[::-1] ⊙ [0.5, 0, ∞] + 0.10000000149011612; mean(x)"""
    return x[::-1] * C + 0.10000000149011612, np.mean(x)
