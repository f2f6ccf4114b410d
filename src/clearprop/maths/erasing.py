"""Random erasing (Zhong et al. 2020): a rectangle of every picture is blank."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Bool, Float, Namespace

    Points = Float[Array, "n 2"]


def erased(
    xp: Namespace, middle: Points, sides: Points, height: int, width: int
) -> Bool[Array, "n height width"]:
    """Return which pixels lie in a rectangle: |p - m| < s/2 along both axes.

    Args:
        xp: the array namespace.
        middle: m, the row and the column of the rectangle's middle.
        sides: s, its height and its width in pixels; what lies outside the picture is cut off.
        height: the rows of the pictures.
        width: the columns of the pictures.
    """
    down, right = (
        xp.abs(xp.arange(size, dtype=middle.dtype) - middle[:, i : i + 1])
        < 0.5 * sides[:, i : i + 1]
        for i, size in enumerate((height, width))
    )
    return down[:, :, None] & right[:, None, :]
