"""What callbacks see of a fit while it runs."""

from typing import Protocol

import numpy as np

from clearprop.engines import Engine
from clearprop.inputs import Inputs
from clearprop.network import Network, Rows, State, Training
from clearprop.tasks import Targets
from clearprop.training.evaluation import Evaluation
from clearprop.training.history import History
from clearprop.training.position import Position
from clearprop.training.snapshot import Snapshot


class RunningFit(Protocol):
    """A fit between two of its steps.

    Attributes:
        engine: runs the steps.
        network: the architecture and its task.
        training: the settings.
        inputs: the shape, range and preparation of one input.
        targets: what the outputs stand for.
        position: where the network was when the fit began.
        rows: the training rows.
        validation: the validation rows, if there are any.
        history: the figures so far.
        epoch: the current epoch of this fit, from 1.
        epochs: how many epochs it is meant to run.
        step_in_epoch: how many steps of the current epoch are done.
        steps_per_epoch: how many steps an epoch has.
        steps: how many steps the network has made in all its fits.
        planned_steps: how many steps this fit makes unless something ends it early.
        rate_factor: multiplies the scheduled learning rate from the next epoch on; a callback may
            set it.
        epoch_rate_factor: the factor that the current epoch uses.
        stopped: why the fit ended early, or "".
        diverged: whether it ended because training diverged.
        sound: after the fit, whether it ended between two steps and its state can be trusted.
    """

    engine: Engine
    network: Network
    training: Training
    inputs: Inputs
    targets: Targets
    position: Position
    rows: Rows
    validation: Rows | None
    history: History
    epoch: int
    epochs: int
    step_in_epoch: int
    steps_per_epoch: int
    steps: int
    planned_steps: int
    rate_factor: float
    epoch_rate_factor: float
    stopped: str
    diverged: bool
    sound: bool

    @property
    def has_validation(self) -> bool:
        """Whether there are validation rows."""

    @property
    def epoch_is_done(self) -> bool:
        """Whether all steps of the current epoch are done."""

    @property
    def callback_names(self) -> tuple[str, ...]:
        """The class names of the fit's callbacks, in the order in which they are called."""

    def fetch(self) -> State:
        """Return a copy of the network's state, as NumPy arrays."""

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Return the logits (n, outputs) of prepared rows (n, features), as the network is now."""

    def evaluate(self, rows: Rows, only: tuple[str, ...] | None = None) -> Evaluation:
        """Return the loss and the metrics on other rows; `only` names the metrics to compute."""

    def stop(self, why: str) -> None:
        """End the fit after this epoch."""

    def restore(self, state: State, epoch: int, steps: int) -> None:
        """Let the fit end with this state, of that epoch and number of steps."""

    def snapshot(self) -> Snapshot:
        """Return a copy of everything that the rest of the fit depends on."""

    def resume(self, snapshot: Snapshot) -> None:
        """Continue from a snapshot of an equal fit; to be called in `before_fit`."""
