"""A small problem that network tests share: a network, some rows, and one step on them."""

from typing import NamedTuple

import numpy as np
import pytest

from clearprop.network import (
    Batch,
    Outcome,
    State,
    StepParts,
    derived_gradient,
    hyper,
    initial_parameters,
    initial_state,
    initial_statistics,
    program,
    step,
    table,
)


class Problem(NamedTuple):
    """Everything that a step takes."""

    program: object
    state: State
    values: dict

    def step(self, batch: Batch) -> tuple[State, Outcome]:
        """Return the state after one step on a batch, and what the batch showed."""
        return step(np, self.program, StepParts(derived_gradient), self.state, batch, self.values)

    def gradient(self, batch: Batch) -> dict:
        """Return the gradient of a batch's loss alone."""
        network, params = self.program.network, self.state.params
        return derived_gradient(np, network, params, batch, self.values)[0]


def make_problem(network, training, **changes) -> Problem:
    """Return the first step of a training; `changes` replace values of settings."""
    dtype = training.dtype
    made = program(network, training)
    params, stats = initial_parameters(network, 0, dtype), initial_statistics(network, dtype)
    rows = table(network, training, first=0, fit_first=0, steps=1, per_epoch=1)
    row = {name: c[0] if c.ndim > 1 else float(c[0]) for name, c in rows.items()}
    values = hyper(network, training) | row | changes
    state = initial_state(np, made, params, stats)
    rng = np.random.default_rng(7)
    slots = {name: rng.uniform(size=a.shape).astype(dtype) for name, a in state.slots.items()}
    return Problem(made, state._replace(slots=slots), values)


@pytest.fixture
def problem():
    """Return `make_problem`."""
    return make_problem


@pytest.fixture
def batch():
    """Nine rows of four numbers in three classes, in double precision."""
    rng = np.random.default_rng(1)
    return Batch(rng.normal(size=(9, 4)), rng.integers(0, 3, 9), np.ones(9))
