"""What a save is to those who break it off: what is there before, what is done, what is after."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Save(NamedTuple):
    """A save, and how its folder is judged.

    Attributes:
        name: what it is called.
        files: the source files whose lines are its steps.
        before: makes the folder as it is before the save.
        save: saves into the folder.
        found: the folder -> what is found in it: "old", "new", or a fault in a sentence.
        again: saves once more, where it was broken off, and says what is wrong then, or "".
        flushes: how many flushes of the folder make the new one safe from a power cut; 0 where
            power cuts are not tried.
    """

    name: str
    files: frozenset[str]
    before: Callable[[Path], object]
    save: Callable[[Path], object]
    found: Callable[[Path], str]
    again: Callable[[Path], str]
    flushes: int = 0
