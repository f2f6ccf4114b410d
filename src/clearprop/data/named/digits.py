"""scikit-learn's bundled digits, which need no network and train in a second."""

import importlib.util

import numpy as np
from numpy.typing import NDArray

from clearprop.data.arrays import Dataset, Split, read_only
from clearprop.data.named import cache
from clearprop.data.named.catalog import DatasetInfo
from clearprop.errors import MissingExtraError

SHA256 = "a19cb3d96bba7deace8ee5a513a6eb7bad0403d528f00bf4d351b6a7a55baa91"
"""Of all images and then all labels as `arrays` returns them, one byte each."""


def installed() -> bool:
    """Return whether scikit-learn is installed, without importing it."""
    return importlib.util.find_spec("sklearn") is not None


def arrays() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return all images (1797, 8, 8) and labels (1797,), both uint8, in their published order.

    scikit-learn's pixels p are counts from 0 to 16, scaled to bytes by ⌊(255·p + 8) / 16⌋: the
    nearest byte, halves upwards. Nothing is lost: p = ⌊(16·byte + 127) / 255⌋.

    Returns:
        Images (1797, 8, 8) and labels (1797,), both uint8.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingExtraError(
            "the data set digits comes with scikit-learn, which is not installed", "sklearn"
        ) from error
    bunch = load_digits()
    pixels = (bunch.images.astype(np.int32) * 255 + 8) // 16
    return pixels.astype(np.uint8), bunch.target.astype(np.uint8)


def load(known: DatasetInfo) -> Dataset:
    """Return the data set: the first `known.train_rows` rows for training, the others for test."""
    images, labels = (read_only(values) for values in (arrays()[0], arrays()[1].astype(np.int32)))
    cut = known.train_rows
    train = Split(images[:cut], labels[:cut], known.classes)
    return Dataset(known.name, train, Split(images[cut:], labels[cut:], known.classes))


def intact() -> bool:
    """Return whether the installed scikit-learn has the expected rows."""
    images, labels = arrays()
    return cache.sha256(images.tobytes() + labels.tobytes()) == SHA256
