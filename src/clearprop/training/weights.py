"""How much each row weighs."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from clearprop.errors import DataError, SettingError
from clearprop.tasks import Targets
from clearprop.tasks.matching import listed, numbered

ClassWeight = Mapping[Any, float] | str | None


def checked_weight(weight: Any, rows: int) -> np.ndarray | None:
    """Return each row's weight, float64 (n,); None where all weigh the same.

    Raises:
        SettingError: not a finite number from 0 up for each row.
    """
    if weight is None:
        return None
    made = _numbers(weight, "sample_weight")
    if made.shape != (rows,):
        raise SettingError(f"sample_weight has shape {made.shape}; it must be ({rows},)")
    if not made.any():
        raise SettingError("the weights leave no row that counts; make some of them positive")
    return made


def row_weights(
    y: np.ndarray, targets: Targets, class_weight: ClassWeight, weight: np.ndarray | None
) -> np.ndarray | None:
    """Return each row's weight (n,) with a mean of 1, or None where all weigh the same.

    With a mean of 1 the learning rate means the same with weights as without.

    Args:
        y: class numbers (n,), or rows of targets, as a network learns them.
        targets: what the outputs stand for.
        class_weight: a weight for each class, by number or name (1 for those left out), or
            "balanced": rows / (classes × rows of the class), so that every class weighs the same.
        weight: a weight for each row (n,).

    Raises:
        SettingError: a weight that is negative, not finite, or for no class; or weights of
            classes where there are none.
    """
    if class_weight is None and weight is None:
        return None
    made = np.ones(len(y)) if weight is None else weight
    if class_weight is not None:
        made = made * _class_weights(_numbers_of(y, targets), targets.names, class_weight)
    if not made.any():
        raise SettingError("the weights leave no row that counts; make some of them positive")
    made = made / made.max()
    return made / made.mean()


def _numbers_of(y: np.ndarray, targets: Targets) -> np.ndarray:
    """Return the number of each row's class."""
    if targets.means or (y.ndim == 2 and y.shape[1] > 1 and not _shares(y)):
        what = "real numbers" if targets.means else "several labels at once"
        raise SettingError(f"class_weight is for classes, and these are {what}: give sample_weight")
    if y.ndim == 1:
        return y
    return y.argmax(axis=1) if y.shape[1] > 1 else (y[:, 0] > 0.5).astype(np.int32)


def _shares(y: np.ndarray) -> bool:
    return bool((np.abs(y.sum(axis=1) - 1.0) < 1e-2).all())


def _class_weights(numbers: np.ndarray, names: tuple[str, ...], weights: ClassWeight) -> np.ndarray:
    n = len(names)
    if weights == "balanced":
        counts = np.bincount(numbers, minlength=n)
        return (len(numbers) / (n * np.maximum(counts, 1)))[numbers]
    if not isinstance(weights, Mapping):
        raise SettingError(
            f"class_weight is {weights!r}; it must be 'balanced' or a table as {{0: 1.0, 1: 2.5}}"
        )
    table = np.ones(n)
    if weights:
        table[_places(list(weights), names)] = _numbers(list(weights.values()), "class_weight")
    return table[numbers]


def _places(given: list[Any], names: tuple[str, ...]) -> np.ndarray:
    """Return the numbers of classes, given by name or by number."""
    are_numbers = all(isinstance(one, Real) for one in given)
    try:
        return numbered(np.array(given if are_numbers else list(map(str, given))), names)
    except DataError as error:
        raise SettingError(
            f"class_weight is for {listed(list(map(str, given)), 5)}, but the {len(names)} classes "
            f"are called {listed(names, 5)}"
        ) from error


def _numbers(weights: Any, name: str) -> np.ndarray:
    try:
        made = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SettingError(f"{name} does not hold numbers: {error}") from error
    wrong = ~(np.isfinite(made) & (made >= 0))
    if wrong.any():
        raise SettingError(f"{name} holds {made[wrong][0]}; weights are finite and not negative")
    return made
