"""The folder in which data sets are kept: whole files or none, and one writer at a time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from clearprop.errors import DataError

FOLDER_VARIABLE = "CLEARPROP_DATA_DIR"


def folder(data_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder that holds the data sets, each in a folder of its own name.

    Args:
        data_dir: the caller's choice. Without it the environment variable
            CLEARPROP_DATA_DIR decides, and without that the user's cache directory.

    Returns:
        The folder's path; the folder need not exist.
    """
    chosen = data_dir or os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("clearprop")) / "datasets"


def sha256(data: bytes) -> str:
    """Return the SHA-256 checksum of `data` in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def verify(data: bytes, expected: str, name: str) -> None:
    """Check bytes against their published checksum.

    Args:
        data: the bytes.
        expected: their SHA-256, in hexadecimal digits.
        name: what to call them in the error message.

    Raises:
        DataError: the checksum differs.
    """
    found = sha256(data)
    if found != expected:
        raise DataError(
            f"{name}: its SHA-256 is {found[:16]}… and should be {expected[:16]}…, "
            "so it is damaged or another file"
        )


def read(path: Path, size: int, expected: str) -> bytes:
    """Return a cached file, its size and its checksum verified.

    Args:
        path: the file.
        size: how many bytes it must have; looked at before it is read.
        expected: its SHA-256.

    Raises:
        DataError: the file is missing, cannot be read, or is not the one that is expected.
    """
    try:
        found = path.stat().st_size
        data = path.read_bytes() if found == size else b""
    except FileNotFoundError as error:
        raise DataError(f"{path.name} is not there") from error
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror or error})") from error
    if found != size:
        raise DataError(f"{path.name} has {found:,} bytes and should have {size:,}")
    verify(data, expected, path.name)
    return data


@contextlib.contextmanager
def locked(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock that excludes other processes, waiting for it where it is taken.

    The operating system ties the lock to the open file, so it ends with the process that
    holds it, even one that is killed. The file itself stays: to remove it would let two
    processes lock two files of one name.

    Args:
        path: the lock's file, made where it is missing.
        say: is told once, where there is waiting to be done.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _take(file, wait=False):
            say(f"Waiting for another process that is fetching data (it holds {path}).")
            while not _take(file, wait=True):
                pass
        try:
            yield
        finally:
            _release(file)


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes], *, wait: bool) -> bool:
        """Try to lock the first byte; waiting gives up after ten seconds, by this system's rule."""
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(file: IO[bytes]) -> None:
        """Unlock the first byte."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes], *, wait: bool) -> bool:
        """Try to lock the file, or wait until it can be locked."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(file: IO[bytes]) -> None:
        """Unlock the file."""
        fcntl.flock(file, fcntl.LOCK_UN)
