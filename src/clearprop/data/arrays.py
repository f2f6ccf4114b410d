"""Rows that a network can learn from: checked arrays behind read-only views."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clearprop.data.checks import (
    check_counts,
    check_images,
    check_one_hot,
    check_range,
    check_targets,
    place_of,
)
from clearprop.errors import DataError, known
from clearprop.inputs import Reading
from clearprop.tasks import AUTO, TASKS, decided
from clearprop.tasks.matching import MOST_CLASSES, in_order, numbered, numbers_of, words_of


@dataclass(frozen=True, eq=False)
class Split:
    """Rows: inputs, and the targets that belong to them.

    Attributes:
        images: (n, height, width) or (n, features); uint8 pixels, or finite floats of at most 64
            bits in this machine's byte order.
        labels: of classes (n,), integers from 0 to the number of classes less one; of labels
            (n, labels), from 0 for no to 1 for yes; of values (n, columns), finite numbers.
        classes: the name of each class, in order, at least two; of each label or column of values.
        reading: how a user's picture becomes such a row; stored with the model.
        task: what a network predicts: "classes", "labels" or "values".

    Raises:
        DataError: at construction, where one of these does not hold.
    """

    images: NDArray[Any]
    labels: NDArray[Any]
    classes: tuple[str, ...]
    reading: Reading = "digit"
    task: str = "classes"

    def __post_init__(self) -> None:
        check_counts(self.images, self.labels)
        check_images(self.images)
        check_targets(self.labels, self.classes, self.task)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set with its published division into training and test rows.

    Attributes:
        name: its name in `load`, or the name of the file or folder.
        train: the training rows.
        test: the test rows; None if there are none.
    """

    name: str
    train: Split
    test: Split | None


def from_arrays(
    images: ArrayLike,
    labels: ArrayLike,
    classes: Sequence[str] | None = None,
    task: str = "classes",
) -> Split:
    """Return arrays of your own as a split, of the type of `load("mnist").train`.

    Args:
        images: (n, height, width) or (n, features). Floats keep their type (longdouble becomes
            float64); whole numbers must be pixels from 0 to 255 and become uint8.
        labels: (n,) whole numbers from 0; or (n,) class names; or (n, classes) one-hot rows. Under
            other tasks (n,) or (n, columns) numbers.
        classes: the name of each label, in order. By default whole numbers name themselves, up to
            the largest, and text labels are sorted. Labels match names first: 7 is the class
            called "7". If none is a name, whole numbers count the classes from 0.
        task: "classes"; "labels", yes or no in every column; "values", real numbers; or "auto",
            inferred from the labels.

    Returns:
        The split. Its arrays are read-only; uint8 arrays are not copied, nor floats of at most 64
        bits in this machine's byte order.

    Raises:
        DataError: unusable rows; the message says which.

    >>> split = from_arrays([[0.0, 0.5], [1.0, 0.25]], ["cat", "dog"])
    >>> split.labels, split.classes
    (array([0, 1], dtype=int32), ('cat', 'dog'))
    >>> from_arrays([[0.0], [1.0]], [20.5, 31.0], task="auto").task
    'values'
    """
    if isinstance(classes, str):
        raise DataError(f"classes is the text {classes!r}; give a list with a name for each class.")
    pixels = _pixels(as_array(images, "images"))
    targets = as_array(labels, "labels")
    check_counts(pixels, targets)
    if task == AUTO:
        task = decided(targets, None).name
    names = None if classes is None else tuple(str(name) for name in classes)
    if task == "classes":
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = targets[:, 0]
        targets, names = _classes(targets, names)
    elif targets.dtype.kind not in "biuf":
        raise DataError(f"The targets are of type {targets.dtype}; of {task} they are numbers.")
    else:
        targets = targets.astype(np.float64).reshape(len(targets), -1)
        names = names or TASKS[task].unnamed(targets.shape[1]).names
    return Split(read_only(pixels), read_only(targets), names, task=task)


def for_task(data: Dataset, task: str) -> Dataset:
    """Return a data set for a task: for "values", class names become the numbers they spell.

    Raises:
        DataError: a class name is not a number.
    """
    known("task", task, [AUTO, *TASKS])
    if task == AUTO or TASKS[task].answer(1) != "numbers" or data.train.task != "classes":
        return data
    test = None if data.test is None else _as_numbers(data.test, task)
    return Dataset(data.name, _as_numbers(data.train, task), test)


def _as_numbers(split: Split, task: str) -> Split:
    numbers = numbers_of(split.classes)[split.labels]
    names = TASKS[task].unnamed(1).names
    return replace(split, labels=read_only(numbers[:, None]), classes=names, task=task)


def as_images(values: ArrayLike) -> NDArray[Any]:
    """Return inputs without labels, as floats or uint8 pixels.

    Raises:
        DataError: values that are neither pixels nor finite floats.
    """
    images = _pixels(as_array(values, "images"))
    check_images(images)
    return read_only(images)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view of an array."""
    view = array.view()
    view.flags.writeable = False
    return view


def as_array(values: ArrayLike, what: str) -> NDArray[Any]:
    """Return values as an array of numbers or text."""
    try:
        array = np.asarray(values)
        if array.dtype == object:
            # Table columns often hold plain text or numbers as objects.
            array = np.asarray(array.tolist())
    except ValueError as error:
        raise DataError(f"The {what} do not all have the same shape ({error}).") from error
    if array.dtype.kind not in "biufUS":
        raise DataError(f"The {what} are of type {array.dtype}; give numbers.")
    return array


def _pixels(images: NDArray[Any]) -> NDArray[Any]:
    """Return images as uint8 pixels, or as native floats of at most 64 bits (JAX needs these)."""
    if images.dtype.kind == "f":
        if images.dtype.isnative and images.dtype.itemsize <= 8:
            return images
        native = images.dtype.newbyteorder("=")
        with np.errstate(over="ignore"):  # too large for float64 becomes inf, which is refused
            return images.astype(native if native.itemsize <= 8 else np.float64)
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind not in "iu":
        raise DataError(
            f"The images are of type {images.dtype}; give uint8 pixels (0 to 255) or floats."
        )
    if images.size and not 0 <= images.min() <= images.max() <= 255:
        wrong = (images < 0) | (images > 255)
        raise DataError(
            f"{place_of(wrong)} of the images is {images[wrong][0]}, but whole numbers must be "
            "pixels from 0 to 255; give other measurements as floats."
        )
    return images.astype(np.uint8)


def _classes(
    labels: NDArray[Any], classes: tuple[str, ...] | None
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Return class numbers from names, whole numbers or one-hot rows, and the classes' names."""
    if labels.ndim == 2:
        if labels.dtype.kind in "US":
            raise DataError(f"Class names are one a row, not of shape {labels.shape}.")
        classes = classes or tuple(map(str, range(labels.shape[1])))
        check_one_hot(labels, len(classes))
        return labels.argmax(axis=1).astype(np.int32), classes
    if classes is None and labels.dtype.kind in "US":
        classes = in_order(words_of(labels)[0])
    if classes is None:
        words_of(labels)
        classes = _names_for(labels)
        # Before the numbers are narrowed to int32, or 2**32 would become 0.
        check_range(labels, classes)
    return numbered(labels, classes), classes


def _names_for(labels: NDArray[Any]) -> tuple[str, ...]:
    """Name the classes after their numbers, up to the largest label."""
    largest = int(labels.max())
    if largest >= MOST_CLASSES:
        raise DataError(
            f"The label {largest} in row {int(labels.argmax()):,} would make {largest + 1:,} "
            "classes; number the classes from 0."
        )
    if labels.min() == largest:
        raise DataError(
            f"Every label is {largest}: one class only, so there is nothing to tell apart. Give "
            "rows of two classes or more. (In Python, from_arrays(images, labels, classes) names "
            "classes that have no row here.)"
        )
    return tuple(map(str, range(largest + 1)))
