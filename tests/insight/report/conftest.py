"""A classifier of four methods whose answers are known, and labeled pictures for it."""

import numpy as np
import pytest

from clearprop.data import from_arrays
from clearprop.inputs import Inputs
from clearprop.tasks import Targets
from clearprop.training import Evaluation

NAMES = ("left", "<script>alert('x')</script>", '$\\frac$ & "q"')


class Brightest:
    """Takes a picture for the class whose third of the columns is brightest; no more of a model."""

    def __init__(self, names=NAMES, shape=(6, 9)):
        self.classes, self.inputs, self.answer = names, Inputs(shape), "one"
        self.targets = Targets(names)

    def predict_proba(self, x):
        images = getattr(x, "images", x)
        pictures = images.reshape(len(images), *self.inputs.shape).astype(np.float64)
        thirds = pictures.reshape(len(images), 6, 3, 3).mean(axis=(1, 3)) / 60.0
        exponentials = np.exp(thirds - thirds.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    def evaluate(self, split):
        places = [self.classes.index(name) for name in split.classes]
        chances = self.predict_proba(split)
        own = chances[np.arange(len(split)), np.take(places, split.labels)]
        return Evaluation(float(-np.log(own).mean()), {}, len(split))


def pictures(rows, names=NAMES, seed=0):
    """Return gray pictures with a bright third, of which some are labeled wrongly."""
    rng = np.random.default_rng(seed)
    labels = np.arange(rows) % 3
    images = rng.integers(0, 120, (rows, 6, 9))
    for image, label in zip(images, labels, strict=True):
        image[:, 3 * label : 3 * label + 3] += 60
    wrong = rng.random(rows) < 0.1
    return from_arrays(images, np.where(wrong, (labels + 1) % 3, labels), names)


@pytest.fixture
def model():
    return Brightest()


@pytest.fixture
def rows():
    return pictures(120)
