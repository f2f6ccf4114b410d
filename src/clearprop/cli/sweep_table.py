"""The table of a sweep, best first, and the sentences about the best settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clearprop.cli.searching import told

if TYPE_CHECKING:
    from clearprop.search import Figure, Trial
    from clearprop.search.varied import Settings, Varied

WIDEST = 32


def table(trials: Sequence[Trial]) -> list[str]:
    """Return the lines: settings each, with means and standard deviations over their seeds."""
    if not trials:
        return ["nothing is trained yet"]
    head = [*trials[0].settings, "accuracy (%)", "loss", "seconds", "seeds"]
    rows = [head, *map(_row, trials)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    return ["  ".join(map(str.rjust, row, widths)) for row in rows]


def _row(trial: Trial) -> list[str]:
    seeds = str(len(trial.outcomes))
    if trial.diverged:
        seeds += f", {trial.diverged} diverged"
    return [
        *(text[:WIDEST] for text in told(trial.settings).values()),
        shown(trial.figure("accuracy"), 100.0, 2),
        shown(trial.figure("loss"), 1.0, 4),
        shown(trial.figure("seconds"), 1.0, 2, spread=False),
        seeds,
    ]


def shown(figure: Figure | None, scale: float, digits: int, spread: bool = True) -> str:
    """Return "mean ± deviation"; a dash where there is no figure."""
    if figure is None:
        return "-"
    mean = f"{scale * figure.mean:.{digits}f}"
    if figure.deviation is None or not spread:
        return mean
    return f"{mean} ± {scale * figure.deviation:.{digits}f}"


def best(trials: Sequence[Trial], varied: Sequence[Varied], rows: int) -> list[str]:
    """Return what there is to say of the best settings, and how sure it is.

    Args:
        trials: the best first.
        varied: what was varied.
        rows: how many validation rows there are.
    """
    if not trials or trials[0].diverged == len(trials[0].outcomes):
        return ["all of them diverged: try lower learning rates"] if trials else []
    first = trials[0]
    lines = [
        f"best: {words(first.settings)}, {shown(first.figure('accuracy'), 100.0, 2)} % of "
        f"{rows:,} validation rows after the last epoch"
    ]
    near = len(_near(trials))
    if near:
        lines.append(
            f"{near} other settings lie within its standard deviation: the seeds do not tell "
            "them apart" if near > 1 else "another one lies within its standard deviation: the "
            "seeds do not tell them apart"
        )  # fmt: skip
    return [
        *lines,
        *(_edge(one, first.settings[one.key]) for one in varied if _at_edge(one, first)),
    ]


def words(settings: Settings) -> str:
    """Return settings as words."""
    return ", ".join(f"{key} = {text}" for key, text in told(settings).items()) or "as it stands"


def _near(trials: Sequence[Trial]) -> list[Trial]:
    first = trials[0].figure("accuracy")
    if first is None or first.deviation is None:
        return []
    least = first.mean - first.deviation
    return [one for one in trials[1:] if not one.diverged and one.score >= least]


def _at_edge(one: Varied, trial: Trial) -> bool:
    """Return whether a list of three numbers or more has its best value at an end."""
    values = getattr(one, "values", ())
    if len(values) < 3 or not all(type(value) in (int, float) for value in values):
        return False
    return trial.settings[one.key] in (min(values), max(values))


def _edge(one: Varied, value: object) -> str:
    which = "largest" if value == max(getattr(one, "values", ())) else "smallest"
    return f"its {one.key} is the {which} that was tried: perhaps there is a better one beyond"
