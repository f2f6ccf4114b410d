"""A snapshot of a fit: everything that the rest of it depends on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearprop.engines import Measured
from clearprop.network import State
from clearprop.training.history import History
from clearprop.training.memory import Memory


class Snapshot(NamedTuple):
    """A fit between two steps.

    Attributes:
        state: of the network.
        steps: how many are behind the network since it began.
        first_steps: how many were behind it when this fit began.
        first_epochs: how many epochs were.
        planned_steps: how many this fit makes, if nothing ends it.
        epoch: the epoch of this fit, from 1, that is next to be finished.
        rate_factor: what callbacks have made of the scheduled rate.
        epoch_rate_factor: what they had when the current epoch began.
        stopped: why the fit ended early, or "".
        first_loss: the fit's first, against which divergence is told.
        seconds: of the current epoch so far.
        measured: what the steps of the current epoch showed, as far as they are made.
        history: of the epochs before it.
        memories: what the callbacks remember, in their order.
    """

    state: State
    steps: int
    first_steps: int
    first_epochs: int
    planned_steps: int
    epoch: int
    rate_factor: float
    epoch_rate_factor: float
    stopped: str
    first_loss: float
    seconds: float
    measured: Measured
    history: History
    memories: tuple[Memory, ...]

    @property
    def step_in_epoch(self) -> int:
        """How many steps of the current epoch are made."""
        return len(self.measured.loss)


def joined(before: Measured, run: Measured) -> Measured:
    """Return what all steps showed: those before a resume, and those of a run that has the rest.

    Args:
        before: the first steps of an epoch.
        run: all its steps, of which the run did not make the first ones.
    """
    done = len(before.loss)
    sums = {
        name: np.concatenate([before.sums[name], later[done:]]) for name, later in run.sums.items()
    }
    return Measured(np.concatenate([before.loss, run.loss[done:]]), sums)
