"""What a task is: what a network predicts, from targets to metrics."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from clearprop.maths.losses.loss import Loss
from clearprop.tasks.answered import Answered
from clearprop.tasks.targets import Read, Targets

Array = Any
Answer = Literal["one", "several", "numbers"]


class Task:
    """What a network is to predict; a subclass for each task, and one object of it in `TASKS`.

    Attributes:
        name: in settings and files.
        loss: the usual loss.
        judge: the metric by which epochs, settings and recipes are judged.
        sums: what is added up over the rows of a training step, from which `running` makes
            metrics. Only figures that add up can be measured there.
        shown: the metrics that are measured on the validation rows after each epoch.
        asked: what explanations call the targets.
        formula: of a batch's metric, from the outputs S, or the logits Z, and the targets Y.
        asks: the question in a few words.
        of_files: the task to read files for: "auto" leaves it to their targets.
        accepts: what rows of targets hold, as a message says it.
        nouns: what one target is called, and several.
    """

    name: ClassVar[str]
    loss: ClassVar[str]
    judge: ClassVar[str]
    sums: ClassVar[tuple[str, ...]]
    shown: ClassVar[tuple[str, ...]]
    target_words: ClassVar[str]
    formula: ClassVar[str]
    question: ClassVar[str]
    of_files: ClassVar[str] = "auto"
    accepts: ClassVar[str]
    nouns: ClassVar[tuple[str, str]]

    def answer(self, outputs: int) -> Answer:
        """Return what a prediction is: "one" of a few, "several" of them, or "numbers"."""
        raise NotImplementedError

    def counted(self, count: int) -> str:
        """Return a number of targets in words, such as "3 labels"."""
        return f"{count:,} {self.nouns[0] if count == 1 else self.nouns[1]}"

    def accepted(self, y: np.ndarray) -> np.ndarray:
        """Return whether each number may stand in a row of targets."""
        raise NotImplementedError

    def output(self, loss: Loss) -> str:
        """Return the usual activation of the outputs under a loss, or "" where there is none."""
        raise NotImplementedError

    def fault(self, outputs: int, loss: Loss, activation: str) -> str:
        """Return why a network with these outputs cannot do this task, or ""."""
        raise NotImplementedError

    def read(
        self, y: np.ndarray, names: tuple[str, ...] | None, targets: Targets | None, outputs: int
    ) -> Read:
        """Return targets as a network learns from them.

        Args:
            y: numbers or texts, (n,) or (n, columns).
            names: the classes that y numbers, or its columns, if the rows have names; else None.
            targets: what the outputs are known to stand for; None before the first rows.
            outputs: how many outputs there are.

        Raises:
            DataError: targets that do not fit.
        """
        raise NotImplementedError

    def unnamed(self, outputs: int) -> Targets:
        """Return what outputs stand for before any rows were seen."""
        raise NotImplementedError

    def fault_of(self, targets: Targets, outputs: int) -> str:
        """Return why a network with this many outputs cannot have these targets, or ""."""
        usual = self.unnamed(outputs)
        if (count := len(targets.names)) != len(usual.names):
            return f"names {count} {self.name}; {self.name} of {outputs} outputs have " + (
                f"{len(usual.names)} names"
            )
        if (count := len(targets.means)) != len(usual.means):
            return f"has the means of {count} columns; {self.name} of {outputs} outputs have " + (
                f"those of {len(usual.means)}"
            )
        return ""

    def possible_answers(self, outputs: int) -> int:
        """Return over how many answers label smoothing spreads its share; 0 for none."""
        return 0

    def measure(self, xp: Any, logits: Array, y: Array, real: Array) -> dict[str, Array]:
        """Return the sums of a batch over its real rows, by name.

        Args:
            xp: the array namespace.
            logits: of the batch (batch, outputs).
            y: class numbers (batch,) or rows of targets, neither smoothed nor mixed.
            real: 1 for rows that count, 0 for padding.
        """
        raise NotImplementedError

    def running(self, sums: Mapping[str, float], rows: int) -> dict[str, float]:
        """Return metrics of training rows from their sums and their number."""
        raise NotImplementedError

    def metrics(
        self, answered: Answered, targets: Targets, only: tuple[str, ...] | None = None
    ) -> dict[str, float]:
        """Return metrics by name; NaN where one says nothing about these rows.

        `only` names the metrics to compute; None computes all.
        """
        raise NotImplementedError

    @property
    def metrics_of(self) -> tuple[str, ...]:
        """All metrics that `metrics` may return."""
        raise NotImplementedError

    def predicted(self, logits: np.ndarray, targets: Targets) -> np.ndarray:
        """Return what `predict` does, from logits (n, outputs)."""
        raise NotImplementedError

    def numbers(self, logits: np.ndarray) -> np.ndarray | None:
        """Return the number of the answer to each row, where an answer is one of a few."""
        return None
