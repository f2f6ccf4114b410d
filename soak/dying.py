"""Processes that die at a chosen point: before a line, or in the middle of a write.

They end by SIGKILL, which no process can catch: nothing is cleaned up, no `finally` runs.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any

Arm = Callable[[], None]

# How much of a write reaches the file: nothing, half, all of it.
SHARES = (0.0, 0.5, 1.0)


def die() -> None:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def dies(work: Callable[[], object], arm: Arm) -> bool:
    """Run work in a forked process that is armed to die; return whether it died.

    Raises:
        RuntimeError: it failed in another way.
    """
    child = os.fork()
    if child == 0:
        _end(work, arm)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"a process that should have been killed left with {code}")
    return code != 0


def _end(work: Callable[[], object], arm: Arm) -> None:
    """Run the work of the forked process and exit without the parent's cleanup."""
    code = 1
    try:
        arm()
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def before_each_line(files: frozenset[str]) -> Iterator[Arm]:
    """Yield functions that arm a process to die before its 1st, 2nd, ... line in these files."""
    for number in itertools.count(1):
        yield _Lines(number, files).arm


class _Lines:
    def __init__(self, number: int, files: frozenset[str]) -> None:
        self.left, self.files = number, files

    def arm(self) -> None:
        sys.settrace(self.trace)

    def trace(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if frame.f_code.co_filename not in self.files:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                die()
        return self.trace


def in_each_write(share: float) -> Iterator[Arm]:
    """Yield functions that arm a process to die in its 1st, 2nd, ... write to a new file.

    Only a share of the bytes of that write reach the file.
    """
    for number in itertools.count(1):
        yield _Writes(number, share).arm


class _Writes:
    def __init__(self, number: int, share: float) -> None:
        self.left, self.share = number, share
        self.open = Path.open

    def arm(self) -> None:
        made = self

        def opened(path: Path, mode: str = "r", *more: Any, **words: Any) -> Any:
            file = made.open(path, mode, *more, **words)
            return _Cut(file, made) if mode in ("xb", "wb") else file

        Path.open = opened  # type: ignore[method-assign]


class _Cut:
    """A file with one interrupted write."""

    def __init__(self, file: IO[bytes], writes: _Writes) -> None:
        self._file, self._writes = file, writes

    def write(self, data: bytes) -> int:
        self._writes.left -= 1
        if self._writes.left == 0:
            self._file.write(data[: int(len(data) * self._writes.share)])
            self._file.flush()
            die()
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Cut:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
