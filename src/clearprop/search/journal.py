"""A sweep's file: JSON lines, one for each training that came to its end.

The first line says which sweep it is. A line is on the disk before the next training begins, so
what a power cut can damage is the last one; it is cut away, and its training is made again.
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
    """The first line: the format, and all that the trainings of a sweep have alike."""

    format: int
    sweep: dict[str, Any]


class Journal:
    """The outcomes of a sweep, stored in a file if there is a path; a context.

    Args:
        about: what all trainings of this sweep have in common, as plain values by name.
        path: the file, made if needed, or continued; None stores nothing.
        say: called with messages.
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
        """Return what came of settings and a seed; None where they are not trained yet."""
        return self._found.get(identity(settings, seed))

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome, on the disk before this returns."""
        with held():
            self._found[identity(outcome.settings, outcome.seed)] = outcome
            self._write(outcome)

    def __enter__(self) -> Journal:
        """Open the file and read what is in it.

        Raises:
            OutputError: it cannot be written to, or another process writes into it.
            SettingError: it is the file of another sweep, something else, or damaged.
        """
        if self.path is not None:
            self._file = _opened(self.path)
            try:
                # Not the file itself: Windows would lock out our own writes.
                place = self.path.with_name(f".{self.path.name}.lock")
                self._lock = acquired(
                    place,
                    f"{self.path}: another process sweeps into it: wait for it, or choose another "
                    "file with --out",
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
            # Nothing in it yet, or a part of the first line.
            file.truncate(0)
            self._write(header)
            return
        first, _, rest = data.partition(b"\n")
        check_same(path, first, header)
        outcomes, kept = outcomes_of(path, rest)
        if kept < len(rest):
            file.truncate(len(first) + 1 + kept)
            self._say(f"{path}: its last line was damaged and is cut away")
        self._found = {identity(one.settings, one.seed): one for one in outcomes}


def identity(settings: Settings, seed: int) -> bytes:
    """Return what tells one training of a sweep from all others."""
    return msgspec.json.encode([settings, seed], order="deterministic")


def check_same(path: Path, line: bytes, header: Header) -> None:
    """Raise SettingError where the first line of a file is not this sweep's."""
    try:
        found = strict_json.decode(line, Header)
    except ValueError as error:
        raise SettingError(
            f"{path} is no sweep's file, and is left as it is; choose another with --out"
        ) from error
    if found.format != FORMAT:
        what = "a newer Clearprop" if found.format > FORMAT else "a Clearprop before its release"
        raise SettingError(f"{path} is of {what}; choose another file with --out")
    ours = msgspec.json.decode(msgspec.json.encode(header.sweep))
    names = sorted({*ours, *found.sweep})
    differ = [name for name in names if ours.get(name) != found.sweep.get(name)]
    if differ:
        shown = in_one_line(", ".join(differ))
        raise SettingError(
            f"{path} holds a sweep that differs in {shown}; choose another file with --out"
        )


def outcomes_of(path: Path, data: bytes) -> tuple[list[Outcome], int]:
    """Return the outcomes in lines, and how many bytes of them are intact.

    Raises:
        SettingError: a line before the last one is damaged: no power cut does that.
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
                    "line, and its training is made again"
                ) from error
            return made, len(data) - len(line) - 1
    return made, len(data) - len(rest)


def _opened(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise OutputError(f"{path} is no ordinary file; choose another with --out")
        return path.open("a+b")
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written to ({error.strerror}); choose another file with --out"
        ) from error
