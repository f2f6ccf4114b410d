"""A folder to run in, and rows of a few numbers as the classic interface takes them."""

import numpy as np
import pytest
import safetensors.numpy

from clearprop.classic import MLP, SGD, CrossEntropyLoss, Sigmoid

RNG = np.random.default_rng(8)


@pytest.fixture(autouse=True)
def many_steps(unchecked_shapes):
    """Make steps at their own pace."""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder to run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pairs(rows, one_hot):
    """Return a list of pairs: six numbers from 0 to 1, whose largest of three is the class."""
    made = []
    for x in RNG.random((rows, 6, 1)).astype(np.float32):
        label = int(x[:3, 0].argmax())
        made.append((x, np.eye(3)[label].reshape(3, 1) if one_hot else label))
    return made


TRAIN, VALIDATION = pairs(70, one_hot=True), pairs(40, one_hot=False)


@pytest.fixture
def train():
    """Training pairs with one-hot labels."""
    return list(TRAIN)


@pytest.fixture
def validation():
    """Validation pairs with integer labels."""
    return list(VALIDATION)


@pytest.fixture
def make():
    """Return a function that makes a small classic network; words change it."""

    def call(**words):
        usual = {"layers": [6, 5, 3], "optimizer": SGD, "loss": CrossEntropyLoss}
        return MLP(**(usual | {"activation": Sigmoid, "learning_rate": 0.5} | words))

    return call


@pytest.fixture
def tensors():
    """Return a function that gives a file's tensors as bytes, by the format's own reader."""

    def read(path):
        held = safetensors.numpy.load_file(path)
        return {name: (t.shape, t.dtype, t.tobytes()) for name, t in held.items()}

    return read
