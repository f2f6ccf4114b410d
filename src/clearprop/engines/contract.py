"""What an engine is: it holds data and state, and runs the one training step.

The equations decide what a step computes; an engine decides how: eagerly or compiled, and
where the arrays live. Arrays go in and come out as NumPy arrays only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from clearprop.inputs import Preparation
from clearprop.network import Network, Program, Rows, State
from clearprop.tasks import Task


class Job(NamedTuple):
    """What stays the same through a fit.

    Attributes:
        program: the static part of the step.
        hyper: the values of its settings.
        preparation: how inputs become numbers.
    """

    program: Program
    hyper: dict[str, float]
    preparation: Preparation


class Measured(NamedTuple):
    """What the steps of an epoch showed, one entry a step, all (steps,).

    Attributes:
        loss: the mean loss of the step's rows, before its update.
        sums: what the task adds up over these rows, by name.
    """

    loss: np.ndarray
    sums: dict[str, np.ndarray]

    @classmethod
    def nothing(cls, steps: int | tuple[int, ...], task: Task, dtype: str) -> Measured:
        """Return zeros for steps that are not made yet."""
        return cls(np.zeros(steps, dtype), {name: np.zeros(steps, dtype) for name in task.sums})

    def each(self, change: Callable[[np.ndarray], np.ndarray]) -> Measured:
        """Apply a function to each series."""
        return Measured(change(self.loss), {name: change(a) for name, a in self.sums.items()})


class Run(Protocol):
    """Networks in training on an engine, side by side: a single one, or many of one program.

    Arguments and results are lists with an entry for each network.
    """

    def begin_epoch(
        self, orders: Sequence[np.ndarray], tables: Sequence[dict[str, np.ndarray]]
    ) -> None:
        """Take an epoch's row orders (steps, batch; -1 pads) and tables of step values."""

    def advance(self, start: int, stop: int) -> None:
        """Make the epoch's steps from `start` up to `stop`; returns when they are done."""

    def measured(self) -> list[Measured]:
        """Return what the epoch's steps showed; steps not made yet read 0."""

    def fetch(self) -> list[State]:
        """Return copies of the states, as NumPy arrays."""


class Engine(Protocol):
    """A way to run the equations."""

    name: str

    def place(self, rows: Rows, dtype: str) -> Any:
        """Return the rows in this engine's own form, for `begin` and `logits`."""

    def begin(self, jobs: Sequence[Job], states: Sequence[State], placed: Any) -> Run:
        """Return a run from these states on these rows; the caller's arrays are not changed.

        The jobs have one program and one preparation; their settings' values may differ.
        """

    def logits(
        self,
        network: Network,
        state: tuple[dict, dict],
        x: np.ndarray,
        preparation: Preparation,
        dtype: str,
    ) -> np.ndarray:
        """Return the logits (n, outputs) of all rows of x under (params, stats)."""
