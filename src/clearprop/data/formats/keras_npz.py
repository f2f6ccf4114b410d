"""Keras' layout of a data set: one `.npz` file of x_train, y_train, x_test and y_test."""

import os
from pathlib import Path

from clearprop.data.arrays import Dataset
from clearprop.data.formats import npz_archive
from clearprop.data.formats.own_file import located
from clearprop.data.formats.own_rows import dataset_of, split_of
from clearprop.errors import DataError, in_one_line
from clearprop.tasks import AUTO

_TRAIN = ("x_train", "y_train")
_TEST = ("x_test", "y_test")


def from_npz(path: str | os.PathLike[str], task: str = AUTO) -> Dataset:
    """Return the rows of an `.npz` file in the layout of Keras' `mnist.npz`.

    Args:
        path: the file, plain or compressed. Images `x_train` are (n, height, width), (n, height,
            width, 1) or (n, features): pixels from 0 to 255, or floats. Labels `y_train` are (n,)
            or (n, 1) whole numbers, (n, classes) one-hot rows, (n, labels) rows of 0 and 1, or real
            numbers (n,) or (n, columns). `x_test` and `y_test` may be missing. Nothing is
            unpickled.
        task: as for `from_arrays`; "auto" decides by the labels.

    Returns:
        The data set; classes are named after the numbers from 0 to the largest training label.

    Raises:
        DataError: a damaged, encrypted or oversized archive, missing arrays or wrong sizes, or
            unusable rows.

    >>> from_npz("mnist.npz").train.images.shape  # doctest: +SKIP
    (60000, 28, 28)
    """
    path = located(path)
    found = npz_archive.arrays(path, (*_TRAIN, *_TEST))
    missing = [name for name in _TRAIN if name not in found]
    absent = [name for name in _TEST if name not in found]
    if missing or len(absent) == 1:
        raise _lacking(path, (missing or absent)[0])
    train = split_of(found["x_train"], found["y_train"], f"{path}, x_train and y_train", task=task)
    if absent:
        return dataset_of(path, train, None)
    place = f"{path}, x_test and y_test"
    test = split_of(found["x_test"], found["y_test"], place, train.classes, train.task)
    return dataset_of(path, train, test)


def _lacking(path: Path, name: str) -> DataError:
    """Return the error that says which array is missing, and which there are."""
    members = npz_archive.names_in(path)
    there = [in_one_line(member.removesuffix(".npy"), 40) for member in members[:9]]
    return DataError(
        f"{path} has no array {name}; it holds {', '.join(there[:8]) or 'nothing'}"
        f"{', …' if there[8:] else ''}. Write it with numpy.savez(path, x_train=images, "
        "y_train=labels), and x_test and y_test where there are test rows."
    )
