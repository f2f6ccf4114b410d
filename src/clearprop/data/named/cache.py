"""The folder in which data sets are kept: whole files or none, and one writer at a time."""

import contextlib
import hashlib
import mmap
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar

from clearprop.data.named import stamp
from clearprop.errors import DataError
from clearprop.locking import lock_of

FOLDER_VARIABLE = "CLEARPROP_DATA_DIR"

Taken = TypeVar("Taken")


def folder(data_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of the data sets, which need not exist yet.

    Args:
        data_dir: the caller's choice; by default CLEARPROP_DATA_DIR, else the user's cache
            directory.
    """
    chosen = data_dir or os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    # A data set's path is looked up before every training; pooch, which asks it too, loads slowly.
    from platformdirs import user_cache_path

    return user_cache_path("clearprop") / "datasets"


def sha256(data: bytes | memoryview) -> str:
    """Return the SHA-256 checksum of `data` in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def verify(data: bytes | memoryview, expected: str, name: str) -> None:
    """Check bytes against their published SHA-256; messages call them `name`.

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
    """Return a cached file, after checking its size, before it is read, and its SHA-256.

    Raises:
        DataError: the file is missing, cannot be read, or is not the expected one.
    """
    data, _ = _taken(path, size, lambda file: file.read())
    verify(data, expected, path.name)
    return data


def mapped(path: Path, size: int, expected: str) -> memoryview:
    """Return a cached file as read-only, memory-mapped bytes, so that nothing is copied.

    The SHA-256 is verified the first time, and again if the file has changed since. If the file is
    removed or replaced, the memory keeps its content; Windows refuses both while it is in use.
    Clearprop never writes into an existing file; whoever does changes the memory too.

    Raises:
        DataError: the file is missing, cannot be read, or is not the expected one.
    """
    data, status = _taken(path, size, _map)
    if not stamp.holds(path, status, expected):
        verify(data, expected, path.name)
        # A folder that can only be read takes no note; then it is verified again the next time.
        with contextlib.suppress(OSError):
            stamp.put(path, status, expected)
    return data


def _taken(
    path: Path, size: int, take: Callable[[IO[bytes]], Taken]
) -> tuple[Taken, os.stat_result]:
    """Return what a function takes from a file of the right size, and the file's status."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size == size:
                return take(file), status
    except FileNotFoundError as error:
        raise DataError(f"{path.name} is not there") from error
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror or error})") from error
    raise DataError(f"{path.name} has {status.st_size:,} bytes and should have {size:,}")


def _map(file: IO[bytes]) -> memoryview:
    """Return a file as memory; some shared folders cannot be mapped, and are read."""
    try:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError:
        return memoryview(file.read())


@contextlib.contextmanager
def locked(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file against other processes; if one must wait for it, `say` is called once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = lock_of(path)
    try:
        lock.acquire(timeout=0)
    except TimeoutError:  # filelock's Timeout is one
        say(f"Waiting for another process that is fetching data (it holds {path}).")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
