"""Rows that a network can learn from: arrays that were checked, behind read-only views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clearprop.data.checks import (
    check_counts,
    check_images,
    check_labels,
    check_one_hot,
    check_range,
    place_of,
)
from clearprop.errors import DataError

Reading = Literal["digit", "garment", "picture"]
"""How a picture of one's own becomes a row: `read_digit`, `read_garment` or `read_picture`."""

MOST_CLASSES = 65_536
"""How many classes may be inferred from labels alone: more are taken for a mistake."""


@dataclass(frozen=True, eq=False)
class Split:
    """Images, their labels, and what the labels mean.

    Attributes:
        images: (n, height, width) or (n, features); uint8 pixels, or finite floats of at most 64
            bits in this machine's byte order.
        labels: (n,), integers from 0 to the number of classes less one.
        classes: the name of each label, in order; at least two.
        reading: how a picture of one's own becomes such a row; a model remembers it.

    Raises:
        DataError: at construction, when the above does not hold; says where.
    """

    images: NDArray[Any]
    labels: NDArray[np.integer[Any]]
    classes: tuple[str, ...]
    reading: Reading = "digit"

    def __post_init__(self) -> None:
        """Check the rows, so that every split in hand is a good one."""
        check_counts(self.images, self.labels)
        check_images(self.images)
        check_labels(self.labels, self.classes)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A set, divided as its publishers divided it.

    Attributes:
        name: what `load` calls it, or the name of the file or folder that it was read from.
        train: the rows to learn from.
        test: the rows to be judged by, and by nothing else; None where a file holds none.
    """

    name: str
    train: Split
    test: Split | None


def from_arrays(
    images: ArrayLike, labels: ArrayLike, classes: Sequence[str] | None = None
) -> Split:
    """Return arrays of your own as a split, of the type of `load("mnist").train`.

    Args:
        images: (n, height, width) or (n, features). Floats are taken as already prepared,
            longdouble as float64; whole numbers must be pixels from 0 to 255 and become uint8.
        labels: (n,) whole numbers from 0; or (n,) class names; or (n, classes) one-hot rows.
        classes: the name of each label, in order. Without it, whole numbers are named after
            themselves, up to the largest that occurs, and names are taken in sorted order.

    Returns:
        The split. Its arrays are read-only; uint8 arrays are not copied, nor floats of at most 64
        bits in this machine's byte order.

    Raises:
        DataError: rows that cannot be learned from; says which and where.

    >>> split = from_arrays([[0.0, 0.5], [1.0, 0.25]], ["cat", "dog"])
    >>> split.labels, split.classes
    (array([0, 1], dtype=int32), ('cat', 'dog'))
    """
    if isinstance(classes, str):
        raise DataError(f"classes is the text {classes!r}; give a list with a name for each class.")
    pixels = _pixels(_array(images, "images"))
    given = _array(labels, "labels")
    check_counts(pixels, given)
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    names = None if classes is None else tuple(str(name) for name in classes)
    numbers, names = _named(given, names) if given.dtype.kind in "US" else _numbered(given, names)
    return Split(read_only(pixels), read_only(numbers), names)


def as_images(values: ArrayLike) -> NDArray[Any]:
    """Return inputs without labels as a network takes them: floats as they are, or uint8 pixels.

    Raises:
        DataError: values that are neither pixels nor finite floats; says where.
    """
    images = _pixels(_array(values, "images"))
    check_images(images)
    return read_only(images)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of an array through which it cannot be changed."""
    view = array.view()
    view.flags.writeable = False
    return view


def _array(values: ArrayLike, what: str) -> NDArray[Any]:
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


def _named(
    labels: NDArray[Any], classes: tuple[str, ...] | None
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Return the numbers of labels that are given as class names."""
    if labels.ndim != 1:
        raise DataError(f"Class names are one a row, not of shape {labels.shape}.")
    present, numbers = np.unique(labels.astype(str), return_inverse=True)
    if classes is None:
        return numbers.astype(np.int32), tuple(present.tolist())
    unknown = sorted(set(present.tolist()) - set(classes))
    if unknown:
        raise DataError(f"The label {unknown[0]!r} is not one of the classes {list(classes)}.")
    places = np.array([classes.index(name) for name in present.tolist()], np.int32)
    return places[numbers], classes


def _numbered(
    labels: NDArray[Any], classes: tuple[str, ...] | None
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Return integer labels from whole numbers or one-hot rows, and the classes' names."""
    if labels.ndim == 2:
        classes = classes or tuple(map(str, range(labels.shape[1])))
        check_one_hot(labels, len(classes))
        return labels.argmax(axis=1).astype(np.int32), classes
    if labels.dtype.kind == "f":
        wrong = ~np.isfinite(labels) | (labels != np.floor(labels))
        if wrong.any():
            row = int(wrong.argmax())
            raise DataError(f"The label in row {row:,} is {labels[row]}; give whole numbers.")
    classes = classes or _names_for(labels)
    # Before the numbers are narrowed to int32, or 2**32 would become 0.
    check_range(labels, classes)
    return labels.astype(np.int32), classes


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
