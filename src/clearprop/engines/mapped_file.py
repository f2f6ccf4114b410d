"""Memory-mapped files: their pages are dropped once an engine has its own copy."""

import contextlib
import mmap
from typing import Any

import numpy as np


def give_back(array: np.ndarray) -> None:
    """Let the system drop the pages of a mapped file from this process's memory.

    The array stays valid: whoever reads it again has the pages read from the file. Only a read-only
    map is touched, since a writable one may have changes that no file has.
    """
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    mapped = base.obj if isinstance(base, memoryview) else base
    if not isinstance(mapped, mmap.mmap) or not hasattr(mmap, "MADV_DONTNEED"):
        return
    with memoryview(mapped) as view:
        only_read = view.readonly
    if only_read:
        with contextlib.suppress(OSError, ValueError):  # it stays in memory, or is closed
            mapped.madvise(mmap.MADV_DONTNEED)
