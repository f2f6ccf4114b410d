"""Noise as an equation: a counter-based hash in place of a random generator.

Element i of a draw is a function of (key, i) alone, so both engines, many networks and many
devices see the same draws, in any order and after any interruption. The mixer is the 32-bit
finalizer of C. Wellons' "hash prospector" (constants 7feb352d and 846ca68b), used twice with
the key's two words between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, UInt32


def mix(xp: Namespace, x: UInt32[Array, "*shape"]) -> UInt32[Array, "*shape"]:
    """Return a one-to-one scrambling of 32-bit words, in which each bit moves all others.

    The steps are x ^= x >> 16, x *= 0x7feb352d, x ^= x >> 15, x *= 0x846ca68b, x ^= x >> 16.
    """
    x = (x ^ (x >> _word(xp, 16))) * _word(xp, 0x7FEB352D)
    x = (x ^ (x >> _word(xp, 15))) * _word(xp, 0x846CA68B)
    return x ^ (x >> _word(xp, 16))


def _word(xp: Namespace, value: int) -> UInt32[Array, "1"]:
    # An array of one element: NumPy warns when a scalar product overflows, which is meant here.
    return xp.asarray([value], dtype=xp.uint32)


def bits(
    xp: Namespace, key: UInt32[Array, "2"], counter: UInt32[Array, "*shape"]
) -> UInt32[Array, "*shape"]:
    """Return 32 random bits for every counter, mix(mix(counter ^ key₀) + key₁).

    Were the key only added to the counter or only to the result, two keys could give the same
    values in another order; between two mixers it cannot be undone by reordering.
    """
    return mix(xp, mix(xp, counter ^ key[:1]) + key[1:])


def uniform(
    xp: Namespace, key: UInt32[Array, "2"], shape: tuple[int, int], dtype: object
) -> Float[Array, "rows columns"]:
    """Return draws from [0, 1) in steps of 2⁻²⁴, which float32 holds exactly.

    Args:
        xp: the array namespace.
        key: two words; another key gives an independent draw.
        shape: (rows, columns); element (r, c) has the counter r·columns + c, so a draw of more
            rows begins with the same rows.
        dtype: the floating type of the result.
    """
    rows, columns = shape
    counter = xp.arange(rows * columns, dtype=xp.uint32)
    high = bits(xp, key, counter) >> _word(xp, 8)
    return xp.reshape(xp.astype(high, dtype) * 2.0**-24, shape)
