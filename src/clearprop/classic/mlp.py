"""The classic `MLP` and `load_model`, over `clearprop.MLP` and `clearprop.load`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clearprop import model as facade
from clearprop.classic import words
from clearprop.classic.monitor import EpochLines, Monitor, Series
from clearprop.classic.pairs import as_learned, row_of, split_of
from clearprop.classic.saves import MODEL, Saver, newest_save, restored
from clearprop.errors import DataError, SettingError
from clearprop.model import FitArguments, fit_data
from clearprop.models import SHIPPED
from clearprop.storage import read
from clearprop.training import Callback


class MLP:
    """A multilayer perceptron with sigmoid outputs, as in Nielsen's book.

    Weights start as N(0, 1/n_in), or N(0, 2/n_in) with ReLU, and biases at 0.

    Args:
        layers: sizes from the inputs to the outputs, for example [784, 30, 10].
        optimizer: SGD or Adam.
        loss: CrossEntropyLoss or MeanSquaredError.
        activation: Sigmoid or ReLU, for the hidden layers.
        learning_rate: η; about 0.001 suits Adam.
        lmbda: λ in the penalty λ/(2n)·ΣW², for n training rows.
        seed: determines the initial weights and the order of the rows.

    Raises:
        SettingError: a setting is unknown or invalid.

    Attributes:
        model: the `clearprop.MLP` that does the work.
    """

    def __init__(
        self,
        layers: Sequence[int],
        optimizer: Any = words.SGD,
        loss: Any = words.CrossEntropyLoss,
        activation: Any = words.Sigmoid,
        learning_rate: float = 0.1,
        lmbda: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.model = facade.MLP(
            layers,
            activation=words.keyword("activation", activation, words.ACTIVATIONS),
            optimizer=words.keyword("optimizer", optimizer, words.OPTIMIZERS),
            loss=words.keyword("loss", loss, words.LOSSES),
            output="sigmoid",
            initializer=words.keyword("activation", activation, words.INITIALIZERS),
            learning_rate=learning_rate,
            lmbda=lmbda,
            seed=seed,
        )

    @classmethod
    def of(cls, model: facade.MLP) -> MLP:
        """Wrap a `clearprop.MLP` in the classic interface."""
        made = cls.__new__(cls)
        made.model = model
        return made

    def fit(
        self,
        train_data: Any,
        val_data: Any = None,
        epochs: int = 5,
        batch_size: int = 32,
        continue_train: bool = False,
        monitor: Monitor | None = None,
    ) -> None:
        """Train on pairs (x, y); a second call continues from the current weights.

        Args:
            train_data: pairs from `load_data_wrapper`, a slice of them, or a list of pairs with x
                an array of floats from 0 to 1 (or of uint8 pixels) and y one-hot or an integer.
            val_data: pairs to evaluate after every epoch.
            epochs: how many epochs to train, in addition to those of a save.
            batch_size: rows per step.
            continue_train: restore the newest save under `runs/` first: weights, optimizer
                state, epoch and history. With the same rows and settings, training continues
                as if never interrupted; Monitor(save=True) writes to the same folder.
            monitor: what to measure and save; it also prints one line per epoch.

        Raises:
            DataError: the rows are invalid.
            SettingError: a setting is invalid, or there is no save to continue.
            ModelFileError: the save is damaged, or its architecture differs.
            DivergedError: the loss exploded.
        """
        if not isinstance(monitor, Monitor | None):
            raise SettingError(f"monitor is {monitor!r}; give Monitor(training=True) or None")
        model = self.model
        train = split_of(train_data, "train_data", model.classes, model.inputs)
        validation = None
        if val_data is not None:
            inputs = fit_data(model.start, FitArguments(train)).card.inputs
            validation = split_of(val_data, "val_data", model.classes, inputs)
        with restored(model, continue_train) as (folder, earlier):
            model.fit(
                train,
                validation_data=validation,
                epochs=epochs,
                batch_size=batch_size,
                callbacks=_callbacks(monitor, model.dataset, folder, earlier),
            )

    def __repr__(self) -> str:
        return f"<classic {self.model!r}>"

    def predict(self, x: Any) -> int:
        """Return the class number of one input.

        Args:
            x: floats from 0 to 1, or uint8 pixels, in any shape: for example `val_data[0][0]`.

        Raises:
            DataError: x is not one input of this network.
        """
        row, inputs = row_of(x), self.model.network.features
        if len(row) != inputs:
            raise DataError(
                f"x has {len(row):,} numbers, but predict takes one input of {inputs:,}: the "
                "first half of one pair, such as val_data[0][0]"
            )
        x = as_learned(row, self.model.inputs)
        return int(self.model.logits(x)[0].argmax())


def _callbacks(
    monitor: Monitor | None, dataset: str, folder: Path | None, earlier: Series
) -> list[Callback]:
    if monitor is None:
        return []
    savers = [Saver(monitor, dataset, folder)] if monitor.save else []
    return [monitor, *savers, EpochLines(monitor, earlier)]


def load_model(path: str | os.PathLike[str] | None = None) -> MLP:
    """Load a model into the classic interface.

    Args:
        path: any Clearprop model file. By default, the best weights of the newest save under
            `runs/`; without a save, the small model that ships with Clearprop.

    Raises:
        ModelFileError: the file is missing, damaged, foreign, or from a newer version.
    """
    if path is None:
        folder = newest_save()
        path = SHIPPED["mnist-small"] if folder is None else folder / MODEL
        # The user may expect a different network: say which one this is.
        what = path if folder else "the model that ships with Clearprop: runs/ has no save"
        print(f"loaded {what}", file=sys.stderr)
    return MLP.of(facade.MLP.of(*read(path)))
