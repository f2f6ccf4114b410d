"""Metrics as commands print them."""

from collections.abc import Mapping

from clearprop.tasks import METRICS, TASKS, in_words


def metrics_in_words(task: str, metrics: Mapping[str, float | None], before: str = "") -> str:
    """Return the metrics that a task shows, the judging one first.

    >>> metrics_in_words("classes", {"accuracy": 0.981, "loss": 0.1}, "test ")
    'test accuracy: 98.10 %'
    """
    judge = TASKS[task].judge
    shown = [name for name in TASKS[task].shown if name in metrics and name != judge]
    said = f"{before}{METRICS[judge].title}: {in_words(judge, metrics.get(judge))}"
    others = [f"{METRICS[name].title} {in_words(name, metrics[name])}" for name in shown]
    return ", ".join([said, *others])
