"""A save to interrupt: the state before it, the save, and the checks after it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Save(NamedTuple):
    """A save and the checks of its folder.

    Attributes:
        name: its name.
        files: the source files at whose lines to kill it.
        before: makes the folder before the save.
        save: saves into the folder.
        found: returns what is in the folder: "old", "new", or a fault in a sentence.
        again: saves once more after the kill, and returns what is wrong then, or "".
        flushes: after how many flushes of the folder the new state survives a power cut; 0 if
            power cuts are not tried.
    """

    name: str
    files: frozenset[str]
    before: Callable[[Path], object]
    save: Callable[[Path], object]
    found: Callable[[Path], str]
    again: Callable[[Path], str]
    flushes: int = 0
