"""How inputs become the numbers that a network takes."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import msgspec
import numpy as np

from clearprop.errors import DataError, SettingError

Array = Any
PREPARATIONS = ("unit", "standardize")
AT_ONCE = 1024
# The most columns whose moments fit into a card.
MOST_COLUMNS = 100_000


class Preparation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How inputs become numbers: bytes (x - shift)·scale, floats (x - mean)/deviation.

    The default takes bytes as x/255 and leaves floats unchanged.

    Attributes:
        shift: subtracted from every byte.
        scale: the factor that follows.
        means: subtracted from floats: one number for all, or one for each column; empty where
            floats are left unchanged.
        deviations: the standard deviations that divide them then, likewise.
    """

    shift: float = 0.0
    scale: float = 1.0 / 255.0
    means: tuple[float, ...] = ()
    deviations: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.means) != len(self.deviations) or not all(one > 0.0 for one in self.deviations):
            raise SettingError("a preparation needs a positive standard deviation for each mean")
        if self.scale <= 0.0:
            raise SettingError(f"the scale of a preparation is {self.scale:g}; it must be positive")
        numbers = (self.shift, self.scale, *self.means, *self.deviations)
        if not all(map(math.isfinite, numbers)):
            raise SettingError("a preparation consists of finite numbers")

    @classmethod
    def of(cls, kind: str, x: np.ndarray) -> Preparation:
        """Return the preparation of a kind, "unit" or "standardize", for these rows (n, ...).

        "standardize" scales all bytes alike, and all numbers of float pictures; of float rows each
        column is scaled by itself.
        """
        if kind == "unit":
            return cls()
        return _of_bytes(x) if x.dtype == np.uint8 else _of_floats(x)

    def scaling(self, dtype: str) -> Scaling:
        """Return its numbers as an engine may feed them to a program."""
        kind = np.dtype(dtype).type
        shift = kind(self.shift) if self.shift else None
        if not self.means:
            return Scaling(shift, kind(self.scale))
        rates = 1.0 / np.asarray(self.deviations)
        return Scaling(shift, kind(self.scale), np.asarray(self.means, dtype), rates.astype(dtype))

    def of_bytes(self, x: float) -> float:
        """Return what it makes of a byte."""
        return (x - self.shift) * self.scale


class Scaling(NamedTuple):
    """A preparation as run-time values, so that measured values recompile nothing.

    Attributes:
        shift: an array without axes, or None where nothing is subtracted from bytes.
        scale: likewise.
        means: an array (1,) or (features,), or None where floats are left unchanged.
        rates: the factors that follow, likewise.
    """

    shift: Any
    scale: Any
    means: Any = None
    rates: Any = None


def prepare(xp: Any, x: Array, preparation: Preparation | Scaling, dtype: Any) -> Array:
    """Return inputs as numbers of `dtype`: bytes and floats each in their own way."""
    made = xp.astype(x, dtype, copy=False)
    if x.dtype == xp.uint8:
        made = scaled(made, preparation)
    if isinstance(preparation, Preparation):
        # In the dtype of the rows.
        if not preparation.means:
            return made
        means = xp.asarray(preparation.means, dtype=dtype)
        return (made - means) * xp.asarray([1.0 / d for d in preparation.deviations], dtype=dtype)
    return made if preparation.means is None else (made - preparation.means) * preparation.rates


def scaled(x: Array, preparation: Preparation | Scaling) -> Array:
    """Return bytes, as floats already, moved and scaled."""
    shift = preparation.shift
    # A float is known now; an array may be traced.
    unmoved = shift is None or (isinstance(shift, float) and shift == 0.0)
    return (x if unmoved else x - shift) * preparation.scale


def _of_bytes(x: np.ndarray) -> Preparation:
    counts = counts_of(x)
    levels = np.arange(256.0)
    mean = float(counts @ levels / counts.sum())
    deviation = float(np.sqrt(counts @ (levels - mean) ** 2 / counts.sum()))
    return Preparation(mean, 1.0 / deviation if deviation > 0.0 else 1.0)


def counts_of(x: np.ndarray) -> np.ndarray:
    """Return how often each of the 256 bytes occurs."""
    # Over counts the moments are exact. Some rows at a time, as bincount widens them.
    counts = np.zeros(256)
    for i in range(0, len(x), AT_ONCE):
        counts += np.bincount(x[i : i + AT_ONCE].reshape(-1), minlength=256)
    return counts


def _of_floats(x: np.ndarray) -> Preparation:
    rows = x.reshape(-1, 1) if x.ndim > 2 else x
    if rows.shape[1] > MOST_COLUMNS:
        raise DataError(
            f"standardize stores moments of at most {MOST_COLUMNS:,} columns, and these rows have "
            f"{rows.shape[1]:,}: standardize these rows yourself"
        )
    # Some rows at a time: no copy of all of them is made.
    parts = [rows[i : i + AT_ONCE] for i in range(0, len(rows), AT_ONCE)]
    with np.errstate(over="ignore", invalid="ignore"):
        sums = [part.sum(axis=0, dtype=np.float64) for part in parts]
        means = np.sum(sums, axis=0) / len(rows)
        squares = [((part - means) ** 2).sum(axis=0, dtype=np.float64) for part in parts]
        deviations = np.sqrt(np.sum(squares, axis=0) / len(rows))
    if not np.isfinite([means, deviations]).all():
        raise DataError("inputs are too large to standardize; scale them first")
    deviations = np.where(deviations > 0.0, deviations, 1.0)
    return Preparation(means=tuple(means.tolist()), deviations=tuple(deviations.tolist()))
