"""Labels: yes or no to any number of questions at once; with one output, to a single one."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from clearprop.errors import DataError
from clearprop.maths.activations import softplus
from clearprop.maths.losses.loss import Loss
from clearprop.maths.metrics import area_under_roc, scores_of, weighted_mean
from clearprop.tasks.answered import Answered, mean_of_known
from clearprop.tasks.matching import (
    answers,
    by_name,
    in_order,
    listed,
    numbered,
    renumbered,
    words_of,
)
from clearprop.tasks.targets import Read, Targets
from clearprop.tasks.task import Answer, Array, Task


class Labels(Task):
    """One output for each label; yes if its probability is above a half, its logit above 0."""

    name = "labels"
    loss = "sigmoid_cross_entropy"
    judge = "accuracy"
    sums = ("correct",)
    shown = ("accuracy",)
    target_words = "the labels, 0 or 1"
    formula = "answers S > ½ where Y is 1, or not where it is 0, / their number"
    question = "yes or no"
    accepts = "0 for no to 1 for yes"
    nouns = ("label", "labels")

    def answer(self, outputs: int) -> Answer:
        """Return what an answer is."""
        return "one" if outputs == 1 else "several"

    def accepted(self, y: np.ndarray) -> np.ndarray:
        """Return whether each number may stand in a row of targets."""
        return (y >= 0.0) & (y <= 1.0)

    def output(self, loss: Loss) -> str:
        """Return the sigmoid, if the loss allows it."""
        return "sigmoid" if "sigmoid" in loss.outputs else ""

    def fault(self, outputs: int, loss: Loss, activation: str) -> str:
        """Return why a network cannot predict labels: each output must be a probability."""
        if activation != "sigmoid":
            return (
                "each label has a probability of its own, which needs a sigmoid output: take "
                "loss='sigmoid_cross_entropy', or output='sigmoid'"
            )
        return ""

    def read(
        self, y: np.ndarray, names: tuple[str, ...] | None, targets: Targets | None, outputs: int
    ) -> Read:
        """Return a row of numbers from 0 to 1 for each row (n, outputs)."""
        if outputs == 1 and (y.ndim == 1 or y.shape[1] == 1):
            return _one(y.reshape(-1), names, targets)
        if y.ndim != 2 or y.shape[1] != outputs or y.dtype.kind not in "biuf":
            raise DataError(
                f"the targets are {y.dtype} of shape {y.shape}, but labels of {outputs} outputs "
                f"are rows of {outputs} numbers, 1 for yes and 0 for no"
            )
        if targets is not None and names is not None:
            y = by_name(y, names, targets.names)
        y = y.astype(np.float64)
        _check(y)
        return Read(y, targets or (Targets(names) if names else self.unnamed(outputs)))

    def unnamed(self, outputs: int) -> Targets:
        """Return the numbers from 0 as names; of a single output both answers, 0 and 1."""
        return Targets(tuple(map(str, range(max(outputs, 2)))))

    def possible_answers(self, outputs: int) -> int:
        """Return 2: yes and no."""
        return 2

    def measure(self, xp: Any, logits: Array, y: Array, real: Array) -> dict[str, Array]:
        """Return the sum over real rows of the share of their labels that is right."""
        right = xp.astype((logits > 0.0) == (y > 0.5), logits.dtype)
        return {"correct": xp.sum(xp.mean(right, axis=-1) * real)}

    def running(self, sums: Mapping[str, float], rows: int) -> dict[str, float]:
        """Return the share of the yes and no that is right."""
        return {"accuracy": sums["correct"] / rows}

    def metrics(
        self, answered: Answered, targets: Targets, only: tuple[str, ...] | None = None
    ) -> dict[str, float]:
        """Return accuracy, balanced accuracy, Brier score, F1, log loss, ROC AUC, subset accuracy.

        The subset accuracy is the share of rows with all labels right, the accuracy that of all
        single labels. The others are means over the labels that they can be computed for.
        """
        made = MEASURES if answered.wanted.shape[1] > 1 else OF_ONE
        return {
            name: mean_of_known(measure(answered))
            for name, measure in made.items()
            if only is None or name in only
        }

    @property
    def metrics_of(self) -> tuple[str, ...]:
        """All metrics that `metrics` may return."""
        return tuple(MEASURES)

    def predicted(self, logits: np.ndarray, targets: Targets) -> np.ndarray:
        """Return 1 for yes and 0 for no (n, outputs), or the one answer by its name (n,)."""
        one = self.numbers(logits)
        return (logits > 0.0).astype(np.int64) if one is None else answers(one, targets.names)

    def numbers(self, logits: np.ndarray) -> np.ndarray | None:
        """Return 0 or 1 for a single label, which is like two classes."""
        return (logits[:, 0] > 0.0).astype(np.int64) if logits.shape[1] == 1 else None


def _one(y: np.ndarray, names: tuple[str, ...] | None, targets: Targets | None) -> Read:
    """Return the answers to a single question (n, 1)."""
    if names is not None:
        known = targets or Targets(names)
        _check_two(known.names)
        yes = renumbered(np.arange(len(names)), names, known.names)
        made = y.astype(np.float64)[:, None]
        return Read(made if yes[-1] == 1 else 1.0 - made, known)
    if y.dtype.kind == "f" and ((y != np.floor(y)) & (y > 0.0) & (y < 1.0)).any():
        y = y.astype(np.float64)[:, None]
        _check(y)
        return Read(y, targets or Targets(("0", "1")))
    known = targets or Targets(_both(y))
    return Read(numbered(y, known.names).astype(np.float64)[:, None], known)


def _both(y: np.ndarray) -> tuple[str, ...]:
    words, _ = words_of(y)
    if set(words) <= {"0", "1"}:
        return ("0", "1")
    _check_two(words)
    return in_order(words)


def _check_two(names: Any) -> None:
    if len(names) != 2:
        raise DataError(
            f"one output answers yes or no, but {len(names)} different answers are given "
            f"({listed(tuple(names), 5)}); give the network an output for each class"
        )


def _check(y: np.ndarray) -> None:
    wrong = ~((y >= 0.0) & (y <= 1.0))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise DataError(
            f"row {row}, column {column} of the targets is {y[row, column]}; labels are 1 for yes "
            "and 0 for no, or a probability between (real numbers are task='values')"
        )


def _yes(answered: Answered) -> np.ndarray:
    return answered.wanted > 0.5


def _right(answered: Answered) -> np.ndarray:
    return (answered.logits > 0.0) == _yes(answered)


def _scores(answered: Answered) -> Any:
    """Return precision, recall and F1 of every yes."""
    weight, taken, given = answered.weight, answered.logits > 0.0, _yes(answered)
    return scores_of(np, *(weight @ (one * 1.0) for one in (taken & given, taken, given)))


def _balanced(answered: Answered) -> np.ndarray:
    weight, taken, given = answered.weight, answered.logits > 0.0, _yes(answered)
    pairs = [(given, taken), (~given, ~taken)]
    recalls = [
        scores_of(np, *(weight @ (one * 1.0) for one in (a & b, b, a))).recall for a, b in pairs
    ]
    return np.array([mean_of_known(column) for column in np.stack(recalls, axis=1)])


def _log_loss(answered: Answered) -> np.ndarray:
    # Of a yes -log σ(z) = softplus(-z), of a no -log(1 - σ(z)) = softplus(z).
    z, t = answered.logits, answered.wanted
    return weighted_mean(np, t * softplus(np, -z) + (1.0 - t) * softplus(np, z), answered.weight)


def _areas(answered: Answered) -> np.ndarray:
    columns = zip(answered.logits.T, _yes(answered).T, strict=True)
    return np.array([area_under_roc(np, z, t * 1.0, answered.weight) for z, t in columns])


MEASURES = {
    "accuracy": lambda one: weighted_mean(np, _right(one) * 1.0, one.weight),
    "balanced_accuracy": _balanced,
    "brier": lambda one: weighted_mean(np, (one.outputs - one.wanted) ** 2, one.weight),
    "f1": lambda one: _scores(one).f1,
    "log_loss": _log_loss,
    "roc_auc": _areas,
    "subset_accuracy": lambda one: weighted_mean(np, _right(one).all(axis=1) * 1.0, one.weight),
}
OF_ONE = {name: measure for name, measure in MEASURES.items() if name != "subset_accuracy"}
LABELS = Labels()
