"""`Monitor`: cost and accuracy after every epoch, on all training and validation rows."""

import sys
from pathlib import Path

import numpy as np

from clearprop.errors import SettingError
from clearprop.maths.penalties import l2
from clearprop.network import roles
from clearprop.training import Callback, Progress, RunningFit, evaluated_state

Series = dict[str, list[float]]
SERIES = ("evaluation_cost", "evaluation_accuracy", "training_cost", "training_accuracy")


class Monitor(Callback):
    """Measures a network after every epoch; `history` has the values.

    The cost is the mean loss over the rows plus lmbda/(2n)·ΣW² with n the number of training
    rows, on validation rows too: so both costs hold the same penalty. Accuracies are fractions.

    Args:
        training: watch all training rows.
        validation: watch the validation rows.
        save: keep the best weights by validation accuracy, and the last state to continue
            from, in a new folder `runs/classic`, `runs/classic-2`, ...; both kinds of rows are
            then measured, watched or not, so that the saved history has no gaps.

    Attributes:
        folder: of the save, from its first whole epoch on; None without one.
        best: validation accuracy of the weights in it; None without any.
    """

    def __init__(self, training: bool = True, validation: bool = True, save: bool = False) -> None:
        self.training, self.validation, self.save = training, validation, save
        self.begin({})

    def begin(self, earlier: Series) -> None:
        """Forget what was measured, and take up the series of epochs that a save has behind it."""
        self.series: Series = {name: list(earlier.get(name, [])) for name in SERIES}
        self.folder: Path | None = None
        self.best: float | None = max(self.series["evaluation_accuracy"], default=None)

    def history(self) -> tuple[list[float], list[float], list[float], list[float]]:
        """Return evaluation cost and accuracy, then training cost and accuracy.

        Each is a list with one value an epoch; those of rows that are not watched are empty.
        """
        return (
            self._shown("evaluation_cost", self.validation),
            self._shown("evaluation_accuracy", self.validation),
            self._shown("training_cost", self.training),
            self._shown("training_accuracy", self.training),
        )

    def _shown(self, name: str, watched: bool) -> list[float]:
        return list(self.series[name]) if watched else []

    def before_fit(self, fit: RunningFit) -> None:
        """Refuse a fit that lacks the rows to watch."""
        if not fit.has_validation and (self.validation or self.save):
            asked = "save=True" if self.save else "validation=True"
            raise SettingError(
                f"Monitor({asked}) needs validation rows: give val_data to fit, or make it "
                "Monitor(validation=False, save=False)"
            )

    def after_epoch(self, fit: RunningFit) -> None:
        """Measure."""
        penalty = _penalty(fit)
        if self.training or self.save:
            found = fit.evaluate(fit.rows)
            self._record("training", found.loss + penalty, found.accuracy)
        if self.validation or self.save:
            loss, accuracy = fit.history.val_loss[-1], fit.history.val_accuracy[-1]
            self._record("evaluation", loss + penalty, accuracy)

    def _record(self, rows: str, cost: float, accuracy: float) -> None:
        self.series[f"{rows}_cost"].append(cost)
        self.series[f"{rows}_accuracy"].append(accuracy)


def _penalty(fit: RunningFit) -> float:
    # The fit's l2 is lmbda/n.
    params, _ = evaluated_state(fit.fetch())
    found = roles(fit.network)
    terms = (
        found[name].decay * l2(np, value.astype(np.float64), fit.training.l2)
        for name, value in params.items()
        if found[name].decay
    )
    return float(sum(terms))


class EpochLines(Progress):
    """A line an epoch on stdout, with what the monitor watches.

    Args:
        monitor: begins anew with the fit.
        earlier: the series of the epochs that the fit continues.
    """

    def __init__(self, monitor: Monitor, earlier: Series) -> None:
        super().__init__(sys.stdout)
        self.monitor, self.earlier = monitor, earlier

    def before_fit(self, fit: RunningFit) -> None:
        """Empty the monitor: the callbacks before this one have not refused the fit."""
        self.monitor.begin(self.earlier)

    def after_fit(self, fit: RunningFit) -> None:
        """Say where the save is, if one was written."""
        super().after_fit(fit)
        folder, best = self.monitor.folder, self.monitor.best
        if folder is not None:
            self._print(f"saved in {folder}: validation accuracy {best:.4f} at best")

    def _line(self, fit: RunningFit) -> str:
        done = fit.position.epochs
        parts = [f"epoch {done + fit.epoch}/{done + fit.epochs}"]
        costs = self.monitor.history()
        for words, cost, accuracy in (("training", *costs[2:]), ("validation", *costs[:2])):
            if cost:
                parts.append(f"{words} cost {cost[-1]:.4f} accuracy {accuracy[-1]:.4f}")
        return "  ".join([*parts, f"{fit.history.seconds[-1]:.2f} s"])
