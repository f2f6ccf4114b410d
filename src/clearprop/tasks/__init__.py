"""Tasks: what a network predicts. One file for each, and a table of them."""

from clearprop.tasks.answered import Answered
from clearprop.tasks.choosing import AUTO, Decided, decided
from clearprop.tasks.metrics import METRICS, Metric, direction, in_words
from clearprop.tasks.table import TASKS
from clearprop.tasks.targets import Read, Targets
from clearprop.tasks.task import Task

__all__ = [
    "AUTO",
    "METRICS",
    "TASKS",
    "Answered",
    "Decided",
    "Metric",
    "Read",
    "Targets",
    "Task",
    "decided",
    "direction",
    "in_words",
]
