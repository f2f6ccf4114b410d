"""IDX files of your own: a pair of images and labels, or the four files of a whole set."""

import os
from pathlib import Path

import numpy as np

from clearprop.data.arrays import Dataset, Split
from clearprop.data.formats import idx
from clearprop.data.formats.own_file import located
from clearprop.data.formats.own_rows import dataset_of, split_of
from clearprop.errors import DataError

_TEST_WORDS = ("t10k", "test")


def from_idx(images: str | os.PathLike[str], labels: str | os.PathLike[str]) -> Split:
    """Return the rows of two IDX files, plain or gzip-compressed, whatever their names.

    Args:
        images: the file of images, (n, height, width) or (n, features) unsigned bytes.
        labels: the file of their labels, (n,) unsigned bytes.

    Returns:
        The split; its classes are named after the numbers from 0 to the largest label.

    Raises:
        DataError: a file that cannot be read, is damaged, is the wrong one of the two, or has
            another number of rows than the other.

    >>> from_idx("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")  # doctest: +SKIP
    """
    return _pair(located(images), located(labels), None)


def load_files(images: Path) -> Dataset:
    """Return the set that a file of training images, plain or compressed, belongs to.

    The other files lie in the same folder under their usual names: `images-idx3` becomes
    `labels-idx1`, and `train` becomes `t10k` or `test`; without these there are no test rows.

    Raises:
        DataError: as `from_idx`; or the file of labels is missing.
    """
    if idx.dimensions(images) == 1:
        raise DataError(
            f"{images} holds labels, not images; give the file of the images that they belong to."
        )
    train = _pair(images, _labels_beside(images), None)
    tests = (_beside(images, ("train", word)) for word in _TEST_WORDS)
    test_images = next((path for path in tests if path is not None and path != images), None)
    if test_images is None:
        return dataset_of(images, train, None)
    test = _pair(test_images, _labels_beside(test_images), train.classes)
    return dataset_of(images, train, test)


def _pair(images: Path, labels: Path, classes: tuple[str, ...] | None) -> Split:
    """Read two files that belong together."""
    if idx.dimensions(images) == 1:
        raise DataError(f"{images} holds labels (one number a row), but images are expected there.")
    if idx.dimensions(labels) != 1:
        raise DataError(f"{labels} holds images, but labels (one number a row) are expected there.")
    pixels, numbers = idx.read(images), idx.read(labels)
    if len(pixels) != len(numbers):
        raise DataError(
            f"{images} holds {len(pixels):,} images, but {labels} holds {len(numbers):,} labels; "
            "give the two files of one set."
        )
    return split_of(pixels, numbers.astype(np.int32), f"{images} with {labels.name}", classes)


def _labels_beside(images: Path) -> Path:
    """Return the file of the labels that belong to a file of images."""
    found = _beside(images, ("images", "labels"), ("idx3", "idx1"))
    if found is None:
        raise DataError(
            f"{images}: the file of its labels is not beside it; name the two as in "
            "train-images-idx3-ubyte and train-labels-idx1-ubyte, or use datasets.from_idx."
        )
    return found


def _beside(path: Path, *changes: tuple[str, str]) -> Path | None:
    """Return the file in the same folder whose name differs so, plain or compressed."""
    name = path.name.removesuffix(".gz")
    for old, new in changes:
        name = name.replace(old, new)
    if name == path.name.removesuffix(".gz"):
        return None
    both = path.with_name(name), path.with_name(f"{name}.gz")
    return next((candidate for candidate in both if candidate.is_file()), None)
