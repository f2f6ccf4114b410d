"""From a file's arrays to splits and data sets."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearprop.data.arrays import Dataset, Split, from_arrays
from clearprop.data.formats.own_file import about
from clearprop.errors import DataError


def split_of(
    images: NDArray[Any],
    labels: NDArray[Any],
    place: object,
    classes: Sequence[str] | None = None,
    task: str = "classes",
) -> Split:
    """Return the arrays of a file as a split.

    Args:
        images: (n, height, width), (n, height, width, 1) or (n, features), any numbers.
        labels: as for `from_arrays`, like `classes` and `task`.
        place: the file, and the part of it, for error messages.
        classes: the names of the labels.
        task: what the labels are for.

    Raises:
        DataError: rows that cannot be learned from; begins with `place`.
    """
    with about(place):
        return from_arrays(_gray(images), labels, classes, task)


def digit_names(labels: NDArray[Any]) -> tuple[str, ...] | None:
    """Return the names of the ten digits if every label is one, even if some are absent."""
    in_range = (labels >= 0) & (labels <= 9)
    return tuple("0123456789") if in_range.all() else None


def dataset_of(path: Path, train: Split, test: Split | None) -> Dataset:
    """Return the parts of a file or folder as a data set of the same name.

    Raises:
        DataError: training and test images of different shapes or types.
    """
    if test is not None:
        described = [_described(part.images) for part in (train, test)]
        if described[0] != described[1]:
            raise DataError(
                f"{path}: a training image is {described[0]}, a test image {described[1]}; "
                "prepare both alike."
            )
    return Dataset(name_of(path), train, test)


def name_of(path: str | os.PathLike[str]) -> str:
    """Return a file's name without its suffix, or a folder's name.

    >>> name_of("data/mnist.pkl.gz"), name_of("data/train.csv"), name_of("my.digits/")
    ('mnist', 'train', 'my.digits')
    """
    absolute = Path(path).absolute()
    if absolute.is_dir() or str(path).endswith(("/", os.sep)):
        return absolute.resolve().name or "data"
    name = absolute.name.removesuffix(".gz")
    return Path(name).stem


def _gray(images: NDArray[Any]) -> NDArray[Any]:
    """Return images without Keras' axis for a single channel."""
    if images.ndim == 4 and images.shape[-1] == 1:
        return images[..., 0]
    if images.ndim == 4 and images.shape[-1] in (3, 4):
        raise DataError(
            f"Images of shape {images.shape} are in color; make them gray first, for example by "
            "images.mean(axis=-1)."
        )
    if images.ndim not in (2, 3):
        raise DataError(
            f"Images of shape {images.shape}; give (rows, height, width) or (rows, features)."
        )
    return images


def _described(images: NDArray[Any]) -> str:
    """Describe what training and test images must share."""
    return f"{'×'.join(map(str, images.shape[1:]))} {np.dtype(images.dtype).name}"
