"""What a schedule is: the factor on the learning rate at a moment of training.

Each takes the time t in epochs since training began (a real number: it moves with every step
and never restarts) and the `total` number of epochs, and returns a plain Python float. The
engine is fed the finished table, so a schedule is never compiled.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from clearprop.maths.settings import Setting


class Schedule(NamedTuple):
    """A schedule.

    Attributes:
        factor: (t, total, **settings) -> the factor.
        settings: by name.
    """

    factor: Callable[..., float]
    settings: Mapping[str, Setting]

    def __call__(self, t: float, total: float, **settings: float) -> float:
        """Return the factor at time t of `total` epochs."""
        defaults = {name: setting.default for name, setting in self.settings.items()}
        return self.factor(t, total, **defaults | settings)


def elapsed(t: float, total: float) -> float:
    """Return t/total, or 0 where a rise takes the whole training."""
    return t / total if total > 0.0 else 0.0


def half_cosine(share: float) -> float:
    """Return (1 + cos(π·share))/2, from 1 down to 0."""
    return 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))
