"""Predictions and targets, for metrics."""

from typing import Any, NamedTuple

import numpy as np


class Answered(NamedTuple):
    """Predictions and targets of some rows, in double precision.

    Attributes:
        logits: the result of the last layer, before its activation (n, outputs).
        outputs: the result after it.
        activation: of the outputs, such as "softmax".
        wanted: rows of targets (n, outputs), as the network learns them.
        weight: of each row (n,).
    """

    logits: np.ndarray
    outputs: np.ndarray
    activation: str
    wanted: np.ndarray
    weight: np.ndarray


def mean_of_known(values: Any) -> float:
    """Return the mean of the finite values, or NaN."""
    values = np.atleast_1d(values)
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
