"""Locks between processes: the operating system ties them to an open file.

So a lock ends with the process that holds it and the children that it forked, even where they are
killed. The lock's file itself stays: to remove it would let two processes lock two files of one
name.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from clearprop.errors import OutputError

if sys.platform == "win32":
    import msvcrt

    def take(file: IO[bytes], *, wait: bool) -> bool:
        """Try to lock the first byte; waiting gives up after ten seconds, by this system's rule."""
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def release(file: IO[bytes]) -> None:
        """Unlock the first byte."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def take(file: IO[bytes], *, wait: bool) -> bool:
        """Try to lock the file, or wait until it can be locked."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(file: IO[bytes]) -> None:
        """Unlock the file."""
        fcntl.flock(file, fcntl.LOCK_UN)


LOCK = ".clearprop.lock"


def is_taken(folder: Path) -> bool:
    """Return whether a process, this one included, writes into a folder now."""
    try:
        with (folder / LOCK).open("r+b") as file:
            if not take(file, wait=False):
                return True
            release(file)
    except OSError:
        pass
    return False


class FolderLock:
    """A folder that one process at a time writes into, as a context too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: IO[bytes] | None = None

    def take(self) -> None:
        """Make the folder where it is missing, and take it.

        Raises:
            OutputError: it cannot be written to or locked, or another process has it.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / LOCK).open("a+b")
        except OSError as error:
            raise OutputError(
                f"{self.folder} cannot be written to ({error.strerror}); choose another folder"
            ) from error
        try:
            taken = take(file, wait=False)
        except OSError as error:
            file.close()
            raise OutputError(
                f"{self.folder} cannot be locked ({error.strerror}); choose a folder on a disk of "
                "this machine"
            ) from error
        if not taken:
            file.close()
            raise OutputError(
                f"another process trains into {self.folder}; wait for it, or choose another folder"
            )
        self._file = file

    def release(self) -> None:
        """Free it; nothing where it is not taken."""
        if self._file is not None:
            release(self._file)
            self._file.close()
            self._file = None

    def __enter__(self) -> FolderLock:
        self.take()
        return self

    def __exit__(self, *error: object) -> None:
        self.release()
