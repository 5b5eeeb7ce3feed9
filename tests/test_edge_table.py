"""The edge table of the numerical standard, row by row, in half, single and double precision.

Each row states where a formula is evaluated, its value there, and the gradients of its sum. Where an input of
the row does not exist in a narrower dtype, or is no edge of it, `per` gives the one that is: what overflows,
underflows or rounds away in that dtype. What is right is a number, or computed by mpmath from the inputs as
that dtype rounds them.
"""

import math
from typing import NamedTuple

import mpmath as mp
import numpy as np
import pytest

import symloss as sl
from symloss import losses
from symloss.core.errors import DomainError, DTypeError, LabelRangeError, ShapeError

INF, NAN = np.inf, np.nan
DTYPES = ["float64", "float32", "float16"]
ROWS = 88
LARGEST = {dtype: float(np.finfo(dtype).max) for dtype in DTYPES}
SMALLEST = {dtype: float(np.finfo(dtype).smallest_subnormal) for dtype in DTYPES}


class Row(NamedTuple):
    """A formula of variables, where it is evaluated, its value, and the gradients of its sum."""

    number: int
    says: str
    formula: object
    at: tuple
    value: object
    gradient: tuple = ()
    ulps: tuple = (4, 8)
    """How far the value and the gradients may be off, in units of the last place."""


class Claim(NamedTuple):
    """What a row says in other words than by a value: a function of the dtype that fails if it is not so."""

    number: int
    says: str
    check: object


class per(NamedTuple):  # noqa: N801
    """A number or a list for each dtype."""

    float64: object
    float32: object
    float16: object


# What is exact ------------------------------------------------------------------------------------
def each(function):
    """A function of mpmath numbers, for each entry of the inputs."""
    return lambda *arrays: np.frompyfunc(function, len(arrays), 1)(*arrays)


def exact_softplus(x):
    return mp.log1p(mp.exp(x)) if x < 10**6 else x


def exact_sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x > -(10**6) else mp.mpf(0)


def exact_shares(x):
    e = [mp.exp(v - max(x.flat)) for v in x.flat]
    return np.array([v / sum(e) for v in e], dtype=object).reshape(x.shape)


def exact_norm(*x):
    return mp.sqrt(sum(v * v for v in x))


def exact_direction(x):
    return x / exact_norm(*x)


# The formulas -------------------------------------------------------------------------------------
def bce_by_hand(p, t):
    return -t * sl.log(p) - (1 - t) * sl.log(1 - p)


def relative(p, q):
    return p * sl.log(p / q)


def crossentropy(z, t):
    return losses.softmax_crossentropy(z, t)


def weighted_crossentropy(z, y):
    return -sl.sum(y * sl.log_softmax(z))


def distance(x, y):
    return sl.sqrt(sl.sum((x - y) ** 2))


def distances(x, y):
    return sl.sqrt(sl.sum((x[:, None] - y[None]) ** 2, axis=-1))


def huber_by_hand(e, delta=1.5):
    size = sl.abs(e)
    return sl.where(size <= delta, e**2 / 2, delta * (size - delta / 2))


def nll_by_hand(r, v):
    return (v + (r * sl.exp(-v / 2)) ** 2) / 2


def cosine(x, y):
    return sl.sum(x * y) / (sl.norm(x) * sl.norm(y))


def only(k, formula):
    """The k-th entry of a formula, so that its gradient says something of that entry alone."""
    return lambda *args: formula(*args)[k]


def omitted(mode):
    """The squared error whose missing targets have no weight."""

    def formula(p, t):
        known = sl.logical_not(sl.isnan(t)).astype(p.dtype.name)
        return losses.aggregate(losses.squared_error(p, t), weights=known, mode=mode)

    return formula


ONE, LABEL = ([1.0],), np.array([0])
OUT = per(40, 40, 12)
"""Where exp(-x) is lost beside 1."""
DEEP = per(-745, -103, -16.5)
"""Where exp(x) is one of the smallest numbers."""
HUGE, TINY = (
    per([3e200, 4e200], [3e30, 4e30], [3e4, 4e4]),
    per([3e-200, 4e-200], [3e-30, 4e-30], [3e-4, 4e-4]),
)
"""Vectors whose squares overflow and underflow."""
APART = [1.0, -INF, 0]
NEAR_ONE = [-0.2689414213699951, 0, 0.2689414213699951]
NOTHING = [-INF, -INF, -INF]
P0, P1 = [0.0], [1.0]

LOGISTIC = [
    Row(1, "log_sigmoid far left is x", sl.log_sigmoid, ([-1e4],), [-1e4], ([1],)),
    Row(2, "also by hand", lambda x: sl.log(1 / (1 + sl.exp(-x))), ([-1e4],), [-1e4], ([1],)),
    Row(3, "softplus by hand", lambda x: sl.log(1 + sl.exp(x)), ([745.2],), each(exact_softplus), ([1],)),
    Row(4, "softplus has no threshold", sl.softplus, ([20.02, 6.02],), each(exact_softplus), (), (2, 0)),
    Row(
        5,
        "its slope is sigmoid",
        sl.softplus,
        ([16.4, 5.4],),
        each(exact_softplus),
        (each(exact_sigmoid),),
        (2, 4),
    ),
    Row(
        6,
        "the slope of sigmoid survives",
        sl.sigmoid,
        ([OUT],),
        [1],
        (each(lambda x: exact_sigmoid(x) * exact_sigmoid(-x)),),
    ),
    Row(7, "sigmoid keeps its subnormals", sl.sigmoid, ([DEEP],), each(exact_sigmoid)),
    Row(
        8,
        "BCE of logits, far out",
        losses.binary_crossentropy_logits,
        ([1e4, 1e4, -1e4, -1e4], [1, 0, 0, 1]),
        [0, 1e4, 0, 1e4],
        ([0, 1, 0, -1],),
    ),
    Row(
        9,
        "BCE of infinite logits",
        losses.binary_crossentropy_logits,
        ([INF, -INF, INF, -INF, INF], [1, 0, 0, 1, 0.5]),
        [0, 0, INF, INF, INF],
        ([0, 0, 1, -1, 0.5],),
    ),
    Row(
        10,
        "a target that is no probability counts as written",
        losses.binary_crossentropy_logits,
        ([3.0], [2]),
        each(lambda z, y: exact_softplus(z) - y * z),
        (each(lambda z, y: exact_sigmoid(z) - y),),
    ),
    Row(
        11,
        "BCE of a certain prediction that is right",
        losses.binary_crossentropy,
        ([0, 1], [0, 1]),
        [0, 0],
        ([1, -1],),
    ),
    Row(11, "also by hand", bce_by_hand, ([0, 1], [0, 1]), [0, 0], ([1, -1],)),
    Row(
        12,
        "BCE of a certain prediction that is wrong",
        losses.binary_crossentropy,
        ([0, 1], [1, 0]),
        [INF, INF],
        ([-INF, INF],),
    ),
    Row(
        12,
        "a clamp is visible",
        lambda p, t: losses.binary_crossentropy(sl.clip(p, 2**-10, 1 - 2**-10), t),
        ([0, 1], [1, 0]),
        [10 * math.log(2)] * 2,
        ([0, 0],),
    ),
    Row(
        13, "BCE of what is no probability", losses.binary_crossentropy, ([1.1, -0.1], [0.5, 0.5]), [NAN, NAN]
    ),
    Row(
        14,
        "hinge of certain probabilities",
        lambda p, t: losses.binary_hinge_loss(p, t, log_odds=False),
        ([1, 0], [1, 1]),
        [0, INF],
        ([NAN, -INF],),
    ),
]
SOFTMAX = [
    Row(15, "log_softmax far apart", sl.log_softmax, ([1e4, 0, -1e4],), [0, -1e4, -2e4]),
    Row(
        16,
        "CE of a class that is all but certain",
        crossentropy,
        ([[OUT, 0]], LABEL),
        lambda z, t: [mp.log1p(mp.exp(-z[0, 0]))],
        (lambda z, t: [[-exact_shares(z)[0, 1], exact_shares(z)[0, 1]]],),
    ),
    Row(
        17,
        "so also for dense targets",
        crossentropy,
        ([[OUT, 0]], [[1, 0]]),
        lambda z, t: [mp.log1p(mp.exp(-z[0, 0]))],
        (lambda z, t: [[-exact_shares(z)[0, 1], exact_shares(z)[0, 1]]],),
    ),
    Row(
        18,
        "log_softmax of an impossible class",
        sl.log_softmax,
        ([0, -INF, 0],),
        [-math.log(2), -INF, -math.log(2)],
    ),
    Row(
        18,
        "and the slope of a possible one",
        only(0, sl.log_softmax),
        ([0, -INF, 0],),
        -math.log(2),
        ([0.5, 0, -0.5],),
    ),
    Row(19, "logsumexp where nothing is possible", sl.logsumexp, (NOTHING,), -INF),
    Row(19, "softmax where nothing is possible", sl.softmax, (NOTHING,), [NAN] * 3),
    Row(19, "log_softmax where nothing is possible", sl.log_softmax, (NOTHING,), [NAN] * 3),
    Row(
        19,
        "nothing but items of weight 0 may have neither loss nor slope",
        lambda z, t, w: losses.aggregate(crossentropy(z, t), weights=w, mode="normalized_sum", empty="zero"),
        ([NOTHING], np.array([0]), [0]),
        0,
        ([[0, 0, 0]],),
    ),
    Row(
        19,
        "an item of weight 0 has neither loss nor slope",
        lambda z, t, w: losses.aggregate(crossentropy(z, t), weights=w, mode="sum"),
        ([NOTHING, [0.0, 0, 0]], np.array([0, 0]), [0, 1]),
        math.log(3),
        ([[0, 0, 0], [-2 / 3, 1 / 3, 1 / 3]],),
    ),
    Row(20, "softmax of +inf", sl.softmax, ([INF, 0, 0],), [NAN] * 3),
    Row(20, "logsumexp of +inf", sl.logsumexp, ([INF, 0, 0],), INF),
    Row(
        21,
        "a class without weight may be impossible",
        weighted_crossentropy,
        (APART, [0, 0, 1]),
        1.3132616875182228,
    ),
    Row(21, "also in the loss", crossentropy, ([APART], [[1, 0, 0]]), [0.31326168751822286], ([NEAR_ONE],)),
    Row(22, "by a label", crossentropy, ([APART], LABEL), [0.31326168751822286], ([NEAR_ONE],)),
    Row(
        23,
        "the labelled class is impossible",
        crossentropy,
        ([APART], np.array([1])),
        [INF],
        ([[0.7310585786300049, -1, 0.2689414213699951]],),
    ),
    Row(
        24,
        "an only class, by a label",
        crossentropy,
        ([[INF], [3], [-5]], np.zeros(3, int)),
        [0, 0, 0],
        ([[0], [0], [0]],),
    ),
    Row(
        24,
        "an only class, by a dense target",
        crossentropy,
        ([[INF], [3]], [[1], [1]]),
        [0, 0],
        ([[0], [0]],),
    ),
    Row(
        24, "an only class, by hand", lambda z: -sl.log(sl.exp(z) / sl.sum(sl.exp(z))), ([INF],), [0], ([0],)
    ),
    Row(
        33,
        "weights that are all 0",
        lambda z, t, w: losses.aggregate(crossentropy(z, t), weights=w, mode="normalized_sum"),
        ([[1.0, 0]], LABEL, [0]),
        NAN,
    ),
    Row(
        33,
        "it may be 0",
        lambda z, t, w: losses.aggregate(crossentropy(z, t), weights=w, mode="normalized_sum", empty="zero"),
        ([[1.0, 0]], LABEL, [0]),
        0,
        ([[0, 0]],),
    ),
    Row(
        33,
        "their mean over all items is 0",
        lambda z, t, w: losses.aggregate(crossentropy(z, t), weights=w),
        ([[1.0, 0]], LABEL, [0]),
        0,
        ([[0, 0]],),
    ),
    Row(
        35,
        "the largest logit",
        crossentropy,
        ([[per(*LARGEST.values()), 0]], np.array([1])),
        lambda z, t: [z[0, 0]],
        ([[1, -1]],),
    ),
    Row(
        36, "smoothed labels rule out no class", losses.smoothed_softmax_crossentropy, ([APART], LABEL), [INF]
    ),
]
ENTROPY = [
    Row(37, "xlogy at (0, 0)", sl.xlogy, (P0, P0), [0], ([0], [0])),
    Row(38, "xlogy at (0, NaN)", sl.xlogy, (P0, [NAN]), [NAN], ([NAN], [NAN])),
    Row(39, "xlogy at (0, 0) has no slope in y", lambda y: sl.xlogy(0, y), (P0,), [0], ([0],)),
    Row(40, "entropy at 0", lambda p: -p * sl.log(p), (P0,), [0], ([INF],)),
    Row(
        40,
        "its masked form has a finite slope",
        lambda p: sl.where(p > 0, -p * sl.log(p), 0),
        (P0,),
        [0],
        ([0],),
    ),
    Row(41, "relative entropy of nothing", relative, (P0, [0.5]), [0]),
    Row(41, "also as a loss", losses.kl_divergence, ([[0.5, 0.5]], [[0, 1]]), [math.log(2)], ([[0, -2]],)),
    Row(42, "relative entropy of nothing to nothing", relative, (P0, P0), [0]),
    Row(42, "also as a loss", losses.kl_divergence, ([[0, 1]], [[0, 1]]), [0], ([[0, -1]],)),
    Row(43, "relative entropy to nothing", relative, ([0.25], P0), [INF]),
    Row(43, "also as a loss", losses.kl_divergence, ([[0, 1]], [[0.5, 0.5]]), [INF], ([[-INF, -0.5]],)),
    Row(44, "relative entropy of what is no probability", relative, ([-0.25], [0.5]), [NAN]),
    Row(45, "Poisson likelihood of nothing", losses.poisson_nll, (P0, P0), [0], ([1],)),
    Row(45, "also by hand", lambda p, t: p - t * sl.log(p), (P0, P0), [0], ([1], [0])),
    Row(46, "a rate beyond all numbers", losses.poisson_nll_log, ([per(800, 100, 12)], [3]), [INF], ([INF],)),
    Row(
        47,
        "a variance that rounds to 0",
        lambda r, v: losses.gaussian_nll(r, sl.zeros_like(r), v),
        (P1, [per(-800, -100, -24)]),
        [INF],
    ),
    Row(
        47,
        "a floor of the variance is visible",
        lambda r, v: nll_by_hand(r, sl.log(v + 0.0625)),
        (P1, P0),
        [8 - math.log(4)],
        ([16],),
    ),
    Row(
        48,
        "no residual, at a variance near 0",
        nll_by_hand,
        (P0, [per(-800, -100, -20)]),
        each(lambda r, v: v / 2),
        (None, [0.5]),
    ),
    Row(
        48,
        "also as a loss",
        lambda r, v: losses.gaussian_nll(r, sl.zeros_like(r), v),
        (P0, [per(-800, -100, -20)]),
        each(lambda r, v: (v + mp.log(2 * mp.pi)) / 2),
        (None, [0.5]),
    ),
]
NORMS = [
    Row(49, "norm at 0", sl.norm, ([0.0, 0],), 0, ([0, 0],)),
    Row(49, "also by hand", lambda x: sl.sqrt(sl.sum(x**2)), ([0.0, 0],), 0, ([0, 0],)),
    Row(49, "its Hessian is 0", lambda x: sl.hessian(sl.norm(x), x), ([0.0, 0],), [[0, 0], [0, 0]]),
    Row(50, "a penalty of a norm at 0", lambda x: (sl.norm(x) - 1) ** 2, ([0.0, 0],), 1, ([0, 0],)),
    Row(50, "also by hand", lambda x: (sl.sqrt(sl.sum(x**2)) - 1) ** 2, ([0.0, 0],), 1, ([0, 0],)),
    Row(51, "norm, squares overflow", sl.norm, (HUGE,), lambda x: exact_norm(*x), (exact_direction,)),
    Row(51, "also by hand", lambda x: sl.sqrt(x @ x), (HUGE,), lambda x: exact_norm(*x), (exact_direction,)),
    Row(52, "norm, squares underflow", sl.norm, (TINY,), lambda x: exact_norm(*x), (exact_direction,)),
    Row(
        52,
        "also by hand",
        lambda x: sl.sqrt(sl.sum(x * x)),
        (TINY,),
        lambda x: exact_norm(*x),
        (exact_direction,),
    ),
    Row(53, "sqrt at 0", sl.sqrt, ([0.0],), [0.0], ([INF],)),
    Row(53, "sqrt at minus 0", sl.sqrt, ([-0.0],), [-0.0]),
    Row(54, "the square of a root of a negative", lambda x: sl.sqrt(x) ** 2, ([-3],), [NAN], ([NAN],)),
    Row(55, "x**0 at 0", sl.power, (P0, P0), [1], ([0], [0])),
    Row(55, "a stated power 0", lambda x: x**0, (P0,), [1], ([0],)),
    Row(56, "0**y in y", sl.power, ([0, 0], [2, 0]), [0, 1], (None, [0, 0])),
    Row(57, "a negative base in y", sl.power, ([-2], [2]), [4], ([-4], [NAN])),
    Row(58, "focal factor at 1", lambda p: -((1 - p) ** 0.5) * sl.log(p), (P1,), [0], ([0],)),
    Row(58, "also with an exponent that varies", lambda p, g: -((1 - p) ** g) * sl.log(p), (P1, [0.5]), [0]),
    Row(59, "no direction", cosine, ([0, 0], [1, 2]), NAN),
    Row(59, "also as a loss", losses.cosine_distance, ([[0, 0]], [[1, 2]]), [NAN], ([[NAN, NAN]],)),
    Row(
        59,
        "a floor of the norm is visible",
        lambda x, y: sl.sum(x * y) / sl.maximum(sl.norm(x) * sl.norm(y), 2**-8),
        ([0, 0], [1, 2]),
        0,
        ([256, 512],),
    ),
    Row(60, "the distance of identical points", distance, ([1, 2], [1, 2]), 0, ([0, 0], [0, 0])),
    Row(61, "a product with one zero", sl.prod, ([0, 2, 3],), 0, ([6, 0, 0],)),
]
KINKS = [
    Row(62, "|x| at 0", sl.abs, (P0,), [0], ([0],)),
    Row(63, "relu at 0", sl.relu, (P0,), [0], ([0.5],)),
    Row(63, "maximum(x, 0) at 0", lambda x: sl.maximum(x, 0), (P0,), [0], ([0.5],)),
    Row(64, "hinge at the margin", losses.hinge_loss, ([1, -1], [1, -1]), [0, 0], ([-0.5, 0.5],)),
    Row(65, "Huber at delta", losses.huber_loss, ([1, -1], [0, 0]), [0.5, 0.5], ([1, -1],)),
    Row(65, "also by hand", huber_by_hand, ([1.5, -1.5],), [1.125, 1.125], ([1.5, -1.5],)),
    Row(
        65,
        "Huber far out",
        losses.huber_loss,
        ([per(1e200, 1e30, 6e4)], P0),
        each(lambda p, t: p - 0.5),
        ([1],),
    ),
    Row(
        66, "pinball at 0", lambda e: losses.quantile_loss(sl.zeros_like(e), e, tau=0.9), (P0,), [0], ([0.4],)
    ),
    Row(66, "also as a maximum", lambda e: sl.maximum(0.9 * e, -0.1 * e), (P0,), [0], ([0.4],)),
    Row(66, "also as an absolute value", lambda e: sl.abs(e) / 2 + 0.4 * e, (P0,), [0], ([0.4],)),
    Row(
        67,
        "clip at its bounds",
        lambda x: sl.clip(x, -1, 1),
        ([-1, 0, 1, 2],),
        [-1, 0, 1, 1],
        ([0.5, 1, 0.5, 0],),
    ),
    Row(68, "ties of a maximum", sl.max, ([1, 1, 0],), 1, ([0.5, 0.5, 0],)),
    Row(69, "ties of the k largest", lambda x: sl.top_k(x, 2)[0], ([0, 1, 1, 1],), [1, 1], ([0, 1, 1, 0],)),
    Row(70, "relu of NaN", sl.relu, ([NAN],), [NAN], ([NAN],)),
    Row(71, "where hides what it does not take", lambda x: sl.where(x > 0, sl.log(x), 0), (P0,), [0], ([0],)),
    Row(72, "sin(x)/x", lambda x: sl.where(sl.neq(x, 0), sl.sin(x) / x, 1), (P0,), [1], ([0],)),
    Row(73, "a factor 0 does not hide NaN", lambda m, x: m * sl.log(x), (P0, [-1]), [NAN], (None, None)),
    Row(73, "where hides it", lambda m, x: sl.where(m > 0, sl.log(x), 0), (P0, [-1]), [0], (None, [0])),
    Row(74, "missing targets, mean over all", omitted("mean"), ([3, 1], [1, NAN]), 2, ([2, 0],)),
    Row(
        74,
        "missing targets, mean over the valid",
        omitted("normalized_sum"),
        ([3, 1], [1, NAN]),
        4,
        ([4, 0],),
    ),
    Row(74, "a prediction that is missing is not hidden", omitted("sum"), ([3, NAN], [1, 2]), NAN),
]
REDUCTIONS = [
    Row(75, "mean of nothing", sl.mean, ([],), NAN),
    Row(75, "sum of nothing", sl.sum, ([],), 0, ([],)),
    Row(75, "logsumexp of nothing", sl.logsumexp, ([],), -INF, ([],)),
    Row(
        76,
        "a mean with no weight",
        lambda x, w: losses.aggregate(x, weights=w, mode="normalized_sum"),
        ([1, 2], [0, 0]),
        NAN,
    ),
    Row(
        76,
        "it may be 0",
        lambda x, w: losses.aggregate(x, weights=w, mode="normalized_sum", empty="zero"),
        ([1, 2], [0, 0]),
        0,
        ([0, 0],),
    ),
    Row(
        76,
        "that it be 0 is visible",
        lambda x, w: sl.where(sl.sum(w) > 0, losses.aggregate(x, weights=w, mode="normalized_sum"), 0),
        ([1, 2], [0, 0]),
        0,
        ([0, 0],),
    ),
    Row(77, "variance of equals", sl.var, ([3.3] * 5,), 0, ([0] * 5,)),
    Row(77, "standard deviation of equals", sl.std, ([3.3] * 5,), 0, ([0] * 5,)),
    Row(78, "variance of one, less one degree", lambda x: sl.var(x, ddof=1), ([2],), NAN),
    Row(
        79,
        "variance with an offset",
        sl.var,
        (per([1e8, 1e8 + 1, 1e8 + 2], [1e7, 1e7 + 1, 1e7 + 2], [2e3, 2001, 2002]),),
        2 / 3,
    ),
    Row(81, "a sum of 3000", sl.sum, ([1] * 3000,), 3000, ([1] * 3000,)),
    Row(
        82,
        "unsigned differences",
        losses.squared_error,
        ([1, 0], np.array([2, 255], "uint8")),
        per([1, 65025], [1, 65025], [1, 65025]),
    ),
    Row(
        84, "subnormals are kept", lambda x: x * 1.0, ([per(*SMALLEST.values())],), each(lambda x: x), ([1],)
    ),
    Row(
        85,
        "log1mexp by hand near 0",
        lambda x: sl.log(1 - sl.exp(-x)),
        ([per(1e-20, 1e-20, 1e-5)],),
        each(lambda x: mp.log(-mp.expm1(-x))),
        (each(lambda x: 1 / mp.expm1(x)),),
    ),
    Row(
        85,
        "and far out",
        lambda x: sl.log(1 - sl.exp(-x)),
        ([per(50, 50, 14)],),
        each(lambda x: mp.log(-mp.expm1(-x))),
        (each(lambda x: 1 / mp.expm1(x)),),
    ),
    Row(
        86,
        "log cosh by hand near 0",
        lambda x: sl.log(sl.cosh(x)),
        ([per(1e-9, 1e-9, 1e-3)],),
        each(lambda x: mp.log(mp.cosh(x))),
        (each(mp.tanh),),
    ),
    Row(86, "and far out", lambda x: sl.log(sl.cosh(x)), ([800.0],), [800 - math.log(2)], ([1],)),
    Row(87, "a relative error of nothing", lambda p, t: sl.abs((t - p) / t), (P1, P0), [INF]),
    Row(
        87,
        "a floor is visible",
        lambda p, t: sl.abs(t - p) / sl.maximum(sl.abs(t), 0.125),
        (P1, P0),
        [8],
        ([8],),
    ),
    Row(
        87,
        "constant targets are explained in full or not at all",
        losses.explained_variance,
        ([1, 2], [5, 5]),
        0,
    ),
    Row(87, "in full by a constant error", losses.explained_variance, ([4, 4], [5, 5]), 1),
    Row(
        88,
        "all distances, some 0",
        distances,
        ([[0, 0], [3, 4]], [[0, 0]]),
        [[0], [5]],
        ([[0, 0], [0.6, 0.8]],),
    ),
]


# What a row says in other words -------------------------------------------------------------------
def refused(error, text, call):
    """A check that a call is refused, with this text."""

    def check(dtype):
        with pytest.raises(error) as found:
            call(dtype)
        assert str(found.value) == text

    return check


def labelled(labels, dtype):
    """Crossentropy of three classes, by labels of one value or array."""
    z, t = sl.matrix("z", "N C", dtype=dtype), sl.vector("t", "N", dtype="int64")
    return sl.function([z, t], crossentropy(z, t))(np.zeros((2, 3), dtype), labels)


def unlikely(loss, predictions, targets, argument, wrong):
    """A check that values are refused which are no probabilities."""

    def call(dtype):
        arrays = np.array(predictions, dtype), np.array(targets, dtype)
        p, t = (sl.tensor(name, ("N", "C")[: arrays[0].ndim], dtype=dtype) for name in "pt")
        sl.function([p, t], loss(p, t), check="values")(*arrays)

    return refused(DomainError, f"f(), argument {argument}: {wrong}", call)


NO_PROBABILITY = "is no probability, expected a number in [0, 1]: check the values, or use a loss of scores"


def built(labels_dtype):
    return lambda dtype: crossentropy(
        sl.matrix("z", "N C", dtype=dtype), sl.vector("t", "N", dtype=labels_dtype)
    )


def slopes_sum_to_zero(dtype):
    rng = np.random.default_rng(1)
    scores = np.concatenate([rng.normal(size=(50, 7)) * 30, np.eye(7) * 12]).astype(dtype)
    z, t = sl.matrix("z", "N C", dtype=dtype), sl.vector("t", "N", dtype="int64")
    slope = sl.function([z, t], sl.grad(sl.sum(crossentropy(z, t)), z))(scores, np.arange(57) % 7)
    sums = np.abs(slope.astype(np.longdouble).sum(axis=1))
    assert np.all(sums <= 2 * np.spacing(np.abs(slope).max(axis=1)))


def labels_of_every_integer_type(dtype):
    for kind in "int8 int16 int32 int64 uint8 uint16 uint32 uint64".split():
        z, t = sl.matrix("z", "N C", dtype=dtype), sl.vector("t", "N", dtype=kind)
        value = sl.function([z, t], crossentropy(z, t))(np.zeros((2, 3), dtype), np.array([2, 0], kind))
        np.testing.assert_array_equal(value, np.log(3).astype(dtype))


def soft_targets_count_as_written(dtype):
    z, y = sl.matrix("z", "N C", dtype=dtype), sl.matrix("y", "N C", dtype=dtype)
    scores = np.zeros((2, 3), dtype)
    value = sl.function([z, y], crossentropy(z, y))(scores, np.array([[1, 1, 0], [-1, 1, 0]], dtype))
    np.testing.assert_allclose(value, np.array([2 * np.log(3), 0]), rtol=2 * np.finfo(dtype).eps, atol=0)


def nothing_has_no_mean_and_no_warning(dtype):
    x = sl.vector("x", "N", dtype=dtype)
    assert np.isnan(sl.function([x], sl.mean(x))(np.zeros(0, dtype)))


def long_sums_keep_their_digits(dtype):
    """Ten million rows; in half precision their mean, as the sum is beyond its numbers."""
    entries = np.random.default_rng(2).uniform(0, 1, (10_000_000, 1)).astype(dtype)
    x = sl.matrix("x", "N K", dtype=dtype)
    for axis, given in ((0, entries), (1, entries.T)):
        found = sl.function([x], sl.mean(x, axis=axis) if dtype == "float16" else sl.sum(x, axis=axis))(given)
        exact = math.fsum(entries[:, 0].tolist()) / (entries.size if dtype == "float16" else 1)
        np.testing.assert_allclose(found, [exact], rtol=max(1e-6, np.finfo(dtype).eps), atol=0)


def small_integers_do_not_wrap_around(dtype):
    x, y, z = (
        sl.vector("x", 2, dtype="uint8"),
        sl.vector("y", 2, dtype="uint8"),
        sl.vector("z", 2, dtype="int8"),
    )
    low, high = np.array([1, 0], "uint8"), np.array([2, 255], "uint8")
    outputs = [(x - y).astype(dtype), abs(z).astype(dtype)]
    difference, size = sl.function([x, y, z], outputs)(low, high, np.array([-128, 1], "int8"))
    assert (difference.tolist(), size.tolist()) == ([-1, -255], [128, 1])


def integers_adopt_the_float_they_meet(dtype):
    n, x = sl.vector("n", 2, dtype="int64"), sl.vector("x", 2, dtype=dtype)
    product = sl.function([n, x], n * x)(np.array([1, 2]), np.array([0.5, 3], dtype))
    assert (product.dtype, product.tolist()) == (dtype, [0.5, 6])
    assert sl.function([n], sl.mean(n))(np.array([1, 2])).dtype == "float64"


def huber(dtype):
    x = sl.vector("x", "N", dtype=dtype)
    return losses.huber_loss(x, x, delta=0)


TABLE = [*LOGISTIC, *SOFTMAX, *ENTROPY, *NORMS, *KINKS, *REDUCTIONS]
OUTSIDE = "f(): label {} of t at index (1,) is outside [0, 3): {}"
IGNORED = "there is no ignore_index, so give ignored examples any label and the weight 0"
CLAIMS = [
    Claim(
        25,
        "a label beyond the classes",
        refused(
            LabelRangeError, OUTSIDE.format(3, "labels count from 0"), lambda dtype: labelled([0, 3], dtype)
        ),
    ),
    Claim(
        26,
        "the label -1",
        refused(LabelRangeError, OUTSIDE.format(-1, IGNORED), lambda dtype: labelled([0, -1], dtype)),
    ),
    Claim(
        27,
        "the label -100",
        refused(LabelRangeError, OUTSIDE.format(-100, IGNORED), lambda dtype: labelled([0, -100], dtype)),
    ),
    Claim(
        28,
        "one_hot beyond the classes",
        refused(
            LabelRangeError,
            "one_hot(constant: (1,)): label 3 at index (0,) is outside [0, 3): check the labels",
            lambda dtype: sl.one_hot(np.array([3]), 3, dtype),
        ),
    ),
    Claim(
        28,
        "one_hot of -1",
        refused(
            LabelRangeError,
            "one_hot(constant: (1,)): label -1 at index (0,) is outside [0, 3): check the labels",
            lambda dtype: sl.one_hot(np.array([-1]), 3, dtype),
        ),
    ),
    Claim(29, "labels of every integer type", labels_of_every_integer_type),
    Claim(
        30,
        "labels that are floats",
        refused(
            DTypeError,
            "softmax_crossentropy(z: (N, C), t: (N,)): class labels have dtype float64, "
            "expected integers: use .astype('int64'), or one row of targets for each item",
            built("float64"),
        ),
    ),
    Claim(
        31,
        "labels that are truth values",
        refused(
            DTypeError,
            "softmax_crossentropy(z: (N, C), t: (N,)): class labels have dtype bool, "
            "expected integers: use a binary loss",
            built("bool"),
        ),
    ),
    Claim(
        10,
        "a target that is no probability, where values are checked",
        unlikely(losses.binary_crossentropy_logits, [3], [2], "t", f"2.0 at index (0,) {NO_PROBABILITY}"),
    ),
    Claim(
        13,
        "BCE of what is no probability, where values are checked",
        unlikely(losses.binary_crossentropy, [0.5, 1.1], [0, 1], "p", f"1.1 at index (1,) {NO_PROBABILITY}"),
    ),
    Claim(32, "soft targets count as they are written", soft_targets_count_as_written),
    Claim(
        32,
        "soft targets that sum to 2, where values are checked",
        unlikely(
            crossentropy,
            [[0, 0, 0]],
            [[1, 1, 0]],
            "t",
            "the row at index (0,) sums to 2, expected 1: divide each row by its sum",
        ),
    ),
    Claim(
        32,
        "soft targets that are negative, where values are checked",
        unlikely(crossentropy, [[0, 0, 0]], [[-1, 1, 1]], "t", f"-1.0 at index (0, 0) {NO_PROBABILITY}"),
    ),
    Claim(
        44,
        "relative entropy of what is no probability, where values are checked",
        unlikely(
            losses.kl_divergence,
            [[0.5, 0.5]],
            [[-0.25, 1.25]],
            "t",
            f"-0.25 at index (0, 0) {NO_PROBABILITY}",
        ),
    ),
    Claim(34, "the slopes of a row add up to 0", slopes_sum_to_zero),
    Claim(
        65,
        "no delta",
        refused(
            DomainError, "huber_loss(delta=0): delta must be positive and finite: give a number > 0", huber
        ),
    ),
    Claim(75, "no mean of nothing, and no warning", nothing_has_no_mean_and_no_warning),
    Claim(
        75,
        "no maximum of nothing",
        refused(
            ShapeError,
            "max(x: (N, 0)): an axis of size 0 has no extremum: check the shape",
            lambda dtype: sl.max(sl.matrix("x", "N 0", dtype=dtype), axis=1),
        ),
    ),
    Claim(80, "sums of ten million rows", long_sums_keep_their_digits),
    Claim(82, "small integers do not wrap around", small_integers_do_not_wrap_around),
    Claim(83, "integers adopt the float dtype that they meet", integers_adopt_the_float_they_meet),
]


# How rows are tried -------------------------------------------------------------------------------
def chosen(entry, dtype):
    """A value with every choice in it made for a dtype."""
    if isinstance(entry, per):
        return chosen(getattr(entry, dtype), dtype)
    return [chosen(part, dtype) for part in entry] if isinstance(entry, list) else entry


def inputs(row, dtype):
    """The arrays of a row: integers as they are, all else in the dtype."""
    return [a if isinstance(a, np.ndarray) else np.array(chosen(a, dtype), dtype) for a in row.at]


def computed(row, arrays):
    """The value of a row, and the gradients of its sum."""
    same = len({a.shape for a in arrays}) == 1
    names = [("N", "C")[: a.ndim] if same else a.shape for a in arrays]
    pairs = zip(arrays, names, strict=True)
    variables = [sl.tensor(f"x{k}", dims, dtype=a.dtype.name) for k, (a, dims) in enumerate(pairs)]
    output = row.formula(*variables)
    slopes = []
    if row.gradient:
        slopes = sl.grad(sl.sum(output), variables[: len(row.gradient)], disconnected="zeros")
    return sl.function(variables, [output, *slopes], on_unused="ignore")(*arrays)


def ulps(found, exact, dtype):
    """How far a number is from what is exact, in units of its last place; a stated sign of 0 counts."""
    with np.errstate(over="ignore"):
        nearest = np.dtype(dtype).type(float(exact))
        unit = np.nextafter(abs(nearest), np.dtype(dtype).type(0)) - abs(nearest)
    if np.isnan(nearest) or not np.isfinite(nearest) or not np.isfinite(found):
        return 0.0 if np.array_equal(found, nearest, equal_nan=True) else INF
    if isinstance(exact, float) and exact == 0 and found == 0:
        return 0.0 if np.signbit(found) == np.signbit(exact) or not np.signbit(exact) else INF
    unit = np.spacing(min(abs(nearest), np.finfo(dtype).max / 2))
    with mp.workdps(400):
        return float(abs(mp.mpf(float(found)) - mp.mpf(exact)) / mp.mpf(float(unit)))


def assert_close(found, stated, arrays, dtype, limit):
    if callable(stated):
        with mp.workdps(400):
            stated = stated(*[np.frompyfunc(mp.mpf, 1, 1)(a.astype(float)) for a in arrays])
    exact = np.asarray(chosen(stated, dtype), dtype=object)
    assert (found.dtype, found.shape) == (dtype, exact.shape)
    off = [ulps(f, e, dtype) for f, e in zip(found.flat, exact.flat, strict=True)]
    assert max(off, default=0) <= limit, (found, exact)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.number}-{row.says}")
def test_a_row_of_values_holds(row, dtype):
    arrays = inputs(row, dtype)
    value, *gradient = computed(row, arrays)
    assert_close(value, row.value, arrays, dtype, row.ulps[0])
    for found, stated in zip(gradient, row.gradient, strict=True):
        if stated is not None:
            assert_close(found, stated, arrays, dtype, row.ulps[1])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.number}-{claim.says}")
def test_a_row_of_words_holds(claim, dtype):
    claim.check(dtype)


def test_no_row_is_left_out():
    assert {row.number for row in (*TABLE, *CLAIMS)} == set(range(1, ROWS + 1))
