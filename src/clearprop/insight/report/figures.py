"""Every figure of a report, as one record: what the page shows and what --json prints."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import numpy as np

from clearprop.data import Split
from clearprop.insight.report.classifier import WORST, Classifier, check_finite, none_if_nan
from clearprop.insight.report.robustness import Curve, chosen_rows, robustness
from clearprop.maths.calibration import accuracy_of_surest, calibration_error, reliability
from clearprop.maths.metrics import class_scores, confusion, wilson_interval
from clearprop.tasks.matching import renumbered

Array = np.ndarray[Any, Any]

ANSWERED = (1.0, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.5)
"""The shares of answered rows whose accuracy is listed."""


class ClassFigures(msgspec.Struct, frozen=True):
    """How well a class is recognized; None where nothing can be said."""

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


class Bin(msgspec.Struct, frozen=True):
    """The rows whose confidence lies in one bin."""

    share: float
    confidence: float
    accuracy: float


class AnsweredShare(msgspec.Struct, frozen=True):
    """The rows that are answered if all less confident ones are not."""

    share: float
    rows: int
    accuracy: float
    least_confidence: float


class Mistake(msgspec.Struct, frozen=True):
    """A row that was predicted as another class: its number from 0, and the classes' names."""

    row: int
    predicted: str
    confidence: float
    truth: str


class Figures(msgspec.Struct, frozen=True):
    """What was measured.

    Attributes:
        accuracy: the share of rows that are right.
        accuracy_interval: Wilson's interval of 95 % around it.
        loss: as the model's `evaluate` returns it.
        rows: how many were measured.
        classes: one record for each of the model's classes.
        confusion: how many rows of each class (outer) were predicted as each (inner).
        mean_confidence: the mean of the largest outputs.
        calibration_error: the expected one; None where the outputs are not probabilities.
        calibration: its bins, of equal width from 0 to 1; empty where there is no error.
        abstention: the accuracy of the surest rows, at some shares.
        robustness_rows: how many rows the curves are measured on; 0 without pictures.
        robustness: a curve for each corruption.
        mistakes: the surest ones.
    """

    accuracy: float
    accuracy_interval: tuple[float, float]
    loss: float
    rows: int
    classes: list[ClassFigures]
    confusion: list[list[int]]
    mean_confidence: float
    calibration_error: float | None
    calibration: list[Bin]
    abstention: list[AnsweredShare]
    robustness_rows: int
    robustness: list[Curve]
    mistakes: list[Mistake]

    @property
    def wrong(self) -> int:
        """How many rows are wrong."""
        return self.rows - sum(row[k] for k, row in enumerate(self.confusion))

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON has it."""
        return msgspec.to_builtins(self)


class ReportData(NamedTuple):
    """The figures, and what else the pictures are drawn from.

    Attributes:
        figures: the record.
        curve: the accuracy of the k surest rows, at index k - 1 (n,).
        pictures: the rows (n, height, width); None where they are not pictures.
    """

    figures: Figures
    curve: Array
    pictures: Array | None


def measure(model: Classifier, split: Split, progress: Callable[[int, int], None]) -> ReportData:
    """Measure a model on labeled rows; nothing is fitted to them.

    `progress` is called with how many of the corrupted copies are measured, and of how many.

    Raises:
        DataError: rows that do not fit the model.
        ModelFileError: the model's outputs are not finite.
    """
    loss = model.evaluate(split).loss
    check_finite("the loss is", loss)
    labels = renumbered(split.labels, split.classes, model.classes).astype(np.int64)
    outputs = model.predict_proba(split).astype(np.float64)
    predicted, sure = outputs.argmax(axis=1), outputs.max(axis=1)
    right = predicted == labels
    counts = confusion(np, labels, predicted, len(model.classes))
    bins = _bins(outputs, sure, right)
    curve = accuracy_of_surest(np, sure, right)
    pictures = pictures_of(model, split.images)
    chosen = chosen_rows(0 if pictures is None else len(labels))
    figures = Figures(
        accuracy=float(right.mean()),
        accuracy_interval=wilson_interval(int(right.sum()), len(right)),
        loss=loss,
        rows=len(right),
        classes=_classes(model.classes, counts),
        confusion=counts.tolist(),
        mean_confidence=float(sure.mean()),
        calibration_error=None if bins is None else float(calibration_error(np, bins)),
        calibration=[] if bins is None else [Bin(*one) for one in np.stack(bins, axis=1).tolist()],
        abstention=_abstention(curve, sure),
        robustness_rows=len(chosen),
        robustness=[]
        if pictures is None
        else robustness(model, pictures[chosen], labels[chosen], predicted[chosen], progress),
        mistakes=_mistakes(model.classes, labels, predicted, sure),
    )
    return ReportData(figures, curve, pictures)


def pictures_of(model: Classifier, images: Array) -> Array | None:
    """Return rows as pictures, of their own shape or the model's, or None."""
    if images.ndim == 3:
        return images
    return images.reshape(-1, *model.inputs.sides) if model.inputs.sides else None


def _bins(outputs: Array, sure: Array, right: Array) -> Any:
    # Rounding may lift a probability of float32 above 1 by its last bit.
    if outputs.min() < 0.0 or outputs.max() > 1.0 + 1e-6:
        return None
    return reliability(np, np.clip(sure, 0.0, 1.0), right)


def _classes(names: tuple[str, ...], counts: Array) -> list[ClassFigures]:
    scores = np.stack(class_scores(np, counts, np.float64), axis=1).tolist()
    supports = counts.sum(axis=1).tolist()
    return [
        ClassFigures(name, none_if_nan(precision), none_if_nan(recall), none_if_nan(f1), support)
        for name, (precision, recall, f1), support in zip(names, scores, supports, strict=True)
    ]


def _abstention(curve: Array, sure: Array) -> list[AnsweredShare]:
    ranked = np.sort(sure)[::-1]
    counts = dict.fromkeys(max(1, round(share * len(curve))) for share in ANSWERED)
    return [
        AnsweredShare(rows / len(curve), rows, float(curve[rows - 1]), float(ranked[rows - 1]))
        for rows in counts
    ]


def _mistakes(
    names: tuple[str, ...], labels: Array, predicted: Array, sure: Array
) -> list[Mistake]:
    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")][:WORST].tolist()
    return [
        Mistake(row, names[predicted[row]], float(sure[row]), names[labels[row]]) for row in worst
    ]
