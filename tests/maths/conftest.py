"""What a step hands to an optimizer, made as the engines make it."""

import pytest

from clearprop.layers import Dense
from clearprop.network import Choice, Network, Training, hyper, table

NETWORK = Network((2,), (Dense(3, "softmax"),))


def rows_for(training: Training, steps: int, per_epoch: int = 1) -> list[dict[str, float]]:
    """Return the settings' values and the row of each of the first steps."""
    columns = table(NETWORK, training, first=0, fit_first=0, steps=steps, per_epoch=per_epoch)
    values = hyper(NETWORK, training)
    return [values | {name: float(c[i]) for name, c in columns.items()} for i in range(steps)]


@pytest.fixture
def rows():
    """Return `rows_for`."""
    return rows_for


@pytest.fixture
def first_row():
    """Return a function that gives an optimizer's row of the first step, at a rate of 0.1."""
    return lambda name: rows_for(Training(Choice(name), 0.1), 1)[0]
