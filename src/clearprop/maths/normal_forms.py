"""Pictures brought to a normal form: upright, in the middle of the field, of one width.

What differs between two writers of the same digit, and tells nothing about which it is, is taken
away. Each form is a function of the picture alone; a blank picture stays blank. Pictures are uint8
and come back as float64, not yet rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.moments import mass_center, slant
from clearprop.maths.warps import affine_coordinates, bilinear

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Int, Namespace, UInt8

    Pixels = UInt8[Array, "n height width"]
    Images = Float[Array, "n height width"]


def upright(xp: Namespace, images: Pixels) -> Images:
    """Return the pictures sheared along their rows until they lean no more.

    With the slant α and the center of mass (r̄, c̄) of `moments`, output pixel (r, c) shows the
    input at (r, c + α·(r - r̄)): the row through the center of mass stays, and the others move by
    α for each row away from it. That takes α·μ02 from μ11, and so leaves a μ11 of 0. As a map
    about the middle m of the field, as `warps` has it,

        M = [[1, 0], [-α, 1]],    s = (0, α·(r̄ - m)).

    Ink that comes to lie outside the field is lost.

    Args:
        xp: the array namespace.
        images: the pictures.
    """
    height, width = images.shape[1:]
    brightness = xp.astype(images, xp.float64)
    lean, down = slant(xp, brightness), mass_center(xp, brightness)[:, 0]
    none, one = xp.zeros_like(lean), xp.ones_like(lean)
    matrix = xp.stack([xp.stack([one, none], axis=1), xp.stack([-lean, one], axis=1)], axis=1)
    move = xp.stack([none, lean * (down - (height - 1) / 2)], axis=1)
    return bilinear(xp, images, affine_coordinates(xp, matrix, move, height, width))


def centered(xp: Namespace, images: Pixels) -> Images:
    """Return the pictures moved until their center of mass is the middle of the field.

    Moves are by parts of a pixel too: s = m - (r̄, c̄). Ink that comes to lie outside is lost.

    Args:
        xp: the array namespace.
        images: the pictures.
    """
    n, height, width = images.shape
    middle = xp.asarray([(height - 1) / 2, (width - 1) / 2], dtype=xp.float64)
    matrix = xp.broadcast_to(xp.eye(2, dtype=xp.float64), (n, 2, 2))
    move = middle - mass_center(xp, xp.astype(images, xp.float64))
    return bilinear(xp, images, affine_coordinates(xp, matrix, move, height, width))


def of_width(xp: Namespace, images: Pixels, pixels: int) -> Images:
    """Return the pictures with their ink widened or narrowed to `pixels` columns, in the middle.

    The columns from the first to the last that hold ink, with the edges a and b, are divided
    into P = `pixels` stretches of the same length, and every output column is the mean of the
    stretch that it shows: with the edges e_j = a + j·(b - a)/P,

        O[r, j] = P/(b - a) · ∫ I[r, x] dx  from e_j to e_{j+1},

    where I[r, x] is the pixel that x lies in. So nothing is skipped where the picture narrows,
    and its edges do not fade where it widens. The rows stay as they are.

    Args:
        xp: the array namespace.
        images: the pictures I.
        pixels: P, at least 1 and at most the width of the field.

    References:
        U. Meier, D. C. Cireşan, L. M. Gambardella, J. Schmidhuber, Better digit recognition with
        a committee of simple neural nets, 2011: widths of 10, 12, ..., 20 pixels.
    """
    n, height, width = images.shape
    first, last = _inked(xp, images)
    length = xp.astype(last + 1 - first, xp.float64) / pixels
    edges = xp.astype(first, xp.float64)[:, None] + length[:, None] * xp.arange(
        pixels + 1, dtype=xp.float64
    )
    mass = _mass_before(xp, xp.astype(images, xp.float64), edges)
    means = (mass[:, :, 1:] - mass[:, :, :-1]) / length[:, None, None]
    left = (width - pixels) // 2
    before = xp.zeros((n, height, left), dtype=xp.float64)
    behind = xp.zeros((n, height, width - pixels - left), dtype=xp.float64)
    return xp.concat([before, means, behind], axis=2)


def _inked(xp: Namespace, images: Pixels) -> tuple[Int[Array, " n"], Int[Array, " n"]]:
    """Return the first and the last column with ink; of a blank picture those of its field."""
    ink = xp.astype(xp.any(images > 0, axis=1), xp.int32)
    return xp.argmax(ink, axis=1), images.shape[2] - 1 - xp.argmax(xp.flip(ink, axis=1), axis=1)


def _mass_before(
    xp: Namespace, images: Images, edges: Float[Array, "n places"]
) -> Float[Array, "n height places"]:
    """Return for every row the ∫ I[r, x] dx from the left border to each place."""
    n, height, width = images.shape
    column = xp.clip(xp.floor(edges), max=float(width - 1))
    part = (edges - column)[:, None, :]
    places = xp.astype(column, xp.int32)[:, None, :]
    places = xp.broadcast_to(places, (n, height, edges.shape[1]))
    until = xp.cumulative_sum(images, axis=2, include_initial=True)
    whole = xp.take_along_axis(until, places, axis=2)
    return whole + part * xp.take_along_axis(images, places, axis=2)
