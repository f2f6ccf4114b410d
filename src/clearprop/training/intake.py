"""What a caller hands over, checked against the network, as rows that an engine can take."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from clearprop.data import Dataset, Split, from_arrays
from clearprop.data.arrays import as_images
from clearprop.errors import DataError, in_one_line
from clearprop.maths.losses import LOSSES
from clearprop.network import Network, Pictures, Preparation, Rows, redrawn
from clearprop.network.deformation import Plan
from clearprop.training.inputs import ragged, taken


def split_of(
    x: Any, y: Any, network: Network, classes: tuple[str, ...] | None
) -> tuple[Split, Any]:
    """Return inputs and labels as a split, and soft or real targets where y holds such.

    Args:
        x: a split, or inputs (n, features) or (n, height, width) as `taken` returns them.
        y: labels (n,), targets (n, outputs), or None with a split.
        network: says how many inputs and outputs there must be.
        classes: the outputs' names, which labels given as text must be among; None before
            the first rows, which then name them.

    Raises:
        DataError: rows that do not fit the network, or each other.
    """
    targets = None
    if x is None or isinstance(x, str):
        raise DataError(
            f"the rows are {x!r}; load them first, as datasets.load('photos/').train (the test "
            "rows of a file that has none are None)"
        )
    if isinstance(x, Split) and y is not None:
        raise DataError("a split has its labels with it; give the split alone, or x and y")
    if isinstance(x, Split):
        split = x if classes is None else renumbered(x, classes)
    elif isinstance(x, Dataset):
        raise DataError(f"{x.name} is a whole data set; give its rows: .train or .test")
    elif y is None:
        raise DataError("labels are missing; give x and y, or a split as datasets.load makes it")
    else:
        try:
            y = np.asarray(y)
        except ValueError as error:
            raise ragged("labels", error) from error
        targets = _targets(y, network)
        y = y if targets is None else np.argmax(targets, axis=1)
        if classes is None and y.dtype.kind not in "OUS":
            classes = tuple(map(str, range(network.classes)))
        split = from_arrays(x, y, classes)
        if classes is None and len(split.classes) != network.classes:
            raise DataError(
                f"the labels name {len(split.classes)} classes ({_named(split.classes[:5])}), "
                f"but the network has {network.classes} outputs; give one for each class"
            )
    check_features(split.images, network)
    if split.labels.max() >= network.classes:
        raise DataError(
            f"label {split.labels.max()} needs {split.labels.max() + 1} outputs, but the network "
            f"has {network.classes}"
        )
    return split, targets


def validation_of(
    data: Any,
    network: Network,
    classes: tuple[str, ...],
    preparation: Preparation | None,
    dtype: str,
    pictures: Pictures = (),
    shape: tuple[int, ...] = (),
) -> Rows | None:
    """Return validation rows, given as a split, a pair (x, y), or None for none at all.

    Args:
        data: what the caller gave.
        network: says how many inputs and outputs there must be.
        classes: the names that the training rows gave the outputs.
        preparation: of the training rows; None where they are floats.
        dtype: of the floats that lists and tables become.
        pictures: how they are redrawn.
        shape: of one training row.

    Raises:
        DataError: rows that do not fit, or something that is no rows.
    """
    if data is None:
        return None
    if isinstance(data, Split | Dataset):
        data = (data, None)
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise DataError("validation_data is a split or a pair (x, y); hold_out makes a split")
    x, y = data
    split, targets = split_of(taken(x, preparation, dtype), y, network, classes)
    return rows_of(split, targets, pictures=pictures, shape=shape)


def inputs_of(
    x: Any, network: Network, shape: tuple[int, ...], pictures: Pictures = ()
) -> np.ndarray:
    """Return inputs as (n, features), redrawn; a single input gets its first axis.

    Args:
        x: a split, or inputs as `taken` returns them, with or without their first axis.
        network: says how many features there must be.
        shape: the shape of one input.
        pictures: how they are redrawn.
    """
    images = as_images(x.images if isinstance(x, Split) else x)
    if images.shape in (shape, (network.features,)):
        images = images[None]
    check_features(images, network)
    return flat(redrawn(images, pictures, shape))


def rows_of(
    split: Split,
    targets: Any = None,
    weight: np.ndarray | None = None,
    dtype: str | None = None,
    pictures: Pictures = (),
    shape: tuple[int, ...] = (),
) -> Rows:
    """Return a split as an engine takes it.

    Args:
        split: the rows.
        targets: their targets (n, outputs), where they have such in place of labels.
        weight: each row's weight (n,).
        dtype: makes the inputs contiguous, and floats of this type, which costs at most one copy:
            for rows that are used many times. Without it they stay as they are.
        pictures: how they are redrawn.
        shape: of one input that the network knows, which says what a flat row is.
    """
    images = redrawn(split.images, pictures, shape)
    if dtype is not None:
        with np.errstate(over="ignore"):  # the fit finds an infinite input by its loss
            images = np.ascontiguousarray(images, None if images.dtype == np.uint8 else dtype)
    y = split.labels.astype(np.int32) if targets is None else targets
    return Rows(flat(images), y, weight)


def flat(images: np.ndarray) -> np.ndarray:
    """Return images as (n, features)."""
    return images.reshape(len(images), -1)


def check_features(images: np.ndarray, network: Network) -> None:
    """Raise DataError where the rows are not as wide as the network's input."""
    features = math.prod(images.shape[1:]) if images.ndim > 1 and len(images) else 0
    if features != network.features:
        raise DataError(
            f"inputs of shape {images.shape} have {features} features a row, but the network "
            f"takes {network.features}"
        )
    own = images.shape[1:]
    if len(network.input_shape) > 1 and own not in ((features,), network.input_shape):
        raise DataError(
            f"rows of shape {own} are given to a network of inputs {network.input_shape}; give "
            "rows of that shape, or flat ones"
        )


def check_deformable(images: np.ndarray, plan: Plan | None) -> None:
    """Raise DataError where rows are to be deformed that are no pictures of the plan's sides."""
    if plan is None:
        return
    if images.dtype != np.uint8:
        raise DataError(
            f"deformation is for pictures of uint8, and these rows are {images.dtype}: give pixels "
            "from 0 to 255 as uint8"
        )
    if not plan.sides:
        raise DataError(
            f"deformation is for pictures, and rows of shape {images.shape[1:]} do not say how "
            "high and wide theirs are; give images of (rows, height, width), or sides = [28, 28]"
        )
    if images.ndim > 2 and images.shape[1:] != plan.sides:
        raise DataError(
            f"the pictures are {images.shape[1]} by {images.shape[2]}, but deformation takes them "
            f"as {plan.sides[0]} by {plan.sides[1]}: give it sides = {list(images.shape[1:])}"
        )


def check_varied(y: np.ndarray) -> None:
    """Raise DataError where all labels or targets are alike: there is nothing to tell apart."""
    if (y == y[0]).all():
        what = f"of class {y[0]}" if y.ndim == 1 else f"given the target {y[0].tolist()}"
        raise DataError(
            f"all {len(y):,} rows are {what}: there is nothing to tell apart; give rows of at "
            "least two classes"
        )


def renumbered(split: Split, classes: tuple[str, ...]) -> Split:
    """Return the split with the numbers that the network knows its classes by.

    A split whose names are all among the network's is matched by name. Where one of the two has
    no names but numbers, and they share none of them, it is matched by number.

    Raises:
        DataError: a name that the network does not know.
    """
    if split.classes == classes[: len(split.classes)]:
        return split
    unnamed = are_numbers(split.classes) or are_numbers(classes)
    if unnamed and not set(split.classes) & set(classes):
        return split
    unknown = sorted(set(split.classes) - set(classes))
    if unknown:
        raise DataError(
            f"the class {unknown[0]!r} is not one of the network's: {_named(classes[:10])}"
        )
    places = np.array([classes.index(name) for name in split.classes])
    return replace(split, labels=places[split.labels].astype(np.int32), classes=classes)


def _named(classes: tuple[str, ...]) -> str:
    return ", ".join(map(in_one_line, classes))


def are_numbers(classes: tuple[str, ...]) -> bool:
    """Return whether classes have no names but their numbers."""
    return classes == tuple(map(str, range(len(classes))))


def _targets(y: np.ndarray, network: Network) -> np.ndarray | None:
    """Return y where it holds targets (n, outputs), checked; None where it holds labels."""
    # Where rows are shares of one answer, whole numbers are one-hot labels; else there may be
    # several ones.
    loss = LOSSES[network.loss]
    kinds = "f" if loss.shares else "biuf"
    if y.ndim != 2 or y.shape[1] != network.classes or y.dtype.kind not in kinds or not len(y):
        return None
    targets = y if y.dtype.kind == "f" else y.astype(np.float64)
    wrong = ~(np.isfinite(targets) & (targets >= loss.least) & (targets <= loss.most))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise DataError(
            f"row {row}, column {column} of the targets is {targets[row, column]}; under "
            f"{network.loss} targets are finite numbers from {loss.least:g} to {loss.most:g}"
        )
    if loss.shares:
        _check_sums(targets.sum(axis=1))
    return targets


def _check_sums(sums: np.ndarray) -> None:
    wrong = np.abs(sums - 1.0) > 1e-3
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"row {row} of the targets adds up to {sums[row]:g}; under cross_entropy each row "
            "holds the classes' probabilities, which add up to 1"
        )
