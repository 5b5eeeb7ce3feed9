"""The pictures of the gallery: each loss that is a function of one score, with its value and its slope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

import symloss as sl
from symloss import losses

INF, NAN = np.inf, np.nan
Loss = Callable[..., sl.Expr]
Numbers = tuple[float, ...]
STYLE = {
    "svg.hashsalt": "symloss",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": "#808080",
    "axes.labelcolor": "#808080",
    "axes.edgecolor": "#808080",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": "#808080",
    "ytick.color": "#808080",
    "grid.color": "#808080",
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
}
"""Colours that are read on white and on black."""
BLUE, ORANGE = "#3b82d6", "#d9772b"
HIGHEST, JUMP = 4.0, 0.2
"""The part of the values that is shown, and the step between neighbours that is no slope but a jump."""


@dataclass(frozen=True)
class Picture:
    """A loss as a function of one score, what that score is, and where it is drawn and tabulated."""

    loss: Loss
    symbol: str
    low: float
    high: float
    edges: Numbers
    marks: Numbers = ()
    """Kinks: the slope there is the mean of both sides."""


def like(x: sl.Expr, number: float) -> sl.Expr:
    """A number, as often as there are scores."""
    return sl.zeros_like(x) + number


def rows(x: sl.Expr, *parts: sl.Expr | float) -> sl.Expr:
    """One row of these entries for each score."""
    return sl.stack([part + sl.zeros_like(x) for part in parts], axis=1)


def of_error(loss: Loss, *options: float, marks: Numbers = ()) -> Picture:
    """A loss of the error p − t."""
    edges = (-INF, *(marks or (0.0,)), INF, NAN)
    return Picture(lambda e: loss(e, like(e, 0), *options), "p − t", -2.5, 2.5, edges, marks)


def of_score(loss: Loss, symbol: str, target: float, *options: float, marks: Numbers = ()) -> Picture:
    """A loss of any real number for a given target."""
    edges = (-INF, *(marks or (0.0,)), INF, NAN)
    return Picture(
        lambda z: loss(z, like(z, target), *options), f"{symbol}, for t = {target}", -4, 4, edges, marks
    )


def of_row(loss: Loss, *options: float, marks: Numbers = (), edges: Numbers = (-INF, 0, INF)) -> Picture:
    """A loss of three scores, as a function of the one of the true class; the others are 0."""
    symbol = "score of the true class, others 0"
    return Picture(lambda z: loss(rows(z, z, 0, 0), rows(z, 1, 0, 0), *options), symbol, -4, 4, edges, marks)


def of_share(loss: Loss, first: float) -> Picture:
    """A loss of two probabilities p and 1 − p, for given targets."""
    symbol, targets = f"p, for rows (p, 1 − p) and ({first:g}, {1 - first:g})", (first, 1 - first)
    return Picture(lambda p: loss(rows(p, p, 1 - p), rows(p, *targets)), symbol, 0, 1, (0, 0.5, 1))


def of_lead(loss: Loss) -> Picture:
    """A loss of two documents, as a function of the lead that the more relevant one has."""
    symbol = "lead of the more relevant one of two"
    return Picture(lambda z: loss(rows(z, z, 0), rows(z, 1, 0)), symbol, -4, 4, (-800, 0, 800))


def penalty_of_slope(g: sl.Expr) -> sl.Expr:
    """The penalty where a score rises as g times its point."""
    x = rows(g, 0)
    return losses.gradient_penalty(g * sl.sum(x, axis=1), x)


PICTURES = {
    "squared_error": of_error(losses.squared_error),
    "absolute_error": of_error(losses.absolute_error, marks=(0,)),
    "huber_loss": replace(of_error(losses.huber_loss), edges=(-INF, -1, 0, 1, INF, NAN)),
    "log_cosh": of_error(losses.log_cosh),
    "quantile_loss": of_error(losses.quantile_loss, 0.9, marks=(0,)),
    "poisson_nll": Picture(lambda p: losses.poisson_nll(p, like(p, 2)), "p, for t = 2", 0, 6, (0, 1, 2, NAN)),
    "poisson_nll_log": replace(of_score(losses.poisson_nll_log, "z", 2), edges=(-INF, 0, 800, NAN)),
    "gaussian_nll": of_error(losses.gaussian_nll, 0),
    "gaussian_kl": Picture(
        lambda m: losses.gaussian_kl(rows(m, m), rows(m, 0)), "m, for v = 0", -2.5, 2.5, (-INF, 0, INF, NAN)
    ),
    "binary_crossentropy": Picture(
        lambda p: losses.binary_crossentropy(p, like(p, 1)), "p, for t = 1", 0, 1, (0, 0.5, 1, NAN)
    ),
    "binary_crossentropy_logits": of_score(losses.binary_crossentropy_logits, "z", 1),
    "categorical_crossentropy": of_share(losses.categorical_crossentropy, 1),
    "softmax_crossentropy": of_row(losses.softmax_crossentropy),
    "smoothed_softmax_crossentropy": of_row(losses.smoothed_softmax_crossentropy, 0.1),
    "focal_loss": of_score(losses.focal_loss, "z", 1, 2),
    "kl_divergence": of_share(losses.kl_divergence, 0.5),
    "js_divergence": of_share(losses.js_divergence, 1),
    "hinge_loss": of_score(losses.hinge_loss, "p", 1, marks=(1,)),
    "binary_hinge_loss": of_score(losses.binary_hinge_loss, "p", 1, marks=(1,)),
    "multiclass_hinge_loss": of_row(losses.multiclass_hinge_loss, marks=(1,), edges=(-INF, 0, 1, INF)),
    "cosine_distance": Picture(
        lambda a: losses.cosine_distance(rows(a, sl.cos(a), sl.sin(a)), rows(a, 1, 0)),
        "angle in radians",
        0,
        np.pi,
        (0, 1, 2),
    ),
    "listnet": of_lead(losses.listnet),
    "listmle": of_lead(losses.listmle),
    "gradient_penalty": Picture(penalty_of_slope, "slope of the score", -2.5, 2.5, (-1, 0, 1), (0,)),
    "sparse_l1": Picture(lambda a: losses.sparse_l1(a, 1), "a", -2.5, 2.5, (-INF, 0, INF, NAN), (0,)),
    "sparse_l2": Picture(lambda a: losses.sparse_l2(a, 1), "a", -2.5, 2.5, (-INF, 0, INF, NAN)),
}


def curves(picture: Picture, scores: np.ndarray) -> list[np.ndarray]:
    """Value and slope of a loss at scores."""
    s = sl.vector("s", "N")
    loss = picture.loss(s)
    return list(sl.function([s], [loss, sl.grad(sl.sum(loss), s)])(scores))


def drawn(picture: Picture, path: Path) -> None:
    """Write the picture of value and slope; equal pictures are equal files."""
    scores = np.linspace(picture.low, picture.high, 1001)
    value, slope = curves(picture, scores)
    with np.errstate(invalid="ignore"):
        jumps = np.abs(np.diff(slope, prepend=slope[0])) > JUMP
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.6, 2.5), layout="constrained")
        axes = figure.subplots()
        axes.plot(scores, value, color=BLUE, linewidth=2, label="loss")
        axes.plot(
            scores, np.where(jumps, np.nan, slope), color=ORANGE, linewidth=1.6, linestyle="--", label="slope"
        )
        axes.plot(
            picture.marks, curves(picture, np.array(picture.marks, float))[1], "o", color=ORANGE, markersize=4
        )
        axes.set_ylim(max(axes.get_ylim()[0], -HIGHEST), min(axes.get_ylim()[1], HIGHEST))
        axes.locator_params(nbins=5)
        axes.tick_params(length=0)
        axes.set_xlabel(picture.symbol)
        axes.grid()
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
