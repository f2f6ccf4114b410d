"""Rows that a network can learn from: arrays that were checked, behind read-only views."""

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
            bits in native byte order.
        labels: for classes (n,), integers from 0; for labels (n, labels), from 0 for no to 1 for
            yes; for values (n, columns), finite numbers.
        classes: the name of each class (at least two), label or column of values.
        reading: how a picture file becomes such a row; a model remembers it.
        task: "classes", "labels" or "values".

    Raises:
        DataError: on construction, where the above does not hold; says where.
    """

    images: NDArray[Any]
    labels: NDArray[Any]
    classes: tuple[str, ...]
    reading: Reading = "digit"
    task: str = "classes"

    def __post_init__(self) -> None:
        """Check the rows, so that every split in hand is a good one."""
        check_counts(self.images, self.labels)
        check_images(self.images)
        check_targets(self.labels, self.classes, self.task)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set, divided as its publishers divided it.

    Attributes:
        name: what `load` calls it, or the name of the file or folder it was read from.
        train: the training rows.
        test: the test rows; None where there are none.
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
        images: (n, height, width) or (n, features). Floats are taken as they are, longdouble as
            float64; whole numbers must be pixels from 0 to 255 and become uint8.
        labels: (n,) whole numbers from 0; or (n,) class names; or (n, classes) one-hot rows. Under
            other tasks (n,) or (n, columns) numbers.
        classes: the name of each label, in order. Without it, whole numbers are named after
            themselves, up to the largest that occurs, and names are taken in sorted order. Labels
            are matched by name first: 7 is the class that is called "7". Where none of them is a
            name, whole numbers count the classes from 0.
        task: what they are for: "classes"; "labels", yes or no in every column; "values", real
            numbers; or "auto", as the labels look.

    Returns:
        The split. Its arrays are read-only; uint8 arrays are not copied, nor floats of at most 64
        bits in this machine's byte order.

    Raises:
        DataError: rows that cannot be learned from; says which and where.

    >>> split = from_arrays([[0.0, 0.5], [1.0, 0.25]], ["cat", "dog"])
    >>> split.labels, split.classes
    (array([0, 1], dtype=int32), ('cat', 'dog'))
    >>> from_arrays([[0.0], [1.0]], [20.5, 31.0], task="auto").task
    'values'
    """
    if isinstance(classes, str):
        raise DataError(f"classes is the text {classes!r}; give a list with a name for each class.")
    pixels = _pixels(as_array(images, "images"))
    given = as_array(labels, "labels")
    check_counts(pixels, given)
    if task == AUTO:
        task = decided(given, None).name
    names = None if classes is None else tuple(str(name) for name in classes)
    if task != "classes":
        return _of_numbers(pixels, given, names, task)
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    numbers, names = _classes(given, names)
    return Split(read_only(pixels), read_only(numbers), names)


def _of_numbers(
    pixels: NDArray[Any], given: NDArray[Any], names: tuple[str, ...] | None, task: str
) -> Split:
    if given.dtype.kind not in "biuf":
        raise DataError(f"The targets are of type {given.dtype}; of {task} they are numbers.")
    made = given.astype(np.float64).reshape(len(given), -1)
    names = names or TASKS[task].unnamed(made.shape[1]).names
    return Split(read_only(pixels), read_only(made), names, task=task)


def as_asked(data: Dataset, task: str) -> Dataset:
    """Return a data set for a task; for values, class names that are numbers become these numbers.

    Raises:
        DataError: the classes have names that are not numbers.
    """
    known("task", task, [AUTO, *TASKS])
    if task == AUTO or TASKS[task].answer(1) != "numbers" or data.train.task != "classes":
        return data
    train, test = (None if one is None else _numbers(one, task) for one in (data.train, data.test))
    assert train is not None
    return Dataset(data.name, train, test)


def _numbers(split: Split, task: str) -> Split:
    numbers = numbers_of(split.classes)[split.labels]
    names = TASKS[task].unnamed(1).names
    return replace(split, labels=read_only(numbers[:, None]), classes=names, task=task)


def as_images(values: ArrayLike) -> NDArray[Any]:
    """Return inputs without labels: floats unchanged, or uint8 pixels.

    Raises:
        DataError: values that are neither pixels nor finite floats; says where.
    """
    images = _pixels(as_array(values, "images"))
    check_images(images)
    return read_only(images)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of an array through which it cannot be changed."""
    view = array.view()
    view.flags.writeable = False
    return view


def as_array(values: ArrayLike, what: str) -> NDArray[Any]:
    """Return values as an array, refusing what is not rectangular."""
    try:
        array = np.asarray(values)
        if array.dtype == object:
            # Tables hand over columns of objects that are plain texts or numbers underneath.
            array = np.asarray(array.tolist())
    except ValueError as error:
        raise DataError(f"The {what} do not all have the same shape ({error}).") from error
    if array.dtype.kind not in "biufUS":
        raise DataError(f"The {what} are of type {array.dtype}; give numbers.")
    return array


def _pixels(images: NDArray[Any]) -> NDArray[Any]:
    """Return images as floats that both engines take, or as uint8 pixels."""
    if images.dtype.kind == "f":
        return _plain_floats(images)
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


def _plain_floats(images: NDArray[Any]) -> NDArray[Any]:
    """Return floats in this machine's byte order and of at most 64 bits: JAX takes no others."""
    if images.dtype.isnative and images.dtype.itemsize <= 8:
        return images
    native = images.dtype.newbyteorder("=")
    with np.errstate(over="ignore"):  # what is too large for float64 becomes inf, and is refused
        return images.astype(native if native.itemsize <= 8 else np.float64)


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
