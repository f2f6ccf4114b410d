"""A learning rate that is reduced when nothing improves any more."""

import math

from clearprop.errors import SettingError
from clearprop.training.callbacks import Watching, check_number
from clearprop.training.memory import Memory
from clearprop.training.running_fit import RunningFit


class ReduceOnPlateau(Watching):
    """Multiplies the learning rate by `factor` after `patience` epochs without improvement.

    Args:
        factor: on the rate.
        patience: how many epochs without improvement to wait.
        monitor: the series that decides.
        least_change: an improvement must exceed this much.
        lowest: the product of all reductions does not fall below this.
        cooldown: how many epochs after a reduction do not count as waiting.
        min_rate: the learning rate, before its schedule, does not fall below this.
        min_delta: Keras' word for `least_change`.

    Raises:
        SettingError: a setting that does not fit.
    """

    def __init__(
        self,
        factor: float = 0.5,
        patience: int = 3,
        monitor: str = "val_loss",
        least_change: float = 0.0,
        lowest: float = 1e-4,
        *,
        cooldown: int = 0,
        min_rate: float = 0.0,
        min_delta: float | None = None,
    ) -> None:
        if min_delta is not None and least_change:
            raise SettingError("give least_change or min_delta, not both: they mean the same")
        super().__init__(monitor, least_change if min_delta is None else min_delta)
        check_number("factor", factor, 0.0, 1.0)
        check_number("patience", patience, 1, math.inf)
        check_number("lowest", lowest, 0.0, 1.0)
        check_number("cooldown", cooldown, 0, math.inf)
        check_number("min_rate", min_rate, 0.0, math.inf)
        self.factor, self.patience, self.lowest = factor, patience, lowest
        self.cooldown, self.min_rate = cooldown, min_rate

    def before_fit(self, fit: RunningFit) -> None:
        """Forget an earlier fit."""
        super().before_fit(fit)
        self.cooling = 0

    def memory(self) -> Memory:
        """Return the remaining cooldown too."""
        return Memory({**super().memory().numbers, "cooling": self.cooling})

    def recall(self, memory: Memory) -> None:
        """Restore it; older checkpoints have none."""
        super().recall(memory)
        self.cooling = int(memory.numbers.get("cooling") or 0)

    def after_epoch(self, fit: RunningFit) -> None:
        """Reduce the rate when patience runs out; the schedule continues underneath."""
        self.improved(fit)
        if self.cooling:
            self.cooling, self.waited = self.cooling - 1, 0
        elif self.waited >= self.patience:
            self._reduce(fit)
            self.cooling, self.waited = self.cooldown, 0

    def _reduce(self, fit: RunningFit) -> None:
        floor = max(self.lowest, self.min_rate / fit.training.learning_rate)
        # A floor above the rate does not raise it.
        fit.rate_factor = min(fit.rate_factor, max(fit.rate_factor * self.factor, floor))
