"""Access to users' files: size checked before reading, and the file named in every error."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from clearprop.errors import DataError

LIMIT = 2**31
"""The most bytes that any file is read or unpacked to: far above any set of small images."""


def located(path: str | os.PathLike[str]) -> Path:
    """Return a caller's path, with `~` as the home folder where there is one."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # no such user
        return Path(path)


def size_of(path: Path, limit: int = LIMIT) -> int:
    """Return the size of a file in bytes.

    Raises:
        DataError: it is missing, unreadable, not an ordinary file, or larger than `limit`.
    """
    with readable(path):
        found = path.stat().st_size
        # Pipes, terminals and /dev/zero may never end.
        if not path.is_file():
            what = "a folder" if path.is_dir() else "not a regular file"
            raise DataError(f"{path} is {what}; give a file.")
    if found > limit:
        raise DataError(f"{path} is larger than {limit:,} bytes, too large to be images.")
    return found


def beginning(path: Path, count: int) -> bytes:
    """Return the first `count` bytes of a file, or all if there are fewer.

    Raises:
        DataError: as `size_of`.
    """
    size_of(path)
    with readable(path), path.open("rb") as file:
        return file.read(count)


def whole(path: Path, limit: int = LIMIT) -> bytes:
    """Return all bytes of a file of at most `limit` bytes.

    Raises:
        DataError: as `size_of`.
    """
    size_of(path, limit)
    with readable(path):
        return path.read_bytes()


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn the system's errors into one that names the file."""
    try:
        yield
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    except MemoryError as error:
        raise DataError(f"{path} holds more than this machine's memory does.") from error


@contextlib.contextmanager
def about(place: object) -> Iterator[None]:
    """Put the file, and the place in it, before an error about its rows."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{place}: {error}") from error
