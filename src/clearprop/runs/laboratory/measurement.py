"""What a claim is about: which metric, on which rows, over which epochs, over how many seeds."""

import logging
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from clearprop.data import Dataset
from clearprop.errors import DataError, SettingError, known
from clearprop.recipes.recipe import Claim
from clearprop.runs.record import Figures, metrics_of
from clearprop.tasks import METRICS, Task, direction

LOG = logging.getLogger(__name__)


class SeedRun(NamedTuple):
    """What one seed measured.

    Attributes:
        task: of its network.
        metric: the one that the claim is about.
        value: that metric's value, as the claim defines it.
        validation: loss and metrics on the validation rows; None without such rows.
        test: the same on the test rows.
        epochs: how many it trained for.
        seconds: the wall time of the training.
    """

    task: str
    metric: str
    value: float
    validation: Figures | None
    test: Figures | None
    epochs: int
    seconds: float


def summary_of(runs: list[SeedRun]) -> dict[str, Any]:
    """Return what several seeds of a recipe measured.

    Returns:
        "task", "metric", "measured" (the mean), "deviation" (the standard deviation between seeds;
        None for one), "best", "seeds", the "epochs" and "seconds" of all seeds together, and the
        means of "metrics", "test_metrics" and "test_accuracy", as `record.metrics_of` names them.
    """
    metric, task, values = runs[0].metric, runs[0].task, [run.value for run in runs]
    way = direction(metric)
    if len(runs) > 1:
        said = ", ".join(f"{value:.4f}" for value in values)
        LOG.info("%s of the seeds: %s", METRICS[metric].title, said)
    validation, test = _means(run.validation for run in runs), _means(run.test for run in runs)
    return {
        "task": task,
        "metric": metric,
        "measured": statistics.fmean(values),
        "deviation": statistics.stdev(values) if len(runs) > 1 else None,
        "best": way * max(way * value for value in values),
        "seeds": len(runs),
        "epochs": sum(run.epochs for run in runs),
        "seconds": sum(run.seconds for run in runs),
        **metrics_of(task, validation, test),
    }


def _means(of_seeds: Iterable[Figures | None]) -> Figures | None:
    """Return the means over seeds, by name; None where a seed has none."""
    seeds = [one for one in of_seeds if one is not None]
    return {name: _mean([one[name] for one in seeds]) for name in seeds[0]} if seeds else None


def _mean(values: list[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return statistics.fmean(there) if len(there) == len(values) else None


def check_rows(claim: Claim | None, data: Dataset) -> None:
    """Raise SettingError if a claim is about test rows and the data have none."""
    if data.test is None and (claim is None or claim.rows == "test"):
        raise SettingError(
            f"{data.name} has no test rows, so there is nothing to measure on; make the claim "
            'about held-out rows: claim.rows = "validation"'
        )


def metric_of(claim: Claim | None, task: Task) -> str:
    """Return the metric that a claim is about, or that judges the task.

    Raises:
        SettingError: the task does not measure it on the rows that the claim is about.
    """
    if claim is None:
        return task.judge
    there = task.shown if claim.rows == "validation" else task.metrics_of
    known(f"metric of {task.name} on {claim.rows} rows", claim.metric, there)
    return claim.metric


def claimed_value(
    claim: Claim | None,
    metric: str,
    test: Mapping[str, float | None] | None,
    series: Mapping[str, Sequence[float | None]],
) -> float:
    """Return the value that a claim is about, of one seed.

    Args:
        claim: says on which rows.
        metric: which it is.
        test: the metrics of the test rows.
        series: what was measured epoch by epoch.

    Raises:
        DataError: the metric is not measured of such a network, or says nothing about the rows.
    """
    title = METRICS[metric].title
    if claim is not None and claim.rows == "validation":
        values = series[f"val_{metric}"][-claim.last_epochs :]
        # A record has None for NaN and infinity.
        numbers = [value for value in values if value is not None and math.isfinite(value)]
        if not numbers or len(numbers) < len(values):
            raise DataError(f"{title} on the validation rows is not a number in the last epochs")
        return statistics.fmean(numbers)
    if test is not None and metric not in test:
        raise DataError(
            f"{title} is not measured of this network, as of one whose outputs are no "
            "probabilities; claim another metric"
        )
    if test is None or (found := test[metric]) is None:
        raise DataError(
            f"{title} says nothing about these test rows: they show too few different targets; "
            "give others, or claim another metric"
        )
    return found
