"""Runs that engine tests share: 200 steps over fixed rows, on either engine."""

from typing import NamedTuple

import numpy as np
import pytest

from clearprop.engines import Job, Measured, make
from clearprop.inputs import Preparation
from clearprop.layers import Dense
from clearprop.network import (
    Choice,
    Network,
    Rows,
    State,
    Training,
    hyper,
    initial_parameters,
    initial_state,
    initial_statistics,
    program,
    table,
)

STEPS, BATCH, FEATURES, CLASSES = 200, 16, 12, 4
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (300, FEATURES)).astype(np.uint8)
LABELS = (PIXELS[:, :CLASSES].argmax(axis=1)).astype(np.int32)
ORDER = np.stack([RNG.permutation(300)[:BATCH] for _ in range(STEPS)]).astype(np.int32)
ORDER[::3, -5:] = -1  # every third batch is a short one

EVERYTHING = {
    "l1": 1e-4,
    "l2": 1e-3,
    "clip_norm": 1.0,
    "max_norm": 1.0,
    "moving_average": 0.99,
    "label_smoothing": 0.1,
    "batch_size": BATCH,
}


def make_network(
    activation="tanh", *, plain=False, rate=0.3, output="softmax", loss="cross_entropy", **named
) -> Network:
    """Return a network with all there is (or, `plain`, without norm, dropout and noise)."""
    norm, rate = (False, 0.0) if plain else (True, rate)
    hidden = (Dense(10, activation, norm, rate, rate), Dense(8, activation, norm, rate, rate / 2.0))
    layers = (*hidden, Dense(CLASSES, output))
    return Network(
        (FEATURES,), layers, loss=loss, input_dropout=rate / 3.0, input_noise=rate, **named
    )


def make_training(optimizer="adam", dtype="float64", gradients="auto", **changes) -> Training:
    """Return settings with every option on."""
    words = EVERYTHING | {"learning_rate": 0.01, "schedule": Choice("one_cycle")} | changes
    return Training(Choice.of(optimizer), precision=dtype, gradients=gradients, **words)


class Trained(NamedTuple):
    """A finished run: what its steps showed, and its state."""

    measured: Measured
    state: State

    def bytes(self) -> bytes:
        """Return all of it as bytes."""
        shown = [self.measured.loss, *self.measured.sums.values()]
        parts = [*shown, *(a for p in self.state for _, a in sorted(p.items()))]
        return b"".join(np.ascontiguousarray(a).tobytes() for a in parts)


def begin_run(engine, network, training, *, rows=None, seed=0, state=None, first=0):
    """Return a run of `STEPS` steps that has begun its epoch, or of those from `first` on."""
    place, dtype = make(engine), training.dtype
    made = program(network, training)
    if state is None:
        params = initial_parameters(network, seed, dtype)
        state = initial_state(np, made, params, initial_statistics(network, dtype))
    rows = rows or Rows(PIXELS, LABELS, None)
    job = Job(made, hyper(network, training), Preparation())
    run = place.begin([job], [state], place.place(rows, dtype))
    left, per_epoch = STEPS - first, STEPS // 5
    columns = table(
        network, training, first=first, fit_first=first, steps=left, per_epoch=per_epoch
    )
    run.begin_epoch([ORDER[first:]], [columns])
    return run


def train_run(engine, network, training, cuts=(), **named) -> Trained:
    """Return a run that made all its steps, in stretches cut at `cuts`."""
    run = begin_run(engine, network, training, **named)
    stops = (*cuts, STEPS)
    for start, stop in zip((0, *stops), stops, strict=False):
        run.advance(start, stop)
    return Trained(run.measured()[0], run.fetch()[0])


@pytest.fixture(autouse=True)
def many_steps(request):
    """Make steps at their own pace, but for the tests that are about shapes."""
    if "checked_shapes" not in request.node.name:
        request.getfixturevalue("unchecked_shapes")


@pytest.fixture
def network():
    """Return `make_network`."""
    return make_network


@pytest.fixture
def training():
    """Return `make_training`."""
    return make_training


@pytest.fixture
def begin():
    """Return `begin_run`."""
    return begin_run


@pytest.fixture
def train():
    """Return `train_run`."""
    return train_run
