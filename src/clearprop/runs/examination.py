"""Examine a training's folder or a model file: its state, its checkpoints, what looks wrong."""

import math
from pathlib import Path
from typing import Any

import msgspec

from clearprop.data import Dataset
from clearprop.errors import ClearpropError, ModelFileError
from clearprop.insight.run_findings import history_findings
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
from clearprop.runs.stored_networks import StoredNetwork, findings_of, from_checkpoint, from_model
from clearprop.storage import Checkpoint, checkpoint_folder
from clearprop.storage.checkpoint_folder import whole
from clearprop.tasks import AUTO
from clearprop.training import History

INSIDE = (RECIPE, RECORD, MODEL, "step-*.json")


class RecordedFinding(msgspec.Struct):
    """A finding, as a record holds it."""

    kind: str
    what: str
    evidence: str
    remedy: str
    figures: dict[str, float | str]


class Losses(msgspec.Struct):
    """The losses in a record; None stands for NaN and infinity."""

    loss: list[float | None] = []
    val_loss: list[float | None] = []


class Record(msgspec.Struct):
    """What a training writes when it ends; empty for one that has not ended."""

    history: Losses = msgspec.field(default_factory=Losses)
    findings: list[RecordedFinding] = []
    result: dict[str, Any] | None = None


def is_run(word: str) -> bool:
    """Return whether a path is a training's folder, its checkpoints, or a model file."""
    path = Path(word)
    if path.suffix == ".safetensors" or has_checkpoints(path):
        return True
    return path.is_dir() and any(any(path.glob(name)) for name in INSIDE)


def task_of(path: Path) -> str:
    """Return the task to read data for, to examine a training with them; "auto" if unknown.

    Errors are left to `examine`.
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
    return trained[0].network.task_type.of_files if trained else AUTO


def examine(path: Path, data: Dataset | None, data_dir: str | None) -> dict[str, Any]:
    """Return what a training's folder or a model file shows, as `doctor --json` prints it.

    Args:
        path: a path that `is_run` accepts.
        data: rows to pass through the network; None takes its own, if they are on this machine.
        data_dir: the folder of the data sets.

    Raises:
        ModelFileError: the model file or the record is damaged.
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
            f"{place} is not the record of a training ({error}); remove it to have the rest of the "
            "folder examined"
        ) from error


def _checkpoints(folder: Path) -> tuple[list[dict[str, str]], Checkpoint | None]:
    """Return every checkpoint with its fault, and the newest intact one."""
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
        return "finished"
    if is_taken(folder):
        return "a process is training into it"
    if newest is None and (read_object(folder / RECIPE) or {}).get("committee"):
        here = f": clearprop train --resume {folder}" if (folder / MEMBERS).is_dir() else ""
        return f"a committee that is not joined yet; continue with the command that began it{here}"
    if newest is None:
        there = checkpoint_folder.names(folder / CHECKPOINTS)
        return (
            "stopped; every checkpoint is damaged"
            if there
            else "stopped before its first checkpoint"
        )
    can_go_on = (folder / RECIPE).is_file()
    return f"stopped; resume with clearprop train --resume {folder}" if can_go_on else "stopped"


def _trained(folder: Path, record: Record, newest: Checkpoint | None) -> list[StoredNetwork]:
    if (record.result or newest is None) and (folder / MODEL).is_file():
        return from_model(folder / MODEL)
    return [] if newest is None else [from_checkpoint(folder, newest)]


def _seen(
    trained: list[StoredNetwork], record: Record, data: Dataset | None, data_dir: str | None
) -> dict[str, Any]:
    """Return all findings, each once, and why the network was not examined, or ""."""
    series = {"loss": record.history.loss, "val_loss": record.history.val_loss}
    history = History(
        **{name: [math.nan if x is None else x for x in own] for name, own in series.items()}
    )
    found = [one.as_dict() for one in history_findings(history)]
    unseen = "there is no intact network in the folder"
    if trained:
        try:
            found, unseen = found + findings_of(trained, data, data_dir), ""
        except (ClearpropError, OSError) as error:
            unseen = str(error)
    told = [msgspec.to_builtins(one) for one in record.findings]
    # The training's own findings come first and are not repeated.
    once = {one["what"]: one for one in [*told, *found][::-1]}
    return {"findings": list(once.values())[::-1], "not_looked_at": unseen}
