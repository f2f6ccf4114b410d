"""How good a network is on rows that it does not learn from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearprop.maths.metrics import hits
from clearprop.network import Network, objective, targets


class Evaluation(NamedTuple):
    """The result of an evaluation.

    Attributes:
        loss: mean loss over the rows, without penalties and label smoothing.
        accuracy: share of the rows whose largest output is their label's.
        rows: how many rows there were.
    """

    loss: float
    accuracy: float
    rows: int


def evaluate_logits(network: Network, logits: np.ndarray, y: np.ndarray) -> Evaluation:
    """Return the evaluation of logits (n, outputs) against labels (n,) or targets (n, outputs)."""
    n = len(logits)
    logits = logits.astype(np.float64)
    wanted = targets(np, y, network.classes, np.dtype(np.float64))
    # Of outputs that are not finite the loss is none either: the figure says so, not a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        loss, _ = objective(np, network, logits, wanted, np.full(n, 1.0 / n))
    labels = y if y.ndim == 1 else np.argmax(y, axis=-1)
    return Evaluation(float(loss), float(np.mean(hits(np, logits, labels))), n)
