"""A job: what one contender trains, as plain data that a worker process can be handed."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

ALL_ROWS = 60_000


@dataclass(frozen=True)
class Job:
    """A network and how it is trained; every contender reads the same one.

    Attributes:
        layers: sizes from the inputs to the outputs; ReLU between, softmax cross-entropy on top.
        batch_size: rows a step; the last step takes what remains.
        rows: the first so many training rows of MNIST.
        optimizer: "adam", or "sgd" with `momentum`.
        learning_rate: the rate, or its peak under a schedule.
        schedule: "constant", or "one_cycle" where `epochs` says how long the cycle is.
        momentum: of "sgd".
        l2: λ of λ/2·ΣW².
        regularized: batch normalization, dropout 0.2 and a moving average of 0.999 (Clearprop's
            own work against the floor).
        networks: how many are trained at once.
        epochs: how many there will be; None where nobody knows beforehand.
        seed: of weights and row order.
        held_out: leave the last 10,000 training rows out, and take the accuracy on them.
    """

    layers: tuple[int, ...]
    batch_size: int
    rows: int = ALL_ROWS
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    momentum: float = 0.0
    l2: float = 0.0
    regularized: bool = False
    networks: int = 1
    epochs: int | None = None
    seed: int = 0
    held_out: bool = False

    @property
    def steps_per_epoch(self) -> int:
        """How many updates an epoch makes, the last partial batch among them."""
        return math.ceil(self.rows / self.batch_size)

    @property
    def steps(self) -> int:
        """How many updates the whole training makes.

        Raises:
            ValueError: nobody knows beforehand.
        """
        if self.epochs is None:
            raise ValueError("this job has no end; give it epochs")
        return self.epochs * self.steps_per_epoch

    def changed(self, **fields: Any) -> Job:
        """Return the job with some fields changed."""
        return replace(self, **fields)

    def to_json(self) -> str:
        """Return the job as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        """Return the job that `to_json` wrote."""
        fields = json.loads(text)
        return cls(**(fields | {"layers": tuple(fields["layers"])}))
