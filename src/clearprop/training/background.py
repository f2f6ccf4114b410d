"""Work in the background: the newest of what was handed over is done, one piece at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Piece = TypeVar("Piece")


class Background(Generic[Piece]):
    """A thread that works on pieces; one that still waits is replaced by a newer one.

    Args:
        work: what to do with a piece.
        failed: is told the error where there is one; the thread goes on.
    """

    def __init__(self, work: Callable[[Piece], None], failed: Callable[[Exception], None]) -> None:
        self._work, self._failed = work, failed
        self._waiting: list[Piece] = []
        self._changed, self._ended = threading.Condition(), False
        # A daemon: a second Ctrl-C does not wait for it.
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def put(self, piece: Piece) -> None:
        """Hand over a piece, and return at once."""
        with self._changed:
            self._waiting = [piece]
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait until everything is done, and end the thread."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        # In turns, so that Ctrl-C is heard between them.
        while self._thread.is_alive():
            self._thread.join(0.1)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    return
                piece = self._waiting.pop()
            try:
                self._work(piece)
            except Exception as error:
                self._failed(error)
