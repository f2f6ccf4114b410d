"""The fit: epochs of steps on an engine, with room in between.

An epoch is one order of the rows and one table of step values. It is run in stretches of a
fraction of a second; between two stretches come progress, Ctrl-C and the check that the loss
is still a number. Where a stretch ends changes nothing in the result.
"""

import math
import time
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from clearprop.data.batches import batch_count, order
from clearprop.engines import Engine, Job, Measured, Run
from clearprop.errors import DivergedError, SettingError
from clearprop.inputs import Inputs
from clearprop.network import Network, Rows, State, Training, hyper, program, table
from clearprop.tasks import Targets
from clearprop.training.callback_list import CallbackList
from clearprop.training.callbacks import Callback
from clearprop.training.divergence import diverged, first_wrong, not_finite
from clearprop.training.evaluation import Evaluation, evaluate_logits
from clearprop.training.history import History
from clearprop.training.interrupt import DeferredInterrupt
from clearprop.training.position import Position, SharedRun, evaluated_state
from clearprop.training.snapshot import Snapshot, joined
from clearprop.training.stretches import stretches


class Fit:
    """A fit of one network; `RunningFit` describes what its callbacks see of it.

    Attributes:
        ended_by: Ctrl-C or SIGTERM, where one of them ended the fit.
    """

    def __init__(
        self,
        engine: Engine,
        network: Network,
        training: Training,
        inputs: Inputs,
        targets: Targets,
        position: Position,
        rows: Rows,
        validation: Rows | None = None,
        callbacks: Sequence[Callback] = (),
        steps: int | None = None,
        shared: SharedRun | None = None,
    ) -> None:
        self.engine, self.network, self.training = engine, network, training
        self.inputs, self.targets, self.position = inputs, targets, position
        self.rows, self.validation, self.callbacks = rows, validation, CallbackList(callbacks)
        self.history, self.stopped = History.of(network.task_type), ""
        self.rate_factor = self.epoch_rate_factor = 1.0
        self.epochs, self.epoch, self.step_in_epoch = training.epochs, 0, 0
        self.steps_per_epoch = batch_count(len(rows.x), training.batch_size)
        self.planned_steps = self.epochs * self.steps_per_epoch if steps is None else int(steps)
        self._check_batches()
        self.steps, self._first_loss = position.steps, 0.0
        self._last_step = position.steps + self.planned_steps
        self._restored: Position | None = None
        self._resumed: Snapshot | None = None
        self._measured, self._seconds = self._nothing(), 0.0
        self.diverged = self.sound = False
        self.ended_by: BaseException | None = None
        self._run: Any = shared

    def _check_batches(self) -> None:
        # Batches are balanced under batch normalization: sizes differ by one at most.
        if self.network.normalized and len(self.rows.x) // self.steps_per_epoch < 2:
            raise SettingError(
                f"batch normalization needs two rows in every batch; batch_size "
                f"{self.training.batch_size} makes smaller ones of {len(self.rows.x):,} rows"
            )

    def _begin(self) -> Run:
        placed = self.engine.place(self.rows, self.training.dtype)
        state = self._resumed.state if self._resumed else self.position.state
        return self.engine.begin([self.job], [state], placed)

    @property
    def job(self) -> Job:
        """What stays the same during the fit, for the engine."""
        made = program(self.network, self.training)
        return Job(made, hyper(self.network, self.training), self.inputs.preparation)

    def order_of(self, epoch: int) -> np.ndarray:
        """Return the rows of each step of an epoch, counted from 0 over all fits."""
        size, seed = self.training.batch_size, self.training.seed
        return order(seed, epoch, len(self.rows.x), size, balanced=self.network.normalized)

    def run(self) -> tuple[Position, History]:
        """Run all epochs and return where the network is, and the history.

        Ctrl-C ends it between two steps; the history says so, and the position is valid.

        Raises:
            DivergedError: the loss exploded, or a parameter is no longer finite.
        """
        self.callbacks.begin(self)
        with DeferredInterrupt() as interrupt:
            try:
                try:
                    self._run_to_the_end(interrupt)
                finally:
                    self.callbacks.end(self)
            except KeyboardInterrupt as error:
                self.ended_by = error
        if interrupt.requested:
            self.ended_by = self.ended_by or interrupt.error
        self.history.interrupted = self.ended_by is not None
        if self.ended_by and not self.sound and self._restored is None:
            raise self.ended_by
        return self.reached(), self.history

    def _run_to_the_end(self, interrupt: DeferredInterrupt) -> None:
        if self._resumed:
            self._go_on_from(self._resumed)
        self._run = self._run or self._begin()
        self._run_epochs(interrupt)
        self.sound = True

    def resume(self, snapshot: Snapshot) -> None:
        """Continue from a snapshot of a fit with the same rows and settings.

        A callback may call it in `before_fit`.
        """
        # A run that a callback has started is not the one to resume.
        self._resumed, self._run = snapshot, None

    def _go_on_from(self, snapshot: Snapshot) -> None:
        done = snapshot.step_in_epoch
        self.steps, self.epoch = snapshot.steps - done, snapshot.epoch - 1
        self.rate_factor, self._first_loss = snapshot.rate_factor, snapshot.first_loss
        self.stopped = snapshot.stopped
        self._measured, self._seconds = snapshot.measured, snapshot.seconds
        self.history = snapshot.history
        self.callbacks.recall(snapshot.memories)

    def snapshot(self) -> Snapshot:
        """Return a copy of all that the rest of this fit depends on."""
        return Snapshot(
            state=self._run.fetch()[0],
            steps=self.steps,
            first_steps=self.position.steps,
            first_epochs=self.position.epochs,
            planned_steps=self.planned_steps,
            epoch=len(self.history) + 1,
            rate_factor=float(self.rate_factor),
            epoch_rate_factor=float(self.epoch_rate_factor),
            stopped=self.stopped,
            first_loss=self._first_loss,
            seconds=self._seconds,
            measured=self._measured.each(lambda a: a[: self.step_in_epoch].copy()),
            history=self.history.unfinished(),
            memories=self.callbacks.memories(),
        )

    def reached(self) -> Position:
        """Return where the network is.

        Raises:
            DivergedError: a parameter is no longer finite.
        """
        if self._restored is not None:
            reached = self._restored
        else:
            epochs = self.position.epochs + len(self.history)
            reached = Position(self.fetch(), self.steps, epochs)
        if name := not_finite(reached.state):
            raise self._diverged(f"{name} is not finite")
        return reached

    def _run_epochs(self, interrupt: DeferredInterrupt) -> None:
        while self._goes_on and not interrupt.requested:
            order, columns = self.next_epoch()
            if not self._run_epoch(order, columns, interrupt):
                break
            self.callbacks.call("after_epoch", self)

    @property
    def has_validation(self) -> bool:
        """Whether there are validation rows."""
        return self.validation is not None

    @property
    def callback_names(self) -> tuple[str, ...]:
        """The class names of the callbacks, in the order in which they are called."""
        return self.callbacks.names

    @property
    def _goes_on(self) -> bool:
        # An epoch that has begun is finished, even in a fit that was stopped and resumed in it.
        return self.steps < self._last_step and not (self.stopped and not len(self._measured.loss))

    def next_epoch(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Begin the next epoch: return its order and its table."""
        self.epoch += 1
        self.callbacks.call("before_epoch", self)
        if self._resumed is not None and self._resumed.step_in_epoch:
            # The callbacks were called twice, but their effect on the rate counts once.
            self.rate_factor = self._resumed.rate_factor
            self.epoch_rate_factor = self._resumed.epoch_rate_factor
        else:
            self.epoch_rate_factor = self.rate_factor
        self._resumed = None
        steps = min(self.steps_per_epoch, self._last_step - self.steps)
        return self.order_of(self.position.epochs + self.epoch - 1)[:steps], self._table(steps)

    def _run_epoch(self, order: np.ndarray, columns: dict, interrupt: DeferredInterrupt) -> bool:
        run, steps, before = self._run, len(order), self._measured
        run.begin_epoch([order], [columns])
        self.step_in_epoch = len(before.loss)
        self.steps += self.step_in_epoch
        self._measured = joined(before, *run.measured())
        for start, stop in stretches(steps, self.steps, self.callbacks.marks, self.step_in_epoch):
            began = time.perf_counter()
            run.advance(start, stop)
            self._measured = joined(before, *run.measured())
            self._seconds += time.perf_counter() - began
            self.count_steps(self._measured, start, stop)
            self.callbacks.call("after_stretch", self)
            if interrupt.requested and stop < steps:
                return False
        self.record(self._measured, order, columns, self._seconds)
        self._measured, self._seconds = self._nothing(), 0.0
        return True

    def _nothing(self) -> Measured:
        return Measured.nothing(0, self.network.task_type, self.training.dtype)

    def count_steps(self, measured: Measured, start: int, stop: int) -> None:
        """Count some steps of the epoch that were made.

        Raises:
            DivergedError: the loss exploded.
        """
        self.steps += stop - start
        self.step_in_epoch = stop
        self._check(measured.loss[start:stop], start)

    def _table(self, steps: int) -> dict[str, np.ndarray]:
        made = table(
            self.network,
            self.training,
            first=self.steps,
            fit_first=self.steps - self.position.steps,
            steps=steps,
            per_epoch=self.steps_per_epoch,
            total=self.planned_steps / self.steps_per_epoch,
        )
        made["learning_rate"] = made["learning_rate"] * self.epoch_rate_factor
        return made

    def _check(self, losses: np.ndarray, start: int) -> None:
        losses = losses.astype(np.float64)
        self._first_loss = self._first_loss or float(losses[0])
        if (i := first_wrong(losses, self._first_loss)) is not None:
            where = f"the loss of epoch {self.epoch}, step {start + i + 1}"
            raise self._diverged(f"{where} is {losses[i]:.3g}")

    def _diverged(self, what: str) -> DivergedError:
        self.diverged = True
        return diverged(what, self.training)

    def record(self, measured: Measured, order: np.ndarray, columns: dict, seconds: float) -> None:
        """Write the epoch into the history."""
        # Weighted by rows: the last batch may be smaller than the others.
        sizes = (order >= 0).sum(axis=1)
        n, task = int(sizes.sum()), self.network.task_type
        sums = {name: float(a.astype(np.float64).sum()) for name, a in measured.sums.items()}
        loss = float(measured.loss.astype(np.float64) @ sizes / n)
        made = {"loss": loss, **task.running(sums, n), "seconds": seconds}
        made["learning_rate"] = float(columns["learning_rate"][-1])
        if self.validation is not None:
            found = self.evaluate(self.validation, task.shown)
            figures = {"loss": found.loss, **found.metrics}
            made |= {f"val_{name}": value for name, value in figures.items()}
        self.history.add(made)

    def evaluate(self, rows: Rows, only: tuple[str, ...] | None = None) -> Evaluation:
        """Return the loss and metrics on other rows; `only` names the metrics to compute."""
        logits = self.logits(rows.x)
        return evaluate_logits(self.network, logits, rows.y, self.targets, rows.weight, only)

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Return the logits (n, outputs) of inputs (n, features) as the network is now."""
        state, dtype = evaluated_state(self.fetch()), self.training.dtype
        return self.engine.logits(self.network, state, x, self.inputs.preparation, dtype)

    def fetch(self) -> State:
        """Return a copy of the state, as NumPy arrays."""
        self._run = self._run or self._begin()
        return self._run.fetch()[0]

    def restore(self, state: State, epoch: int, steps: int) -> None:
        """End with this state, reached after that epoch and so many steps."""
        self._restored = Position(state, steps, self.position.epochs + epoch)
        self.history.best_epoch = epoch

    @property
    def epoch_is_done(self) -> bool:
        """Whether all steps of the current epoch are made."""
        return self.step_in_epoch == min(
            self.steps_per_epoch, self._last_step - self.steps + self.step_in_epoch
        )

    def stop(self, why: str) -> None:
        """End the fit after this epoch."""
        self.stopped = why


def epochs_of(steps: int, rows: int, batch_size: int) -> int:
    """Return how many epochs, the last of them perhaps partial, have this many steps.

    Raises:
        SettingError: `steps` is not a whole number from 1.
    """
    if isinstance(steps, bool) or not isinstance(steps, Integral) or steps < 1:
        raise SettingError(f"steps is {steps!r}; it must be a whole number from 1 up")
    return math.ceil(int(steps) / batch_count(rows, batch_size))
