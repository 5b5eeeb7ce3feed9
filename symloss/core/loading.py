"""Packages that are loaded when they are first needed, so that importing symloss loads NumPy alone."""

from __future__ import annotations

import importlib
import sys
from typing import Any

_DEPTH = 2000


def loaded(name: str) -> Any:
    """The module of that name (importing one needs a deeper stack than a formula does)."""
    limit = sys.getrecursionlimit()
    if name in sys.modules or limit >= _DEPTH:
        return importlib.import_module(name)
    sys.setrecursionlimit(_DEPTH)
    try:
        return importlib.import_module(name)
    finally:
        sys.setrecursionlimit(limit)
