"""What a training prints: a line an epoch, or the lines that a recipe's `output` asks for.

The recipes `full-batch-mnist` and `one-sample-sgd` follow small projects that many have read, and
print what their readers know.
"""

from typing import TextIO

import numpy as np

from clearprop.errors import SettingError
from clearprop.network.operations import symbols
from clearprop.runs.prepared import Prepared
from clearprop.training import RunningFit
from clearprop.training.progress import Progress
from clearprop.training.rows import rows_of


def progress_of(prepared: Prepared, stream: TextIO | None) -> Progress:
    """Return the callback that prints a recipe's progress to `stream`; None prints nothing."""
    if prepared.recipe.output == "iterations":
        return Iterations(prepared, stream)
    if prepared.recipe.output == "steps":
        return Steps(prepared, stream)
    test = prepared.data.test if "test_each_epoch" in prepared.recipe.show else None
    return Progress(stream, test, prepared.recipe.name)


class Iterations(Progress):
    """Full-batch training: predictions, labels and the accuracy every 10 iterations."""

    every_steps = 10

    def __init__(self, prepared: Prepared, stream: TextIO | None) -> None:
        super().__init__(stream, title=prepared.recipe.name)
        self.prepared = prepared

    def before_fit(self, fit: RunningFit) -> None:
        """Describe the data.

        Raises:
            SettingError: the task is not classes.
        """
        _check_classes(fit, "iterations")
        super().before_fit(fit)
        prepared = self.prepared
        self.rows = rows_of(fit.network, fit.inputs, fit.targets, prepared.train)
        # Kaggle's table of MNIST's digits is called train.csv.
        digits = prepared.train.classes == tuple("0123456789") and fit.network.features == 784
        name = "MNIST" if digits or prepared.data.name == "mnist" else prepared.data.name
        self._print(f"{name} data info")
        self._print(f"Input data shape : {fit.network.features}")
        self._print(f"Output data shape : {fit.network.outputs}")
        added = prepared.recipe.data.deformed.images if prepared.recipe.data.deformed else 0
        self._print(f"Training rows : {len(prepared.train)} ({added} of them rotated and shifted)")
        if prepared.held_out is not None:
            self._print(f"Held-out rows : {len(prepared.held_out)}")
        self._print("Start training")

    def after_stretch(self, fit: RunningFit) -> None:
        """Move the bar, and print every tenth iteration."""
        super().after_stretch(fit)
        if self.stream is None or fit.steps % self.every_steps:
            return
        predicted = np.argmax(fit.logits(self.rows.x), axis=1)
        self._print(f"iteration {fit.steps}")
        self._print(f"prediction : {_ends(predicted)}")
        self._print(f"label      : {_ends(self.rows.y)}")
        self._print(f"training accuracy : {np.mean(predicted == self.rows.y):.4f}")

    def after_epoch(self, fit: RunningFit) -> None:
        """Print nothing: an epoch is one iteration."""

    def _spent(self, fit: RunningFit) -> str:
        return f"{fit.steps} iterations in {sum(fit.history.seconds):.2f} s"

    def after_fit(self, fit: RunningFit) -> None:
        """Print the accuracy on the held-out rows, and how the time was spent."""
        super().after_fit(fit)
        if fit.history.val_accuracy and not fit.diverged:
            self._print("Start testing")
            self._print(f"Test Accuracy : {fit.history.val_accuracy[-1]:.4f} (held-out rows)")


class Steps(Progress):
    """One-image training: the accuracy every 100 steps, on the test rows where there are some."""

    every_steps = 100

    def __init__(self, prepared: Prepared, stream: TextIO | None) -> None:
        super().__init__(stream, title=prepared.recipe.name)
        self.prepared = prepared

    def before_fit(self, fit: RunningFit) -> None:
        """Show the parameters by the names that textbooks use.

        Raises:
            SettingError: the task is not classes.
        """
        _check_classes(fit, "steps")
        super().before_fit(fit)
        what, rows = self.prepared.shown()
        self.rows = rows_of(fit.network, fit.inputs, fit.targets, rows)
        shapes = {name: value.shape for name, value in fit.fetch().params.items()}
        called = symbols(fit.network)
        self._print("  ".join(f"{called[name]} {shape}" for name, shape in shapes.items()))
        self._print(f"an epoch is a step here; accuracy on {len(self.rows.y):,} {what} rows:")

    def after_stretch(self, fit: RunningFit) -> None:
        """Move the bar, and print the accuracy at every hundredth step."""
        super().after_stretch(fit)
        if self.stream is not None and fit.steps % self.every_steps == 0:
            self._print(f"Epoch {fit.steps}, Accuracy: {fit.evaluate(self.rows).accuracy:.4f}")

    def after_epoch(self, fit: RunningFit) -> None:
        """Print nothing: the steps were printed."""

    def _spent(self, fit: RunningFit) -> str:
        return f"{fit.steps} steps in {sum(fit.history.seconds):.2f} s"


def _check_classes(fit: RunningFit, output: str) -> None:
    if fit.network.task != "classes":
        raise SettingError(
            f"output = {output!r} is for classes, and the task is {fit.network.task}: use "
            "output = 'epochs'"
        )


def _ends(values: np.ndarray) -> str:
    """Return the first and the last three of many values."""
    return np.array2string(values, threshold=6, edgeitems=3)
