"""The two valid outcomes of a mutated file: a sound result, or a one-line ClearpropError."""

import shutil
import warnings
from pathlib import Path

from clearprop.errors import ClearpropError
from mutations.specimen import Specimen

LONGEST_MESSAGE = 1000


def is_accepted(specimen: Specimen, data: bytes, folder: Path) -> bool:
    """Return True if a mutated file is read, or False if it is properly refused.

    Args:
        specimen: the specimen that the file belongs to.
        data: the file's content.
        folder: where to write it, with the specimen's other files.

    Raises:
        AssertionError: the result is not sound, or the message is not one clear line.
        Exception: any other error or warning of the reader.
    """
    opened = write(specimen, data, folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            specimen.check(specimen.read(opened))
    except ClearpropError as error:
        _check_refusal(error, specimen, opened)
        return False
    return True


def write(specimen: Specimen, data: bytes, folder: Path) -> Path:
    """Write a specimen's files into an empty folder, one mutated, and return the path to open."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in (specimen.files | {specimen.changed: data}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / specimen.opened


def _check_refusal(error: ClearpropError, specimen: Specimen, opened: Path) -> None:
    assert not isinstance(error.__cause__, MemoryError), "a small file took all memory"
    message = str(error)
    assert message.isprintable(), (
        f"a message of several lines or with control characters: {message!r}"
    )
    assert len(message) <= LONGEST_MESSAGE, f"a message of {len(message)} characters: {message!r}"
    # A recipe is named after its file, without the suffix.
    names = {Path(name).name.removesuffix(".toml") for name in specimen.files}
    assert str(opened) in message or any(name in message for name in names), (
        f"a message that names no file: {message!r}"
    )
