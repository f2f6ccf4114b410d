"""NumPy's namespace with a `where` that does not branch, and faster sums of few rows.

NumPy's own `where` branches at every element. For a ReLU the processor predicts half of these
branches wrongly, which costs ten times the arithmetic. Blending the bits of the two choices gives
the same numbers at the speed of a sum. And `numpy.sum` and `max` spend more time on their overhead
than on a batch's few rows.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

WORDS: dict[Any, Any] = {np.dtype("float32"): np.int32, np.dtype("float64"): np.int64}


def where(condition: np.ndarray, chosen: Any, other: Any) -> np.ndarray:
    """Return what `numpy.where` does, without branching; one choice at least must be an array."""
    dtype = getattr(chosen, "dtype", None) or getattr(other, "dtype", None)
    if dtype not in WORDS or not (
        _fits(chosen, condition, dtype) and _fits(other, condition, dtype)
    ):
        return np.where(condition, chosen, other)
    gate = condition.view(np.uint8)
    made = _kept(chosen, gate, dtype)
    if type(other) is not float or other:
        made |= _kept(other, gate ^ 1, dtype)
    return made.view(dtype)


def _fits(side: Any, condition: np.ndarray, dtype: Any) -> bool:
    if type(side) is float:
        return True
    return getattr(side, "dtype", None) == dtype and side.shape == condition.shape


def _kept(side: Any, gate: np.ndarray, dtype: Any) -> np.ndarray:
    # Bits times 0 or 1: a float is kept or dropped whatever it is, even infinite or NaN.
    word = WORDS[dtype]
    side = np.asarray(side, dtype) if type(side) is float else side
    return np.multiply(gate, side.view(word), dtype=word)


def total(a: np.ndarray, axis: Any = None, keepdims: Any = False) -> Any:
    """Return what `numpy.sum` returns."""
    return np.add.reduce(a, axis=axis, keepdims=keepdims)


def largest(a: np.ndarray, axis: Any = None, keepdims: Any = False) -> Any:
    """Return what `numpy.max` returns."""
    return np.maximum.reduce(a, axis=axis, keepdims=keepdims)


# A plain namespace finds a name faster than a module that looks it up lazily.
GATED = SimpleNamespace(**{**vars(np), "where": where, "sum": total, "max": largest})
