"""A grid of predictions: image, prediction, truth, confidence; mistakes marked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.data import Split
from clearprop.insight.pictures import (
    GRAY,
    INK,
    PALE,
    RED,
    new_figure,
    shortened,
    write_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CELL_WIDTH, _CELL_HEIGHT = 1.5, 1.72  # inches
_HEAD = 0.62  # inches above the first row
_PICTURE = 1.12  # inches, the longer side of an image
_LONGEST_NAME = 15
# How many rows `draw_some_and_worst` shows: some of all, then the most confident mistakes.
SOME, WORST = 18, 12


def draw_predictions(
    path: str | os.PathLike[str],
    images: np.ndarray[Any, Any],
    predicted: Sequence[int],
    truth: Sequence[int],
    confidence: Sequence[float],
    classes: Sequence[str],
    *,
    columns: int = 6,
    title: str = "",
) -> Path:
    """Draw a grid of predictions as PNG, 225 × 258 pixels a cell under a line of title.

    A right one is marked ✓ in gray, a mistake ✗ in red with a thick red frame: the sign, the frame
    and the color would each be enough.

    Args:
        path: the file to write; its folder is made if needed.
        images: uint8 (n, height, width), n at least 1.
        predicted: n labels.
        truth: n labels.
        confidence: n probabilities of the predicted labels.
        classes: the classes' names, by label.
        columns: cells in a row.
        title: a line above; by default how many of those shown are right.

    Returns:
        The path.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OutputError: the file cannot be written.
    """
    count = len(images)
    columns = min(columns, count)
    rows = -(-count // columns)
    figure = new_figure(max(columns, 3) * _CELL_WIDTH, rows * _CELL_HEIGHT + _HEAD)
    right = int(np.sum(np.asarray(predicted) == np.asarray(truth)))
    _draw_title(figure, title or f"{right} of {count} right")
    for place in range(count):
        axes = _cell(figure, place, columns)
        axes.imshow(images[place], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        guess = shortened(classes[predicted[place]], _LONGEST_NAME)
        true = shortened(classes[truth[place]], _LONGEST_NAME)
        _mark(axes, guess, true, confidence[place], right=predicted[place] == truth[place])
    return write_figure(path, figure)


def _draw_title(figure: Figure, words: str) -> None:
    width, height = figure.get_size_inches()
    size = min(14.0, 100.0 * width / max(len(words), 1))
    figure.text(
        0.19 / width, 1 - 0.32 / height, words, fontsize=size, color=INK, weight="bold", va="center"
    )


def _cell(figure: Figure, place: int, columns: int) -> Axes:
    width, height = figure.get_size_inches()
    row, column = divmod(place, columns)
    left = column * _CELL_WIDTH + (_CELL_WIDTH - _PICTURE) / 2
    top = _HEAD + row * _CELL_HEIGHT
    axes = figure.add_axes(
        (left / width, 1 - (top + _PICTURE) / height, _PICTURE / width, _PICTURE / height)
    )
    axes.set(xticks=[], yticks=[])
    return axes


def _mark(axes: Axes, predicted: str, truth: str, confidence: float, *, right: bool) -> None:
    color, width = (PALE, 1.0) if right else (RED, 4.0)
    for spine in axes.spines.values():
        spine.set(color=color, linewidth=width)
    first = f"{'✓' if right else '✗'} {predicted}  {100 * confidence:.0f} %"
    for line, words, shade in ((0, first, INK if right else RED), (1, f"truth: {truth}", GRAY)):
        axes.text(
            0.5,
            -0.15 - 0.145 * line,
            words,
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=(9.5 - line) * min(1.0, 17.0 / len(words)),
            color=shade,
            weight="normal" if right or line else "bold",
        )


def draw_some_and_worst(
    path: str | os.PathLike[str], probabilities: np.ndarray, rows: Split, what: str = "test"
) -> Path:
    """Draw rows spread from first to last, then the most confident mistakes; return the path.

    `probabilities` are (n, classes); `what` is what the title calls the rows.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    predicted, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != rows.labels)
    # Spread evenly, since rows of a folder are sorted by class.
    some = np.unique(np.linspace(0, len(rows) - 1, SOME).astype(int))
    worst = wrong[np.argsort(-sure[wrong], kind="stable")]
    worst = worst[~np.isin(worst, some)][:WORST]
    shown = np.concatenate([some, worst])
    title = f"{len(rows) - len(wrong):,} of {len(rows):,} {what} rows are right; "
    title += f"here are {len(some)} of all rows"
    title += f", then the {len(worst)} surest mistakes" if len(worst) else ""
    return draw_predictions(
        path,
        as_pictures(rows.images[shown]),
        predicted[shown].tolist(),
        rows.labels[shown].tolist(),
        sure[shown].tolist(),
        rows.classes,
        title=title,
    )


def as_pictures(images: np.ndarray) -> np.ndarray:
    """Return rows of numbers as the squarest pictures that hold them; pictures as they are."""
    if images.ndim == 3:
        return images
    side = int(np.ceil(np.sqrt(images.shape[1])))
    padded = np.zeros((len(images), side * side), images.dtype)
    padded[:, : images.shape[1]] = images
    return padded.reshape(-1, side, side)
