"""Test-time augmentation: a network's answers averaged over slightly deformed copies of a picture.

The average is better than the answer for the picture alone. Nothing is random: every picture is
always deformed in the same ways.
"""

import math
from collections.abc import Iterator
from numbers import Integral, Real

import msgspec
import numpy as np
from numpy.typing import NDArray

from clearprop.errors import SettingError
from clearprop.maths import warps
from clearprop.maths.spread import spread

MOST_VIEWS = 1000
AT_ONCE = 2**18
"""Pixels deformed together, which bounds the temporary memory."""

Pictures = NDArray[np.uint8]


class Views(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many views of a picture there are, and how far they are deformed.

    The first view is the picture itself. The others are rotated about the center and then shifted;
    angles and shifts are spread evenly (`clearprop.maths.spread`), and pixels from outside are 0.
    More views begin with the same ones.

    Args:
        count: the number of views, including the picture itself.
        shift: the largest shift down and to the right, in pixels.
        rotation: the largest angle in degrees.

    Raises:
        SettingError: a value out of range.
    """

    count: int = 8
    shift: float = 1.0
    rotation: float = 5.0

    def __post_init__(self) -> None:
        if not isinstance(self.count, Integral) or not 1 <= self.count <= MOST_VIEWS:
            raise SettingError(f"views are {self.count!r}; give from 1 to {MOST_VIEWS:,} of them")
        for name, most in (("shift", 1e6), ("rotation", 180.0)):
            value = getattr(self, name)
            if not isinstance(value, Real) or not 0.0 <= value <= most:
                raise SettingError(f"the views' {name} is {value!r}; give from 0 to {most:g}")
        # NumPy's numbers are accepted, but cannot be written to files.
        msgspec.structs.force_setattr(self, "count", int(self.count))
        msgspec.structs.force_setattr(self, "shift", float(self.shift))
        msgspec.structs.force_setattr(self, "rotation", float(self.rotation))

    def fault(self, shape: tuple[int, ...]) -> str:
        """Return why inputs of this shape cannot have these views, or ""."""
        if len(shape) != 2:
            return f"has views of inputs of shape {shape}, but only pictures have views"
        if self.shift >= min(shape):
            return (
                f"has views shifted by {self.shift:g} pixels, which moves pictures out of sight; "
                f"give less than {min(shape)}"
            )
        return ""

    def of(self, pictures: Pictures) -> Iterator[Pictures]:
        """Yield the views of pictures (n, height, width), rounded."""
        yield pictures
        for point in spread(self.count - 1):
            turn, down, right = (2.0 * x - 1.0 for x in point)
            angle = math.radians(self.rotation) * turn
            yield _deformed(pictures, angle, (self.shift * down, self.shift * right))


def _deformed(pictures: Pictures, angle: float, move: tuple[float, float]) -> Pictures:
    """Return all pictures rotated by one angle and shifted by one step."""
    sides = pictures.shape[1:]
    matrix = warps.rotation(np, np.array([angle]))
    coordinates = warps.affine_coordinates(np, matrix, np.array([move]), *sides)
    made = np.empty_like(pictures)
    together = max(1, AT_ONCE // math.prod(sides))
    for first in range(0, len(pictures), together):
        part = pictures[first : first + together].astype(np.float64)
        same = np.broadcast_to(coordinates, (len(part), *coordinates.shape[1:]))
        made[first : first + together] = np.rint(warps.bilinear(np, part, same))
    return made
