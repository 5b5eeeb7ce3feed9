"""Every exception that symloss raises, and the one way in which its text is put together.

Each class also derives from the built-in exception that NumPy would raise for the same mistake,
so that ``except ValueError`` keeps working.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST_MESSAGE = 400


class SymlossError(Exception):
    """Root of all errors raised by symloss."""


class ShapeError(SymlossError, ValueError):
    """Shapes or sizes that do not fit together."""


class DTypeError(SymlossError, TypeError):
    """A dtype, or a kind of value, that the operation does not take."""


class AxisError(SymlossError, ValueError, IndexError):
    """An axis that the tensor does not have, or that is named twice."""


class GraphError(SymlossError, ValueError):
    """Inputs and outputs that do not make a function, or a value that is no expression."""


class InputError(SymlossError, TypeError):
    """Arguments of a compiled function that do not match its inputs."""


class NameError_(SymlossError, ValueError):
    """A name that cannot stand in a formula or in generated source."""


class GradientError(SymlossError, TypeError):
    """A derivative that does not exist."""


class LabelRangeError(SymlossError, IndexError):
    """A class label outside [0, number of classes)."""


class DomainError(SymlossError, ValueError):
    """A value outside the domain on which the operation is defined."""


class NonFiniteError(SymlossError, FloatingPointError):
    """NaN or infinity where a finite value was asked for."""


class ParseError(SymlossError, ValueError):
    """Text that is not a formula; knows where it stops being one."""

    def __init__(self, message: str, pos: int, line: int, col: int, snippet: str) -> None:
        super().__init__(message)
        self.pos, self.line, self.col, self.snippet = pos, line, col, snippet


class LimitError(SymlossError, ValueError):
    """A size beyond a stated limit."""

    def __init__(self, message: str, limit: int, value: int) -> None:
        super().__init__(message)
        self.limit, self.value = limit, value


class FormatError(SymlossError, ValueError):
    """A stored graph that is damaged or of another version."""


class InternalError(SymlossError, RuntimeError):
    """A broken promise inside symloss itself: please report it."""


def message(call: str, wrong: str, mend: str = "") -> str:
    """Put an error's text together: ``<call>: <what is wrong>: <the mend>``, within 400 characters."""
    text = f"{call}: {wrong}" + (f": {mend}" if mend else "")
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The closest known word as ``did you mean 'softmax'?``, or all known words when none is close.

    >>> did_you_mean("flot32", ["float32", "float64"])
    "did you mean 'float32'?"
    """
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}?" if close else "known: " + ", ".join(names)
