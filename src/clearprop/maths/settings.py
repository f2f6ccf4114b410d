"""A number that an optimizer or a schedule can be set by, and what it may be."""

import math
from typing import NamedTuple


class Setting(NamedTuple):
    """A setting.

    Attributes:
        default: its value where none is given.
        most: the largest value that it may have.
        positive: whether it may not be 0.
        below: whether it must be less than `most`.
        rest: whether a step is fed 1 - value too, as `rest_of_beta1`: taken in double precision,
            since in single precision 1 - 0.999 is off by 1e-5 of its size.
    """

    default: float
    most: float = math.inf
    positive: bool = False
    below: bool = False
    rest: bool = False

    def fault(self, value: float) -> str:
        """Return what is wrong with a value, or "".

        >>> Setting(0.9, 1.0, below=True).fault(1.0)
        'it must lie in [0, 1)'
        """
        if self.below:
            return "" if 0.0 <= value < self.most else f"it must lie in [0, {self.most:g})"
        if value <= 0.0 and self.positive:
            return "it must be positive"
        if value < 0.0:
            return "it must not be negative"
        return f"it must be at most {self.most:g}" if value > self.most else ""


def share(default: float) -> Setting:
    """Return a setting that lies in [0, 1)."""
    return Setting(default, 1.0, below=True)


def decay(default: float) -> Setting:
    """Return a setting in [0, 1) of which the rest is wanted too."""
    return Setting(default, 1.0, below=True, rest=True)
