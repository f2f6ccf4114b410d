"""The real sets: their bytes are pinned by checksum, so these tests are about what they mean."""

import numpy as np
import pytest

from clearprop.data import check

pytestmark = pytest.mark.data


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_sizes_checksums_and_classes(require_dataset, name):
    dataset = require_dataset(name)
    assert dataset.train.images.shape == (60_000, 28, 28)
    assert dataset.test.images.shape == (10_000, 28, 28)
    assert set(dataset.train.labels) == set(dataset.test.labels) == set(range(10))
    assert all(file.correct for file in check(name))


def test_the_digits_look_like_their_labels(require_dataset):
    mnist = require_dataset("mnist")
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    means = np.stack([mnist.train.images[mnist.train.labels == k].mean(axis=0) for k in range(10)])
    guesses = ((mnist.test.images[:2000, None] - means) ** 2).sum(axis=(2, 3)).argmin(axis=1)
    # The nearest mean picture is right in about 82 of 100 test rows; the first 2000 are harder.
    assert (guesses == mnist.test.labels[:2000]).mean() > 0.7


def test_trousers_are_labelled_trousers(require_dataset):
    fashion = require_dataset("fashion-mnist")
    number = fashion.train.classes.index("Trouser")
    mean = fashion.train.images[fashion.train.labels == number].mean(axis=0)
    # Two legs: dark between them near the bottom, bright on both sides.
    assert mean[24, 14] < min(mean[24, 11], mean[24, 17])


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_no_test_picture_is_a_training_picture(require_dataset, name):
    dataset = require_dataset(name)
    train = {row.tobytes() for row in dataset.train.images}
    shared = sum(row.tobytes() in train for row in dataset.test.images)
    assert shared == 0
