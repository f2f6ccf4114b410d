"""Measure a classifier and write its report: the page, its pictures, its figures as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from clearprop import atomic
from clearprop.data import Split
from clearprop.data.pictures.images import write_image
from clearprop.insight.pictures import new_figure
from clearprop.insight.report import charts
from clearprop.insight.report.classifier import Classifier
from clearprop.insight.report.corruptions import CORRUPTIONS, Span, corrupted, span_of
from clearprop.insight.report.figures import Figures, Measured, measure
from clearprop.insight.report.folder import PAGE, RECORD, check_folder, whole_folder
from clearprop.insight.report.page import page

Array = np.ndarray[Any, Any]


def check_report(folder: str | os.PathLike[str]) -> None:
    """Raise where a report cannot be written, before anything is loaded or measured.

    Raises:
        SettingError: the folder holds something else.
        MissingExtraError: matplotlib is not installed.
    """
    check_folder(Path(folder))
    new_figure(1, 1)


def write_report(
    model: Classifier,
    split: Split,
    folder: str | os.PathLike[str],
    *,
    title: str = "A classifier",
    step: Callable[[int, int], None] = lambda done, total: None,
) -> Figures:
    """Measure a model on labeled rows and write a page about it, with the pictures beside it.

    The page works offline and runs nothing. Nothing is fitted to the rows.

    Args:
        model: a trained `MLP`, or what answers as one.
        split: the rows; they should be none that it learned from.
        folder: comes to be, whole or not at all; an earlier report of that name is replaced.
        title: the page's heading.
        step: is told after each measurement of changed pictures how many are done, of how many.

    Returns:
        The figures of the page, which also stand in its report.json.

    Raises:
        DataError: rows that do not fit the model.
        ModelFileError: the model's outputs are not finite.
        SettingError: the folder holds something else.
        OutputError: the folder cannot be written.
        MissingExtraError: matplotlib is not installed.
    """
    check_report(folder)
    measured = measure(model, split, step)
    figures, has_pictures = measured.figures, measured.pictures is not None
    with whole_folder(Path(folder)) as place:
        _draw(measured, place)
        words = page(figures, title, has_pictures=has_pictures)
        atomic.write(place / PAGE, words.encode())
        record = json.dumps(figures.as_dict(), ensure_ascii=False, allow_nan=False)
        atomic.write(place / RECORD, record.encode() + b"\n")
    return figures


def _draw(measured: Measured, place: Path) -> None:
    figures = measured.figures
    charts.draw_confusion(place / "confusion.png", figures)
    charts.draw_abstention(place / "abstention.png", measured.curve)
    if figures.calibration:
        charts.draw_reliability(place / "reliability.png", figures.calibration)
    if measured.pictures is not None:
        charts.draw_robustness(place / "robustness.png", figures.robustness, len(figures.classes))
        _write_examples(figures, measured.pictures, place)
        _write_mistakes(figures, measured.pictures, place)


def _write_examples(figures: Figures, pictures: Array, place: Path) -> None:
    """Write the first picture under every strength of each corruption."""
    first, span = pictures[:1], span_of(pictures)
    for corruption, curve in zip(CORRUPTIONS, figures.robustness, strict=True):
        for number, strength in enumerate(curve.strengths):
            changed = corrupted(first, corruption, strength, span) if strength else first
            write_image(place / f"{curve.name}-{number}.png", _gray(changed[0], span))


def _write_mistakes(figures: Figures, pictures: Array, place: Path) -> None:
    span = span_of(pictures)
    for number, one in enumerate(figures.mistakes, start=1):
        write_image(place / f"mistake-{number}.png", _gray(pictures[one.row], span))


def _gray(picture: Array, span: Span) -> Array:
    """Return a picture as uint8: black where it is darkest, white where it is brightest."""
    share = (picture - span.low) / (span.high - span.low)
    return np.rint(255.0 * share).astype(np.uint8)
