"""Work in the background: one piece at a time, the newest first, older ones dropped."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Piece = TypeVar("Piece")


class Background(Generic[Piece]):
    """A thread that works on pieces; one that still waits is replaced by a newer one.

    Args:
        work: called with each piece.
        failed: called with the error if there is one; the thread goes on.
        ended: called once when the thread has ended, in any case.
    """

    def __init__(
        self,
        work: Callable[[Piece], None],
        failed: Callable[[Exception], None],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._work, self._failed, self._ended = work, failed, ended
        self._waiting: list[Piece] = []
        self._changed, self._busy, self._ends = threading.Condition(), False, False
        # A daemon: a second Ctrl-C does not wait for it.
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def put(self, piece: Piece) -> None:
        """Hand over a piece, and return at once."""
        with self._changed:
            self._waiting = [piece]
            self._changed.notify_all()

    def drain(self) -> None:
        """Wait until everything is done."""
        with self._changed:
            # In short waits, so that Ctrl-C is noticed between them.
            while (self._waiting or self._busy) and self._thread.is_alive():
                self._changed.wait(0.1)

    def finish(self) -> None:
        """Wait until everything is done, and end the thread."""
        try:
            self.drain()
        finally:
            self.end()
        while self._thread.is_alive():
            self._thread.join(0.1)

    def end(self) -> None:
        """End the thread after its current piece; one that waits is dropped."""
        with self._changed:
            self._ends, self._waiting = True, []
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            while (piece := self._next()) is not None:
                try:
                    self._work(piece)
                except Exception as error:
                    self._failed(error)
        finally:
            self._ended()

    def _next(self) -> Piece | None:
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._ends)
            self._busy = bool(self._waiting)
            return self._waiting.pop() if self._waiting else None
