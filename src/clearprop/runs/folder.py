"""The folder of a training: chosen, locked, and resumed where it holds a stopped training."""

import contextlib
import json
import logging
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from clearprop import atomic
from clearprop.errors import ModelFileError, SettingError
from clearprop.locking import LOCK, FolderLock
from clearprop.recipes import Recipe, validated
from clearprop.run_folder import RUNS, make_run_folder, run_folders
from clearprop.runs.record import Result
from clearprop.storage import checkpoint_folder
from clearprop.tasks import TASKS

CHECKPOINTS = "checkpoints"
RECIPE = "recipe.json"  # from the first step on
RECORD, MODEL = "history.json", "model.safetensors"  # after the last step
AUTO = "auto"
LOG = logging.getLogger(__name__)
LARGEST = 2**24


class RunFolder(NamedTuple):
    """The folder of a training.

    Attributes:
        folder: where everything is written.
        is_new: whether it was made for this training.
        resume: whether to resume from a checkpoint in it.
        finished: the result, if the training in it is finished.
    """

    folder: Path
    is_new: bool
    resume: bool = False
    finished: Result | None = None

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.folder / CHECKPOINTS

    def clear(self) -> None:
        """Remove the folder if it was made for a training that left nothing worth keeping."""
        if not self.is_new or has_checkpoints(self.folder):
            return
        with contextlib.suppress(OSError):  # it holds something else, or its lock is held
            for path in (self.checkpoints / LOCK, self.folder / RECIPE, self.folder / LOCK):
                path.unlink(missing_ok=True)
            checkpoint_folder.clear(self.checkpoints)
            self.folder.rmdir()
            if self.folder.parent == RUNS:
                RUNS.rmdir()


def check_folder(out: str | None, option: str = "--out") -> None:
    """Raise SettingError, before any training, if the folder could not be written to."""
    wanted = Path(RUNS if out is None else out).absolute()
    there = next(path for path in (wanted, *wanted.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise SettingError(f"{there} is not a writable folder; choose another with {option}")


def _make_folder(recipe: Recipe, out: str | None) -> Path:
    """Make `out`, or a new folder under runs/, and return it."""
    if out is None:
        return make_run_folder(recipe.name)
    Path(out).mkdir(parents=True, exist_ok=True)
    return Path(out)


@contextlib.contextmanager
def open_folder(recipe: Recipe, out: str | None, resume: str | None) -> Iterator[RunFolder]:
    """Lock the folder to train into for as long as the context lasts.

    Args:
        recipe: what to train.
        out: the folder; None makes a new one under runs/ or, with "auto", takes the newest there
            that has this recipe.
        resume: None starts a training; "auto" resumes one if there is one; a folder's path resumes
            the training in it.

    Raises:
        SettingError: the named folder has no training to resume; or a folder to start in holds a
            stopped training, or one of another recipe.
        OutputError: another process trains into the folder.
    """
    folder, is_new = _place(recipe, out, resume)
    with FolderLock(folder):
        if resume is not None and (has_checkpoints(folder) or read_object(folder / RECORD)):
            yield _resumed(folder, recipe, must=resume != AUTO)
        else:
            if resume not in (None, AUTO):
                check_same(folder, recipe)
                LOG.warning("%s: stopped before its first checkpoint; starting anew", folder)
            _begin(folder, recipe)
            yield RunFolder(folder, is_new)


def recipe_of(folder: Path) -> Recipe:
    """Return the recipe of the training in a folder.

    Raises:
        SettingError: there is none, or it is damaged.
    """
    place = _run_folder(folder) / RECIPE
    if (table := read_object(place)) is None:
        if place.exists():
            raise SettingError(f"{place} is damaged: give the recipe again, with --resume {folder}")
        raise SettingError(
            f"{folder} is not the folder of a training: it has no {RECIPE}; name the folder that "
            "you gave with --out, or one in runs/"
        )
    return validated(table, str(place))


def check_same(folder: Path, recipe: Recipe) -> None:
    """Raise SettingError if a folder holds a training of another recipe."""
    theirs = _stored(folder)
    # A damaged recipe proves nothing, and a checkpoint is compared with the fit anyway.
    if theirs is not None and theirs != _plain(recipe):
        differ = ", ".join(_differing(theirs, _plain(recipe)))
        raise SettingError(
            f"{folder} holds a training with other settings ({differ}); give the same ones, "
            "choose another folder, or move this one away"
        )


def has_checkpoints(folder: Path) -> bool:
    """Return whether a training's folder has a checkpoint, intact or not."""
    return bool(checkpoint_folder.names(folder / CHECKPOINTS))


def _place(recipe: Recipe, out: str | None, resume: str | None) -> tuple[Path, bool]:
    """Return the folder, and whether it was made."""
    if resume not in (None, AUTO):
        folder = _run_folder(Path(str(resume)))
        if not (folder / RECIPE).exists():
            recipe_of(folder)
        if out is not None and Path(out).absolute() != folder.absolute():
            raise SettingError("--resume and --out name two different folders; leave out --out")
        return folder, False
    if resume == AUTO and out is None:
        for folder in reversed(run_folders(recipe.name)):
            if holds(folder, recipe):
                return folder, False
    is_new = out is None or not Path(out).exists()
    return _make_folder(recipe, out), is_new


def _run_folder(path: Path) -> Path:
    return path.parent if path.name == CHECKPOINTS else path


def _resumed(folder: Path, recipe: Recipe, must: bool) -> RunFolder:
    check_same(folder, recipe)
    run = RunFolder(folder, False, True, finished(folder))
    # A committee has no checkpoints of its own; its members have theirs.
    must = must and recipe.committee is None
    if must and not run.finished and not checkpoint_folder.newest(run.checkpoints, LOG.warning):
        raise ModelFileError(
            f"every checkpoint in {run.checkpoints} is damaged; to start again, use "
            f"--out {folder} --resume auto"
        )
    return run


def _begin(folder: Path, recipe: Recipe) -> None:
    if has_checkpoints(folder) and finished(folder) is None:
        raise SettingError(
            f"{folder} holds a training that was stopped: resume it (--resume auto), or choose "
            "another folder"
        )
    # Whatever is left belongs to a finished training, whose model will be replaced too.
    if (folder / RECORD).exists():
        LOG.warning("%s: this training replaces the finished one", folder)
    (folder / RECORD).unlink(missing_ok=True)
    if has_checkpoints(folder):
        with FolderLock(folder / CHECKPOINTS):
            checkpoint_folder.clear(folder / CHECKPOINTS)
    atomic.write(folder / RECIPE, json.dumps(_plain(recipe), indent=1).encode() + b"\n")


def finished(folder: Path) -> Result | None:
    """Return the result of a finished training whose model file is still there, else None."""
    model = folder / MODEL
    try:
        result = msgspec.convert((read_object(folder / RECORD) or {}).get("result"), Result)
    except (msgspec.ValidationError, UnicodeEncodeError):  # the latter: a lone surrogate
        return None
    # Python's JSON reads NaN and Infinity, which --json must not print.
    parts = [result, result["metrics"] or {}, result["test_metrics"] or {}]
    numbers = [value for part in parts for value in part.values() if isinstance(value, float)]
    if result["task"] not in TASKS or not all(map(math.isfinite, numbers)):
        return None
    if not model.is_file():
        return None
    return {**result, "model": str(model.absolute()), "resumed_from": result["steps"]}


def holds(folder: Path, recipe: Recipe) -> bool:
    """Return whether the training in a folder has exactly this recipe."""
    return _stored(folder) == _plain(recipe)


def _stored(folder: Path) -> dict[str, Any] | None:
    """Return the recipe in a folder; fields added to recipes since then get their defaults."""
    table = read_object(folder / RECIPE)
    with contextlib.suppress(SettingError):
        return table and _plain(validated(table, str(folder)))
    return table


def _plain(recipe: Recipe) -> dict[str, Any]:
    return json.loads(msgspec.json.encode(recipe))


def _differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return the names of the settings that differ, such as "fit.epochs"."""
    names = []
    for key in sorted({*one, *other}):
        mine, theirs = one.get(key), other.get(key)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            names += [f"{key}.{name}" for name in _differing(mine, theirs)]
        elif mine != theirs:
            names.append(key)
    return names


def read_object(path: Path) -> dict[str, Any] | None:
    """Return the object in a JSON file, or None."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        if path.stat().st_size <= LARGEST:
            value = json.loads(path.read_bytes())
            return value if isinstance(value, dict) else None
    return None
