"""Every exception that symloss raises, and the one way in which its text is put together.

Each class also derives from the built-in exception that NumPy would raise for the same mistake,
so that ``except ValueError`` keeps working.
"""

from __future__ import annotations

from collections.abc import Iterable

LONGEST_MESSAGE = 400
MOST_LISTED = 12


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
    """Arguments that do not match the inputs of what is called."""


class NameError_(SymlossError, ValueError):
    """A name that cannot stand in a formula or in generated source."""


class GradientError(SymlossError, TypeError):
    """A derivative that does not exist."""


class LabelRangeError(SymlossError, IndexError):
    """A class label, or an index, outside the range that it chooses from."""


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
    """The closest known word as ``did you mean 'softmax'?``, or the known words when none is close.

    >>> did_you_mean("flot32", ["float32", "float64"])
    "did you mean 'float32'?"
    """
    import difflib

    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.7)
    if close:
        return f"did you mean {close[0]!r}?"
    more = ", …" if len(names) > MOST_LISTED else ""
    return f"known: {', '.join(names[:MOST_LISTED])}{more}" if names else "none is known"


def shown(value: object) -> str:
    """A value that the user wrote, if it is short and plain, else its type; never data.

    >>> shown("N"), shown(1.5), shown([1, 2])
    ("'N'", '1.5', 'a list')
    """
    plain = value is None or isinstance(value, bool | int | float | str)
    return repr(value) if plain and len(repr(value)) <= 40 else kind(value)


def kind(value: object) -> str:
    """The type of a value with its article.

    >>> kind(3), kind([])
    ('an int', 'a list')
    """
    name = type(value).__name__
    vowel = name[:1] in "AEIOaeio" or name.startswith("nd")
    return f"{'an' if vowel else 'a'} {name}"


def place(site: tuple[str, int]) -> str:
    """Where a part of a formula was built.

    >>> place(("/home/me/train.py", 12))
    'train.py:12'
    """
    file, line = site
    return f"{file.replace(chr(92), '/').rpartition('/')[2]}:{line}"
