"""The steps of an optimiser under a bar that shows how far it is, and the loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..core.errors import GraphError, kind, message

CALL, MISSING = "progress()", 'pip install "symloss[progress]"'


def progress(optimizer: Any, batches: Iterable[Sequence[Any]], **options: Any) -> Iterator[float]:
    """Make one step for each batch, under a bar of tqdm.

    The steps are made as the losses are taken, so leaving the loop ends the training.

    Parameters
    ----------
    optimizer : SGD, HessianFree or any object with `step`
        What is trained; its damping is shown if it has one.
    batches : iterable of tuples or lists
        For each step, the values that `step` takes.
    **options
        Passed to tqdm, such as ``desc="training"`` or ``disable=True``.

    Returns
    -------
    iterator of float
        The loss of each batch before its step.

    Raises
    ------
    ImportError
        If tqdm, the extra `progress`, is not installed.
    GraphError
        If `optimizer` has no `step`.

    Examples
    --------
    >>> import symloss as sl
    >>> w = sl.shared(1.0, "w")
    >>> losses = sl.optimizers.progress(sl.optimizers.SGD(w**2, w, [], 0.25), [()] * 3, disable=True)
    >>> list(losses)
    [1.0, 0.25, 0.0625]
    """
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError(message(CALL, "tqdm is not installed", MISSING)) from None
    if not callable(getattr(optimizer, "step", None)):
        wrong = f"the optimiser is {kind(optimizer)}, which has no step"
        raise GraphError(message(CALL, wrong, "give SGD(...) or HessianFree(...)"))
    return _stepped(optimizer, tqdm(batches, **options))


def _stepped(optimizer: Any, bar: Any) -> Iterator[float]:
    with bar:
        for batch in bar:
            loss = float(optimizer.step(*batch))
            damping = getattr(optimizer, "damping", None)
            shown = {"loss": f"{loss:.4g}"} | ({} if damping is None else {"damping": f"{damping:.2g}"})
            bar.set_postfix(shown, refresh=False)
            yield loss
