"""What an attack is: a file or folder that somebody sends, and the reader it is meant for."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Generator = Callable[[Path], None]


class Attack(NamedTuple):
    """One attack.

    Attributes:
        name: what it tries, in words.
        suffix: what its file's name ends with; "" for a folder.
        reader: which reader opens it; see `attacks.readers`.
        write: writes it to a path.
    """

    name: str
    suffix: str
    reader: str
    write: Generator


def named(suffix: str, reader: str, *generators: Generator) -> list[Attack]:
    """Return generators as attacks that are called as they are."""
    return [Attack(g.__name__.strip("_").replace("_", " "), suffix, reader, g) for g in generators]


def of_bytes(suffix: str, reader: str, files: dict[str, Callable[[], bytes]]) -> list[Attack]:
    """Return attacks that are files of these bytes, made when they are wanted."""

    def writing(make: Callable[[], bytes]) -> Generator:
        def write(path: Path) -> None:
            path.write_bytes(make())

        return write

    return [Attack(name, suffix, reader, writing(make)) for name, make in files.items()]
