"""Which dtypes exist and how they combine; every function returns a ``numpy.dtype``.

Integers adopt the float dtype they meet (int64 with float32 is float32), as in JAX and torch;
everything else follows NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import DTypeError, did_you_mean, kind, message

DType = np.dtype[Any]

SUPPORTED: dict[str, DType] = {
    name: np.dtype(name)
    for name in ("float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool".split())
}
BOOL, INT64, UINT64 = SUPPORTED["bool"], SUPPORTED["int64"], SUPPORTED["uint64"]
FLOAT64 = SUPPORTED["float64"]


def parse_dtype(dtype: Any, call: str = "dtype") -> DType:
    """The supported dtype that a name, a type or a dtype stands for (native byte order)."""
    try:
        found = np.dtype(dtype)
        name = found.name if found.kind in "fiubcM" else found.type.__name__.rstrip("_")
    except (TypeError, ValueError, SyntaxError, Warning):
        name = dtype if isinstance(dtype, str) else getattr(dtype, "__name__", "")
    if name in SUPPORTED:
        return SUPPORTED[name]
    known = did_you_mean(name, SUPPORTED) if isinstance(dtype, str) else "known"
    if known.startswith("known"):
        known = "use " + ", ".join(SUPPORTED)
    what = f"dtype {name[:40]!r} is not supported" if name else f"{kind(dtype)} is no dtype"
    raise DTypeError(message(call, what, known))


def is_float(dtype: DType) -> bool:
    """Whether derivatives exist for this dtype."""
    return dtype.kind == "f"


def promote(*dtypes: DType) -> DType:
    """The dtype that several operands meet in: floats rule over integers, else NumPy's rule."""
    first = dtypes[0]
    for other in dtypes:
        if other is not first:
            break
    else:
        return first
    floats = [d for d in dtypes if d.kind == "f"]
    return np.result_type(*(floats or dtypes))


def to_float(dtype: DType) -> DType:
    """The dtype of a real function's value: floats keep theirs, integers and bool give float64."""
    return dtype if is_float(dtype) else FLOAT64
