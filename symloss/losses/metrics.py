"""Measures of how good predictions are, for reporting; all but one have no slope."""

from __future__ import annotations

from typing import Any

from ..core import shapes
from ..core.errors import DomainError, message
from ..core.expr import Expr
from ..core.leaves import lift
from ..ops.along import sum_
from ..ops.arithmetic import eq, logical_and, logical_not, logical_or, neq
from ..ops.axes import expand_dims
from ..ops.conditions import where
from ..ops.constants import arange
from ..ops.extrema import any_, argmax, max_
from ..ops.labels import one_hot, pick
from ..ops.moments import mean, var
from ..ops.order import isnan
from .arguments import classified, fitting, of_probabilities, of_rank, paired


def binary_accuracy(predictions: Expr, targets: Expr, threshold: Any = 0.5) -> Expr:
    r"""Whether yes or no is predicted rightly.

    .. math:: (p \geq \tau) = t

    In the unit of truth values. The choice for reporting, next to a loss that has a slope. A prediction at
    the threshold counts as yes, and NaN as no.

    Parameters
    ----------
    predictions : Expr, any shape
        Probabilities, or scores with the threshold 0.
    targets : Expr, shape of `predictions`
        1 for yes and 0 for no.
    threshold : float or Expr, ()
        From where on it is yes.

    Returns
    -------
    Expr, shape of `predictions`, bool
        Elementwise: one truth value for each prediction; `aggregate` makes the rate.

    Raises
    ------
    ShapeError
        If the shapes differ.
    GradientError
        If a gradient is asked for.

    References
    ----------
    Swets, Measuring the accuracy of diagnostic systems, Science 240 (1988).
    """
    p, t = paired("binary_accuracy", predictions, targets)
    return of_probabilities(eq(p >= fitting("binary_accuracy", "thresholds", threshold, p), t), t)


def categorical_accuracy(predictions: Expr, targets: Expr, top_k: int = 1) -> Expr:
    r"""Whether the class is among the k that are predicted first.

    .. math::

        \sum (\lnot (\mathbf{p} \leq {\mathbf{p}}_{t}) \lor (\mathbf{p} = {\mathbf{p}}_{t} \land
        \operatorname{arange}(C) < t)) < 3

    In the unit of truth values. The choice for reporting, next to a loss that has a slope. Of equal scores
    the lowest class is first; NaN comes before all numbers, but the class itself is not found by it.

    Parameters
    ----------
    predictions : Expr, (..., C)
        Scores or probabilities of the classes.
    targets : Expr, (..., C) or integers (...)
        Rows whose largest entry is the class, or labels in [0, C).
    top_k : int
        How many classes count, >= 1; with C or more the answer is always yes.

    Returns
    -------
    Expr, (...), bool
        Per item: one truth value for each row; `aggregate` makes the rate.

    Raises
    ------
    ShapeError
        If the shapes differ, or if labels do not have one axis less than the predictions.
    LabelRangeError
        At the call, if a label is outside [0, C).
    GradientError
        If a gradient is asked for.
    DomainError
        If `top_k` is less than 1.

    References
    ----------
    Russakovsky et al., ImageNet large scale visual recognition challenge (2015).
    """
    call = "categorical_accuracy"
    p, t = classified(call, predictions, targets)
    k = shapes.integer(top_k, "top_k", f"{call}()")
    if k < 1:
        raise DomainError(message(f"{call}(top_k={k})", "top_k is less than 1", "use 1, 2, …"))
    label = t if t.ndim < p.ndim else argmax(t, axis=-1)
    score = expand_dims(pick(p, label), -1)
    earlier = arange(p.shape[-1]) < expand_dims(label, -1)
    before = logical_or(logical_not(p <= score), logical_and(eq(p, score), earlier))
    return sum_(before, axis=-1) < k


def classification_error(predictions: Expr, targets: Expr) -> Expr:
    r"""Whether a wrong class is predicted.

    .. math::

        \operatorname{argmax}(\mathbf{p}) \neq \operatorname{argmax}(\mathbf{t}) \land \lnot
        \operatorname{any}(\operatorname{isnan}(\mathbf{t}))

    In the unit of truth values. The choice for validation, next to a loss that has a slope. A row of targets
    that holds NaN is unknown and no error; with weights that leave such rows out, ``normalized_sum`` gives
    the rate among the known. Of equal scores the lowest class is predicted.

    Parameters
    ----------
    predictions : Expr, (..., C)
        Scores or probabilities of the classes.
    targets : Expr, (..., C) or integers (...)
        Rows whose largest entry is the class, or labels in [0, C).

    Returns
    -------
    Expr, (...), bool
        Per item: one truth value for each row; `aggregate` makes the rate.

    Raises
    ------
    ShapeError
        If the shapes differ, or if labels do not have one axis less than the predictions.
    LabelRangeError
        At the call, if a label is outside [0, C).
    GradientError
        If a gradient is asked for.

    References
    ----------
    Duda and Hart, Pattern classification and scene analysis (1973).
    """
    p, t = classified("classification_error", predictions, targets)
    if t.ndim < p.ndim:
        wrong: Expr = logical_not(categorical_accuracy(p, t))
        return wrong
    wrong = neq(argmax(p, axis=-1), argmax(t, axis=-1))
    known: Expr = logical_not(any_(isnan(t), axis=-1))
    return wrong & known


def accuracy(predictions: Expr, targets: Expr) -> Expr:
    r"""The share of classes that are predicted rightly.

    .. math::

        \operatorname{mean}\left(\left[\sum_{C} (\lnot (P \leq A) \lor (P = A \land \operatorname{arange}(C) <
        {\mathbf{t}}_{[{:}, \text{None}]})) < 1\right]\right) \quad \text{where } A = {\operatorname{pick}(P,
        \mathbf{t})}_{[{:}, \text{None}]}

    In the unit of a share, from 0 to 1. The choice for reporting one number, next to a loss that has a slope.

    Parameters
    ----------
    predictions : Expr, (..., C) or (...)
        Scores of the classes, or the labels themselves.
    targets : Expr, integers (...)
        Labels, in [0, C) if there are scores.

    Returns
    -------
    Expr, ()
        Scalar: NaN for no items.

    Raises
    ------
    ShapeError
        If the shapes differ, or if labels do not have one axis less than the predictions.
    LabelRangeError
        At the call, if a label is outside [0, C).
    GradientError
        If a gradient is asked for.

    References
    ----------
    Duda and Hart, Pattern classification and scene analysis (1973).
    """
    p, t = lift("accuracy", predictions, targets)
    if p.ndim == t.ndim:
        return mean(eq(*paired("accuracy", p, t)))
    return mean(categorical_accuracy(p, t))


def clustering_accuracy(predictions: Expr, targets: Expr, n_clusters: Any, n_labels: Any = None) -> Expr:
    r"""The share of items whose label is the most frequent one of their cluster.

    .. math::

        \frac{\sum \max_{\text{axis } 1}(\operatorname{onehot}(\mathbf{c})^{\top}
        \operatorname{onehot}(\mathbf{t}))}{N}

    In the unit of a share, from 0 to 1. The choice for comparing clusters with known labels. Clusters are
    matched with labels many to one, so that splitting one costs nothing.

    Parameters
    ----------
    predictions : Expr, integers (N,)
        Clusters, in [0, `n_clusters`).
    targets : Expr, integers (N,)
        Labels, in [0, `n_labels`).
    n_clusters : int or size name
        The number of clusters.
    n_labels : int or size name, optional
        The number of labels; as many as clusters by default.

    Returns
    -------
    Expr, ()
        Scalar: NaN for no items.

    Raises
    ------
    ShapeError
        If the shapes differ.
    DTypeError
        If clusters or labels are not integers.
    LabelRangeError
        At the call, if one is outside its range.

    References
    ----------
    Zhao and Karypis, Criterion functions for document clustering, University of Minnesota (2001).
    """
    c, t = lift("clustering_accuracy", predictions, targets)
    paired("clustering_accuracy", c, t)
    found = one_hot(of_rank("clustering_accuracy", 1, c), n_clusters)
    known = one_hot(t, n_clusters if n_labels is None else n_labels)
    share: Expr = sum_(max_(found.T @ known, axis=-1)) / found.shape[0]
    return share


def explained_variance(predictions: Expr, targets: Expr, axis: Any = None) -> Expr:
    r"""One minus the variance of the errors in the unit of that of the targets.

    .. math::

        \begin{cases} \begin{cases} 1 & \text{if } u = 0 \\ 0 & \text{otherwise} \end{cases} & \text{if }
        \operatorname{var}(\mathbf{t}) = 0 \\ 1 - \frac{u}{\operatorname{var}(\mathbf{t})} & \text{otherwise}
        \end{cases} \quad \text{where } u = \operatorname{var}(\mathbf{t} - \mathbf{p})

    In the unit of a share: 1 at best, and 0 for a constant prediction; higher is better. The choice for
    reporting a regression in which a constant offset does not matter. It has a slope. For constant targets
    the quotient has no meaning, and the value is the one of scikit-learn: 1 if the errors are constant as
    well, else 0; the slope is 0.

    Parameters
    ----------
    predictions, targets : Expr, any shape
        Any real number.
    axis : int, size name or tuple of them, optional
        Where the variance is taken; all axes by default.

    Returns
    -------
    Expr, () or the shape without `axis`
        Scalar: NaN for no items.

    Raises
    ------
    ShapeError
        If the shapes differ.
    AxisError
        If there is no such axis.

    References
    ----------
    Kvålseth, Cautionary note about R squared, The American Statistician 39 (1985).
    """
    p, t = paired("explained_variance", predictions, targets)
    left, all_ = var(t - p, axis=axis), var(t, axis=axis)
    return where(eq(all_, 0), where(eq(left, 0), 1, 0), 1 - left / all_)
