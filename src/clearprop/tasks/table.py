"""The tasks that there are, by name."""

from clearprop.tasks.classes import CLASSES
from clearprop.tasks.labels import LABELS
from clearprop.tasks.task import Task
from clearprop.tasks.values import VALUES

TASKS: dict[str, Task] = {task.name: task for task in (CLASSES, LABELS, VALUES)}
