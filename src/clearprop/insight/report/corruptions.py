"""Corrupted pictures, as when the camera, the hand or the light differs from the training rows.

Each corruption takes brightness in [0, 1] as float32 (n, height, width) and a strength, and returns
the same; outside a picture it is 0. Rows take turns in direction, and the noise is a hash of the
row's position: the same rows are always changed in the same way.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from clearprop.maths import warps
from clearprop.maths.blur import gaussian_blur
from clearprop.maths.gaussian_noise import normal
from clearprop.maths.randomness import key

Array = np.ndarray[Any, Any]

AT_ONCE = 500
"""Pictures changed together, which bounds memory; a multiple of four, the directions of a shift."""


class Corruption(NamedTuple):
    """A way to corrupt pictures.

    Attributes:
        name: what it is called.
        unit: of the strengths.
        strengths: those that are measured, from weak to strong.
        change: takes pictures, a strength, and the number of the block that the pictures are.
    """

    name: str
    unit: str
    strengths: tuple[float, ...]
    change: Callable[[Array, float, int], Array]


def rotated(pictures: Array, degrees: float, block: int) -> Array:
    """Return pictures rotated about their center, every second one the other way."""
    angles = math.radians(degrees) * np.resize([1.0, -1.0], len(pictures))
    matrices = warps.rotation(np, angles.astype(np.float32))
    return _warped(pictures, matrices, np.zeros((len(pictures), 2), np.float32))


def shifted(pictures: Array, pixels: float, block: int) -> Array:
    """Return pictures moved down, up, to the right and to the left in turn."""
    ways = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], np.float32)
    same = np.broadcast_to(np.eye(2, dtype=np.float32), (len(pictures), 2, 2))
    return _warped(pictures, same, pixels * np.resize(ways, (len(pictures), 2)))


def noisy(pictures: Array, deviation: float, block: int) -> Array:
    """Return pictures with Gaussian noise on every pixel, cut off at 0 and 1."""
    words = np.frombuffer(key(0, "corruption", block).to_bytes(16, "little"), "<u4")
    shape = len(pictures), pictures[0].size
    draws = normal(np, words[:2].astype(np.uint32), shape, np.float32).reshape(pictures.shape)
    return np.clip(pictures + np.float32(deviation) * draws, 0.0, 1.0)


def blurred(pictures: Array, deviation: float, block: int) -> Array:
    """Return pictures under a Gaussian blur."""
    return gaussian_blur(np, pictures, deviation)


CORRUPTIONS = (
    Corruption("rotation", "degrees", (5.0, 10.0, 15.0, 20.0, 30.0, 45.0), rotated),
    Corruption("shift", "pixels", (1.0, 2.0, 3.0, 4.0, 6.0), shifted),
    Corruption("noise", "share of the brightness range", (0.1, 0.2, 0.3, 0.4, 0.6), noisy),
    Corruption("blur", "pixels", (0.5, 1.0, 1.5, 2.0, 3.0), blurred),
)


def strengths_for(corruption: Corruption, sides: tuple[int, int]) -> tuple[float, ...]:
    """Return the strengths that leave something visible: shifts below half a side."""
    if corruption.name != "shift":
        return corruption.strengths
    return tuple(pixels for pixels in corruption.strengths if 2 * pixels < min(sides))


class Span(NamedTuple):
    """Which values are dark and which bright."""

    low: np.float32
    high: np.float32


def span_of(images: Array) -> Span:
    """Return 0 and 255 of uint8, and of floats the extremes: the darkest is the background."""
    if images.dtype == np.uint8:
        return Span(np.float32(0), np.float32(255))
    low, high = np.float32(images.min()), np.float32(images.max())
    return Span(low, high if high > low else low + np.float32(1))


def corrupted(images: Array, corruption: Corruption, strength: float, span: Span) -> Array:
    """Return corrupted images of the same shape and type; uint8 is rounded to the nearest.

    Args:
        images: (n, height, width), uint8 or floats.
        corruption: one of `CORRUPTIONS`.
        strength: above 0.
        span: of the pixels of all rows.
    """
    made = np.empty_like(images)
    for block, first in enumerate(range(0, len(images), AT_ONCE)):
        part = slice(first, first + AT_ONCE)
        pictures = (images[part].astype(np.float32) - span.low) / (span.high - span.low)
        changed = corruption.change(pictures, strength, block)
        changed = span.low + (span.high - span.low) * changed
        made[part] = np.rint(changed) if images.dtype == np.uint8 else changed
    return made


def _warped(pictures: Array, matrices: Array, moves: Array) -> Array:
    coordinates = warps.affine_coordinates(np, matrices, moves, *pictures.shape[1:])
    return warps.bilinear(np, pictures, coordinates)
