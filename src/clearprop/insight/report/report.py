"""Measure a model and write its report: the page, its pictures, its figures as JSON."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from clearprop import atomic
from clearprop.data import Split
from clearprop.insight.pictures import new_figure
from clearprop.insight.report.classifier import Classifier, Model, in_classes
from clearprop.insight.report.folder import PAGE, RECORD, check_folder, whole_folder
from clearprop.insight.report.of_classes import OfClasses
from clearprop.insight.report.of_labels import OfLabels
from clearprop.insight.report.of_values import OfValues

OnProgress = Callable[[int, int], None]


class Report(Protocol):
    """What was measured of a model, and how it is shown."""

    def as_dict(self) -> dict[str, Any]:
        """Return the figures, as JSON has them."""

    def draw(self, place: Path) -> None:
        """Draw the pictures into a folder."""

    def page(self, title: str) -> str:
        """Return the page as HTML."""


def check_report(folder: str | os.PathLike[str]) -> None:
    """Raise, before anything is loaded or measured, if a report cannot be written.

    Raises:
        SettingError: the folder has something else in it.
        MissingExtraError: matplotlib is not installed.
    """
    check_folder(Path(folder))
    new_figure(1, 1)


def write_report(
    model: Model,
    split: Split,
    folder: str | os.PathLike[str],
    *,
    title: str = "A model",
    progress: OnProgress = lambda done, total: None,
) -> dict[str, Any]:
    """Measure a model on rows and write a page about it, with pictures.

    The page works offline and runs nothing. Nothing is fitted to the rows.

    Args:
        model: a trained `MLP`, or what predicts like one.
        split: the rows, which it should not have learned from.
        folder: written completely or not at all; an earlier report there is replaced.
        title: the page's heading.
        progress: called after each measurement of corrupted pictures with how many are done, and of
            how many.

    Returns:
        The figures of the page, which are also in its report.json.

    Raises:
        DataError: rows that do not fit the model.
        ModelFileError: the model's outputs are not finite.
        SettingError: the folder has something else in it.
        OutputError: the folder cannot be written.
        MissingExtraError: matplotlib is not installed.
    """
    check_report(folder)
    report = measured(model, split, progress)
    figures = report.as_dict()
    with whole_folder(Path(folder)) as place:
        report.draw(place)
        atomic.write(place / PAGE, report.page(title).encode())
        record = json.dumps(figures, ensure_ascii=False, allow_nan=False)
        atomic.write(place / RECORD, record.encode() + b"\n")
    return figures


def measured(model: Model, split: Split, progress: OnProgress) -> Report:
    """Return the report that suits what a model is asked for."""
    if model.answer == "numbers":
        return OfValues(model, split)
    if model.answer == "several":
        return OfLabels(model, split)
    return OfClasses(Classifier(model), in_classes(split, model.classes), progress)
