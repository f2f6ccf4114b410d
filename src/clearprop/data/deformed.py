"""More rows to learn from: pictures of a split, rotated and shifted."""

import math
from dataclasses import replace
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearprop.data.arrays import Split, read_only
from clearprop.data.batches import shuffled
from clearprop.errors import SettingError
from clearprop.maths import noise, warps
from clearprop.maths.randomness import key

AT_ONCE = 1000
"""Pictures deformed together, which bounds the memory taken in passing."""


def with_deformed(split: Split, count: int, rotation: float, shift: float, seed: int) -> Split:
    """Return the rows of a split, followed by rotated and shifted pictures of some of them.

    Each picture is rotated about its center and then shifted; what comes in from outside is 0.
    Which rows are deformed, and how, depends on the seed and the number of rows only. Every row is
    used once before one is used again; a larger count adds to the same pictures.

    Args:
        split: pictures, (n, height, width).
        count: how many to add; 0 returns the split itself.
        rotation: the largest angle in degrees, at most 180; angles are uniform in ±rotation.
        shift: the largest shift in pixels, less than a picture's shorter side; shifts down and to
            the right are uniform in ±shift.
        seed: any integer.

    Returns:
        The larger split, read-only; images of the same dtype, uint8 rounded to the nearest.

    Raises:
        SettingError: settings out of range, or rows that are not pictures.
    """
    _check(split, count, rotation, shift)
    if count == 0:
        return split
    sides = _sides(split)
    _check_reach(shift, sides)
    rows = np.resize(shuffled(key(seed, "deformed", "rows"), len(split)), count)
    angles, moves = _draws(seed, len(rows), rotation, shift)
    images = np.empty((len(split) + len(rows), *split.images.shape[1:]), split.images.dtype)
    kept, added = images[: len(split)], images[len(split) :]
    kept[:] = split.images
    for first in range(0, len(rows), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        added[part] = _deformed(split.images[rows[part]], sides, angles[part], moves[part])
    labels = np.concatenate([split.labels, split.labels[rows]])
    return replace(split, images=read_only(images), labels=read_only(labels))


def _draws(
    seed: int, count: int, rotation: float, shift: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return angles in radians (count,), and moves down and to the right (count, 2)."""
    words = np.frombuffer(key(seed, "deformed", "draws").to_bytes(16, "little"), "<u4")
    draws = 2.0 * noise.uniform(np, words[:2].astype(np.uint32), (count, 3), np.float64) - 1.0
    return math.radians(rotation) * draws[:, 0], float(shift) * draws[:, 1:]


def _deformed(
    images: NDArray[Any],
    sides: tuple[int, int],
    angles: NDArray[np.float64],
    moves: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return images of the same shape, each turned by its angle and then moved, as floats."""
    pictures = images.reshape(-1, *sides).astype(np.float64)
    coordinates = warps.affine_coordinates(np, warps.rotation(np, angles), moves, *sides)
    made = warps.bilinear(np, pictures, coordinates).reshape(images.shape)
    return np.rint(made) if images.dtype == np.uint8 else made


def _sides(split: Split) -> tuple[int, int]:
    """Return the height and width of a split's pictures."""
    shape = split.images.shape[1:]
    if len(shape) == 2:
        return shape
    raise SettingError(
        f"Only pictures can be deformed, and rows of shape {shape} are none; give images of "
        "(rows, height, width), or add no deformed rows."
    )


def _check(split: Split, count: int, rotation: float, shift: float) -> None:
    """Refuse settings that mean nothing, and more rows than can be numbered."""
    if not isinstance(count, Integral) or isinstance(count, bool) or count < 0:
        raise SettingError(f"Cannot add {count!r} deformed rows; give a whole number from 0 on.")
    if len(split) + int(count) >= 2**31:
        raise SettingError(
            f"Cannot add {count:,} deformed rows to {len(split):,}; together they must be fewer "
            "than 2,147,483,648."
        )
    if not _is_number(rotation) or not 0 <= rotation <= 180:
        raise SettingError(f"Cannot rotate by ±{rotation!r}; give degrees from 0 to 180.")
    if not _is_number(shift) or not 0 <= shift < math.inf:
        raise SettingError(f"Cannot shift by ±{shift!r}; give a number of pixels from 0 on.")


def _check_reach(shift: float, sides: tuple[int, int]) -> None:
    """Refuse to move pictures out of sight, which would leave labels of blank ones."""
    if shift >= min(sides):
        raise SettingError(
            f"A shift of ±{shift!r} moves pictures of {sides[0]} by {sides[1]} pixels out of "
            f"sight; give less than {min(sides)}."
        )


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
