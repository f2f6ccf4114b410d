"""Saves: folders under `runs/` with the best weights of a fit and the state to go on from."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clearprop.errors import ModelFileError, OutputError, SettingError
from clearprop.network import Network, State, Training
from clearprop.run_folder import make_run_folder, run_folders
from clearprop.storage import Card, Checkpoint, read_checkpoint, write, write_checkpoint
from clearprop.training import Callback, Position, evaluated_state

if TYPE_CHECKING:
    from clearprop.classic.monitor import Monitor, Series
    from clearprop.model import MLP
    from clearprop.training import Fit

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


def take_up(model: MLP) -> tuple[Path, Series]:
    """Bring a model to where the newest save stood.

    Returns:
        The save's folder, and the series of its epochs.

    Raises:
        SettingError: there is no save here.
        ModelFileError: it is damaged, or of another architecture, optimizer or seed.
    """
    folder = newest_save()
    if folder is None:
        raise SettingError(
            "there is no save under runs/ to continue from; fit with Monitor(save=True) and "
            "continue_train=False first"
        )
    path = folder / CHECKPOINT
    found = read_checkpoint(path)
    _check_alike(path, found, model)
    model.resume(Position(found.state, found.steps, found.epochs))
    return folder, found.series


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
        "layers": str(network.sizes),
        "activations": ", ".join(layer.activation for layer in network.layers),
        "loss": network.loss,
        "optimizer": str(training.optimizer.table()),
        "dtype": training.dtype,
        "seed": str(training.seed),
    }


class Saver(Callback):
    """Writes the best weights and the last state after every epoch.

    Args:
        monitor: what was measured, in this epoch too: it comes before.
        model: has the names of the classes.
        input_shape: the shape of one input.
        folder: of the save that the fit continues; None for a new one.
    """

    def __init__(
        self, monitor: Monitor, model: MLP, input_shape: tuple[int, ...], folder: Path | None
    ) -> None:
        self.monitor, self.model, self.input_shape = monitor, model, input_shape
        self._continued = folder

    def before_fit(self, fit: Fit) -> None:
        """Make the folder now: better to learn before the training that it cannot be made."""
        self.folder = self._continued or _new_folder()
        self.monitor.folder = self.folder

    def after_epoch(self, fit: Fit) -> None:
        """Write; the model first, since a checkpoint says that its epoch is done."""
        state, series = fit.fetch(), self.monitor.series
        if not _is_finite(state, series):
            # The fit will say that it diverged; what was saved before stands.
            return
        *before, accuracy = series["evaluation_accuracy"]
        if accuracy > max(before, default=-1.0):
            self._write_model(fit, state, accuracy)
        epochs = fit.position.epochs + fit.epoch
        reached = Checkpoint(fit.network, fit.training, state, fit.steps, epochs, series)
        write_checkpoint(self.folder / CHECKPOINT, reached)

    def _write_model(self, fit: Fit, state: State, accuracy: float) -> None:
        params, stats = evaluated_state(state)
        preparation = fit.preparation if fit.rows.x.dtype == np.uint8 else None
        card = Card(
            fit.network, preparation, self.model.classes, self.input_shape, fit.training,
            fit.position.epochs + fit.epoch, validation_accuracy=accuracy,
        )  # fmt: skip
        write(self.folder / MODEL, card, {**params, **stats})

    def after_fit(self, fit: Fit) -> None:
        """Leave no empty folder behind."""
        with contextlib.suppress(OSError):
            # Fails where there is a file in it.
            self.folder.rmdir()


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
