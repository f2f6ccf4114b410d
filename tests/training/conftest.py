"""A small problem that training tests share, and a callback that writes down what it sees."""

import numpy as np
import pytest

from clearprop import MLP, Callback

RNG = np.random.default_rng(3)
X = RNG.normal(size=(50, 6))
Y = (X[:, :3] + 0.3 * RNG.normal(size=(50, 3))).argmax(axis=1)


@pytest.fixture(autouse=True)
def many_steps(unchecked_shapes):
    """Make steps at their own pace."""


@pytest.fixture
def rows():
    """50 rows of six numbers in three classes: a batch size of 16 leaves a last batch of 2."""
    return X.copy(), Y.copy()


@pytest.fixture
def other_rows():
    """Rows to validate on."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(40, 6))
    return x, x[:, :3].argmax(axis=1)


@pytest.fixture
def model():
    """Return a function that makes a small network in double precision; words change it."""

    def make(**words):
        usual = {"learning_rate": 0.01, "activation": "tanh", "precision": "float64"}
        return MLP([6, 8, 3], **(usual | words))

    return make


class Spy(Callback):
    """Writes down the moments at which it is called, and what it is told to look at."""

    def __init__(self, look=lambda fit: None):
        self.look, self.moments, self.seen = look, [], []

    def before_fit(self, fit):
        self.moments.append("before_fit")

    def before_epoch(self, fit):
        self.moments.append(f"before_epoch {fit.epoch}")

    def after_stretch(self, fit):
        self.moments.append("after_stretch")

    def after_epoch(self, fit):
        self.moments.append(f"after_epoch {fit.epoch}")
        self.seen.append(self.look(fit))

    def after_fit(self, fit):
        self.moments.append("after_fit")


@pytest.fixture
def spy():
    """Return the class of callbacks that write down what they see."""
    return Spy


def same(one: dict, other: dict) -> bool:
    """Return whether two dictionaries of arrays are alike to the last bit."""
    return one.keys() == other.keys() and all(
        a.dtype == other[name].dtype and a.tobytes() == other[name].tobytes()
        for name, a in one.items()
    )


@pytest.fixture(name="same")
def same_fixture():
    """Return `same`."""
    return same
