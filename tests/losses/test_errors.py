"""What losses refuse, with the whole text of each error."""

import numpy as np
import pytest

import symloss as sl
from symloss import losses

DomainError, DTypeError = sl.errors.DomainError, sl.errors.DTypeError
GraphError, ShapeError = sl.errors.GraphError, sl.errors.ShapeError

n, m, column = sl.vector("n", "N"), sl.vector("m", "M"), sl.matrix("c", ("N", 1))
row, table, other = sl.matrix("r", (1, "N")), sl.matrix("z", "N K"), sl.matrix("o", "N M")
cube, one = sl.tensor("q", "N K M"), sl.scalar("s")
labels, flags = sl.vector("i", "N", dtype="int64"), sl.vector("b", "N", dtype="bool")
whole = sl.scalar("k", dtype="int64")

REFUSED = [
    (
        lambda: losses.squared_error(column, n),
        ShapeError,
        "squared_error(c: (N, 1), n: (N,)): would broadcast to (N, N): "
        "use squeeze(c, -1) or expand_dims(n, -1)",
    ),
    (
        lambda: losses.huber_loss(n, column),
        ShapeError,
        "huber_loss(n: (N,), c: (N, 1)): would broadcast to (N, N): use squeeze(c, -1) or expand_dims(n, -1)",
    ),
    (
        lambda: losses.hinge_loss(n, row),
        ShapeError,
        "hinge_loss(n: (N,), r: (1, N)): would broadcast to (1, N): use squeeze(r, 0) or expand_dims(n, 0)",
    ),
    (
        lambda: losses.binary_crossentropy(abs(column), n),
        ShapeError,
        "binary_crossentropy(abs(c): (N, 1), n: (N,)): would broadcast to (N, N): "
        "use squeeze(abs(c), -1) or expand_dims(n, -1)",
    ),
    (
        lambda: losses.binary_crossentropy_logits(n, m),
        ShapeError,
        "binary_crossentropy_logits(n: (N,), m: (M,)): the shapes (N,) and (M,) differ: "
        "a loss compares predictions and targets one to one",
    ),
    (
        lambda: losses.squared_error(n, one),
        ShapeError,
        "squared_error(n: (N,), s: ()): the shapes (N,) and () differ: "
        "a loss compares predictions and targets one to one",
    ),
    (
        lambda: losses.softmax_crossentropy(table, other),
        ShapeError,
        "softmax_crossentropy(z: (N, K), o: (N, M)): the shapes (N, K) and (N, M) differ: "
        "a loss compares predictions and targets one to one",
    ),
    (
        lambda: losses.softmax_crossentropy(table, cube),
        ShapeError,
        "softmax_crossentropy(z: (N, K), q: (N, K, M)): targets of rank 3 do not fit logits of rank 2: "
        "give a label, or a row, for each row of logits",
    ),
    (
        lambda: losses.softmax_crossentropy(one, one),
        ShapeError,
        "softmax_crossentropy(s: (), s: ()): targets of rank 0 do not fit logits of rank 0: "
        "give a label, or a row, for each row of logits",
    ),
    (
        lambda: losses.softmax_crossentropy(sl.matrix("w", "M K"), labels),
        ShapeError,
        "softmax_crossentropy(w: (M, K), i: (N,)): "
        "the labels (N,) do not name one entry in each row of (M, K): give one label for each row",
    ),
    (
        lambda: losses.softmax_crossentropy(table, n),
        DTypeError,
        "softmax_crossentropy(z: (N, K), n: (N,)): class labels have dtype float64, expected integers: "
        "use .astype('int64'), or one row of targets for each item",
    ),
    (
        lambda: losses.softmax_crossentropy(table, flags),
        DTypeError,
        "softmax_crossentropy(z: (N, K), b: (N,)): class labels have dtype bool, expected integers: "
        "use a binary loss",
    ),
    (
        lambda: losses.huber_loss(n, n, delta=0),
        DomainError,
        "huber_loss(delta=0): delta must be positive and finite: give a number > 0",
    ),
    (
        lambda: losses.huber_loss(n, n, delta=float("nan")),
        DomainError,
        "huber_loss(delta=nan): delta must be positive and finite: give a number > 0",
    ),
    (
        lambda: losses.hinge_loss(n, n, delta=sl.constant(-1.5)),
        DomainError,
        "hinge_loss(delta=-1.5): delta must be positive and finite: give a number > 0",
    ),
    (
        lambda: losses.hinge_loss(n, n, delta=True),
        DomainError,
        "hinge_loss(delta=True): delta must be positive and finite: give a number > 0",
    ),
    (
        lambda: losses.huber_loss(n, n, delta=whole),
        DomainError,
        "huber_loss(k: ()): delta has dtype int64, expected a float: declare it with a float dtype",
    ),
    (
        lambda: losses.huber_loss(n, n, delta=n),
        ShapeError,
        "huber_loss(n: (N,)): delta has shape (N,): give a number or a scalar expression",
    ),
    (
        lambda: losses.quantile_loss(n, n, tau=0),
        DomainError,
        "quantile_loss(tau=0): tau is outside (0, 1): give a number between 0 and 1",
    ),
    (
        lambda: losses.quantile_loss(n, n, tau=n),
        ShapeError,
        "quantile_loss(n: (N,)): tau has shape (N,): give a number or a scalar expression",
    ),
    (
        lambda: losses.smoothed_softmax_crossentropy(table, labels, smoothing=1),
        DomainError,
        "smoothed_softmax_crossentropy(smoothing=1): smoothing is outside [0, 1): give a number from 0 "
        "to less than 1",
    ),
    (
        lambda: losses.focal_loss(n, n, gamma=-1),
        DomainError,
        "focal_loss(gamma=-1): gamma must be finite and not negative: give a number >= 0",
    ),
    (
        lambda: losses.tversky_loss(n, n, alpha=float("inf")),
        DomainError,
        "tversky_loss(alpha=inf): alpha must be finite and not negative: give a number >= 0",
    ),
    (
        lambda: losses.info_nce(table, table, temperature=0),
        DomainError,
        "info_nce(temperature=0): temperature must be positive and finite: give a number > 0",
    ),
    (
        lambda: losses.info_nce(n, n),
        ShapeError,
        "info_nce(n: (N,)): rank 1, expected 2: reshape it",
    ),
    (
        lambda: losses.triplet_loss(n, n, m),
        ShapeError,
        "triplet_loss(n: (N,), m: (M,)): the shapes (N,) and (M,) differ: a loss compares predictions "
        "and targets one to one",
    ),
    (
        lambda: losses.gaussian_nll(n, n, m),
        ShapeError,
        "gaussian_nll(n: (N,), m: (M,)): log-variances of shape (M,) do not broadcast to (N,): reshape "
        "them, or use expand_dims()",
    ),
    (
        lambda: losses.kl_divergence(one, one),
        ShapeError,
        "kl_divergence(s: ()): a scalar has no last axis: give rows, of one axis or more",
    ),
    (
        lambda: losses.gaussian_kl(table, table, m),
        ShapeError,
        "gaussian_kl(z: (N, K), m: (M,)): prior means of shape (M,) do not broadcast to (N, K): reshape "
        "them, or use expand_dims()",
    ),
    (
        lambda: losses.gaussian_kl(table, other),
        ShapeError,
        "gaussian_kl(z: (N, K), o: (N, M)): the shapes (N, K) and (N, M) differ: a loss compares "
        "predictions and targets one to one",
    ),
    (
        lambda: losses.categorical_crossentropy(table, n),
        DTypeError,
        "categorical_crossentropy(z: (N, K), n: (N,)): class labels have dtype float64, expected "
        "integers: use .astype('int64'), or one row of targets for each item",
    ),
    (
        lambda: losses.multiclass_hinge_loss(table, labels, delta=0),
        DomainError,
        "multiclass_hinge_loss(delta=0): delta must be positive and finite: give a number > 0",
    ),
    (
        lambda: losses.categorical_accuracy(table, labels, top_k=0),
        DomainError,
        "categorical_accuracy(top_k=0): top_k is less than 1: use 1, 2, …",
    ),
    (
        lambda: losses.categorical_accuracy(table, labels, top_k=1.5),
        DTypeError,
        "categorical_accuracy(): top_k is 1.5: use an int",
    ),
    (
        lambda: losses.accuracy(table, n),
        DTypeError,
        "categorical_accuracy(z: (N, K), n: (N,)): class labels have dtype float64, expected integers: "
        "use .astype('int64'), or one row of targets for each item",
    ),
    (
        lambda: losses.accuracy(m, labels),
        ShapeError,
        "accuracy(m: (M,), i: (N,)): the shapes (M,) and (N,) differ: a loss compares predictions and "
        "targets one to one",
    ),
    (
        lambda: losses.clustering_accuracy(labels, sl.vector("j", "M", dtype="int64"), 3),
        ShapeError,
        "clustering_accuracy(i: (N,), j: (M,)): the shapes (N,) and (M,) differ: a loss compares "
        "predictions and targets one to one",
    ),
    (
        lambda: losses.sparse_l1(n, weight=-1),
        DomainError,
        "sparse_l1(weight=-1): weight must be finite and not negative: give a number >= 0",
    ),
    (
        lambda: losses.sparse_l2(n, target=m),
        ShapeError,
        "sparse_l2(n: (N,), m: (M,)): targets of shape (M,) do not broadcast to (N,): reshape them, or "
        "use expand_dims()",
    ),
    (
        lambda: losses.structural_damping(n, weight=m),
        ShapeError,
        "structural_damping(m: (M,)): weight has shape (M,): give a number or a scalar expression",
    ),
    (
        lambda: losses.gradient_penalty(n, m),
        ShapeError,
        "gradient_penalty(n: (N,), m: (M,)): the scores (N,) are not one for each of (M,): give one for each",
    ),
    (
        lambda: losses.wgan_gp(n, m, table.sum(axis=1), table, -1),
        DomainError,
        "wgan_gp(weight=-1): weight must be finite and not negative: give a number >= 0",
    ),
    (
        lambda: losses.vae_gmm(table, table, n, n, n, table, other, n),
        ShapeError,
        "vae_gmm(z: (N, K), o: (N, M)): the shapes (N, K) and (N, M) differ: a loss compares predictions "
        "and targets one to one",
    ),
    (
        lambda: losses.loss_set([n, m]),
        ShapeError,
        "loss_set(n: (N,), m: (M,)): the numbers of items differ: each loss has one leading axis of items",
    ),
    (
        lambda: losses.loss_set([n, one]),
        ShapeError,
        "loss_set(s: ()): a scalar has no items: add scalars with +",
    ),
    (
        lambda: losses.nce_loss(table, labels, sl.matrix("W", "C K"), n, labels, n),
        ShapeError,
        "nce_loss(W: (C, K), n: (N,)): (N,) is not one for each class of (C, K): give one for each row",
    ),
    (
        lambda: losses.nce_loss(table, m, other, n, labels, n),
        DTypeError,
        "nce_loss(z: (N, K), m: (M,)): class labels have dtype float64, expected integers: use "
        ".astype('int64'), or one row of targets for each item",
    ),
    (
        lambda: losses.nce_loss(sl.matrix("x", "M K"), labels, other, n, labels, n),
        ShapeError,
        "nce_loss(x: (M, K), i: (N,)): the labels (N,) do not name one entry in each row of (M, K): give "
        "one label for each row",
    ),
    (
        lambda: losses.aggregate(n, mode="avg"),
        DomainError,
        "aggregate(): mode must be one of mean, normalized_sum, sum, got 'avg'",
    ),
    (
        lambda: losses.aggregate(n, mode="means"),
        DomainError,
        "aggregate(): mode must be one of mean, normalized_sum, sum, got 'means': did you mean 'mean'?",
    ),
    (
        lambda: losses.aggregate(n, mode="normalized_sum"),
        GraphError,
        "aggregate(): normalized sums require weights: pass weights, or mode='mean'",
    ),
    (
        lambda: losses.aggregate(n, weights=m),
        ShapeError,
        "aggregate(n: (N,), m: (M,)): weights of shape (M,) do not broadcast to (N,): "
        "reshape them, or use expand_dims()",
    ),
    (
        lambda: losses.aggregate(column, weights=n),
        ShapeError,
        "aggregate(c: (N, 1), n: (N,)): weights of shape (N,) do not broadcast to (N, 1): "
        "reshape them, or use expand_dims()",
    ),
    (
        lambda: losses.aggregate(n, weights=table),
        ShapeError,
        "aggregate(n: (N,), z: (N, K)): weights of shape (N, K) do not broadcast to (N,): "
        "reshape them, or use expand_dims()",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), REFUSED)
def test_refused_with_this_text(call, error, text):
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == text
    assert len(text) <= 400


def test_open_sizes_that_differ_at_the_call_are_refused():
    p, t = sl.vector("p"), sl.vector("t")
    f = sl.function([p, t], losses.squared_error(p, t))
    with pytest.raises(ShapeError):
        f(np.zeros(3), np.zeros(1))


def test_an_open_size_is_not_broadcast_against_a_column():
    p, t = sl.matrix("p"), sl.matrix("t", ("N", 1))
    for pair in ((p, t), (t, p)):
        with pytest.raises(ShapeError):
            sl.function([p, t], losses.squared_error(*pair))(np.zeros((2, 2)), np.zeros((2, 1)))


def test_an_open_number_of_rows_is_not_broadcast_against_one_label():
    p, t = sl.matrix("p"), sl.vector("t", 1, dtype="int64")
    loss = losses.nce_loss(p, t, np.ones((4, 2)), np.ones(4), np.array([1, 2]), np.ones(4))
    with pytest.raises(ShapeError):
        sl.function([p, t], loss)(np.zeros((5, 2)), [1])
