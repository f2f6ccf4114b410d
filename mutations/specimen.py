"""What a mutation begins with: small valid files, how they are read, and where they are changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from mutations.parts import Part


class Specimen(NamedTuple):
    """A format, as a few files of it.

    Attributes:
        name: of the format.
        files: the content of every file, by its path in a folder.
        changed: which of them is mutated.
        opened: the path that the reader is given; "" is the folder itself.
        read: path -> whatever Clearprop makes of it, by the road that users take.
        check: raises AssertionError where what was read is not sound.
        parts: of the file that is mutated.
        is_slow: whether it trains or runs a command, so that the ordinary tests read fewer.
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
        """The file that is mutated, as it is before."""
        return self.files[self.changed]


def mutations(specimen: Specimen, others: list[bytes]) -> st.SearchStrategy[bytes]:
    """Return the strategy that mutates a specimen's file.

    Args:
        specimen: the specimen.
        others: files of which pieces may be spliced in.
    """

    @st.composite
    def mutate(draw: Any) -> bytes:
        part = draw(st.sampled_from(specimen.parts))
        kind = draw(st.sampled_from(part.kinds))
        other = draw(st.sampled_from(others))
        return part.put(specimen.data, kind(draw, part.take(specimen.data), other))

    return mutate()
