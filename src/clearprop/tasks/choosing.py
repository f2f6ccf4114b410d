"""Which task targets are for, if no task was set."""

import math
from typing import NamedTuple

import numpy as np

from clearprop.errors import DataError
from clearprop.maths.losses import LOSSES
from clearprop.tasks.classes import ROUNDING

AUTO = "auto"
# More different whole numbers, with fewer rows each, may not be classes.
MANY, FEW_EACH = 50, 20


class Decided(NamedTuple):
    """The name of a task, and why it was chosen."""

    name: str
    why: str


def decided(
    y: np.ndarray, outputs: int | None, loss: str | None = None, output: str = ""
) -> Decided:
    """Return the task of these targets.

    Args:
        y: targets (n,) or (n, columns), of numbers or texts.
        outputs: how many outputs the network has; None if unknown.
        loss: the loss that was set, if any: one for targets from 0 to 1 learns no real numbers.
        output: the output activation that was set, if any.

    Raises:
        DataError: they may be for more than one task; says which to name.
    """
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if y.ndim == 2 and y.dtype.kind in "biuf":
        return _of_columns(y, loss)
    if outputs is None:
        return _of_unknown(y)
    if outputs > 1:
        return _of_one_column(y, outputs)
    if loss == "squared_error" and output != "sigmoid":
        return Decided("values", "one output learns by the squared error")
    return _of_one_output(y, loss)


def _of_columns(y: np.ndarray, loss: str | None) -> Decided:
    if loss is not None and LOSSES[loss].shares:
        return Decided("classes", f"{loss} learns the probabilities of classes")
    shares = bool(((y >= 0) & (y <= 1)).all())
    if shares and (np.abs(y.sum(axis=1) - 1.0) <= ROUNDING).all():
        return Decided("classes", "each row of targets adds up to 1")
    if ((y == 0) | (y == 1)).all():
        return Decided("labels", f"the targets are {y.shape[1]} columns of 0 and 1")
    if loss is not None and math.isfinite(LOSSES[loss].most):
        return Decided("labels", f"{loss} learns probabilities of yes")
    if shares:
        raise DataError(
            "the targets lie from 0 to 1 and do not add up to 1 in each row: say whether they are "
            "probabilities of labels, task='labels', or real numbers, task='values'"
        )
    return Decided("values", f"the targets are {y.shape[1]} columns of real numbers")


def _of_unknown(y: np.ndarray) -> Decided:
    """Return the task of one column of targets, for a network that does not exist yet."""
    if y.dtype.kind == "f" and (y != np.floor(y)).any():
        return Decided("values", "the targets are real numbers")
    different = len(np.unique(y)) if y.dtype.kind in "biuf" else 0
    if different > MANY and different > len(y) / FEW_EACH:
        raise DataError(
            f"the targets are {different:,} different whole numbers in {len(y):,} rows: say "
            "whether they are real numbers, task='values' (--set task=values), or classes, "
            "task='classes'"
        )
    return Decided("classes", "each row has one label")


def _of_one_column(y: np.ndarray, outputs: int) -> Decided:
    if y.dtype.kind == "f" and np.isfinite(y).all() and (y != np.floor(y)).any():
        raise DataError(
            f"the targets are real numbers in one column, but the network has {outputs} outputs: "
            "give it one for each column, as in [9, 64, 1]; classes are whole numbers or names"
        )
    return Decided("classes", "each row has one label")


def _of_one_output(y: np.ndarray, loss: str | None) -> Decided:
    if y.dtype.kind not in "biuf":
        return Decided("labels", "the targets are names, and one output answers yes or no")
    whole = y.dtype.kind != "f" or bool((y == np.floor(y)).all())
    present = np.unique(y)
    if whole and len(present) <= 2 and (len(present) == 2 or present[0] in (0, 1)):
        first, last = (f"{one:g}" for one in present.astype(np.float64)[[0, -1]])
        return Decided("labels", f"the targets are {first} or {last}, and there is one output")
    if loss is not None and math.isfinite(LOSSES[loss].most):
        return Decided("labels", f"{loss} learns probabilities of yes")
    if whole:
        many = f"the targets are {len(present):,} different whole numbers"
        return Decided("values", f"{many}, and there is one output")
    return Decided("values", "the targets are real numbers")
