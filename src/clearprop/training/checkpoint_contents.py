"""From a fit to a checkpoint and back, and whether the two belong together."""

import math
from pathlib import Path

from clearprop.engines import Measured, versions
from clearprop.errors import ModelFileError, SettingError
from clearprop.storage import Checkpoint
from clearprop.storage.checkpoint import Figure, Progress, figure
from clearprop.tasks import direction
from clearprop.training.history import History
from clearprop.training.memory import Memory
from clearprop.training.running_fit import RunningFit
from clearprop.training.snapshot import Snapshot

# The fields that a checkpoint's progress and a fit's snapshot share.
SHARED_FIELDS = (
    "first_steps",
    "first_epochs",
    "planned_steps",
    "epoch",
    "rate_factor",
    "epoch_rate_factor",
    "stopped",
    "first_loss",
    "seconds",
)


def validation_score(history: History, judge: str) -> float | None:
    """Return how good the network was after the last whole epoch; None before the first.

    `judge` is the metric that judges; without validation rows it is the training loss.
    """
    judged = [direction(judge) * value for value in history[f"val_{judge}"]]
    value = (judged or [-loss for loss in history.loss] or [math.nan])[-1]
    return value if math.isfinite(value) else None


def checkpoint_of(snapshot: Snapshot, fit: RunningFit, rows: str) -> Checkpoint:
    """Return a snapshot of a fit as a checkpoint; `rows` is the fingerprint of the fit's rows."""
    progress = Progress(
        **{name: getattr(snapshot, name) for name in (*SHARED_FIELDS, "step_in_epoch")},
        memories=tuple(_plain(memory) for memory in snapshot.memories),
        keeps=tuple(memory.state is not None for memory in snapshot.memories),
        callbacks=fit.callback_names,
        rows=rows,
        engine=versions(fit.engine.name),
    )
    return Checkpoint(
        network=fit.network,
        training=fit.training,
        inputs=fit.inputs,
        targets=fit.targets,
        state=snapshot.state,
        steps=snapshot.steps,
        epochs=snapshot.first_epochs + len(snapshot.history),
        series=snapshot.history.unfinished().series,
        progress=progress,
        measured={"loss": snapshot.measured.loss, **snapshot.measured.sums},
        kept=tuple(memory.state for memory in snapshot.memories if memory.state is not None),
    )


def _plain(memory: Memory) -> dict[str, Figure | None]:
    # A callback's numbers may be NumPy's.
    return {name: None if x is None else figure(x) for name, x in memory.numbers.items()}


def snapshot_of(checkpoint: Checkpoint) -> Snapshot:
    """Return the snapshot in a checkpoint."""
    progress, kept = checkpoint.progress, iter(checkpoint.kept)
    sums = {name: a for name, a in checkpoint.measured.items() if name != "loss"}
    assert progress is not None
    memories: list[dict[str, float | None]] = [
        {name: None if x is None else float(x) for name, x in numbers.items()}
        for numbers in progress.memories
    ]
    pairs = zip(memories, progress.keeps, strict=True)
    return Snapshot(
        **{name: getattr(progress, name) for name in SHARED_FIELDS},
        state=checkpoint.state,
        steps=checkpoint.steps,
        measured=Measured(checkpoint.measured["loss"], sums),
        history=History(**checkpoint.series),
        memories=tuple(Memory(numbers, next(kept) if keeps else None) for numbers, keeps in pairs),
    )


def check_same(path: Path, checkpoint: Checkpoint, fit: RunningFit, rows: str) -> None:
    """Check that a fit is the one that a checkpoint was taken from.

    Raises:
        SettingError: says how they differ.
        ModelFileError: the checkpoint contradicts itself.
    """
    progress = checkpoint.progress
    if progress is None:
        raise SettingError(f"{path} is not a checkpoint of a fit that can be resumed")
    pairs = {
        "the network": (checkpoint.network, fit.network),
        "the settings": (checkpoint.training, fit.training),
        "the inputs": (checkpoint.inputs, fit.inputs),
        "the targets": (checkpoint.targets, fit.targets),
        "the number of steps": (progress.planned_steps, fit.planned_steps),
        "the steps made before": (progress.first_steps, fit.position.steps),
        "the epochs made before": (progress.first_epochs, fit.position.epochs),
        "the rows or their preparation": (progress.rows, rows),
        "the callbacks": (progress.callbacks, fit.callback_names),
    }
    differ = [what for what, (theirs, ours) in pairs.items() if theirs != ours]
    if differ:
        raise SettingError(
            f"{path} is of another fit: {', '.join(differ)} differ; resume it with its own "
            "command, or train into another folder"
        )
    if not _fits_together(checkpoint, progress, fit):
        raise ModelFileError(
            f"{path} is damaged: its steps, epochs and history do not fit together; remove it"
        )


def _fits_together(checkpoint: Checkpoint, progress: Progress, fit: RunningFit) -> bool:
    epochs = progress.epoch - 1
    done = epochs * fit.steps_per_epoch + progress.step_in_epoch
    lengths = {
        name: 0 if name.startswith("val_") and not fit.has_validation else epochs
        for name in fit.history.series
    }
    return (
        epochs >= 0
        and progress.step_in_epoch <= fit.steps_per_epoch
        and checkpoint.steps - progress.first_steps == min(done, fit.planned_steps)
        and checkpoint.epochs - progress.first_epochs == epochs
        and {name: len(values) for name, values in checkpoint.series.items()} == lengths
        and _kept_is_of_the_past(progress, epochs, checkpoint.steps)
    )


def _kept_is_of_the_past(progress: Progress, epochs: int, steps: int) -> bool:
    """Return whether each state that a callback keeps is of an epoch that is done."""
    most = {"epoch": epochs, "steps": steps}
    return all(
        0 <= float(numbers.get(name) or 0) <= most[name]
        for numbers, keeps in zip(progress.memories, progress.keeps, strict=True)
        for name in (most if keeps else ())
    )
