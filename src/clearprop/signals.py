"""Ctrl-C and SIGTERM at the command line and around what must not be interrupted.

SIGTERM becomes an error, so that what it interrupts can clean up before the process exits.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Terminated(SystemExit):
    """SIGTERM ended the work; the process exits with 143, the shell's code for it."""

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


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Keep Ctrl-C and SIGTERM waiting until the end; nothing outside the main thread."""
    came: list[int] = []
    previous = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if callable(signal.getsignal(number)):
                previous[number] = signal.signal(number, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        for one in came:
            signal.raise_signal(one)
