"""What a caller hands over, checked against the network, as rows that an engine can take."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.data import Split, from_arrays
from clearprop.data.arrays import as_images
from clearprop.errors import DataError
from clearprop.network import Network, Rows


def split_of(x: Any, y: Any, network: Network, classes: tuple[str, ...]) -> tuple[Split, Any]:
    """Return inputs and labels as a split, and soft or real targets where y holds such.

    Args:
        x: a split, or inputs (n, features) or (n, height, width).
        y: labels (n,), targets (n, outputs), or None with a split.
        network: says how many inputs and outputs there must be.
        classes: the outputs' names, which labels given as text must be among.

    Raises:
        DataError: rows that do not fit the network, or each other.
    """
    targets = None
    if isinstance(x, Split):
        split = x
    elif y is None:
        raise DataError("labels are missing; give x and y, or a split as datasets.load makes it")
    else:
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] == network.classes > 1 and y.dtype.kind == "f":
            targets, y = _finite(y), np.argmax(y, axis=1)
        split = from_arrays(x, y, classes)
    check_features(split.images, network)
    if split.labels.max() >= network.classes:
        raise DataError(
            f"label {split.labels.max()} needs {split.labels.max() + 1} outputs, but the network "
            f"has {network.classes}"
        )
    return split, targets


def inputs_of(x: Any, network: Network, shape: tuple[int, ...]) -> np.ndarray:
    """Return inputs as (n, features); a single input gets its first axis.

    Args:
        x: a split, or inputs with or without their first axis.
        network: says how many features there must be.
        shape: the shape of one input.
    """
    images = as_images(x.images if isinstance(x, Split) else x)
    if images.shape in (shape, (network.inputs,)):
        images = images[None]
    check_features(images, network)
    return flat(images)


def rows_of(split: Split, targets: Any = None, weight: np.ndarray | None = None) -> Rows:
    """Return a split as an engine takes it."""
    y = split.labels.astype(np.int32) if targets is None else targets
    return Rows(flat(split.images), y, weight)


def flat(images: np.ndarray) -> np.ndarray:
    """Return images as (n, features)."""
    return images.reshape(len(images), -1)


def check_features(images: np.ndarray, network: Network) -> None:
    """Raise DataError where the rows are not as wide as the network's input."""
    features = flat(images).shape[1] if images.ndim > 1 and len(images) else 0
    if features != network.inputs:
        raise DataError(
            f"inputs of shape {images.shape} have {features} features a row, but the network "
            f"takes {network.inputs}"
        )


def check_varied(labels: np.ndarray) -> None:
    """Raise DataError where all labels are the same: there is nothing to tell apart."""
    if labels.min() == labels.max():
        raise DataError(
            f"all {len(labels):,} rows are of class {labels[0]}: there is nothing to tell apart; "
            "give rows of at least two classes"
        )


def _finite(targets: np.ndarray) -> np.ndarray:
    if not np.isfinite(targets).all():
        row, column = np.argwhere(~np.isfinite(targets))[0]
        raise DataError(f"row {row}, column {column} of the targets is {targets[row, column]}")
    return targets
