"""Gaussian blur of pictures, as two small matrix products: along the rows, and along the columns.

A Gaussian of two dimensions is the product of two of one, so K_h·I·K_wᵀ does what a convolution
with the whole kernel would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.elastic import smoothing

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace

    Images = Float[Array, "n height width"]


def gaussian_blur(xp: Namespace, images: Images, deviation: float) -> Images:
    """Return pictures in which each pixel is a mean of those around it; outside lies 0.

    Args:
        xp: the array namespace.
        images: brightness.
        deviation: σ of the Gaussian in pixels, above 0.
    """
    _, height, width = images.shape
    down, across = (smoothing(xp, size, deviation, images.dtype) for size in (height, width))
    # Each is symmetric.
    return xp.matmul(xp.matmul(down, images), across)
