"""Callbacks: objects that observe and steer a fit between its steps and epochs."""

import math
from typing import Any

import numpy as np

from clearprop.errors import SettingError, known
from clearprop.network import State
from clearprop.tasks import METRICS, direction
from clearprop.training.memory import Memory
from clearprop.training.running_fit import RunningFit


class Callback:
    """The protocol: override what you need. `fit` is the running fit, see `RunningFit`.

    A resumed fit calls `before_fit`, then `recall`; for the epoch that it continues it calls
    `before_epoch` again, and restores the learning rate.

    Attributes:
        every_steps: `after_stretch` is called at least after every so many steps, as `fit.steps`
            counts them; 0 asks for nothing.
        comes_last: whether it is called after all callbacks that do not say so.
    """

    every_steps = 0
    comes_last = False

    def before_fit(self, fit: RunningFit) -> None:
        """Run once, before the first epoch."""

    def memory(self) -> Memory:
        """Return what to write into a checkpoint."""
        return Memory()

    def recall(self, memory: Memory) -> None:
        """Restore what `memory` returned, perhaps in another process."""

    def before_epoch(self, fit: RunningFit) -> None:
        """Run before every epoch; `fit.epoch` counts from 1."""

    def after_stretch(self, fit: RunningFit) -> None:
        """Run several times within an epoch, after `fit.step_in_epoch` steps of it."""

    def after_epoch(self, fit: RunningFit) -> None:
        """Run after every epoch; `fit.history` holds its figures."""

    def after_fit(self, fit: RunningFit) -> None:
        """Run once at the end, even if the fit ended by Ctrl-C or an error."""


def check_number(name: str, value: Any, low: float, high: float) -> None:
    """Raise SettingError if a setting of a callback is not a number from `low` to `high`."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:
        raise SettingError(f"{name} is {value!r}; it must be a number from {low:g} to {high:g}")


class Watching(Callback):
    """Follows one series of the history and knows whether its last value is the best.

    Args:
        monitor: the series; "" follows the metric that judges the task, on the validation rows.
        least_change: an improvement must exceed this much.
    """

    def __init__(self, monitor: str = "", least_change: float = 0.0) -> None:
        if monitor:
            known("series to monitor", str(monitor), _all_series())
        check_number("least_change", least_change, 0.0, math.inf)
        self.monitor, self._asked, self.least_change = monitor, monitor, least_change

    def before_fit(self, fit: RunningFit) -> None:
        """Start with nothing seen.

        Raises:
            SettingError: there are no validation rows, or no such series.
        """
        self.monitor = self._asked or f"val_{fit.network.task_type.judge}"
        known("series to monitor", self.monitor, sorted(fit.history.series))
        if self.monitor.startswith("val_") and not fit.has_validation:
            raise SettingError(f"{self.monitor} needs validation data; give some or monitor 'loss'")
        self.best, self.waited = -math.inf, 0

    def improved(self, fit: RunningFit) -> bool:
        """Compare the epoch's value with the best so far, and remember the better one."""
        gain = direction(self.monitor.removeprefix("val_")) * fit.history[self.monitor][-1]
        better = gain > self.best + self.least_change
        self.best = gain if better else self.best
        self.waited = 0 if better else self.waited + 1
        return better

    def memory(self) -> Memory:
        """Return the best value so far, the name of its series, and its age in epochs."""
        best = self.best if math.isfinite(self.best) else None
        return Memory({f"best {self.monitor}": best, "waited": self.waited})

    def recall(self, memory: Memory) -> None:
        """Take them back."""
        best, waited = memory.numbers[f"best {self.monitor}"], memory.numbers["waited"]
        self.best, self.waited = -math.inf if best is None else best, int(waited or 0)


def _all_series() -> list[str]:
    return [before + name for name in METRICS for before in ("", "val_")]


class KeepBest(Watching):
    """Ends with the weights, statistics and optimizer memory of the best epoch.

    Args:
        monitor: the series that decides, such as "val_loss" or "val_accuracy"; by default the
            metric that judges the task, on the validation rows: accuracy of classes and labels, R²
            of values.
        least_change: an improvement must exceed this much.
    """

    def before_fit(self, fit: RunningFit) -> None:
        """Forget an earlier fit."""
        super().before_fit(fit)
        self.state: State | None = None
        self.epoch = self.steps = 0

    def memory(self) -> Memory:
        """Return the best state too, and its epoch and steps."""
        numbers = super().memory().numbers
        return Memory({**numbers, "epoch": self.epoch, "steps": self.steps}, self.state)

    def recall(self, memory: Memory) -> None:
        """Take them back."""
        super().recall(memory)
        self.state = memory.state
        self.epoch, self.steps = (int(memory.numbers[name] or 0) for name in ("epoch", "steps"))

    def after_epoch(self, fit: RunningFit) -> None:
        """Keep a copy of the state where it is the best so far."""
        if self.improved(fit):
            self.state, self.epoch, self.steps = fit.fetch(), fit.epoch, fit.steps

    def after_fit(self, fit: RunningFit) -> None:
        """Replace the last state by the best one."""
        if self.state is not None:
            fit.restore(self.state, self.epoch, self.steps)


class EarlyStopping(KeepBest):
    """Stops when nothing has improved for `patience` epochs, and restores the best weights.

    Args:
        patience: how many epochs without improvement to wait.
        monitor: the series that decides.
        least_change: an improvement must exceed this much.
    """

    def __init__(
        self, patience: int = 5, monitor: str = "val_loss", least_change: float = 0.0
    ) -> None:
        super().__init__(monitor, least_change)
        check_number("patience", patience, 1, math.inf)
        self.patience = patience

    def after_epoch(self, fit: RunningFit) -> None:
        """Keep the best, and stop the fit when patience runs out."""
        super().after_epoch(fit)
        if self.waited >= self.patience:
            fit.stop(f"{self.monitor} has not improved for {self.patience} epochs")
