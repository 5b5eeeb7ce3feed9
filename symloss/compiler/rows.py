"""Arrays cut into blocks of rows, also arrays of files that are mapped to memory."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Rows:
    """An array and the axis along which it is cut; None if every block is the whole."""

    __slots__ = ("array", "before", "file", "offset")

    def __init__(self, array: Any, axis: Any) -> None:
        self.array: Array = np.asarray(array)
        self.before = None if axis is None else (slice(None),) * axis
        self.file = _file(self.array) if axis == 0 else None
        if self.file is not None:
            start = np.frombuffer(self.file, dtype=np.uint8).ctypes.data
            self.offset = self.array.ctypes.data - start

    def part(self, rows: slice) -> Array:
        """The rows of a block."""
        block: Array = self.array if self.before is None else self.array[*self.before, rows]
        return block

    def release(self, rows: slice) -> None:
        """Let go of the memory of rows that were read from a file; the file keeps them."""
        if self.file is None:
            return
        width, page = self.array.strides[0], mmap.PAGESIZE
        begin = -(-(self.offset + rows.start * width) // page) * page
        end = min(self.offset + rows.stop * width, len(self.file)) // page * page
        if end > begin:
            self.file.madvise(mmap.MADV_DONTNEED, begin, end - begin)


def _file(array: Any) -> Any:
    """The mapping of the file that an array lies in, if changes to it are never lost."""
    shared = False
    while array is not None and not isinstance(array, mmap.mmap):
        shared = shared or getattr(array, "mode", "") in ("r", "r+", "w+")
        array = getattr(array, "base", None)
    return array if shared and hasattr(array, "madvise") else None
