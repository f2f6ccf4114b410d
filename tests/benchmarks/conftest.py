"""`benchmarks` is a folder at the root, not a part of the package that is installed."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import data


@pytest.fixture
def few_rows(monkeypatch):
    """Forty rows of noise in place of MNIST, to train on and to be judged by."""
    rng = np.random.default_rng(0)
    x = rng.random((40, 784), np.float32)
    y = rng.integers(0, 10, 40).astype(np.int32)
    monkeypatch.setattr(data, "training", lambda rows, held_out=False: (x[:rows], y[:rows]))
    monkeypatch.setattr(data, "judging", lambda held_out=False: (x, y))
    return x, y
