"""The classic `mnist.pkl.gz`, or a file of the same layout, as a set of rows."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearprop.data.arrays import Dataset
from clearprop.data.formats import classic_pickle
from clearprop.data.formats.classic_pickle import SIDE
from clearprop.data.formats.own_file import located, whole
from clearprop.data.formats.own_rows import dataset_of, digit_names, split_of
from clearprop.errors import DataError


def from_pickle(path: str | os.PathLike[str]) -> Dataset:
    """Return the rows of a file laid out like the classic `mnist.pkl.gz`.

    A pickle is a program, so only the few instructions that numeric arrays need are followed, and
    only three names are known; see `clearprop.data.formats.classic_pickle`.

    Args:
        path: the file, gzip-compressed or plain: three pairs of images (n, 784) and labels (n,),
            for training, validation and test.

    Returns:
        The data set: the first two parts are its training rows, the third its test rows. Where
        every pixel is k/256 for a byte k, as in the original, images are those bytes, uint8
        (n, 28, 28); else they keep the stored numbers.

    Raises:
        DataError: a file that cannot be read, is damaged, or has anything else in it.
    """
    path = located(path)
    parts = classic_pickle.read(whole(path, classic_pickle.LIMIT), str(path))
    images, labels = _pixels([images for images, _ in parts]), [labels for _, labels in parts]
    train_images = np.concatenate(images[:2]).reshape(-1, SIDE, SIDE)
    train_labels = np.concatenate(labels[:2])
    names = digit_names(train_labels)
    train = split_of(train_images, train_labels, f"{path}, training rows", names)
    test_images = images[2].reshape(-1, SIDE, SIDE)
    test = split_of(test_images, labels[2], f"{path}, test rows", train.classes)
    return dataset_of(path, train, test)


def _pixels(parts: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Return the parts as bytes where all of them are 256ths, or as they are."""
    try:
        return [classic_pickle.pixels(images) for images in parts]
    except DataError:
        return parts
