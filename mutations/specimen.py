"""Specimens: small valid files, how to read them, and which parts to mutate."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from mutations.parts import Part


class Specimen(NamedTuple):
    """Example files of a format.

    Attributes:
        name: the format's name.
        files: the content of every file, by its path in a folder.
        changed: the file to mutate.
        opened: the path to give to the reader; "" is the folder itself.
        read: the reader, as users call it: path -> result.
        check: raises AssertionError if a result is not sound.
        parts: the parts of the file to mutate.
        is_slow: whether reading trains or runs a command, so that tests make fewer mutations.
    """

    name: str
    files: dict[str, bytes]
    changed: str
    opened: str
    read: Callable[[Path], Any]
    check: Callable[[Any], None]
    parts: tuple[Part, ...]
    is_slow: bool = False

    @property
    def data(self) -> bytes:
        """The original content of the file to mutate."""
        return self.files[self.changed]


def mutations(specimen: Specimen, others: list[bytes]) -> st.SearchStrategy[bytes]:
    """Return a strategy that mutates a specimen's file, and may splice in pieces of others."""

    @st.composite
    def mutate(draw: Any) -> bytes:
        part = draw(st.sampled_from(specimen.parts))
        kind = draw(st.sampled_from(part.kinds))
        other = draw(st.sampled_from(others))
        return part.put(specimen.data, kind(draw, part.take(specimen.data), other))

    return mutate()
