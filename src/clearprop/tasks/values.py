"""Values: one or many real numbers."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from clearprop.errors import DataError
from clearprop.maths.losses.loss import Loss
from clearprop.maths.metrics import (
    coefficient_of_determination,
    mean_absolute_error,
    root_mean_square_error,
)
from clearprop.tasks.answered import Answered
from clearprop.tasks.matching import by_name, numbers_of
from clearprop.tasks.targets import Read, Targets
from clearprop.tasks.task import Answer, Array, Task


class Values(Task):
    """One output for each column of real numbers, which the network learns standardized.

    It learns (y - mean)/deviation with the moments of its training rows, so that no unit decides
    how fast; `predict` and the metrics are in the original units.
    """

    name = "values"
    loss = "squared_error"
    judge = "r2"
    sums = ("squared",)
    shown = ("r2", "rmse", "mae")
    target_words = "the values, standardized"
    formula = "1 - mean of (S - Y)² over rows and columns"
    question = "how much"
    of_files = "values"
    accepts = "finite numbers"
    nouns = ("column of values", "columns of values")

    def answer(self, outputs: int) -> Answer:
        """Return what an answer is."""
        return "numbers"

    def accepted(self, y: np.ndarray) -> np.ndarray:
        """Return whether each number may stand in a row of targets."""
        return np.isfinite(y)

    def output(self, loss: Loss) -> str:
        """Return the identity, if the loss allows it."""
        return "identity" if "identity" in loss.outputs else ""

    def fault(self, outputs: int, loss: Loss, activation: str) -> str:
        """Return why a network cannot predict values: its outputs must reach every number."""
        if activation != "identity" or math.inf not in (-loss.least, loss.most):
            return (
                "real numbers need an identity output and a loss that takes any number, as "
                "loss='squared_error' does"
            )
        return ""

    def read(
        self, y: np.ndarray, names: tuple[str, ...] | None, targets: Targets | None, outputs: int
    ) -> Read:
        """Return standardized values (n, outputs)."""
        if y.dtype.kind not in "biuf":
            raise DataError(f"the targets are {y.dtype}, and values are numbers")
        if names is not None and y.dtype.kind in "iu" and y.ndim == 1:
            y, names = numbers_of(names)[y], None
        y = y.astype(np.float64)
        y = y[:, None] if y.ndim == 1 else y
        if y.shape[1] != outputs:
            raise DataError(
                f"the targets have {y.shape[1]} columns, but the network has {outputs} outputs; "
                "give one for each column"
            )
        if targets is not None and names is not None:
            y = by_name(y, names, targets.names)
        wrong = ~np.isfinite(y)
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise DataError(
                f"row {row}, column {column} of the targets is {y[row, column]}; leave such rows "
                "out"
            )
        known = targets or _measured(y, names or self.unnamed(outputs).names)
        return Read(known.standardized(y), known)

    def unnamed(self, outputs: int) -> Targets:
        """Return plain names, and a scale that changes nothing."""
        names = tuple(map(str, range(outputs))) if outputs > 1 else ("value",)
        return Targets(names, (0.0,) * outputs, (1.0,) * outputs)

    def measure(self, xp: Any, logits: Array, y: Array, real: Array) -> dict[str, Array]:
        """Return the sum over real rows of the mean of (a - y)² over the columns."""
        difference = logits - y
        return {"squared": xp.sum(xp.mean(difference * difference, axis=-1) * real)}

    def running(self, sums: Mapping[str, float], rows: int) -> dict[str, float]:
        """Return R² on the training rows, whose standardized values have a variance of 1."""
        return {"r2": 1.0 - sums["squared"] / rows}

    def metrics(
        self, answered: Answered, targets: Targets, only: tuple[str, ...] | None = None
    ) -> dict[str, float]:
        """Return R², the root mean square error and the mean absolute error.

        Each is the mean over the columns; the errors are in the columns' own units.
        """
        predicted, true = targets.undone(answered.outputs), targets.undone(answered.wanted)
        return {
            name: float(np.mean(measure(np, predicted, true, answered.weight)))
            for name, measure in MEASURES.items()
            if only is None or name in only
        }

    @property
    def metrics_of(self) -> tuple[str, ...]:
        """All metrics that `metrics` may return."""
        return tuple(MEASURES)

    def predicted(self, logits: np.ndarray, targets: Targets) -> np.ndarray:
        """Return values in their own units (n, outputs), or (n,) of a single output."""
        made = targets.undone(logits)
        return made[:, 0] if made.shape[1] == 1 else made


def _measured(y: np.ndarray, names: tuple[str, ...]) -> Targets:
    with np.errstate(over="ignore", invalid="ignore"):
        means, deviations = y.mean(axis=0), y.std(axis=0)
    if not np.isfinite([means, deviations]).all():
        raise DataError("the targets are too large to standardize; scale them")
    deviations = np.where(deviations > 0.0, deviations, 1.0)
    return Targets(names, tuple(means.tolist()), tuple(deviations.tolist()))


MEASURES = {
    "r2": coefficient_of_determination,
    "rmse": root_mean_square_error,
    "mae": mean_absolute_error,
}
VALUES = Values()
