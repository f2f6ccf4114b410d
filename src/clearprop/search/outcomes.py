"""The outcomes of settings: one for each seed, and their means."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from clearprop.errors import SettingError, known
from clearprop.search.varied import Settings
from clearprop.tasks import METRICS, direction


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The outcome of one training: one line of a sweep's file.

    A training that diverged has no metrics, and "" as its metric and engine.

    Attributes:
        settings: the varied settings and their values.
        seed: the network's seed.
        metric: the metric by which settings are ranked.
        metrics: loss and metrics on the validation rows after the last epoch, by name; None where
            undefined.
        seconds: the time of its steps; of networks trained together, its share.
        epochs: how many epochs were trained.
        engine: the engine's name.
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
            known("metric", name, METRICS)
            if value is not None and not METRICS[name].least <= value <= METRICS[name].most:
                raise SettingError(f"{name} = {value:g} is impossible")
        if self.metric not in (self.metrics or ("",)):
            raise SettingError(f"{self.metric!r} is not one of its metrics")

    @property
    def diverged(self) -> bool:
        """Whether the training diverged."""
        return not self.metrics


class SeedMean(NamedTuple):
    """A mean over seeds and their standard deviation, which is None for one seed."""

    mean: float
    std: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> SeedMean | None:
        """Return the figure of some values; None if there are none, or if their sum overflows."""
        if not values:
            return None
        try:
            return cls(statistics.fmean(values), statistics.stdev(values) if values[1:] else None)
        except OverflowError:
            return None


class Trial(NamedTuple):
    """Settings and their outcomes, one per seed."""

    settings: Settings
    outcomes: tuple[Outcome, ...]

    def figure(self, name: str) -> SeedMean | None:
        """Return the figure of "seconds" or of a metric, over the seeds that have it."""
        values = (
            outcome.seconds if name == "seconds" else outcome.metrics.get(name)
            for outcome in self.outcomes
        )
        return SeedMean.of([value for value in values if value is not None])

    @property
    def diverged(self) -> int:
        """How many seeds diverged."""
        return sum(outcome.diverged for outcome in self.outcomes)

    @property
    def metric(self) -> str:
        """The metric for ranking; "" if all seeds diverged."""
        return next((outcome.metric for outcome in self.outcomes if outcome.metric), "")

    @property
    def score(self) -> float:
        """The mean of the metric; larger is better, and a diverged seed counts as the worst value.

        The worst value is 0 for a share, and -inf for an unbounded metric.
        """
        if not self.metric:
            return -math.inf
        way, figure = direction(self.metric), METRICS[self.metric]
        worst = figure.least if figure.rises else -figure.most
        values = (outcome.metrics.get(self.metric) for outcome in self.outcomes)
        try:
            return statistics.fmean(worst if one is None else way * one for one in values)
        except OverflowError:
            return -math.inf

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; metrics are means over the seeds that have them."""
        names = dict.fromkeys(name for one in self.outcomes for name in one.metrics)
        figures = {name: self.figure(name) for name in (*names, "seconds")}
        means = {name: figure.mean if figure else None for name, figure in figures.items()}
        spread = {name: figure.std if figure else None for name, figure in figures.items()}
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
    """Return trials, the best first: by metric, then by loss, with diverged ones last."""

    def place(trial: Trial) -> tuple[bool, float, float]:
        loss = trial.figure("loss")
        return trial.diverged > 0, -trial.score, loss.mean if loss else float("inf")

    return sorted(trials, key=place)
