"""Locks between processes, by the library filelock: the operating system ties them to an open file.

So a lock ends with the process that holds it, even one that is killed. The lock's file stays: to
remove it would let two processes lock two files of one name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clearprop.errors import OutputError

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK = ".clearprop.lock"


def lock_of(path: Path) -> BaseFileLock:
    """Return a lock that any thread may release; a disk without locks is an error."""
    # Only here: importing it takes a tenth of a second.
    from filelock import FileLock

    return FileLock(path, thread_local=False, fallback_to_soft=False)


def is_taken(folder: Path) -> bool:
    """Return whether a process, this one included, writes into a folder now."""
    from filelock import Timeout

    if not (folder / LOCK).exists():
        return False
    try:
        with lock_of(folder / LOCK).acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


class FolderLock:
    """A folder that one process at a time writes into; a context too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: BaseFileLock | None = None

    def take(self) -> None:
        """Make the folder if needed, and lock it.

        Raises:
            OutputError: it cannot be written to or locked, or another process has it.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / LOCK).touch()
        except OSError as error:
            raise OutputError(
                f"{self.folder} cannot be written to ({error.strerror}); choose another folder"
            ) from error
        self._lock = acquired(
            self.folder / LOCK,
            f"another process trains into {self.folder}; wait for it, or choose another folder",
        )

    def release(self) -> None:
        """Unlock it, if it is locked."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> FolderLock:
        self.take()
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def acquired(path: Path, taken: str) -> BaseFileLock:
    """Return a lock that is held.

    Args:
        path: the lock's file.
        taken: what the error says if another process has it.

    Raises:
        OutputError: another process has it, or the disk has no locks.
    """
    from filelock import Timeout

    lock = lock_of(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputError(taken) from error
    except OSError as error:
        raise OutputError(
            f"{path.parent} cannot be locked ({error.strerror}); choose a folder on a disk of this "
            "machine"
        ) from error
    return lock
