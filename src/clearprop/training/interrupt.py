"""Ctrl-C between two steps, never inside one.

An interrupt in the middle of a step would leave arrays that are half updated or, under JAX,
already given away. So the first Ctrl-C only leaves a note, which the loop reads between two
stretches; a second one interrupts at once.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class DeferredInterrupt:
    """A context in which the first SIGINT sets `requested` instead of raising.

    Outside the main thread, where Python takes no signals, and where SIGINT is ignored (as in
    a background job), it changes nothing.
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> DeferredInterrupt:
        main = threading.current_thread() is threading.main_thread()
        self._installed = main and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
        if self._installed:
            self._previous = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, self._previous)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
