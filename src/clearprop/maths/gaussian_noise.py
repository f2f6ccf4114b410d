"""Additive Gaussian noise, so that a network does not rely on the exact value of a unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from clearprop.maths.noise import uniform

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar, UInt32


def normal(
    xp: Namespace, key: UInt32[Array, "2"], shape: tuple[int, int], dtype: object
) -> Float[Array, "rows columns"]:
    """Return draws from N(0, 1): r·cos φ and r·sin φ with r = √(-2·log(1 - u)), φ = 2π·v.

    Two uniform draws u and v give two normal ones (Box & Muller 1958). As u is below 1 in steps
    of 2⁻²⁴, the logarithm is finite and no draw lies further out than 5.8.

    Args:
        xp: the array namespace.
        key: two words; another key gives an independent draw.
        shape: (rows, columns); a draw of more rows begins with the same rows.
        dtype: the floating type of the result.
    """
    rows, columns = shape
    half = (columns + 1) // 2
    pairs = uniform(xp, key, (rows, 2 * half), dtype)
    radius = xp.sqrt(-2.0 * xp.log1p(-pairs[:, :half]))
    angle = 2.0 * math.pi * pairs[:, half:]
    both = xp.concat([radius * xp.cos(angle), radius * xp.sin(angle)], axis=1)
    return both[:, :columns]


def gaussian_noise(
    xp: Namespace,
    x: Float[Array, "*shape"],
    draw: Float[Array, "*shape"],
    deviation: Scalar,
) -> Float[Array, "*shape"]:
    """Return x + σ·ε.

    On inputs this is a penalty on the network's slopes (Bishop 1995); before an activation it is
    the noisy baseline of Rasmus et al. 2015.

    Args:
        xp: the array namespace.
        x: inputs, or what an activation is about to see.
        draw: ε, independent draws from N(0, 1).
        deviation: σ.
    """
    return x + deviation * draw


def gaussian_noise_vjp(xp: Namespace, g: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return g: with the draw fixed, ∂(x + σ·ε)/∂x = 1."""
    return g
