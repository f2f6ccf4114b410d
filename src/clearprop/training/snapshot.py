"""A snapshot of a fit: everything that the rest of it depends on."""

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
        steps: steps the network has made in all its fits.
        first_steps: steps it had made when this fit began.
        first_epochs: epochs likewise.
        planned_steps: steps this fit makes unless something ends it early.
        epoch: the epoch of this fit, from 1, that is to be finished next.
        rate_factor: the callbacks' factor on the scheduled rate.
        epoch_rate_factor: that factor when the current epoch began.
        stopped: why the fit ended early, or "".
        first_loss: the fit's first, the measure of divergence.
        seconds: of the current epoch so far.
        measured: by the steps of the current epoch so far.
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
    """Return what all steps of an epoch measured: `before` a resume, and in the `run` after it."""
    done = len(before.loss)
    sums = {
        name: np.concatenate([before.sums[name], later[done:]]) for name, later in run.sums.items()
    }
    return Measured(np.concatenate([before.loss, run.loss[done:]]), sums)
