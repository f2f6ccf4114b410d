"""Figures as commands print them."""

from collections.abc import Mapping

from clearprop.tasks import FIGURES, TASKS, in_words


def figures_in_words(task: str, metrics: Mapping[str, float | None], before: str = "") -> str:
    """Return the figures that a task shows, the one that judges first.

    >>> figures_in_words("classes", {"accuracy": 0.981, "loss": 0.1}, "test ")
    'test accuracy: 98.10 %'
    """
    judge = TASKS[task].judge
    shown = [name for name in TASKS[task].shown if name in metrics and name != judge]
    said = f"{before}{FIGURES[judge].title}: {in_words(judge, metrics.get(judge))}"
    others = [f"{FIGURES[name].title} {in_words(name, metrics[name])}" for name in shown]
    return ", ".join([said, *others])
