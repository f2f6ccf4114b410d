"""A picture of a model's predictions, suited to its task."""

import os
from pathlib import Path
from typing import Any

from clearprop.data import Split
from clearprop.insight.label_chart import draw_labels
from clearprop.insight.predictions import draw_some_and_worst
from clearprop.insight.report.classifier import Classifier, in_classes
from clearprop.insight.scatter import draw_true_and_predicted
from clearprop.tasks import METRICS, TASKS, in_words
from clearprop.tasks.matching import by_name


def draw_answers(path: str | os.PathLike[str], model: Any, rows: Split, what: str = "test") -> Path:
    """Draw predictions (classes), found and missed labels, or predicted over true values as PNG.

    The rows' classes must be named as the model's; `what` is what the title calls the rows.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    names = model.classes
    if model.answer == "numbers":
        true = by_name(rows.labels, rows.classes, names)
        predicted = model.predict(rows).reshape(true.shape)
        judge = TASKS[model.task].judge
        found = in_words(judge, model.evaluate(rows).metrics[judge])
        title = f"{len(rows):,} {what} rows, {METRICS[judge].title} {found}"
        return draw_true_and_predicted(path, true, predicted, names, title=title)
    if model.answer == "several":
        title = f"{len(rows):,} {what} rows"
        true = by_name(rows.labels, rows.classes, names) > 0.5
        return draw_labels(path, true, model.predict_proba(rows) > 0.5, names, title=title)
    probabilities = Classifier(model).predict_proba(rows)
    return draw_some_and_worst(path, probabilities, in_classes(rows, names), what)
