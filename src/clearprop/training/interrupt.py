"""Ctrl-C and SIGTERM between two steps, never inside one.

An interrupt in the middle of a step would leave arrays that are half updated or, under JAX,
already given away. So the first one only sets a flag, which the loop reads between two
stretches. A second Ctrl-C interrupts at once; a second SIGTERM changes nothing: those who send
one often send several.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from clearprop.signals import Terminated, terminate

ERRORS: dict[int, Callable[[], BaseException]] = {
    signal.SIGINT: KeyboardInterrupt,
    signal.SIGTERM: Terminated,
}


class DeferredInterrupt:
    """A context in which the first SIGINT or SIGTERM sets `signal` instead of raising.

    It changes nothing outside the main thread, where Python takes no signals; nor a SIGINT that is
    ignored (as in a background job), nor a SIGTERM that somebody else handles.

    Attributes:
        signal: the number of the signal that came, else 0.
    """

    def __init__(self) -> None:
        self.signal = 0
        self._previous: dict[int, Any] = {}

    @property
    def requested(self) -> bool:
        """Whether the loop is to end."""
        return self.signal != 0

    @property
    def error(self) -> BaseException:
        """What to raise when the loop has ended."""
        return ERRORS[self.signal]()

    def __enter__(self) -> DeferredInterrupt:
        if threading.current_thread() is threading.main_thread():
            if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
                self._take(signal.SIGINT)
            if signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, terminate):
                self._take(signal.SIGTERM)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _take(self, number: int) -> None:
        self._previous[number] = signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = self.signal or number
