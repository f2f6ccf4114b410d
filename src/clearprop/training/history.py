"""What training showed, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clearprop.tasks import Task

# The series of every task.
ALWAYS = ("loss", "val_loss", "learning_rate", "seconds")


class History:
    """Series with one value an epoch, by name: `history["val_accuracy"]`, `history.val_accuracy`.

    `loss` is the mean loss over the epoch's rows, each measured just before the update that used
    it, without penalties but with label smoothing, dropout, noise and row weights. `accuracy` of
    classes and labels, and `r2` of values, are measured likewise (running). `val_loss`, and the
    metrics of the task with `val_` before them, are of the validation rows after the epoch; these
    series are empty without such rows. `learning_rate` is that of the epoch's last step, `seconds`
    the wall time of the epoch's steps, without validation and callbacks.

    Args:
        **series: the series by name.

    Attributes:
        series: all of them.
        best_epoch: the epoch, counted from 1, whose weights were restored; None if the last ones
            were kept.
        interrupted: whether Ctrl-C or SIGTERM ended the training.
    """

    def __init__(self, **series: list[float]) -> None:
        self.series: dict[str, list[float]] = {name: [] for name in ALWAYS}
        self.series |= {name: list(values) for name, values in series.items()}
        self.best_epoch: int | None = None
        self.interrupted = False

    @classmethod
    def of(cls, task: Task) -> History:
        """Return an empty history of a training for this task."""
        running = task.running(dict.fromkeys(task.sums, 0.0), 1)
        names = (*running, *(f"val_{name}" for name in task.shown))
        return cls(**{name: [] for name in names})

    def __len__(self) -> int:
        """Return the number of epochs; the last may have been cut short by `steps`."""
        return len(self.series["loss"])

    def __getitem__(self, name: str) -> list[float]:
        """Return a series.

        Raises:
            KeyError: there is none of that name; lists the names.
        """
        if name not in self.series:
            raise KeyError(f"there is no series {name!r}; there are {', '.join(self.series)}")
        return self.series[name]

    def __getattr__(self, name: str) -> Any:
        # While being copied, an object has no series yet.
        series = self.__dict__.get("series", {})
        if name in series:
            return series[name]
        raise AttributeError(f"there is no series {name!r}; there are {', '.join(series)}")

    def __repr__(self) -> str:
        last = ", ".join(
            f"{name} {values[-1]:.4g}" for name, values in self.series.items() if values
        )
        return f"<History of {len(self)} epochs{': ' if last else ''}{last}>"

    @property
    def seconds_per_epoch(self) -> float:
        """All epochs' seconds divided by their number; 0 before the first."""
        seconds = self.series["seconds"]
        return sum(seconds) / len(seconds) if seconds else 0.0

    def add(self, values: Mapping[str, float]) -> None:
        """Add an epoch's value to each of some series."""
        for name, value in values.items():
            self.series[name].append(value)

    def of_validation(self, epoch: int) -> dict[str, float]:
        """Return the validation metrics after an epoch, by name; {} without validation rows."""
        found = {
            name.removeprefix("val_"): own
            for name, own in self.series.items()
            if own and name.startswith("val_")
        }
        return {name: values[epoch] for name, values in found.items()}

    def unfinished(self) -> History:
        """Return a copy of the series alone."""
        return History(**self.series)

    def as_dict(self) -> dict[str, Any]:
        """Return the plain values, for JSON."""
        series = {name: list(values) for name, values in self.series.items()}
        return {**series, "best_epoch": self.best_epoch, "interrupted": self.interrupted}
