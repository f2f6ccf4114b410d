"""How many threads BLAS uses, which is a setting of the whole process."""

import contextlib
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside: list[Any] = []


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@cache
def blas() -> str:
    """Return NumPy's BLAS: its version, the kernels that it chose for this processor, its threads.

    The threads are those outside `one_blas_thread`, which is not a setting of the process.
    """
    found = [one for one in _controller().info() if one["user_api"] == "blas"]
    # SciPy may bring one of its own.
    own = [one for one in found if "numpy" in one["filepath"]] or found
    return " ".join(
        f"{one['internal_api']} {one['version']} {one.get('architecture', '')} with "
        f"{one['num_threads']} threads"
        for one in own[:1]
    )


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread; of several overlapping holds the last one to end restores the rest.

    If each restored what it found, two that overlap would leave the process with one thread.
    """
    blas()  # Asked now, before it is held.
    with _lock:
        _inside.append(_inside[0] if _inside else _controller().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            limit = _inside.pop()
            if not _inside:
                limit.restore_original_limits()
