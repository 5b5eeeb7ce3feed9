"""Losses of an order: of documents by relevance, and of events in time, in nats."""

from __future__ import annotations

from ..core.expr import Expr
from ..ops.along import sum_
from ..ops.axes import expand_dims
from ..ops.conditions import where
from ..ops.labels import take_along_axis
from ..ops.likelihood import weighted
from ..ops.ordered import argsort
from ..ops.scans import logcumsumexp
from ..ops.softmax_family import log_softmax, logsumexp, softmax
from .arguments import of_probabilities, paired, with_last_axis


def listnet(predictions: Expr, targets: Expr) -> Expr:
    r"""Crossentropy of the chances to be ranked first, as relevances and as scores give them.

    .. math:: -\sum (\operatorname{softmax}(\mathbf{t}) \odot \operatorname{log\,softmax}(\mathbf{s}))

    In nats. The choice for ranking a list by graded relevances when its top counts most; it is cheap and
    smooth, and least where the scores are the relevances up to a constant. The list runs along the last axis.

    Parameters
    ----------
    predictions : Expr, (..., M)
        Scores of the documents of a list, any real number.
    targets : Expr, (..., M)
        Their relevances, any real number.

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
    Cao et al., Learning to rank: from pairwise approach to listwise approach, ICML (2007).
    """
    s, t = paired("listnet", predictions, targets)
    return -sum_(weighted(softmax(t), log_softmax(with_last_axis("listnet", s))), axis=-1)


def listmle(predictions: Expr, targets: Expr) -> Expr:
    r"""Negative log-likelihood of the true order, if places are drawn in turn with odds e^score.

    .. math::

        \sum (\operatorname{logcumsumexp}(\mathbf{u}) - \mathbf{u}) \quad \text{where } \mathbf{u} =
        \operatorname{take}(\mathbf{s}, \operatorname{argsort}(\mathbf{t}))

    In nats; u are the scores in ascending order of relevance. The choice for ranking when the whole order is
    known and the relevances themselves mean nothing. Equal relevances keep their order, which should be a
    random one. The list runs along the last axis.

    Parameters
    ----------
    predictions : Expr, (..., M)
        Scores of the documents of a list, any real number.
    targets : Expr, (..., M)
        Their relevances, of which only the order counts.

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
    Xia et al., Listwise approach to learning to rank: theory and algorithm, ICML (2008).
    """
    s, t = paired("listmle", predictions, targets)
    u = take_along_axis(s, argsort(with_last_axis("listmle", t)), -1)
    return sum_(logcumsumexp(u, axis=-1) - u, axis=-1)


def cox_loss(predictions: Expr, targets: Expr, events: Expr) -> Expr:
    r"""Negative log partial likelihood: for each event, that it met this one of all who were at risk.

    .. math::

        \mathbf{e} \odot \left(\operatorname{logsumexp}_{\text{axis } 1}\left(\begin{cases} \mathbf{s} &
        \text{if } \mathbf{t} \geq {\mathbf{t}}_{[{:}, \text{None}]} \\ -\infty & \text{otherwise}
        \end{cases}\right) - \mathbf{s}\right)

    In nats, with the sum over the events left to `aggregate`. The choice for times until an event when some
    are cut off before it. At risk is whose time is not shorter; of tied events each has the full set at risk
    (Breslow). It compares all pairs of a list, which runs along the last axis.

    Parameters
    ----------
    predictions : Expr, (..., N)
        Logarithms of the relative hazards, any real number.
    targets : Expr, (..., N)
        Times until the event, or until observation ended.
    events : Expr, (..., N)
        1 where the event was seen and 0 where observation ended before.

    Returns
    -------
    Expr, shape of `predictions`
        Elementwise: one loss for each event, and 0 where there was none; `aggregate` makes a scalar.

    Raises
    ------
    ShapeError
        If the shapes differ.

    References
    ----------
    Cox, Regression models and life-tables, Journal of the Royal Statistical Society B 34 (1972).
    """
    s, t, e = paired("cox_loss", predictions, targets, events)
    at_risk = expand_dims(with_last_axis("cox_loss", t), -2) >= expand_dims(t, -1)
    total = logsumexp(where(at_risk, expand_dims(s, -2), float("-inf")), axis=-1)
    return of_probabilities(e * (total - s), e)
