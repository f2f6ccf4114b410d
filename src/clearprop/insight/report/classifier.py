"""What a report needs of a model, and what the reports of all tasks share."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from clearprop.data import Split
from clearprop.errors import ModelFileError
from clearprop.inputs import Inputs
from clearprop.tasks import Targets
from clearprop.tasks.task import Answer
from clearprop.training import Evaluation

WORST = 24


class Model(Protocol):
    """A trained model: an `MLP` or a committee."""

    @property
    def answer(self) -> Answer:
        """What a prediction is: "one" of a few, "several" of them, or "numbers"."""

    @property
    def targets(self) -> Targets:
        """What the outputs stand for."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Their names."""

    @property
    def inputs(self) -> Inputs:
        """What one input is."""

    def predict(self, x: Any) -> np.ndarray:
        """Return the answer to each input."""

    def predict_proba(self, x: Any) -> np.ndarray:
        """Return the output activations of each input (n, outputs)."""

    def evaluate(self, x: Split) -> Evaluation:
        """Return loss and metrics on a split."""


class Classifier:
    """A model that answers with one of several classes; yes and no are two of them."""

    def __init__(self, model: Model) -> None:
        self.model, self.classes, self.inputs = model, model.targets.names, model.inputs

    def predict_proba(self, x: Any) -> np.ndarray:
        """Return the output activations of each class (n, classes)."""
        made = self.model.predict_proba(x)
        return np.concatenate([1.0 - made, made], axis=1) if made.shape[1] == 1 else made

    def evaluate(self, x: Split) -> Evaluation:
        """Return loss and metrics on a split."""
        return self.model.evaluate(x)


def in_classes(split: Split, names: tuple[str, ...]) -> Split:
    """Return rows of a single label as rows of two classes, and rows of classes unchanged."""
    if split.task == "classes":
        return split
    return replace(
        split, labels=(split.labels[:, 0] > 0.5).astype(np.int32), classes=names, task="classes"
    )


def check_finite(what: str, values: np.ndarray | float) -> None:
    """Raise `ModelFileError` unless all values are finite; `what` begins as "the loss is"."""
    if not np.isfinite(values).all():
        raise ModelFileError(
            f"{what} not finite: the model's weights are damaged or far too large; train it again"
        )


def none_if_nan(score: float) -> float | None:
    """Return the score, or None for NaN, which JSON lacks."""
    return None if math.isnan(score) else score


def worst_places(badness: np.ndarray, count: int = WORST) -> Iterator[tuple[int, int]]:
    """Return the row and column of the largest entries, in falling order."""
    worst = np.argsort(-badness, axis=None, kind="stable")[:count]
    return zip(*(axis.tolist() for axis in np.unravel_index(worst, badness.shape)), strict=True)
