"""Which rows to show: the first ones as they come, then the worst."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from clearprop.data import Split
from clearprop.insight.predictions import draw_predictions

FIRST = 18
WORST = 12


def draw_first_and_worst(
    path: str | os.PathLike[str], probabilities: np.ndarray, rows: Split, what: str = "test"
) -> Path:
    """Draw the first rows, and behind them the mistakes that the network is surest of.

    Args:
        path: the PNG file to write.
        probabilities: of every class for every row (n, classes).
        rows: the rows.
        what: what the title calls them.

    Returns:
        The path.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    predicted, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != rows.labels)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")]
    worst = worst[worst >= FIRST][:WORST]
    shown = np.concatenate([np.arange(min(FIRST, len(rows))), worst])
    return draw_predictions(
        path,
        as_pictures(rows.images[shown]),
        predicted[shown].tolist(),
        rows.labels[shown].tolist(),
        sure[shown].tolist(),
        rows.classes,
        title=f"The first {FIRST} {what} rows, then the {len(worst)} surest of {len(wrong):,} "
        f"mistakes in {len(rows):,}",
    )


def as_pictures(images: np.ndarray) -> np.ndarray:
    """Return rows of numbers as the squarest pictures that hold them; pictures as they are."""
    if images.ndim == 3:
        return images
    side = int(np.ceil(np.sqrt(images.shape[1])))
    padded = np.zeros((len(images), side * side), images.dtype)
    padded[:, : images.shape[1]] = images
    return padded.reshape(-1, side, side)
