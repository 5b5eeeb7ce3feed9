"""Losses that tell what belongs together from what does not."""

from __future__ import annotations

from typing import Any

from ..core import shapes
from ..core.errors import ShapeError, message
from ..core.expr import Expr, signature
from ..core.leaves import lift
from ..ops.along import sum_
from ..ops.arithmetic import eq
from ..ops.axes import broadcast_to, expand_dims
from ..ops.conditions import where
from ..ops.diagonals import diagonal
from ..ops.labels import pick
from ..ops.logistic import softplus
from ..ops.moments import norm
from ..ops.order import relu
from ..ops.softmax_family import log_softmax
from .arguments import labelled, of_rank, paired, positive, with_last_axis


def cosine_distance(predictions: Expr, targets: Expr) -> Expr:
    r"""One minus the cosine of the angle between two vectors.

    .. math::

        1 - \sum \left(\frac{\mathbf{p}}{\lVert \mathbf{p} \rVert} \odot \frac{\mathbf{t}}{\lVert \mathbf{t}
        \rVert}\right)

    In the unit of a cosine: 0 for one direction, 1 at right angles and 2 for opposite ones. The choice where
    the length of a vector means nothing. A vector of length 0 has no direction, and its loss is NaN.

    Parameters
    ----------
    predictions, targets : Expr, (..., D)
        Any real number.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.

    References
    ----------
    Salton, Wong and Yang, A vector space model for automatic indexing, Communications of the ACM 18 (1975).
    """
    p, t = paired("cosine_distance", predictions, targets)
    p, t = (x / norm(with_last_axis("cosine_distance", x), axis=-1, keepdims=True) for x in (p, t))
    return 1 - sum_(p * t, axis=-1)


def triplet_loss(predictions: Expr, positives: Expr, negatives: Expr, delta: Any = 1) -> Expr:
    r"""Penalty for an example that is not nearer to one of its kind than to one of another, by a margin.

    .. math::

        \max\left(0, \sum (\mathbf{a} - \mathbf{p})^{2} - \sum (\mathbf{a} - \mathbf{n})^{2} + \delta\right)

    Distances are squared; in the squared unit of the vectors. The choice for learning an embedding in which
    distance means difference, when triplets can be chosen well; for whole batches take `info_nce`. The slope
    at the margin is half of the one inside.

    Parameters
    ----------
    predictions, positives, negatives : Expr, (..., D)
        Embeddings of an example, of one of its kind, and of one of another kind.
    delta : float or Expr, ()
        Margin, > 0.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or if `delta` is not a scalar.
    DomainError
        If `delta` is not a finite number > 0, or an expression of integers.

    References
    ----------
    Schroff, Kalenichenko and Philbin, FaceNet: A unified embedding for face recognition, CVPR (2015).
    """
    a, p, n = paired("triplet_loss", predictions, positives, negatives)
    delta = positive("triplet_loss", "delta", delta, a.dtype)
    near = (with_last_axis("triplet_loss", a) - p) ** 2
    return relu(sum_(near, axis=-1) - sum_((a - n) ** 2, axis=-1) + delta)


def info_nce(predictions: Expr, targets: Expr, temperature: Any = 1) -> Expr:
    r"""Negative log-likelihood of picking, for each query, its own key among the keys of the batch.

    .. math::

        -\operatorname{diagonal}\left(\operatorname{log\,softmax}\left(\frac{Q K^{\top}}{\tau}\right)\right)

    In nats. The choice for learning an embedding from pairs that belong together, all others of the batch
    serving as examples of what does not. Bring the rows to length 1 first if angles are to count.

    Parameters
    ----------
    predictions : Expr, (N, D)
        Queries, any real number.
    targets : Expr, (N, D)
        Keys: row i belongs to query i.
    temperature : float or Expr, ()
        Divides the scores, > 0.

    Returns
    -------
    Expr, (N,)
        Per item: one loss for each query; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ, or are not those of matrices.
    DomainError
        If `temperature` is not a finite number > 0, or an expression of integers.

    References
    ----------
    Van den Oord, Li and Vinyals, Representation learning with contrastive predictive coding (2018).
    """
    q, k = paired("info_nce", predictions, targets)
    temperature = positive("info_nce", "temperature", temperature, q.dtype)
    scores = of_rank("info_nce", 2, q) @ k.T
    return -diagonal(log_softmax(scores if temperature == 1 else scores / temperature))


def nce_loss(
    predictions: Expr,
    targets: Expr,
    weights: Expr,
    biases: Expr,
    negatives: Expr,
    log_expected: Expr,
    remove_accidental_hits: bool = False,
) -> Expr:
    r"""Negative log-likelihood of telling a true class from classes drawn as noise.

    .. math::

        \operatorname{softplus}\left(-\left(\sum (\mathbf{x} \odot {W}_{[t, {:}]}) + {\mathbf{b}}_{[t]} -
        {\mathbf{e}}_{t}\right)\right) + \sum \operatorname{softplus}(\mathbf{x}^{\top} {W}_{[\mathbf{n},
        {:}]}^{\top} + {\mathbf{b}}_{[\mathbf{n}]} - \operatorname{pick}(\operatorname{broadcast}_{(k,
        C)}(\mathbf{e}), \mathbf{n}))

    In nats; W, b and e hold what belongs to each class, t is the true one and n are the negatives, which
    serve all items. The choice for so many classes that `softmax_crossentropy` would be too slow.

    Parameters
    ----------
    predictions : Expr, (..., D)
        Features, any real number.
    targets : Expr, integers (...)
        The true class, in [0, C).
    weights, biases, log_expected : Expr, (C, D), (C,) and (C,)
        Of each class: its row, its bias, and the logarithm of how often it is expected among the negatives,
        log(k Q); with log Q, how often in one draw.
    negatives : Expr, integers (k,)
        Classes drawn as noise, in [0, C).
    remove_accidental_hits : bool
        Whether a negative that is the true class is left out, from value and slopes alike.

    Returns
    -------
    Expr, (...)
        Per item: one loss for each row; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If shapes that are stated as equal differ.
    DTypeError
        If classes are not integers.
    LabelRangeError
        At the call, if a class is outside [0, C).

    References
    ----------
    Gutmann and Hyvärinen, Noise-contrastive estimation, Journal of Machine Learning Research 13 (2012).
    """
    x, t = labelled("nce_loss", predictions, targets)
    (n,) = lift("nce_loss", negatives)
    w, b, e = _for_each_class(weights, biases, log_expected)
    true = sum_(x * w[t], axis=-1) + b[t] - _of_class(e, t)
    noise = x @ w[n].T + b[n] - _of_class(e, n)
    cost = softplus(noise)
    if remove_accidental_hits:
        cost = where(eq(n, expand_dims(t, -1)), 0, cost)
    return softplus(-true) + sum_(cost, axis=-1)


def _of_class(x: Expr, labels: Expr) -> Expr:
    """The entry of each label, which is refused unless it is in [0, C): an index would count from the end."""
    return pick(broadcast_to(x, (*labels.shape, *x.shape)), labels)


def _for_each_class(weights: Any, *others: Any) -> list[Expr]:
    """A matrix, and vectors of one number for each of its rows."""
    w, *vectors = lift("nce_loss", weights, *others)
    for one in vectors:
        if not shapes.same_shape(one.shape, of_rank("nce_loss", 2, w).shape[:1]):
            wrong = f"{shapes.show(one.shape)} is not one for each class of {shapes.show(w.shape)}"
            raise ShapeError(message(signature("nce_loss", w, one), wrong, "give one for each row"))
    return [w, *vectors]
