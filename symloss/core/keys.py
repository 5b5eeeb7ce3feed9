"""Keys of nodes: what tells the parameters of one from those of another."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np

Key = tuple[Any, ...]
_PLAIN = frozenset((int, str, type(None)))
_SMALL = _PLAIN | {bool, float}
_MOST = 1024
"""How many parameters are remembered before all are forgotten."""
_known: dict[Key, tuple[Key, dict[str, Any]]] = {}


def hashable(value: Any) -> Any:
    """A hashable stand-in for a parameter that keeps 0.0 and -0.0, 1 and True apart."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple:
        return value if _is_plain(value) else tuple([hashable(entry) for entry in value])
    if kind is Fraction:
        # the hash of a fraction takes long, and most are whole
        return value.numerator if value.denominator == 1 else (kind, value.numerator, value.denominator)
    if isinstance(value, float):
        return float, value.hex()
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, tuple):
        return tuple(map(hashable, value))
    return type(value), value


def _is_plain(value: tuple[Any, ...]) -> bool:
    """Whether a tuple of plain values, or of tuples of them, says by itself what it is."""
    kinds = set(map(type, value))
    if kinds == {tuple}:
        kinds = set(map(type, chain.from_iterable(value)))
    return kinds <= _PLAIN


def one_for_all(params: dict[str, Any]) -> tuple[Key, dict[str, Any]]:
    """The key of parameters and the parameters, each one object for all nodes that have equal ones.

    Most nodes of a long formula have the same few; a garbage collection then visits them once. What may be
    large, or has the key of something of another type, as an integer that is a fraction, each node keeps.
    """
    pairs = sorted(params.items())
    key = tuple([(name, hashable(value)) for name, value in pairs])
    if not all([own[1] is value or _is_small(value) for own, (_, value) in zip(key, pairs, strict=True)]):
        return key, params
    found = _known.get(key)
    if found is None:
        if len(_known) >= _MOST:
            _known.clear()
        found = _known[key] = key, params
    return found


def _is_small(value: Any) -> bool:
    """Whether a value is a size, a dtype, a number, a word or a tuple of these, and of no derived type."""
    kind = type(value)
    if kind is tuple:
        return all(map(_is_small, value))
    return kind in _SMALL or isinstance(value, np.dtype) or hasattr(value, "free_symbols")
