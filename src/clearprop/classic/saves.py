"""Saves: folders under `runs/` with the best weights of a fit and the state to go on from."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from clearprop.classic.monitor import Monitor, Series
from clearprop.engines import versions
from clearprop.errors import ModelFileError, OutputError, SettingError
from clearprop.locking import LOCK, FolderLock
from clearprop.model import MLP
from clearprop.network import Network, State, Training
from clearprop.network.operations import uses
from clearprop.registered import needs
from clearprop.run_folder import make_run_folder, run_folders
from clearprop.storage import Card, Checkpoint, read_checkpoint, write, write_checkpoint
from clearprop.training import Callback, Position, RunningFit, evaluated_state

NAME = "classic"
MODEL = "model.safetensors"
CHECKPOINT = "checkpoint.safetensors"


def newest_save() -> Path | None:
    """Return the save with the highest number under `runs/` here; None where there is none.

    A save is a folder that holds both files. Its number tells its age: new folders are numbered
    above all others, while times of change follow every copy and every clock.
    """
    for folder in reversed(run_folders(NAME)):
        if (folder / MODEL).is_file() and (folder / CHECKPOINT).is_file():
            return folder
    return None


@contextlib.contextmanager
def resumed(model: MLP, wanted: bool) -> Iterator[tuple[Path | None, Series]]:
    """Bring a model to where the newest save stood; a fit within that fails puts it back.

    Args:
        model: takes up the save's state, steps and epochs.
        wanted: whether to; without it nothing is done.

    Yields:
        The save's folder, and the series of its epochs.

    Raises:
        SettingError: there is no save here.
        ModelFileError: it is damaged, or of another architecture, optimizer or seed.
    """
    if not wanted:
        yield None, {}
        return
    folder = newest_save()
    if folder is None:
        raise SettingError(
            "there is no save under runs/ to continue from; fit with Monitor(save=True) and "
            "continue_train=False first"
        )
    path = folder / CHECKPOINT
    found = read_checkpoint(path)
    _check_alike(path, found, model)
    before, there = model.position, Position(found.state, found.steps, found.epochs)
    model.resume(there)
    try:
        yield folder, found.series
    finally:
        # Still there: the fit was refused, or nothing of it was kept.
        if model.position is there:
            model.resume(before)


def _check_alike(path: Path, found: Checkpoint, model: MLP) -> None:
    theirs = _made_with(found.network, found.training)
    ours = _made_with(model.network, model.settings)
    differ = [
        f"{word} {theirs[word]}, this model with {ours[word]}"
        for word in ours
        if theirs[word] != ours[word]
    ]
    if differ:
        raise ModelFileError(
            f"{path} was made with {'; '.join(differ)}: make the model alike to continue, or "
            "begin anew with continue_train=False"
        )


def _made_with(network: Network, training: Training) -> dict[str, str]:
    """Return what must be the same for a training to go on as if it had not stopped."""
    return {
        "inputs": str(network.input_shape),
        "layers": str(network.sizes),
        "activations": ", ".join(layer.words() for layer in network.layers),
        "loss": network.loss,
        "optimizer": str(training.optimizer.table()),
        "precision": training.precision,
        "seed": str(training.seed),
    }


class Saver(Callback):
    """Writes the best weights and the last state after every epoch.

    Args:
        monitor: what was measured, in this epoch too: it comes before.
        dataset: the name of the data that the model learned from before, or "".
        folder: of the save that the fit continues; None for a new one.
    """

    def __init__(self, monitor: Monitor, dataset: str, folder: Path | None) -> None:
        self.monitor, self.dataset, self._continued = monitor, dataset, folder

    def before_fit(self, fit: RunningFit) -> None:
        """Take the folder now: better to learn before the training that it cannot be had.

        Raises:
            OutputError: it cannot be written to, or another process trains into it.
        """
        self.folder = self._continued or _new_folder()
        self._lock = FolderLock(self.folder)
        self._lock.take()

    def after_epoch(self, fit: RunningFit) -> None:
        """Write; the model first, since a checkpoint says that its epoch is done."""
        state, series = fit.fetch(), self.monitor.series
        if not _is_finite(state, series):
            # The fit will say that it diverged; what was saved before stands.
            return
        accuracy, best = series["evaluation_accuracy"][-1], self.monitor.best
        if best is None or accuracy > best:
            self._write_model(fit, state, accuracy)
        epochs = fit.position.epochs + fit.epoch
        reached = Checkpoint(
            fit.network, fit.training, fit.inputs, fit.targets, state, fit.steps, epochs, series
        )
        write_checkpoint(self.folder / CHECKPOINT, reached)
        self.monitor.folder = self.folder

    def _write_model(self, fit: RunningFit, state: State, accuracy: float) -> None:
        params, stats = evaluated_state(state)
        epochs = fit.position.epochs + fit.epoch
        card = Card(
            fit.network,
            fit.inputs,
            fit.targets,
            fit.training,
            epochs,
            self.dataset,
            fit.history.of_validation(-1),
            versions(fit.engine.name),
            needs(uses(fit.network, fit.training)),
        )
        write(self.folder / MODEL, card, {**params, **stats})
        self.monitor.best = accuracy

    def after_fit(self, fit: RunningFit) -> None:
        """Free the folder, and leave no empty one behind."""
        self._lock.release()
        if [path.name for path in self.folder.iterdir()] == [LOCK]:
            shutil.rmtree(self.folder, ignore_errors=True)


def _new_folder() -> Path:
    try:
        return make_run_folder(NAME)
    except OSError as error:
        raise OutputError(
            f"no folder for the save can be made under runs/ ({error.strerror}); work in a "
            "folder that can be written to, or leave save=True out"
        ) from error


def _is_finite(state: State, series: Series) -> bool:
    parts = (*state, series)
    return all(np.isfinite(value).all() for part in parts for value in part.values())
