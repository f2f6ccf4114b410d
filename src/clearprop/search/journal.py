"""A sweep's file: JSON lines, one for each finished training.

The first line identifies the sweep. Each line is on disk before the next training begins, so a
power cut can damage only the last one; it is cut off, and its training is repeated.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from clearprop.errors import OutputError, SettingError, in_one_line
from clearprop.locking import acquired
from clearprop.search.outcomes import Outcome
from clearprop.search.varied import Settings
from clearprop.signals import held
from clearprop.storage import strict_json

if TYPE_CHECKING:
    from filelock import BaseFileLock

FORMAT = 2
LARGEST = 2**28


class Header(msgspec.Struct, forbid_unknown_fields=True):
    """The first line: the format, and what all trainings of the sweep share."""

    format: int
    sweep: dict[str, Any]


class Journal:
    """The outcomes of a sweep, kept in a file; a context manager.

    Args:
        about: what all trainings of this sweep share, as plain values by name.
        path: the file to create or continue; None keeps the outcomes in memory only.
        say: called with a message.
    """

    def __init__(
        self,
        about: Mapping[str, Any] | None = None,
        path: Path | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        self.path, self._say = path, say
        self._about = {**(about or {})}
        self._file: IO[bytes] | None = None
        self._lock: BaseFileLock | None = None
        self._found: dict[bytes, Outcome] = {}

    def find(self, settings: Settings, seed: int) -> Outcome | None:
        """Return the outcome of settings and a seed, or None if they are not trained yet."""
        return self._found.get(identity(settings, seed))

    def add(self, outcome: Outcome) -> None:
        """Add an outcome; it is on disk before this returns."""
        with held():
            self._found[identity(outcome.settings, outcome.seed)] = outcome
            self._write(outcome)

    def __enter__(self) -> Journal:
        """Open and read the file.

        Raises:
            OutputError: it is not writable, or another process is writing to it.
            SettingError: it belongs to another sweep, is not a sweep's file, or is damaged.
        """
        if self.path is not None:
            self._file = _opened(self.path)
            try:
                # Not the file itself: Windows would lock out our own writes.
                place = self.path.with_name(f".{self.path.name}.lock")
                self._lock = acquired(
                    place,
                    f"{self.path}: another process is writing to it: wait for it, or choose "
                    "another file with --out",
                )
                self._read(self.path, self._file)
            except BaseException:
                self.__exit__()
                raise
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _write(self, line: msgspec.Struct) -> None:
        if self._file is not None:
            self._file.write(msgspec.json.encode(line) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def _read(self, path: Path, file: IO[bytes]) -> None:
        header = Header(FORMAT, self._about)
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise SettingError(f"{path} is too large for a sweep's file; choose another with --out")
        file.seek(0)
        data = file.read()
        if (msgspec.json.encode(header) + b"\n").startswith(data):
            # Empty, or only a part of the first line.
            file.truncate(0)
            self._write(header)
            return
        first, _, rest = data.partition(b"\n")
        check_same(path, first, header)
        outcomes, kept = outcomes_of(path, rest)
        if kept < len(rest):
            file.truncate(len(first) + 1 + kept)
            self._say(f"{path}: its last line was damaged and has been cut off")
        self._found = {identity(one.settings, one.seed): one for one in outcomes}


def identity(settings: Settings, seed: int) -> bytes:
    """Return a key that is unique to one training of a sweep."""
    return msgspec.json.encode([settings, seed], order="deterministic")


def check_same(path: Path, line: bytes, header: Header) -> None:
    """Raise SettingError if a file's first line does not match this sweep."""
    try:
        found = strict_json.decode(line, Header)
    except ValueError as error:
        raise SettingError(
            f"{path} is not a sweep's file and stays unchanged; choose another with --out"
        ) from error
    if found.format != FORMAT:
        what = "a newer Clearprop" if found.format > FORMAT else "an unreleased Clearprop"
        raise SettingError(f"{path} is from {what}; choose another file with --out")
    ours = msgspec.json.decode(msgspec.json.encode(header.sweep))
    names = sorted({*ours, *found.sweep})
    differ = [name for name in names if ours.get(name) != found.sweep.get(name)]
    if differ:
        shown = in_one_line(", ".join(differ))
        raise SettingError(
            f"{path} holds a sweep that differs in {shown}; choose another file with --out"
        )


def outcomes_of(path: Path, data: bytes) -> tuple[list[Outcome], int]:
    """Return the outcomes in lines, and the number of intact bytes.

    Raises:
        SettingError: a line before the last one is damaged, which no power cut does.
    """
    *lines, rest = data.split(b"\n")
    made: list[Outcome] = []
    for number, line in enumerate(lines):
        try:
            made.append(strict_json.decode(line, Outcome))
        except ValueError as error:
            if rest or number + 1 < len(lines):
                raise SettingError(
                    f"{path}, line {number + 2} is damaged ({in_one_line(error)}); remove that "
                    "line to repeat its training"
                ) from error
            return made, len(data) - len(line) - 1
    return made, len(data) - len(rest)


def _opened(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise OutputError(f"{path} is not a regular file; choose another with --out")
        return path.open("a+b")
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written to ({error.strerror}); choose another file with --out"
        ) from error
