"""A note beside a file that was verified, by which it is known again without being hashed.

It holds the checksum that was found, and the file's size, times and number in its file system as
they were then. Whatever is written to a file, or put in its place, moves one of them. What moves
none, as a disk that forgets, is found by `clearprop datasets check`, which hashes in full.
"""

import os
from pathlib import Path


def holds(path: Path, status: os.stat_result, checksum: str) -> bool:
    """Return whether a file, now of this `status`, is still the one that had this SHA-256."""
    note = _beside(path)
    try:
        known = note.read_bytes() == _words(status, checksum)
        # Clocks are coarse: a file no older than its note could have changed since, unseen.
        return known and max(status.st_mtime_ns, status.st_ctime_ns) < note.stat().st_mtime_ns
    except OSError:
        return False


def put(path: Path, status: os.stat_result, checksum: str) -> None:
    """Note that a file was found to have this checksum, for `holds`.

    Raises:
        OSError: the folder cannot be written to.
    """
    # A note that is cut short or mixed with another is no note: the file is hashed once more.
    _beside(path).write_bytes(_words(status, checksum))


def remove(path: Path) -> None:
    """Forget that a file was verified, so that it is hashed again next time.

    Raises:
        OSError: the folder cannot be written to.
    """
    _beside(path).unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.verified")


def _words(status: os.stat_result, checksum: str) -> bytes:
    numbers = status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
    return " ".join([checksum, *map(str, numbers)]).encode()
