"""Temperature scaling: the temperature under which held-out labels are most likely."""

import math
from itertools import pairwise

import numpy as np

from clearprop.errors import DataError
from clearprop.maths.temperature import likelihood

# First a grid in factors of two; then the interval is halved 30 times.
GRID = np.geomspace(0.01, 100.0, 14)
HALVINGS = 30
AT_ONCE = 2**20
"""Numbers that are widened to double precision together."""


def best_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """Return the T that minimizes the negative log-likelihood of the averaged probabilities.

    The problem is one number, log T. The likelihood of one network has one valley; that of an
    average may have more, so a grid is searched first, and then the zero of the slope next to its
    lowest point is enclosed by halving.

    Args:
        logits: of every member and view, (answers, n, classes).
        targets: rows of probabilities (n, classes), one-hot for labels.

    Raises:
        DataError: no T between 0.01 and 100 is the best, or the logits are not finite.
    """
    if not np.isfinite(logits).all():
        raise DataError("the predictions of a member for these rows are not finite; train it again")
    losses = [measured(logits, targets, t)[0] for t in GRID]
    lowest = int(np.argmin(losses))
    if lowest in (0, len(GRID) - 1):
        raise DataError(
            f"no temperature between {GRID[0]:g} and {GRID[-1]:g} fits these {len(targets):,} rows "
            "best: either all of them are classified right, or no better than by chance; give "
            "more or other ones"
        )
    _, slope = measured(logits, targets, GRID[lowest])
    low, high = list(pairwise(np.log(GRID)))[lowest - 1 if slope > 0.0 else lowest]
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        _, slope = measured(logits, targets, math.exp(middle))
        low, high = (low, middle) if slope > 0.0 else (middle, high)
    return math.exp((low + high) / 2.0)


def measured(logits: np.ndarray, targets: np.ndarray, temperature: float) -> tuple[float, float]:
    """Return the likelihood at T and its slope along log T, some rows at a time."""
    answers, n, classes = logits.shape
    together = max(1, AT_ONCE // (answers * classes))
    total = np.zeros(2)
    for first in range(0, n, together):
        part = slice(first, first + together)
        widened, wanted = logits[:, part].astype(np.float64), targets[part]
        made = likelihood(np, widened, wanted, float(temperature))
        total += np.array(made) * (len(wanted) / n)
    return float(total[0]), float(total[1])
