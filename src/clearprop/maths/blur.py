"""Gaussian blur of pictures, as two small matrix products: along the rows, and along the columns.

A Gaussian of two dimensions is the product of two of one, so K_h·I·K_wᵀ does what a convolution
with the whole kernel would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    down, across = (_kernel(xp, size, deviation, images.dtype) for size in (height, width))
    return xp.matmul(xp.matmul(down, images), xp.matrix_transpose(across))


def _kernel(xp: Namespace, size: int, deviation: float, dtype: object) -> Float[Array, "size size"]:
    """Return K_ij = w(i - j) with w(d) = exp(-d²/2σ²) / Σ_{|e| < size} exp(-e²/2σ²)."""
    steps = xp.arange(1 - size, size, dtype=dtype)
    places = xp.arange(size, dtype=dtype)
    whole = xp.sum(xp.exp(-(steps**2) / (2.0 * deviation**2)))
    return xp.exp(-((places[:, None] - places[None, :]) ** 2) / (2.0 * deviation**2)) / whole
