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
"""Pictures deformed together, which bounds the temporary memory."""


def with_deformed(split: Split, count: int, rotation: float, shift: float, seed: int) -> Split:
    """Return the rows of a split, followed by rotated and shifted pictures of some of them.

    Each picture is rotated about its center and then shifted; pixels from outside are 0. Which
    rows are deformed, and how, depends only on the seed and the number of rows. Every row is used
    once before any is used again; a larger count adds the same pictures and more.

    Args:
        split: pictures, (n, height, width).
        count: how many to add; 0 returns the split unchanged.
        rotation: the largest angle in degrees, at most 180; angles are uniform in ±rotation.
        shift: the largest shift in pixels, less than a picture's shorter side; vertical and
            horizontal shifts are uniform in ±shift.
        seed: any integer.

    Returns:
        The larger split, read-only; images of the same dtype, uint8 rounded to the nearest.

    Raises:
        SettingError: settings out of range, or rows that are not pictures.
    """
    _check(split, count, rotation, shift)
    if count == 0:
        return split
    _check_pictures(split, shift)
    rows = np.resize(shuffled(key(seed, "deformed", "rows"), len(split)), count)
    angles, moves = _draws(seed, len(rows), rotation, shift)
    images = np.empty((len(split) + len(rows), *split.images.shape[1:]), split.images.dtype)
    kept, added = images[: len(split)], images[len(split) :]
    kept[:] = split.images
    for first in range(0, len(rows), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        added[part] = _deformed(split.images[rows[part]], angles[part], moves[part])
    labels = np.concatenate([split.labels, split.labels[rows]])
    return replace(split, images=read_only(images), labels=read_only(labels))


def _draws(
    seed: int, count: int, rotation: float, shift: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return angles in radians (count,), and shifts down and to the right (count, 2)."""
    words = np.frombuffer(key(seed, "deformed", "draws").to_bytes(16, "little"), "<u4")
    draws = 2.0 * noise.uniform(np, words[:2].astype(np.uint32), (count, 3), np.float64) - 1.0
    return math.radians(rotation) * draws[:, 0], float(shift) * draws[:, 1:]


def _deformed(
    images: NDArray[Any], angles: NDArray[np.float64], moves: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return images of the same shape, each rotated and then shifted, as floats."""
    sides = images.shape[1:]
    coordinates = warps.affine_coordinates(np, warps.rotation(np, angles), moves, *sides)
    made = warps.bilinear(np, images.astype(np.float64), coordinates)
    return np.rint(made) if images.dtype == np.uint8 else made


def _check(split: Split, count: int, rotation: float, shift: float) -> None:
    """Refuse settings out of range, and too many rows."""
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


def _check_pictures(split: Split, shift: float) -> None:
    """Refuse rows that are not pictures, and shifts that would leave labeled blank ones."""
    shape = split.images.shape[1:]
    if len(shape) != 2:
        raise SettingError(
            f"Only pictures can be deformed, not rows of shape {shape}; give images of "
            "(rows, height, width), or add no deformed rows."
        )
    if shift >= min(shape):
        raise SettingError(
            f"A shift of ±{shift!r} moves pictures of {shape[0]} by {shape[1]} pixels out of "
            f"sight; give less than {min(shape)}."
        )


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
