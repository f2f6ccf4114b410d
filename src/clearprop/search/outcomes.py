"""What came of settings: one outcome for each seed, and what they say together."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from clearprop.search.varied import Settings


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of one training, as a line of a sweep's file holds it.

    Attributes:
        settings: what was varied, and its values here.
        seed: the network's.
        accuracy: share of the validation rows classified rightly after the last epoch; None
            where the training diverged.
        loss: mean loss on them; None where it is no number.
        seconds: the training's steps; of networks trained together, its share.
        epochs: how many were made.
        engine: what made them; "" where the training diverged.
    """

    settings: Settings
    seed: int
    accuracy: float | None
    loss: float | None
    seconds: float
    epochs: int
    engine: str

    @property
    def diverged(self) -> bool:
        """Whether its loss exploded."""
        return self.accuracy is None


class Figure(NamedTuple):
    """A mean over seeds, and their standard deviation, which one seed alone has not."""

    mean: float
    deviation: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure | None:
        """Return the figure of some values; None of none."""
        if not values:
            return None
        return cls(statistics.fmean(values), statistics.stdev(values) if values[1:] else None)


class Trial(NamedTuple):
    """Settings and their outcomes, one a seed."""

    settings: Settings
    outcomes: tuple[Outcome, ...]

    def figure(self, name: str) -> Figure | None:
        """Return "accuracy", "loss" or "seconds" over the seeds that have one."""
        values = (getattr(outcome, name) for outcome in self.outcomes)
        return Figure.of([value for value in values if value is not None])

    @property
    def diverged(self) -> int:
        """How many seeds did not learn."""
        return sum(outcome.diverged for outcome in self.outcomes)

    @property
    def score(self) -> float:
        """The mean accuracy, where a seed that diverged counts 0."""
        return statistics.fmean(outcome.accuracy or 0.0 for outcome in self.outcomes)

    def as_dict(self) -> dict[str, Any]:
        """Return the plain values, for JSON."""
        made: dict[str, Any] = {"settings": self.settings}
        for name in ("accuracy", "loss", "seconds"):
            figure = self.figure(name)
            made[name] = figure.mean if figure else None
            made[f"{name}_deviation"] = figure.deviation if figure else None
        runs = [msgspec.to_builtins(outcome) for outcome in self.outcomes]
        for run in runs:
            del run["settings"]
        return {**made, "diverged": self.diverged, "seeds": runs}


def ranked(trials: Iterable[Trial]) -> list[Trial]:
    """Return trials, the best first: by accuracy, then by loss; what diverged comes last."""

    def place(trial: Trial) -> tuple[bool, float, float]:
        loss = trial.figure("loss")
        return trial.diverged > 0, -trial.score, loss.mean if loss else float("inf")

    return sorted(trials, key=place)
