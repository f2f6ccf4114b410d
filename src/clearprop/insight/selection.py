"""Which test rows to show: the first ones as they come, then the worst."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from clearprop.data import Split
from clearprop.insight.predictions import draw_predictions

FIRST = 18
WORST = 12


def draw_first_and_worst(
    path: str | os.PathLike[str], probabilities: np.ndarray, test: Split
) -> Path:
    """Draw the first test rows, and behind them the mistakes that the network is surest of.

    Args:
        path: the PNG file to write.
        probabilities: of every class for every test row (n, classes).
        test: the test rows.

    Returns:
        The path.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    predicted, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != test.labels)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")]
    worst = worst[worst >= FIRST][:WORST]
    rows = np.concatenate([np.arange(min(FIRST, len(test))), worst])
    return draw_predictions(
        path,
        as_pictures(test.images[rows]),
        predicted[rows].tolist(),
        test.labels[rows].tolist(),
        sure[rows].tolist(),
        test.classes,
        title=f"The first {FIRST} test rows, then the {len(worst)} surest of {len(wrong):,} "
        f"mistakes in {len(test):,}",
    )


def as_pictures(images: np.ndarray) -> np.ndarray:
    """Return rows of numbers as the squarest pictures that hold them; pictures as they are."""
    if images.ndim == 3:
        return images
    side = int(np.ceil(np.sqrt(images.shape[1])))
    padded = np.zeros((len(images), side * side), images.dtype)
    padded[:, : images.shape[1]] = images
    return padded.reshape(-1, side, side)
