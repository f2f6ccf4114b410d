"""What came of settings: one outcome for each seed, and what they say together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from clearprop.errors import SettingError, known
from clearprop.search.varied import Settings
from clearprop.tasks import FIGURES, direction


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of one training, a line of a sweep's file.

    Attributes:
        settings: the varied settings, and their values here.
        seed: the network's.
        metric: the metric by which settings are ranked; "" where the training diverged.
        metrics: loss and metrics on the validation rows after the last epoch, by name; None where
            a value is not finite. Empty where the training diverged.
        seconds: the training's steps; of networks trained together, its share.
        epochs: how many were made.
        engine: what ran them; "" where the training diverged.
    """

    settings: Settings
    seed: int
    metric: str
    metrics: dict[str, float | None]
    seconds: float
    epochs: int
    engine: str

    def __post_init__(self) -> None:
        for name, value in self.metrics.items():
            known("metric", name, FIGURES)
            if value is not None and not FIGURES[name].least <= value <= FIGURES[name].most:
                raise SettingError(f"no training has {name} = {value:g}")
        if self.metric not in (self.metrics or ("",)):
            raise SettingError(f"{self.metric!r} is none of its metrics")

    @property
    def diverged(self) -> bool:
        """Whether its loss exploded."""
        return not self.metrics


class Figure(NamedTuple):
    """A mean over seeds, and their standard deviation, which one seed alone has not."""

    mean: float
    deviation: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure | None:
        """Return the figure of some values; None of none, or where they are too large for one."""
        if not values:
            return None
        try:
            return cls(statistics.fmean(values), statistics.stdev(values) if values[1:] else None)
        except OverflowError:
            return None


class Trial(NamedTuple):
    """Settings and their outcomes, one a seed."""

    settings: Settings
    outcomes: tuple[Outcome, ...]

    def figure(self, name: str) -> Figure | None:
        """Return "seconds" or a metric over the seeds that have one."""
        values = (
            outcome.seconds if name == "seconds" else outcome.metrics.get(name)
            for outcome in self.outcomes
        )
        return Figure.of([value for value in values if value is not None])

    @property
    def diverged(self) -> int:
        """How many seeds did not learn."""
        return sum(outcome.diverged for outcome in self.outcomes)

    @property
    def metric(self) -> str:
        """The metric by which it is ranked; "" where all seeds diverged."""
        return next((outcome.metric for outcome in self.outcomes if outcome.metric), "")

    @property
    def score(self) -> float:
        """The mean of the metric, larger being better; a seed that diverged counts as the worst.

        The worst is 0 for a share, and -inf for other metrics and for values that are not finite.
        """
        if not self.metric:
            return -math.inf
        way, figure = direction(self.metric), FIGURES[self.metric]
        worst = figure.least if figure.rises else -figure.most
        values = (outcome.metrics.get(self.metric) for outcome in self.outcomes)
        try:
            return statistics.fmean(worst if one is None else way * one for one in values)
        except OverflowError:
            return -math.inf

    def as_dict(self) -> dict[str, Any]:
        """Return the plain values, for JSON: metrics are means over the seeds that have them."""
        names = dict.fromkeys(name for one in self.outcomes for name in one.metrics)
        figures = {name: self.figure(name) for name in (*names, "seconds")}
        means = {name: figure.mean if figure else None for name, figure in figures.items()}
        spread = {name: figure.deviation if figure else None for name, figure in figures.items()}
        runs = [msgspec.to_builtins(outcome) for outcome in self.outcomes]
        for run in runs:
            del run["settings"]
        return {
            "settings": self.settings,
            "metric": self.metric,
            "seconds": means.pop("seconds"),
            "metrics": means,
            "deviations": spread,
            "diverged": self.diverged,
            "seeds": runs,
        }


def ranked(trials: Iterable[Trial]) -> list[Trial]:
    """Return trials, the best first: by their metric, then by loss; what diverged comes last."""

    def place(trial: Trial) -> tuple[bool, float, float]:
        loss = trial.figure("loss")
        return trial.diverged > 0, -trial.score, loss.mean if loss else float("inf")

    return sorted(trials, key=place)
