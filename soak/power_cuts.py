"""Power cuts: every state that a disk may be in when the power goes in the midst of a save.

A killed process leaves what it has written; a machine that stops does not. What a disk promises
is little: the bytes of a file are there once the file was flushed, a name (made, changed or
removed) once its folder was. Of all that came after, any part may be there and any missing. A
save's operations are written down once, and then every such state is made and looked at.
"""

import contextlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

State = dict[str, bytes]


class Done(NamedTuple):
    """One operation of a save.

    Attributes:
        what: "make", "flush", "rename", "remove" or "flush folder".
        name: of the file.
        more: the bytes of one that is made, the new name of one that is renamed.
    """

    what: str
    name: str = ""
    more: Any = None


@contextlib.contextmanager
def written_down() -> Iterator[list[Done]]:
    """Write down what is done to files, as Python is asked for it."""
    done: list[Done] = []
    opened: dict[int, Path] = {}
    real = Path.open, Path.replace, Path.unlink, os.fsync

    def open_(path: Path, mode: str = "r", *more: Any, **words: Any) -> Any:
        file = real[0](path, mode, *more, **words)
        if "x" in mode or "w" in mode:
            opened[os.fstat(file.fileno()).st_ino] = path
            done.append(Done("make", path.name))
        return file

    def replace(path: Path, target: Path) -> Path:
        done.append(Done("rename", path.name, Path(target).name))
        return real[1](path, target)

    def unlink(path: Path, missing_ok: bool = False) -> None:
        done.append(Done("remove", path.name))
        real[2](path, missing_ok)

    def fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            done.append(Done("flush folder"))
        else:
            path = opened[status.st_ino]
            done.append(Done("flush", path.name, path.read_bytes()))
        real[3](descriptor)

    Path.open, Path.replace, Path.unlink, os.fsync = open_, replace, unlink, fsync
    try:
        yield done
    finally:
        Path.open, Path.replace, Path.unlink, os.fsync = real


def states(before: State, done: list[Done]) -> Iterator[tuple[int, State]]:
    """Yield every state of the disk, with the number of folder flushes that came before it."""
    for end in range(len(done) + 1):
        made = done[:end]
        flushes = [at for at, one in enumerate(made) if one.what == "flush folder"]
        sure = flushes[-1] if flushes else 0
        # Of what comes after the last flush of the folder, each may have reached the disk or not.
        open_ = [at for at in range(sure, end) if made[at].what in ("make", "rename", "remove")]
        for kept in product((True, False), repeat=len(open_)):
            lost = {at for at, is_kept in zip(open_, kept, strict=True) if not is_kept}
            for unflushed in (b"", b"half of i"):
                names = [one for at, one in enumerate(made) if at not in lost]
                yield len(flushes), _state(before, names, made, unflushed)


def _state(before: State, names: list[Done], made: list[Done], unflushed: bytes) -> State:
    flushed = {one.name: one.more for one in made if one.what == "flush"}
    files = dict(before)
    for one in names:
        if one.what == "make":
            files[one.name] = flushed.get(one.name, unflushed)
        elif one.what == "rename" and one.name in files:
            files[one.more] = files.pop(one.name)
        elif one.what == "remove":
            files.pop(one.name, None)
    return files


def found_after(
    before: Path, folder: Path, save: Callable[[Path], object], found: Callable[[Path], str]
) -> Iterator[tuple[int, str]]:
    """Yield what is found in each state of the disk, after how many flushes of the folder.

    Args:
        before: the folder as it was.
        folder: where the save is made, and then each state.
        save: saves into the folder.
        found: the folder -> what is found in it.
    """
    _make(folder, held := {path.name: path.read_bytes() for path in before.iterdir()})
    with written_down() as done:
        save(folder)
    seen: set[tuple[int, frozenset[tuple[str, bytes]]]] = set()
    for flushes, files in states(held, done):
        if (key := (flushes, frozenset(files.items()))) not in seen:
            seen.add(key)
            _make(folder, files)
            yield flushes, found(folder)


def _make(folder: Path, files: State) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
