"""Classes: which one of several each row belongs to."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from clearprop.errors import DataError
from clearprop.maths.losses.loss import Loss
from clearprop.maths.metrics import (
    area_under_roc,
    brier_score,
    hits,
    log_loss,
    scores_of,
    weighted_mean,
)
from clearprop.maths.softmax import log_softmax
from clearprop.tasks.answered import Answered, mean_of_known
from clearprop.tasks.matching import answers, first_names, numbered, renumbered
from clearprop.tasks.targets import Read, Targets
from clearprop.tasks.task import Answer, Array, Task

# By how much the sum of a row of shares may differ from 1.
ROUNDING = 1e-3


class Classes(Task):
    """One output for each class; the largest is the prediction."""

    name = "classes"
    loss = "cross_entropy"
    judge = "accuracy"
    sums = ("correct",)
    shown = ("accuracy",)
    target_words = "the labels, one-hot"
    formula = "rows whose largest S is at the label / m"
    question = "which class"
    accepts = "whole numbers"
    nouns = ("class", "classes")

    def answer(self, outputs: int) -> Answer:
        """Return what an answer is."""
        return "one"

    def accepted(self, y: np.ndarray) -> np.ndarray:
        """Return whether each number may stand in a row of targets."""
        return (y >= 0) & (y == np.floor(y))

    def output(self, loss: Loss) -> str:
        """Return the loss's own activation."""
        return loss.outputs[0]

    def fault(self, outputs: int, loss: Loss, activation: str) -> str:
        """Return why a network cannot predict classes: they take two outputs at least."""
        if outputs < 2:
            return (
                "classes take an output each: yes and no are two, as in [9, 2]; one output alone "
                "answers task='labels' (yes or no) or task='values'"
            )
        return ""

    def read(
        self, y: np.ndarray, names: tuple[str, ...] | None, targets: Targets | None, outputs: int
    ) -> Read:
        """Return class numbers int32 (n,), or rows of shares (n, outputs)."""
        if names is not None:
            return _of_names(y, names, targets, outputs)
        y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
        if y.ndim == 2:
            return _rows(y, targets or self.unnamed(outputs), outputs)
        known = targets or Targets(first_names(y, outputs))
        return Read(numbered(y, known.names), known)

    def unnamed(self, outputs: int) -> Targets:
        """Return the numbers from 0 as names."""
        return Targets(tuple(map(str, range(outputs))))

    def possible_answers(self, outputs: int) -> int:
        """Return the number of classes."""
        return outputs

    def measure(self, xp: Any, logits: Array, y: Array, real: Array) -> dict[str, Array]:
        """Return how many real rows are classified rightly."""
        labels = y if y.ndim == 1 else xp.argmax(y, axis=-1)
        right = xp.astype(hits(xp, logits, labels), logits.dtype)
        return {"correct": xp.sum(right * real)}

    def running(self, sums: Mapping[str, float], rows: int) -> dict[str, float]:
        """Return the share of the rows that is classified rightly."""
        return {"accuracy": sums["correct"] / rows}

    def metrics(
        self, answered: Answered, targets: Targets, only: tuple[str, ...] | None = None
    ) -> dict[str, float]:
        """Return accuracy, balanced accuracy, Brier score, F1, log loss and ROC AUC.

        F1 and the recall in balanced accuracy are means over the classes; the ROC AUC is that of
        the second of two classes, or the mean of each class against all others. Classes that do
        not occur are left out. The Brier score and the log loss need a softmax's probabilities.
        """
        made = MEASURES if answered.activation == "softmax" else WITHOUT_PROBABILITIES
        return {
            name: float(measure(answered))
            for name, measure in made.items()
            if only is None or name in only
        }

    @property
    def metrics_of(self) -> tuple[str, ...]:
        """All metrics that `metrics` may return."""
        return tuple(MEASURES)

    def predicted(self, logits: np.ndarray, targets: Targets) -> np.ndarray:
        """Return the label of the largest output (n,)."""
        return answers(self.numbers(logits), targets.names)

    def numbers(self, logits: np.ndarray) -> np.ndarray:
        """Return the predicted class of each row."""
        return np.argmax(logits, axis=-1)


def _of_names(y: np.ndarray, names: tuple[str, ...], targets: Targets | None, outputs: int) -> Read:
    if targets is None and len(names) != outputs:
        raise DataError(
            f"the rows are of {len(names)} classes, but the network has {outputs} outputs; give "
            "one for each class"
        )
    known = targets or Targets(names)
    return Read(renumbered(y, names, known.names).astype(np.int32), known)


def _rows(y: np.ndarray, targets: Targets, outputs: int) -> Read:
    if y.shape[1] != outputs:
        raise DataError(
            f"the targets have {y.shape[1]} columns, but the network has {outputs} outputs; give "
            "one column for each class, or class numbers"
        )
    if is_one_hot(y):
        return Read(y.argmax(axis=1).astype(np.int32), targets)
    y = np.asarray(y, np.float64) if y.dtype.kind != "f" else y
    wrong = ~(np.isfinite(y) & (y >= 0.0) & (y <= 1.0))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise DataError(
            f"row {row}, column {column} of the targets is {y[row, column]}; of classes each is a "
            "probability from 0 to 1 (real numbers are task='values')"
        )
    sums = y.sum(axis=1)
    off = np.abs(sums - 1.0) > ROUNDING
    if off.any():
        row = int(off.argmax())
        raise DataError(
            f"row {row} of the targets adds up to {sums[row]:g}; of classes each row holds their "
            "probabilities, which add up to 1 (several at once are task='labels')"
        )
    return Read(y, targets)


def is_one_hot(y: np.ndarray) -> bool:
    """Return whether every row of y (n, columns) holds a single 1 among zeros."""
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _labels(answered: Answered) -> np.ndarray:
    return np.argmax(answered.wanted, axis=-1)


def _accuracy(answered: Answered) -> float:
    right = hits(np, answered.logits, _labels(answered)).astype(np.float64)
    return float(weighted_mean(np, right, answered.weight))


def _scores(answered: Answered) -> Any:
    labels, taken = _labels(answered), np.argmax(answered.logits, axis=-1)
    weight, classes = answered.weight, answered.wanted.shape[1]
    right = np.bincount(labels, weight * (labels == taken), classes)
    return scores_of(
        np, right, np.bincount(taken, weight, classes), np.bincount(labels, weight, classes)
    )


def _area(answered: Answered) -> float:
    labels, classes = _labels(answered), answered.wanted.shape[1]
    asked = [1] if classes == 2 else np.unique(labels).tolist()
    areas = [
        area_under_roc(np, answered.outputs[:, k], (labels == k) * 1.0, answered.weight)
        for k in asked
    ]
    return mean_of_known(np.array(areas))


def _log_loss(answered: Answered) -> float:
    logs = log_softmax(np, answered.logits)
    return float(log_loss(np, logs, answered.wanted, answered.weight))


def _brier(answered: Answered) -> float:
    return float(brier_score(np, answered.outputs, answered.wanted, answered.weight))


MEASURES = {
    "accuracy": _accuracy,
    "balanced_accuracy": lambda answered: mean_of_known(_scores(answered).recall),
    "brier": _brier,
    "f1": lambda answered: mean_of_known(_scores(answered).f1),
    "log_loss": _log_loss,
    "roc_auc": _area,
}
WITHOUT_PROBABILITIES = {
    name: measure for name, measure in MEASURES.items() if name not in ("brier", "log_loss")
}
CLASSES = Classes()
