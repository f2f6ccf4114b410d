"""A note next to a verified file, so that it need not be hashed again.

It holds the checksum and the file's size, times and inode. Writing to the file or replacing it
changes one of them. Silent disk errors do not; `clearprop datasets check` finds those.
"""

import os
from pathlib import Path


def holds(path: Path, status: os.stat_result, checksum: str) -> bool:
    """Return whether a file of this status was verified and is unchanged since."""
    note = _beside(path)
    try:
        known = note.read_bytes() == _words(status, checksum)
        # Clocks are coarse: a file no older than its note may have changed unnoticed.
        return known and max(status.st_mtime_ns, status.st_ctime_ns) < note.stat().st_mtime_ns
    except OSError:
        return False


def put(path: Path, status: os.stat_result, checksum: str) -> None:
    """Note that a file of this status has this checksum.

    Raises:
        OSError: the folder cannot be written to.
    """
    # An incomplete note matches nothing, so the file is just hashed again.
    _beside(path).write_bytes(_words(status, checksum))


def remove(path: Path) -> None:
    """Remove the note, so that the file is hashed the next time.

    Raises:
        OSError: the folder cannot be written to.
    """
    _beside(path).unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.verified")


def _words(status: os.stat_result, checksum: str) -> bytes:
    numbers = status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
    return " ".join([checksum, *map(str, numbers)]).encode()
