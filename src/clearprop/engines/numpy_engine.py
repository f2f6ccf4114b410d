"""The NumPy engine: the step, run eagerly, with the hand-derived gradients.

It needs no compiler, starts at once, and can be stepped through with a debugger.
"""

import contextlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial

import numpy as np

from clearprop.engines.blas_threads import one_blas_thread
from clearprop.engines.contract import Job, Measured
from clearprop.engines.gates import GATED
from clearprop.engines.gathering import Gathering
from clearprop.engines.in_place import InPlace
from clearprop.inputs import Preparation, prepare
from clearprop.layers.affine import Affine
from clearprop.network import (
    Network,
    Rows,
    State,
    StepParts,
    derived_gradient,
    every_operation,
    forward,
    step,
)

CHUNK = 1024
# Products below this many multiplications gain little from a second thread, and lose a lot
# (a factor of ten was seen) if another program wants the same core.
WORTH_A_THREAD = 2**26


class Learner:
    """One network in training: a loop over steps."""

    def __init__(self, job: Job, state: State, rows: Rows) -> None:
        self.job, self.rows = job, rows
        in_place = InPlace(job.program, state)
        self.state = in_place.state
        gradient = partial(derived_gradient, rules={Affine: in_place.affine_vjp})
        self.parts = StepParts(gradient, in_place.updated, in_place.averaged)

    def begin_epoch(self, order: np.ndarray, table: dict[str, np.ndarray]) -> None:
        """Take an epoch's row order and table."""
        self.order = order
        # Python floats: a NumPy float64 scalar would widen float32 parameters.
        self.table = {name: c if c.ndim > 1 else c.tolist() for name, c in table.items()}
        job = self.job
        self.batches = Gathering(self.rows, job, order.shape[1])
        program = job.program
        self.measured = Measured.nothing(len(order), program.network.task_type, program.dtype)

    def advance(self, start: int, stop: int) -> None:
        """Make the steps, one after another."""
        program = self.job.program
        for i in range(start, stop):
            values = self.job.hyper | {name: column[i] for name, column in self.table.items()}
            batch = self.batches.batch(self.order[i], values)
            self.state, outcome = step(GATED, program, self.parts, self.state, batch, values)
            self.measured.loss[i] = outcome.loss
            for name in outcome.sums:
                self.measured.sums[name][i] = outcome.sums[name]


class NumpyRun:
    """Networks in training, one after another."""

    def __init__(self, jobs: Sequence[Job], states: Sequence[State], rows: Rows) -> None:
        self.learners = [Learner(job, s, rows) for job, s in zip(jobs, states, strict=True)]

    def begin_epoch(
        self, orders: Sequence[np.ndarray], tables: Sequence[dict[str, np.ndarray]]
    ) -> None:
        """Take an epoch's row orders and tables."""
        for learner, order, table in zip(self.learners, orders, tables, strict=True):
            learner.begin_epoch(order, table)

    def advance(self, start: int, stop: int) -> None:
        """Make the steps of every network."""
        first = self.learners[0]
        # A step that diverges is found by its loss, once, and not by a warning for each sum.
        quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
        with quiet, blas_threads(first.job.program.network, first.order.shape[1]):
            for learner in self.learners:
                learner.advance(start, stop)

    def measured(self) -> list[Measured]:
        """Return what the epoch's steps showed."""
        return [learner.measured.each(np.copy) for learner in self.learners]

    def fetch(self) -> list[State]:
        """Return copies of the states."""
        states = [learner.state for learner in self.learners]
        return [State(*({n: a.copy() for n, a in p.items()} for p in s)) for s in states]


def blas_threads(network: Network, rows: int) -> AbstractContextManager:
    """Return a context in which BLAS uses as many threads as products of this size are worth.

    The rule looks at the shapes only: NumPy's last bits depend on the number of threads.
    """
    largest = rows * max(one.work for one in every_operation(network) if not one.parts)
    return one_blas_thread() if largest < WORTH_A_THREAD else contextlib.nullcontext()


class NumpyEngine:
    """Runs networks with NumPy alone."""

    name = "numpy"

    def place(self, rows: Rows, dtype: str) -> Rows:
        """Return the rows themselves: they are in memory already."""
        return rows

    def begin(self, jobs: Sequence[Job], states: Sequence[State], placed: Rows) -> NumpyRun:
        """Return a run from these states on these rows."""
        return NumpyRun(jobs, states, placed)

    def logits(
        self,
        network: Network,
        state: tuple[dict, dict],
        x: np.ndarray,
        preparation: Preparation,
        dtype: str,
    ) -> np.ndarray:
        """Return the logits of all rows, some rows at a time."""
        params, stats = state
        chunks = (x[i : i + CHUNK] for i in range(0, len(x), CHUNK))
        with np.errstate(over="ignore", invalid="ignore"), blas_threads(network, CHUNK):
            made = [
                forward(
                    np, network, params, stats, prepare(np, chunk, preparation, np.dtype(dtype))
                )
                for chunk in chunks
            ]
        return np.concatenate(made)
