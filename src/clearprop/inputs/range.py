"""The range that a network learned from, and rows that are clearly outside it."""

from __future__ import annotations

import math
from typing import Literal

import msgspec
import numpy as np

from clearprop.errors import SettingError
from clearprop.inputs.preparation import AT_ONCE, Preparation, counts_of

# Rows that exceed the learned range by this many times its width are suspicious.
BEYOND = 10.0
# This many numbers that differ by less than this share of the standard deviation are suspicious.
MANY, FAINT = 500, 0.1
# Floats in [0, 1], but for rounding, may have been bytes: x/255.
ROUNDING = 1e-6
LARGEST = float(np.finfo(np.float64).max)


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The numbers that a network learned from, before any preparation.

    Attributes:
        kind: bytes (uint8), or floats.
        least: the smallest number.
        most: the largest.
        mean: of all numbers.
        deviation: their standard deviation.
    """

    kind: Literal["bytes", "floats"]
    least: float
    most: float
    mean: float
    deviation: float

    def __post_init__(self) -> None:
        numbers = (self.least, self.most, self.mean, self.deviation)
        if not all(map(math.isfinite, numbers)):
            raise SettingError("a range consists of finite numbers")
        if self.least > self.most or self.deviation < 0.0:
            raise SettingError(
                f"a range goes from {self.least:g} to {self.most:g} with a standard deviation of "
                f"{self.deviation:g}; the smaller comes first, and the last is never negative"
            )

    @classmethod
    def of(cls, x: np.ndarray) -> Range:
        """Return the range of rows."""
        if x.dtype == np.uint8:
            counts = counts_of(x)
            there = np.flatnonzero(counts)
            levels = np.arange(256.0)
            mean = counts @ levels / counts.sum()
            spread = np.sqrt(counts @ (levels - mean) ** 2 / counts.sum())
            return cls("bytes", float(there[0]), float(there[-1]), float(mean), float(spread))
        return cls("floats", float(x.min()), float(x.max()), *_moments(x))

    @property
    def were_bytes(self) -> bool:
        """Whether floats may be bytes divided by 255."""
        return self.kind == "floats" and self.least >= -ROUNDING and self.most <= 1.0 + ROUNDING

    def fault(self, x: np.ndarray, preparation: Preparation) -> str:
        """Return why rows of bytes or floats cannot be of the kind that was learned from, or ""."""
        if x.dtype == np.uint8:
            if self.kind == "bytes" or self.were_bytes:
                return ""
            return (
                f"the network learned from floats from {self.least:g} to {self.most:g}, and these "
                "rows are bytes (uint8): scale them as its training rows were, and give floats"
            )
        if self.kind == "floats":
            return ""
        low, high = sorted((preparation.of_bytes(0.0), preparation.of_bytes(255.0)))
        least, most = float(x.min()), float(x.max())
        if least >= low - BEYOND * (high - low) and most <= high + BEYOND * (high - low):
            return ""
        return (
            f"the network learned from bytes (uint8), and takes floats where they are prepared "
            f"already, here from {low:.3g} to {high:.3g}; these go from {least:g} to {most:g}: "
            "give pixels from 0 to 255 as uint8"
        )

    def doubt(self, x: np.ndarray) -> str:
        """Return why rows seem to be scaled differently from the learned ones, or ""."""
        if self.kind != "floats" or x.dtype == np.uint8:
            return ""
        least, most, width = float(x.min()), float(x.max()), self.most - self.least
        learned = f"the network learned from numbers from {self.least:g} to {self.most:g}"
        if width > 0.0 and max(self.least - least, most - self.most) > BEYOND * width:
            return (
                f"{learned}, and these rows go from {least:g} to {most:g}: are they scaled alike?"
            )
        if x.size >= MANY and most - least < FAINT * self.deviation:
            return (
                f"{learned}, with a standard deviation of {self.deviation:.3g}, and these rows lie "
                f"from {least:g} to {most:g}: are they scaled alike?"
            )
        return ""


def _moments(x: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation, some rows at a time, without a copy of them all."""
    parts = [x[i : i + AT_ONCE] for i in range(0, len(x), AT_ONCE)]
    with np.errstate(over="ignore", invalid="ignore"):
        mean = sum(float(part.sum(dtype=np.float64)) for part in parts) / x.size
        squares = sum(float(((part - mean) ** 2).sum(dtype=np.float64)) for part in parts)
    deviation = math.sqrt(squares / x.size) if math.isfinite(squares) else math.inf
    # JSON has no number for what is not finite.
    return max(min(mean, LARGEST), -LARGEST), min(deviation, LARGEST)
