"""What a run folder or model file shows afterwards: its end, its checkpoints, what looks wrong."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from clearprop.errors import ClearpropError, ModelFileError
from clearprop.locking import is_taken
from clearprop.runs.committees import MEMBERS
from clearprop.runs.folder import (
    CHECKPOINTS,
    LARGEST,
    MODEL,
    RECIPE,
    RECORD,
    has_checkpoints,
    read_object,
)
from clearprop.runs.found import FoundNetwork, findings_of, from_checkpoint, from_model
from clearprop.storage import Checkpoint, checkpoint_folder
from clearprop.storage.checkpoint_folder import whole
from clearprop.tasks import AUTO
from clearprop.training import History

if TYPE_CHECKING:
    from clearprop.data import Dataset

INSIDE = (RECIPE, RECORD, MODEL, "step-*.json")


class Told(msgspec.Struct):
    """A finding as a record holds it."""

    kind: str
    what: str
    evidence: str
    remedy: str
    figures: dict[str, float | str]


class Losses(msgspec.Struct):
    """The series of a record that are looked at; None is what JSON has no number for."""

    loss: list[float | None] = []
    val_loss: list[float | None] = []


class Record(msgspec.Struct):
    """What a training wrote at its end; all of it is missing where it has not come to it."""

    history: Losses = msgspec.field(default_factory=Losses)
    findings: list[Told] = []
    result: dict[str, Any] | None = None


def is_run(word: str) -> bool:
    """Return whether a path is that of a run: its folder, its checkpoints, or a model file."""
    path = Path(word)
    if path.suffix == ".safetensors" or has_checkpoints(path):
        return True
    return path.is_dir() and any(any(path.glob(name)) for name in INSIDE)


def task_of(path: Path) -> str:
    """Return what data must be read for to look at a run with them: values, or what they look like.

    What is wrong with the run is said when it is looked at.
    """
    folder = path.parent if path.name == CHECKPOINTS else path
    try:
        if path.is_file():
            trained = from_model(path)
        else:
            holder = folder / CHECKPOINTS if (folder / CHECKPOINTS).is_dir() else path
            trained = _trained(folder, _record(folder / RECORD), _checkpoints(holder)[1])
    except (ClearpropError, OSError):
        return AUTO
    return trained[0].network.asked.of_files if trained else AUTO


def examine(path: Path, data: Dataset | None, data_dir: str | None) -> dict[str, Any]:
    """Return what a run shows, as --json prints it.

    Args:
        path: for which `is_run` holds.
        data: the rows to look at the network with; None takes those that it learned from, where
            they are on this machine.
        data_dir: the folder of the data sets.

    Raises:
        ModelFileError: the model file is damaged, or the record is.
    """
    if path.is_file() or not path.exists():
        trained = from_model(path)
        state = "a model file" if len(trained) == 1 else f"a committee of {len(trained)}"
        return {"path": str(path), "state": state, **_seen(trained, Record(), data, data_dir)}
    folder = path.parent if path.name == CHECKPOINTS else path
    holder = folder / CHECKPOINTS if (folder / CHECKPOINTS).is_dir() else path
    record, (checkpoints, newest) = _record(folder / RECORD), _checkpoints(holder)
    if newest is not None and not record.history.loss:
        record.history = msgspec.convert(newest.series, Losses)
    return {
        "path": str(folder),
        "state": _state(folder, record, newest),
        "epochs": len(record.history.loss),
        "checkpoints": checkpoints,
        **_seen(_trained(folder, record, newest), record, data, data_dir),
    }


def _record(place: Path) -> Record:
    try:
        with place.open("rb") as file:
            return msgspec.json.decode(file.read(LARGEST), type=Record)
    except FileNotFoundError:
        return Record()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelFileError(
            f"{place} is no record of a training ({error}); remove it, and what else is in the "
            "folder is looked at"
        ) from error


def _checkpoints(folder: Path) -> tuple[list[dict[str, str]], Checkpoint | None]:
    """Return every checkpoint with its fault, and the newest that is whole."""
    found, newest = [], None
    for path in checkpoint_folder.names(folder):
        fault = ""
        try:
            newest = whole(path)
        except (ModelFileError, OSError) as error:
            fault = str(error)
        found.append({"path": str(path), "fault": fault})
    return found, newest


def _state(folder: Path, record: Record, newest: Checkpoint | None) -> str:
    if record.result:
        return "came to its end"
    if is_taken(folder):
        return "a process trains into it now"
    if newest is None and (read_object(folder / RECIPE) or {}).get("committee"):
        here = f": clearprop train --resume {folder}" if (folder / MEMBERS).is_dir() else ""
        return f"a committee that is not joined yet; go on with the command that began it{here}"
    if newest is None:
        there = checkpoint_folder.names(folder / CHECKPOINTS)
        return "stopped; no checkpoint is whole" if there else "stopped before its first checkpoint"
    can_go_on = (folder / RECIPE).is_file()
    return f"stopped; go on with clearprop train --resume {folder}" if can_go_on else "stopped"


def _trained(folder: Path, record: Record, newest: Checkpoint | None) -> list[FoundNetwork]:
    if (record.result or newest is None) and (folder / MODEL).is_file():
        return from_model(folder / MODEL)
    return [] if newest is None else [from_checkpoint(folder, newest)]


def _seen(
    trained: list[FoundNetwork], record: Record, data: Dataset | None, data_dir: str | None
) -> dict[str, Any]:
    """Return all findings, each once, and why the network was not looked at, or ""."""
    from clearprop.insight.run_findings import history_findings

    series = {"loss": record.history.loss, "val_loss": record.history.val_loss}
    history = History(
        **{name: [math.nan if x is None else x for x in own] for name, own in series.items()}
    )
    found = [one.as_dict() for one in history_findings(history)]
    unseen = "there is no whole network in the folder"
    if trained:
        try:
            found, unseen = found + findings_of(trained, data, data_dir), ""
        except (ClearpropError, OSError) as error:
            unseen = str(error)
    told = [msgspec.to_builtins(one) for one in record.findings]
    # What the training itself has told stands first, and is not told again.
    once = {one["what"]: one for one in [*told, *found][::-1]}
    return {"findings": list(once.values())[::-1], "not_looked_at": unseen}
