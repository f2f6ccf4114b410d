"""Which folder a training writes to, and whether it goes on with one that was stopped."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clearprop.cli.writing import make_folder
from clearprop.errors import SettingError
from clearprop.run_folder import RUNS, run_folders

if TYPE_CHECKING:
    from clearprop.recipes import Recipe

CHECKPOINTS, RECORD = "checkpoints", "history.json"
AUTO = "auto"


class Run(NamedTuple):
    """A training's folder.

    Attributes:
        folder: where everything is written.
        is_new: whether it was made for this training.
        resume: whether to go on from a checkpoint in it.
        finished: the result that was printed, where the training in it came to its end.
    """

    folder: Path
    is_new: bool
    resume: bool = False
    finished: dict[str, Any] | None = None

    @property
    def checkpoints(self) -> Path:
        """The folder of its checkpoints."""
        return self.folder / CHECKPOINTS

    def clear(self) -> None:
        """Remove the folder again where it is ours and nothing came of the training."""
        if self.is_new and not has_checkpoints(self.folder):
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.folder.parent == RUNS:
                with contextlib.suppress(OSError):  # there are other runs in it
                    RUNS.rmdir()


def open_run(recipe: Recipe, out: str | None, resume: str | None) -> Run:
    """Return the folder to train into.

    Args:
        recipe: what is trained.
        out: the folder that was asked for; without it a new one under runs/, or, resumed, the
            newest of that recipe there.
        resume: None to begin; "auto" to go on where there is something to go on with; or the
            folder to go on with.

    Raises:
        SettingError: there is nothing to go on with in the folder that was named; or the folder
            holds a training that was stopped, and it is not to be gone on with.
    """
    if resume is None:
        return _new(recipe, out)
    if resume != AUTO:
        folder = _named(Path(resume), out)
        return Run(folder, False, True, finished(folder, recipe))
    there = [Path(out)] if out else run_folders(recipe.name)[-1:]
    for folder in there:
        if result := finished(folder, recipe):
            return Run(folder, False, True, result)
        if has_checkpoints(folder):
            return Run(folder, False, True)
    return _new(recipe, out)


def _new(recipe: Recipe, out: str | None) -> Run:
    if out is not None and has_checkpoints(Path(out)) and _read(Path(out)) is None:
        raise SettingError(
            f"{out} holds a training that was stopped: go on with it (--resume auto), or choose "
            "another folder"
        )
    is_new = out is None or not Path(out).exists()
    folder = make_folder(recipe, out)
    # Those of a training that came to its end: its model is replaced as well.
    shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
    return Run(folder, is_new)


def _named(path: Path, out: str | None) -> Path:
    folder = path.parent if path.name == CHECKPOINTS else path
    if not (has_checkpoints(folder) or (folder / RECORD).is_file()):
        raise SettingError(
            f"{path} is no folder of a training: name the one that --out named, or one in runs/"
        )
    if out is not None and Path(out).absolute() != folder.absolute():
        raise SettingError("--resume and --out name two folders; leave --out away")
    return folder


def has_checkpoints(folder: Path) -> bool:
    """Return whether there is a checkpoint in a training's folder, whole or not."""
    return any((folder / CHECKPOINTS).glob("step-*.json"))


def finished(folder: Path, recipe: Recipe) -> dict[str, Any] | None:
    """Return the result of the training in a folder; None where it has not come to its end.

    Raises:
        SettingError: it came to its end with another recipe.
    """
    record = _read(folder)
    if record is None:
        return None
    if record["recipe"] != json.loads(msgspec.json.encode(recipe)):
        raise SettingError(
            f"{folder} holds a training that came to its end with other settings; choose "
            "another folder"
        )
    return record["result"]


def _read(folder: Path) -> dict[str, Any] | None:
    """Return the record of a training that came to its end."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        record = json.loads((folder / RECORD).read_bytes())
        if isinstance(record, dict) and isinstance(record.get("result"), dict):
            return record
    return None
