"""Which folder a training writes to, and whether it goes on with one that was stopped."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from clearprop import atomic
from clearprop.errors import ModelFileError, SettingError
from clearprop.locking import LOCK, FolderLock
from clearprop.run_folder import RUNS, make_run_folder, run_folders
from clearprop.runs.record import Result
from clearprop.storage import checkpoint_folder

if TYPE_CHECKING:
    from clearprop.recipes import Recipe

# A training's folder holds its recipe from the first step on, its record from the last one on.
CHECKPOINTS, RECIPE, RECORD, MODEL = (
    "checkpoints", "recipe.json", "history.json", "model.safetensors"
)  # fmt: skip
AUTO = "auto"
LOG = logging.getLogger(__name__)
LARGEST = 2**24


class RunFolder(NamedTuple):
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
    finished: Result | None = None

    @property
    def checkpoints(self) -> Path:
        """The folder of its checkpoints."""
        return self.folder / CHECKPOINTS

    def clear(self) -> None:
        """Remove the folder again where it is ours and nothing came of the training."""
        if not self.is_new or has_checkpoints(self.folder):
            return
        with contextlib.suppress(OSError):  # there is something else in it, or a lock that is held
            for path in (self.checkpoints / LOCK, self.folder / RECIPE, self.folder / LOCK):
                path.unlink(missing_ok=True)
            checkpoint_folder.clear(self.checkpoints)
            self.folder.rmdir()
            if self.folder.parent == RUNS:
                RUNS.rmdir()


def check_folder(out: str | None, option: str = "--out") -> None:
    """Raise SettingError where no folder can be written: better now than after the training."""
    wanted = Path(RUNS if out is None else out).absolute()
    there = next(path for path in (wanted, *wanted.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise SettingError(f"{there} is no folder that can be written to; choose one with {option}")


def _make_folder(recipe: Recipe, out: str | None) -> Path:
    """Make the folder to write to, `out` or a new one under runs/, and return it."""
    if out is None:
        return make_run_folder(recipe.name)
    Path(out).mkdir(parents=True, exist_ok=True)
    return Path(out)


@contextlib.contextmanager
def open_folder(recipe: Recipe, out: str | None, resume: str | None) -> Iterator[RunFolder]:
    """Hold the folder to train into; no other process trains into it meanwhile.

    Args:
        recipe: what is trained.
        out: the folder that was asked for; without it a new one under runs/, or, resumed, the
            newest there with this very recipe.
        resume: None to begin; "auto" to go on where there is something to go on with; or the
            folder to go on with.

    Raises:
        SettingError: there is nothing to go on with in the folder that was named; or the folder
            holds a training that was stopped, or one of another recipe.
        OutputError: another process trains into it.
    """
    folder, is_new = _place(recipe, out, resume)
    with FolderLock(folder):
        if resume is not None and (has_checkpoints(folder) or read_object(folder / RECORD)):
            yield _gone_on_with(folder, recipe, must=resume != AUTO)
        else:
            if resume not in (None, AUTO):
                check_same(folder, recipe)
                LOG.warning("%s: stopped before its first checkpoint, so it begins", folder)
            _begin(folder, recipe)
            yield RunFolder(folder, is_new)


def recipe_of(folder: Path) -> Recipe:
    """Return the recipe of the training in a folder.

    Raises:
        SettingError: the folder holds none, or a damaged one.
    """
    from clearprop.recipes import checked

    place = _run_folder(folder) / RECIPE
    if (table := read_object(place)) is None:
        if place.exists():
            raise SettingError(f"{place} is damaged: give the recipe again, with --resume {folder}")
        raise SettingError(
            f"{folder} is no folder of a training: it has no {RECIPE}; name the one that --out "
            "named, or one in runs/"
        )
    return checked(table, str(place))


def check_same(folder: Path, recipe: Recipe) -> None:
    """Raise SettingError where a folder holds a training of another recipe."""
    theirs = _stored(folder)
    # One that is damaged says nothing; a checkpoint is compared with the fit in any case.
    if theirs is not None and theirs != _plain(recipe):
        differ = ", ".join(_differing(theirs, _plain(recipe)))
        raise SettingError(
            f"{folder} holds a training with other settings ({differ}); give the same "
            "ones, choose another folder, or move this one away"
        )


def has_checkpoints(folder: Path) -> bool:
    """Return whether there is a checkpoint in a training's folder, whole or not."""
    return bool(checkpoint_folder.names(folder / CHECKPOINTS))


def _place(recipe: Recipe, out: str | None, resume: str | None) -> tuple[Path, bool]:
    """Return the folder, and whether it was made."""
    if resume not in (None, AUTO):
        folder = _run_folder(Path(str(resume)))
        if not (folder / RECIPE).exists():
            recipe_of(folder)
        if out is not None and Path(out).absolute() != folder.absolute():
            raise SettingError("--resume and --out name two folders; leave --out away")
        return folder, False
    if resume == AUTO and out is None:
        for folder in reversed(run_folders(recipe.name)):
            if holds(folder, recipe):
                return folder, False
    is_new = out is None or not Path(out).exists()
    return _make_folder(recipe, out), is_new


def _run_folder(path: Path) -> Path:
    return path.parent if path.name == CHECKPOINTS else path


def _gone_on_with(folder: Path, recipe: Recipe, must: bool) -> RunFolder:
    check_same(folder, recipe)
    run = RunFolder(folder, False, True, finished(folder))
    # A committee has no checkpoints of its own, and its members look after theirs.
    must = must and recipe.committee is None
    if must and not run.finished and not checkpoint_folder.newest(run.checkpoints, LOG.warning):
        raise ModelFileError(
            f"no checkpoint in {run.checkpoints} is whole; --out {folder} --resume auto begins anew"
        )
    return run


def _begin(folder: Path, recipe: Recipe) -> None:
    if has_checkpoints(folder) and finished(folder) is None:
        raise SettingError(
            f"{folder} holds a training that was stopped: go on with it (--resume auto), or "
            "choose another folder"
        )
    # What is there is of a training that came to its end, and whose model is replaced as well.
    if (folder / RECORD).exists():
        LOG.warning("%s: this training takes the place of the one that came to its end", folder)
    (folder / RECORD).unlink(missing_ok=True)
    if has_checkpoints(folder):
        with FolderLock(folder / CHECKPOINTS):
            checkpoint_folder.clear(folder / CHECKPOINTS)
    atomic.write(folder / RECIPE, json.dumps(_plain(recipe), indent=1).encode() + b"\n")


def finished(folder: Path) -> Result | None:
    """Return the result of a training that came to its end, and whose model is still there."""
    import msgspec

    from clearprop.tasks import TASKS

    model = folder / MODEL
    try:
        result = msgspec.convert((read_object(folder / RECORD) or {}).get("result"), Result)
    except (msgspec.ValidationError, UnicodeEncodeError):  # or half a character in it
        return None
    # Python's JSON has words for infinity and NaN, which --json may not print.
    parts = [result, result["metrics"] or {}, result["test_metrics"] or {}]
    numbers = [value for part in parts for value in part.values() if isinstance(value, float)]
    if result["task"] not in TASKS or not all(map(math.isfinite, numbers)):
        return None
    if not model.is_file():
        return None
    return {**result, "model": str(model.absolute()), "resumed_from": result["steps"]}


def holds(folder: Path, recipe: Recipe) -> bool:
    """Return whether the training in a folder is of this very recipe."""
    return _stored(folder) == _plain(recipe)


def _stored(folder: Path) -> dict[str, Any] | None:
    """Return the recipe in a folder, with what was added to recipes since it was written."""
    from clearprop.recipes import checked

    table = read_object(folder / RECIPE)
    with contextlib.suppress(SettingError):
        return table and _plain(checked(table, str(folder)))
    return table


def _plain(recipe: Recipe) -> dict[str, Any]:
    import msgspec

    return json.loads(msgspec.json.encode(recipe))


def _differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return the names of the settings in which two recipes differ, as "fit.epochs"."""
    names = []
    for key in sorted({*one, *other}):
        mine, theirs = one.get(key), other.get(key)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            names += [f"{key}.{name}" for name in _differing(mine, theirs)]
        elif mine != theirs:
            names.append(key)
    return names


def read_object(path: Path) -> dict[str, Any] | None:
    """Return the object in a JSON file; None where there is none."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        if path.stat().st_size <= LARGEST:
            value = json.loads(path.read_bytes())
            return value if isinstance(value, dict) else None
    return None
