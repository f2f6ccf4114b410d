"""The accuracy on pictures that are rotated, shifted, noisy or blurred, at growing strength."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from clearprop.insight.report.classifier import Classifier
from clearprop.insight.report.corruptions import CORRUPTIONS, corrupted, span_of, strengths_for

Array = np.ndarray[Any, Any]

MOST_ROWS = 10_000
"""The most rows that are measured: their pictures are corrupted and predicted some 20 times."""


class Curve(msgspec.Struct, frozen=True):
    """The accuracy at each strength of a corruption; the first is 0, the pictures as they are."""

    name: str
    unit: str
    strengths: list[float]
    accuracy: list[float]


def chosen_rows(rows: int) -> Array:
    """Return the numbers of the rows that are measured, from the first to the last."""
    # Spread evenly, since rows of a folder are sorted by class.
    return np.unique(np.linspace(0, rows - 1, min(rows, MOST_ROWS)).astype(int))


def robustness(
    model: Classifier,
    pictures: Array,
    labels: Array,
    predicted: Array,
    progress: Callable[[int, int], None],
) -> list[Curve]:
    """Return a curve for each corruption.

    Args:
        model: the classifier.
        pictures: (n, height, width).
        labels: the true class of each (n,).
        predicted: the class predicted for each, uncorrupted (n,).
        progress: called after every measurement with how many are done, and of how many.
    """
    grids = [strengths_for(corruption, pictures.shape[1:]) for corruption in CORRUPTIONS]
    done, total, curves, span = 0, sum(map(len, grids)), [], span_of(pictures)
    for corruption, strengths in zip(CORRUPTIONS, grids, strict=True):
        accuracies = [float(np.mean(predicted == labels))]
        for strength in strengths:
            changed = corrupted(pictures, corruption, strength, span)
            answers = np.argmax(model.predict_proba(changed), axis=1)
            accuracies.append(float(np.mean(answers == labels)))
            done += 1
            progress(done, total)
        curves.append(Curve(corruption.name, corruption.unit, [0.0, *strengths], accuracies))
    return curves
