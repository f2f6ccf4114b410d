"""The moments of pictures: where their ink lies, and how far it leans.

I[r, c] is the brightness of the pixel in row r and column c, counted from 0 at the middle of the
first pixel; ink is what is not 0. Of whole numbers in float64 all sums are exact, so in whatever
order a machine adds, the same picture has the same moments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace

    Images = Float[Array, "n height width"]


def mass_center(xp: Namespace, images: Images) -> Float[Array, "n 2"]:
    """Return the center of mass (r̄, c̄), the row and the column.

        r̄ = Σ r·I / Σ I,    c̄ = Σ c·I / Σ I.

    That of a blank picture is the middle of its field.

    Args:
        xp: the array namespace.
        images: I, nowhere below 0.
    """
    _, height, width = images.shape
    rows, columns = _places(xp, images)
    mass = xp.sum(images, axis=(1, 2))
    down = xp.sum(xp.sum(images, axis=2) * rows, axis=1)
    right = xp.sum(xp.sum(images, axis=1) * columns, axis=1)
    blank = mass == 0.0
    mass = xp.where(blank, xp.ones_like(mass), mass)
    return xp.stack(
        [
            xp.where(blank, (height - 1) / 2 * xp.ones_like(mass), down / mass),
            xp.where(blank, (width - 1) / 2 * xp.ones_like(mass), right / mass),
        ],
        axis=1,
    )


def slant(xp: Namespace, images: Images) -> Float[Array, " n"]:
    """Return how many columns a picture leans to the right for each row down: μ11/μ02.

    With the central moments μ11 = Σ (r - r̄)·(c - c̄)·I and μ02 = Σ (r - r̄)²·I this is the slope
    of the line c - c̄ = α·(r - r̄) that fits the ink best, in squares of the distance along the
    rows. In sums over the picture, so that none is taken about a rounded center:

        α = (Σ I · Σ rc·I - Σ r·I · Σ c·I) / (Σ I · Σ r²·I - (Σ r·I)²).

    A blank picture does not lean, nor does one whose ink is all in one row.

    Args:
        xp: the array namespace.
        images: I, nowhere below 0.

    References:
        M.-K. Hu, Visual pattern recognition by moment invariants, 1962.
    """
    rows, columns = _places(xp, images)
    along = xp.sum(images, axis=2)
    mass, right = xp.sum(along, axis=1), xp.sum(xp.sum(images, axis=1) * columns, axis=1)
    down, squares = xp.sum(along * rows, axis=1), xp.sum(along * rows * rows, axis=1)
    mixed = xp.sum(xp.sum(images * columns, axis=2) * rows, axis=1)
    spread = mass * squares - down * down
    flat = spread <= 0.0
    lean = (mass * mixed - down * right) / xp.where(flat, xp.ones_like(spread), spread)
    return xp.where(flat, xp.zeros_like(spread), lean)


def _places(
    xp: Namespace, images: Images
) -> tuple[Float[Array, " height"], Float[Array, " width"]]:
    """Return the numbers of the rows and those of the columns."""
    height, width = images.shape[1:]
    return xp.arange(height, dtype=images.dtype), xp.arange(width, dtype=images.dtype)
