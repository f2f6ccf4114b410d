"""What a report asks of a model: whatever answers so can be reported on."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from clearprop.data import Split
from clearprop.training import Evaluation


class Classifier(Protocol):
    """A model that was trained: an `MLP`, or several that answer as one."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the outputs."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input."""

    def predict_proba(self, x: Any) -> np.ndarray:
        """Return the output activations of each input (n, outputs)."""

    def evaluate(self, x: Split) -> Evaluation:
        """Return loss and accuracy on a split."""
