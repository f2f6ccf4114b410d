"""Checks of inputs and targets; each error says where the fault is and what to do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearprop.errors import DataError, known
from clearprop.tasks import TASKS


def check_counts(images: NDArray[Any], labels: NDArray[Any]) -> None:
    """Refuse empty splits, and different numbers of images and labels."""
    if images.ndim < 2 or labels.ndim not in (1, 2):
        raise DataError(
            f"Images of shape {images.shape} with labels of shape {labels.shape}; images are "
            "(rows, height, width) or (rows, features) and labels (rows,)."
        )
    if len(images) != len(labels):
        raise DataError(f"There are {len(images):,} images but {len(labels):,} labels.")
    if not images.size:
        raise DataError(f"Images of shape {images.shape}: there is nothing to learn from.")


def check_images(images: NDArray[Any]) -> None:
    """Refuse types that an engine does not support, and floats that are not finite."""
    if images.dtype == np.uint8:
        return
    if images.dtype.kind != "f" or images.dtype.itemsize > 8 or not images.dtype.isnative:
        raise DataError(
            f"Images are uint8, or floats of at most 64 bits in this machine's byte order, not "
            f"{images.dtype}; from_arrays converts them."
        )
    # A sum is finite only if all its terms are, and it needs no temporary array.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(images.sum(dtype=np.float64)):
            return
    wrong = ~np.isfinite(images)
    if wrong.any():
        raise DataError(
            f"{place_of(wrong)} of the images is {images[wrong][0]} ({int(wrong.sum()):,} values "
            "are not finite); leave such rows out, or fill the gaps with a number."
        )


def check_targets(labels: NDArray[Any], classes: tuple[str, ...], task: str) -> None:
    """Refuse targets that do not suit the task."""
    known("task", task, TASKS)
    if task == "classes":
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            raise DataError(
                f"Labels are integers, one a row, not {labels.dtype} of shape {labels.shape}; "
                "from_arrays makes them from one-hot rows, whole floats or names."
            )
        check_range(labels, classes)
        return
    columns = labels.shape[1] if labels.ndim == 2 else 0
    if labels.dtype.kind != "f" or len(TASKS[task].unnamed(columns).names) != len(classes):
        raise DataError(
            f"Targets of {task} are floats (rows, columns) with a name for each column, not "
            f"{labels.dtype} of shape {labels.shape} with {len(classes)} names; from_arrays makes "
            "them."
        )
    wrong = ~TASKS[task].accepted(labels)
    if wrong.any():
        raise DataError(
            f"{place_of(wrong)} of the targets is {labels[wrong][0]}; {task} are "
            f"{TASKS[task].accepts}."
        )


def check_range(labels: NDArray[Any], classes: tuple[str, ...]) -> None:
    """Refuse labels without a class, and a single class."""
    if len(classes) < 2:
        raise DataError(f"The only class is {list(classes)}; there must be two or more.")
    wrong = (labels < 0) | (labels >= len(classes))
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"The label in row {row:,} is {labels[row]}, but the {len(classes)} classes are "
            f"numbered from 0 to {len(classes) - 1}."
        )


def check_one_hot(labels: NDArray[Any], classes: int) -> None:
    """Refuse rows that are not one-hot, or do not have one column for each class."""
    if labels.shape[1] != classes:
        raise DataError(
            f"One-hot labels of {labels.shape[1]} columns do not fit {classes} classes."
        )
    wrong = ((labels != 0) & (labels != 1)).any(axis=1) | (labels.sum(axis=1) != 1)
    if wrong.any():
        raise DataError(
            f"Row {int(wrong.argmax()):,} of the labels is not one-hot (a single 1 among zeros); "
            "give one whole number for each row instead."
        )


def place_of(wrong: NDArray[np.bool_]) -> str:
    """Describe where the first wrong value is."""
    row, *rest = (int(index) for index in np.argwhere(wrong)[0])
    words = ["column"] if len(rest) == 1 else ["line", "column", *["channel"] * len(rest)]
    inside = [f"{word} {index:,}" for word, index in zip(words, rest, strict=False)]
    return ", ".join([f"Row {row:,}", *inside])
