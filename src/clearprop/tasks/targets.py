"""What the outputs of a network stand for, and targets as they were read."""

import math
from typing import NamedTuple

import msgspec
import numpy as np

from clearprop.errors import SettingError, in_one_line


class Targets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the outputs of a network stand for.

    Attributes:
        names: the name of each class, label or column of values; of a single yes or no both
            answers, the no first.
        means: of values, the mean of each column in the training rows; else empty.
        deviations: of values, their standard deviations; else empty.
    """

    names: tuple[str, ...]
    means: tuple[float, ...] = ()
    deviations: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.names)) < len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise SettingError(f"{in_one_line(twice, 60)!r} occurs twice among the targets' names")
        if len(self.means) != len(self.deviations) or len(self.means) not in (0, len(self.names)):
            raise SettingError(
                f"{len(self.names)} names of targets have {len(self.means)} means and "
                f"{len(self.deviations)} standard deviations; give one of each for every column"
            )
        if not all(map(math.isfinite, (*self.means, *self.deviations))):
            raise SettingError("the means and standard deviations of targets must be finite")
        if not all(deviation > 0.0 for deviation in self.deviations):
            raise SettingError("the standard deviations of targets must be positive")

    def standardized(self, y: np.ndarray) -> np.ndarray:
        """Return (y - mean)/deviation of values (n, outputs)."""
        return (y - np.asarray(self.means)) / np.asarray(self.deviations)

    def undone(self, outputs: np.ndarray) -> np.ndarray:
        """Return deviation·outputs + mean, in double precision: values in their own units."""
        return outputs * np.asarray(self.deviations) + np.asarray(self.means)


class Read(NamedTuple):
    """Targets as a network learns from them.

    Attributes:
        y: class numbers int32 (n,), or rows of numbers (n, outputs).
        targets: what the outputs stand for.
    """

    y: np.ndarray
    targets: Targets
