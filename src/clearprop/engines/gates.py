"""NumPy's namespace with a `where` that does not branch.

NumPy's own looks at every element and jumps. A gate that is open half of the time, as a
ReLU's, is guessed wrong half of the time, which costs ten times the arithmetic. Blending the
bits of the two sides gives the same numbers at the speed of a sum.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

WORDS: dict[Any, Any] = {
    np.dtype("float32"): np.dtype("int32"),
    np.dtype("float64"): np.dtype("int64"),
}


def where(condition: np.ndarray, chosen: Any, other: Any) -> np.ndarray:
    """Return what `numpy.where` returns: `chosen` where the condition is true, else `other`.

    Args:
        condition: booleans.
        chosen: floats of the condition's shape, or a number.
        other: the same; one of the two must be an array.
    """
    dtype: Any = getattr(chosen, "dtype", None) or getattr(other, "dtype", None)
    whole = all(np.ndim(side) == 0 or side.shape == condition.shape for side in (chosen, other))
    if dtype not in WORDS or not whole:
        return np.where(condition, chosen, other)
    open_gate = condition.view(np.uint8)
    made = _kept(chosen, open_gate, dtype)
    if np.ndim(other) or other:
        made |= _kept(other, open_gate ^ 1, dtype)
    return made.view(dtype)


def _kept(side: Any, gate: np.ndarray, dtype: Any) -> np.ndarray:
    # A word times 0 or 1: whatever the float was, infinite or not a number, stays or goes.
    word = WORDS[dtype]
    return np.multiply(gate, np.asarray(side, dtype).view(word), dtype=word)


# A plain namespace finds a name faster than a module that looks it up lazily.
GATED = SimpleNamespace(**{**vars(np), "where": where})
