"""Which rows to show: some from the first to the last, then the worst."""

import os
from pathlib import Path

import numpy as np

from clearprop.data import Split
from clearprop.insight.predictions import draw_predictions

SOME = 18
WORST = 12


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
    # Spread evenly: rows of a folder stand class after class.
    some = np.unique(np.linspace(0, len(rows) - 1, SOME).astype(int))
    worst = wrong[np.argsort(-sure[wrong], kind="stable")]
    worst = worst[~np.isin(worst, some)][:WORST]
    shown = np.concatenate([some, worst])
    return draw_predictions(
        path,
        as_pictures(rows.images[shown]),
        predicted[shown].tolist(),
        rows.labels[shown].tolist(),
        sure[shown].tolist(),
        rows.classes,
        title=_title(len(rows), len(wrong), len(some), len(worst), what),
    )


def _title(rows: int, wrong: int, some: int, worst: int, what: str) -> str:
    right = f"{rows - wrong:,} of {rows:,} {what} rows are right; here are {some} of all rows"
    return f"{right}, then the {worst} surest mistakes" if worst else right


def as_pictures(images: np.ndarray) -> np.ndarray:
    """Return rows of numbers as the squarest pictures that hold them; pictures as they are."""
    if images.ndim == 3:
        return images
    side = int(np.ceil(np.sqrt(images.shape[1])))
    padded = np.zeros((len(images), side * side), images.dtype)
    padded[:, : images.shape[1]] = images
    return padded.reshape(-1, side, side)
