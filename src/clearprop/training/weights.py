"""How much each row weighs in the loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from clearprop.data import Split
from clearprop.errors import SettingError

ClassWeight = Mapping[int, float] | str | None


def row_weights(split: Split, class_weight: ClassWeight, sample_weight: Any) -> np.ndarray | None:
    """Return each row's weight (n,) with a mean of 1, or None where all weigh the same.

    With a mean of 1 the learning rate means the same with weights as without.

    Args:
        split: the rows.
        class_weight: a weight for each class number (1 for those left out), or "balanced":
            rows / (classes × rows of the class), so that every class weighs the same.
        sample_weight: a weight for each row (n,).

    Raises:
        SettingError: a weight that is negative, not finite, or for no class or row.
    """
    if class_weight is None and sample_weight is None:
        return None
    weight = _class_weights(split, class_weight) * _sample_weights(len(split), sample_weight)
    if not weight.any():
        raise SettingError("the weights leave no row that counts; make some of them positive")
    weight = weight / weight.max()
    return weight / weight.mean()


def _class_weights(split: Split, weights: ClassWeight) -> np.ndarray:
    if weights is None:
        return np.ones(len(split))
    n = len(split.classes)
    if weights == "balanced":
        counts = np.bincount(split.labels, minlength=n)
        return (len(split) / (n * np.maximum(counts, 1)))[split.labels]
    if not isinstance(weights, Mapping):
        raise SettingError(
            f"class_weight is {weights!r}; it must be 'balanced' or a table as {{0: 1.0, 1: 2.5}}"
        )
    for name in weights:
        if name not in range(n):
            raise SettingError(f"class_weight names class {name!r}; there are 0 to {n - 1}")
    table = _numbers([weights.get(k, 1.0) for k in range(n)], "class_weight")
    return table[split.labels]


def _sample_weights(rows: int, weights: Any) -> np.ndarray:
    if weights is None:
        return np.ones(rows)
    weights = _numbers(weights, "sample_weight")
    if weights.shape != (rows,):
        raise SettingError(f"sample_weight has shape {weights.shape}; it must be ({rows},)")
    return weights


def _numbers(weights: Any, name: str) -> np.ndarray:
    try:
        made = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SettingError(f"{name} does not hold numbers: {error}") from error
    wrong = ~(np.isfinite(made) & (made >= 0))
    if wrong.any():
        raise SettingError(f"{name} holds {made[wrong][0]}; weights are finite and not negative")
    return made
