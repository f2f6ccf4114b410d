"""The table of a sweep, best first, and the sentences about the best settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clearprop.runs.request import as_text
from clearprop.search.varied import Range
from clearprop.tasks import METRICS

if TYPE_CHECKING:
    from clearprop.search import SeedMean, Trial
    from clearprop.search.varied import Settings, Varied

WIDEST = 32


def table(trials: Sequence[Trial]) -> list[str]:
    """Return a line for each trial, with means and standard deviations over its seeds."""
    if not trials:
        return ["nothing is trained yet"]
    metric = metric_of(trials)
    shown = METRICS[metric].title + (" (%)" if METRICS[metric].is_share else "")
    head = [*trials[0].settings, shown, "loss", "seconds", "seeds"]
    rows = [head, *(_row(trial, metric) for trial in trials)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    return ["  ".join(map(str.rjust, row, widths)) for row in rows]


def metric_of(trials: Sequence[Trial]) -> str:
    """Return the metric that ranks the trials; accuracy if all diverged."""
    return next((trial.metric for trial in trials if trial.metric), "accuracy")


def _row(trial: Trial, metric: str) -> list[str]:
    seeds = str(len(trial.outcomes))
    if trial.diverged:
        seeds += f", {trial.diverged} diverged"
    return [
        *(text[:WIDEST] for text in as_text(trial.settings).values()),
        shown(trial.figure(metric), *_scale(metric)),
        shown(trial.figure("loss"), 1.0, 4),
        shown(trial.figure("seconds"), 1.0, 2, spread=False),
        seeds,
    ]


def shown(figure: SeedMean | None, scale: float, digits: int, spread: bool = True) -> str:
    """Return "mean ± standard deviation", or a dash."""
    if figure is None:
        return "-"
    mean = f"{scale * figure.mean:.{digits}f}"
    if figure.std is None or not spread:
        return mean
    return f"{mean} ± {scale * figure.std:.{digits}f}"


def _scale(metric: str) -> tuple[float, int]:
    """Return the factor and the number of digits with which a metric is shown."""
    return (100.0, 2) if METRICS[metric].is_share else (1.0, 4)


def best(trials: Sequence[Trial], varied: Sequence[Varied], rows: int) -> list[str]:
    """Return what there is to say of the best settings, and how sure it is.

    Args:
        trials: the best first.
        varied: what was varied.
        rows: how many validation rows there are.
    """
    if not trials or trials[0].diverged == len(trials[0].outcomes):
        return ["all of them diverged: try lower learning rates"] if trials else []
    first, metric = trials[0], trials[0].metric
    found = shown(first.figure(metric), *_scale(metric))
    of = " % of" if METRICS[metric].is_share else f" is the {METRICS[metric].title} on"
    lines = [
        f"best: {words(first.settings)}, {found}{of} {rows:,} validation rows after the last epoch"
    ]
    near = len(_near(trials))
    if near:
        lines.append(
            f"{near} other settings lie within its standard deviation: the seeds do not tell "
            "them apart"
            if near > 1
            else "another one lies within its standard deviation: the seeds do not tell them apart"
        )
    return [*lines, *(text for one in varied for text in _edge(one, trials))]


def words(settings: Settings) -> str:
    """Return settings as words."""
    return ", ".join(f"{key} = {text}" for key, text in as_text(settings).items()) or "as it stands"


def _near(trials: Sequence[Trial]) -> list[Trial]:
    first = trials[0].figure(trials[0].metric)
    if first is None or first.std is None:
        return []
    least = trials[0].score - first.std
    return [one for one in trials[1:] if not one.diverged and one.score >= least]


def _edge(one: Varied, trials: Sequence[Trial]) -> list[str]:
    """Return a hint if the best of three or more listed numbers is the smallest or largest."""
    tried = {str(trial.settings[one.key]): trial.settings[one.key] for trial in trials}.values()
    are_numbers = all(type(value) in (int, float) for value in tried)
    if isinstance(one, Range) or len(tried) < 3 or not are_numbers:
        return []
    best = trials[0].settings[one.key]
    which = {min(tried): "smallest", max(tried): "largest"}.get(best)
    if which is None:
        return []
    return [f"its {one.key} is the {which} that was tried: perhaps there is a better one beyond"]
