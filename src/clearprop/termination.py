"""SIGTERM as an error: what it interrupts can be put in order before the process leaves."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Terminated(SystemExit):
    """SIGTERM ended the work; the process leaves with 143, as a shell tells that signal."""

    def __init__(self) -> None:
        super().__init__(143)


def terminate(number: int, frame: FrameType | None) -> None:
    """Handle SIGTERM.

    Raises:
        Terminated: always.
    """
    raise Terminated


@contextlib.contextmanager
def terminating() -> Iterator[None]:
    """Turn SIGTERM into `Terminated`; nothing outside the main thread, or where it is handled."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
