"""Divergence: a loss that explodes, or a parameter that is no longer a number."""

import numpy as np

from clearprop.errors import DivergedError
from clearprop.network import State, Training

# A loss this many times the first one is divergence, even while it is still a finite number.
EXPLOSION = 1e6


def first_wrong(losses: np.ndarray, first_loss: float) -> int | None:
    """Return the index of the first loss that is not finite or has exploded, or None."""
    within = np.isfinite(losses) & (losses <= EXPLOSION * max(first_loss, 1.0))
    return None if within.all() else int(np.argmin(within))


def not_finite(state: State) -> str:
    """Return the name of a parameter or statistic that is not finite, or "".

    A loss is measured before its step's update, so it says nothing about the last update.
    """
    for name, value in (*state.params.items(), *state.stats.items()):
        if not np.isfinite(value).all():
            return name
    return ""


def diverged(what: str, training: Training) -> DivergedError:
    """Return the error that says what went wrong, and what to do."""
    return DivergedError(
        f"training diverged: {what}. Lower the learning rate "
        f"({training.learning_rate:g}) or clip the gradient (clip_norm = 1), and check "
        "that the inputs are scaled"
    )
