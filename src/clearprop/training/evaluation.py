"""How good a network is on rows that it does not learn from."""

from typing import Any, NamedTuple

import numpy as np

from clearprop.network import Network, objective, outputs, targets
from clearprop.tasks import Answered, Targets


class Evaluation(NamedTuple):
    """The result of an evaluation; its metrics are attributes too: `result.accuracy`.

    Attributes:
        loss: mean loss over the rows, without penalties and label smoothing.
        metrics: what the task measures, by name; NaN where one says nothing about these rows.
        rows: how many rows there were.
    """

    loss: float
    metrics: dict[str, float]
    rows: int

    def __getattr__(self, name: str) -> Any:
        if name in self.metrics:
            return self.metrics[name]
        raise AttributeError(
            f"no metric {name!r} was measured; there are {', '.join(self.metrics)}"
        )

    def as_dict(self) -> dict[str, float | None]:
        """Return loss and metrics by name, None for NaN and infinity, for JSON."""
        made = {"loss": self.loss, **self.metrics}
        return {name: value if np.isfinite(value) else None for name, value in made.items()}


def evaluate_logits(
    network: Network,
    logits: np.ndarray,
    y: np.ndarray,
    known: Targets,
    weight: np.ndarray | None = None,
    only: tuple[str, ...] | None = None,
) -> Evaluation:
    """Return the evaluation of logits.

    Args:
        network: its task and its loss.
        logits: (n, outputs).
        y: class numbers (n,), or rows of targets (n, outputs) as the network learns them.
        known: what its outputs stand for.
        weight: of each row (n,); None where all weigh the same.
        only: the metrics to compute; None computes all.
    """
    n = len(logits)
    logits, double = logits.astype(np.float64), np.dtype(np.float64)
    wanted = targets(np, network, y, double).astype(double)
    # Divided by the largest, weights of any size have a sum.
    counted = np.ones(n) if weight is None else weight / weight.max()
    # Where outputs are not finite neither is the loss; a warning would add nothing.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        loss, _ = objective(np, network, logits, wanted, counted / counted.sum())
        made = outputs(np, network, logits)
        answered = Answered(logits, made, network.output.activation, wanted, counted)
        metrics = network.task_type.metrics(answered, known, only)
    return Evaluation(float(loss), metrics, n)
