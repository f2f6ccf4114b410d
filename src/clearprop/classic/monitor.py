"""`Monitor`: cost and accuracy on training and validation rows after every epoch."""

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
    """Measures a network after every epoch; `history` returns the values.

    The cost is the mean loss over the rows plus lmbda/(2n)·ΣW², where n is the number of training
    rows for both costs. Accuracies are fractions.

    Args:
        training: report the training rows.
        validation: report the validation rows.
        save: keep the weights with the best validation accuracy, and the last state to continue
            from, in a new folder `runs/classic`, `runs/classic-2`, ...; training and validation
            rows are then always measured, so that the saved history has no gaps.

    Attributes:
        folder: the folder of the save, set after its first epoch; None without one.
        best: the validation accuracy of the saved weights; None without any.
    """

    def __init__(self, training: bool = True, validation: bool = True, save: bool = False) -> None:
        self.training, self.validation, self.save = training, validation, save
        self.begin({})

    def begin(self, earlier: Series) -> None:
        """Start with the series of an earlier save, or with empty ones."""
        self.series: Series = {name: list(earlier.get(name, [])) for name in SERIES}
        self.folder: Path | None = None
        self.best: float | None = max(self.series["evaluation_accuracy"], default=None)

    def history(self) -> tuple[list[float], list[float], list[float], list[float]]:
        """Return evaluation cost and accuracy, then training cost and accuracy.

        Each is a list with one value per epoch; it is empty for rows that are not reported.
        """
        reported = (self.validation, self.validation, self.training, self.training)
        cost, accuracy, *training = (
            list(self.series[name]) if wanted else []
            for name, wanted in zip(SERIES, reported, strict=True)
        )
        return cost, accuracy, training[0], training[1]

    def before_fit(self, fit: RunningFit) -> None:
        """Refuse a fit without the validation rows it needs."""
        if not fit.has_validation and (self.validation or self.save):
            asked = "save=True" if self.save else "validation=True"
            raise SettingError(
                f"Monitor({asked}) needs validation rows: give val_data to fit, or use "
                "Monitor(validation=False, save=False)"
            )

    def after_epoch(self, fit: RunningFit) -> None:
        """Measure costs and accuracies."""
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
    penalties = (
        found[name].decay * l2(np, value.astype(np.float64), fit.training.l2)
        for name, value in params.items()
        if found[name].decay
    )
    return float(sum(penalties))


class EpochLines(Progress):
    """Prints one line per epoch with what the monitor reports.

    Args:
        monitor: reset when the fit starts.
        earlier: the series of the save that the fit continues.
    """

    def __init__(self, monitor: Monitor, earlier: Series) -> None:
        super().__init__(sys.stdout)
        self.monitor, self.earlier = monitor, earlier

    def before_fit(self, fit: RunningFit) -> None:
        """Reset the monitor: no earlier callback has refused the fit."""
        self.monitor.begin(self.earlier)

    def after_fit(self, fit: RunningFit) -> None:
        """Print where the save is, if one was written."""
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
