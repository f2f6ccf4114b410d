"""Files that are whole or not there: written under another name, flushed, then renamed."""

import os
import secrets
from pathlib import Path


def write(path: str | os.PathLike[str], *parts: bytes | memoryview) -> Path:
    """Write a file so that a reader, or a machine that stops, finds it whole or not at all.

    Args:
        path: the file; its folder is made where it is missing, and a file of that name is
            replaced.
        parts: all of its bytes, one part after another.

    Returns:
        The path.

    Raises:
        OSError: the folder cannot be written to, or the disk is full; nothing is left behind.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Opened by hand, not by tempfile: a folder may be shared, and tempfile's files are private.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)
    return path


def _flush_folder(folder: Path) -> None:
    # The new name is an entry of the folder; Windows opens no folders and flushes them itself.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
