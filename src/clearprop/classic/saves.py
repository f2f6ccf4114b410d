"""Saves: folders under `runs/` with the best weights of a fit and its last state."""

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
    """Return the save with the highest number under `runs/`, or None.

    A save is a folder with both files. Numbers only rise, while modification times change with
    every copy.
    """
    for folder in reversed(run_folders(NAME)):
        if (folder / MODEL).is_file() and (folder / CHECKPOINT).is_file():
            return folder
    return None


@contextlib.contextmanager
def restored(model: MLP, wanted: bool) -> Iterator[tuple[Path | None, Series]]:
    """Restore a model from the newest save where wanted; undo it if the fit inside fails.

    Yields:
        The save's folder and series.

    Raises:
        SettingError: there is no save.
        ModelFileError: it is damaged, or its architecture, optimizer or seed differs.
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
        # An unchanged position means that the fit was refused, or that it kept nothing.
        if model.position is there:
            model.resume(before)


def _check_alike(path: Path, found: Checkpoint, model: MLP) -> None:
    theirs = _made_with(found.network, found.training)
    ours = _made_with(model.network, model.settings)
    differ = [
        f"{name} {theirs[name]}, this model with {ours[name]}"
        for name in ours
        if theirs[name] != ours[name]
    ]
    if differ:
        raise ModelFileError(
            f"{path} was made with {'; '.join(differ)}: use the same settings to continue, or "
            "start again with continue_train=False"
        )


def _made_with(network: Network, training: Training) -> dict[str, str]:
    """Return what must match for training to continue as if never interrupted."""
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
        monitor: a callback that runs before this one.
        dataset: the name of the data set that the model was trained on before, or "".
        folder: the save that the fit continues; None for a new one.
    """

    def __init__(self, monitor: Monitor, dataset: str, folder: Path | None) -> None:
        self.monitor, self.dataset, self._continued = monitor, dataset, folder

    def before_fit(self, fit: RunningFit) -> None:
        """Lock the folder, so that an error comes before the training rather than after.

        Raises:
            OutputError: it is not writable, or another process uses it.
        """
        self.folder = self._continued or _new_folder()
        self._lock = FolderLock(self.folder)
        self._lock.take()

    def after_epoch(self, fit: RunningFit) -> None:
        """Write the model first, since a checkpoint marks its epoch as complete."""
        state, series = fit.fetch(), self.monitor.series
        if not _is_finite(state, series):
            # The fit will raise DivergedError; keep the earlier save.
            return
        accuracy, best = series["evaluation_accuracy"][-1], self.monitor.best
        if best is None or accuracy > best:
            self._write_model(fit, state, accuracy)
        checkpoint = Checkpoint(
            network=fit.network,
            training=fit.training,
            inputs=fit.inputs,
            targets=fit.targets,
            state=state,
            steps=fit.steps,
            epochs=fit.position.epochs + fit.epoch,
            series=series,
        )
        write_checkpoint(self.folder / CHECKPOINT, checkpoint)
        self.monitor.folder = self.folder

    def _write_model(self, fit: RunningFit, state: State, accuracy: float) -> None:
        params, stats = evaluated_state(state)
        card = Card(
            network=fit.network,
            inputs=fit.inputs,
            targets=fit.targets,
            training=fit.training,
            epochs=fit.position.epochs + fit.epoch,
            dataset=self.dataset,
            metrics=fit.history.of_validation(-1),
            made_with=versions(fit.engine.name),
            needs=needs(uses(fit.network, fit.training)),
        )
        write(self.folder / MODEL, card, {**params, **stats})
        self.monitor.best = accuracy

    def after_fit(self, fit: RunningFit) -> None:
        """Unlock the folder, and remove it if it is empty."""
        self._lock.release()
        if [path.name for path in self.folder.iterdir()] == [LOCK]:
            shutil.rmtree(self.folder, ignore_errors=True)


def _new_folder() -> Path:
    try:
        return make_run_folder(NAME)
    except OSError as error:
        raise OutputError(
            f"cannot create a folder for the save under runs/ ({error.strerror}); work in a "
            "writable folder, or leave out save=True"
        ) from error


def _is_finite(state: State, series: Series) -> bool:
    parts = (*state, series)
    return all(np.isfinite(value).all() for part in parts for value in part.values())
