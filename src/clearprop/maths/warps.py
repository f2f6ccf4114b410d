"""Image deformations: the source point in the input of each output pixel.

A deformation is an array of source coordinates, (n, 2, height, width): the row and the column,
counted from 0 at the middle of the first pixel. `bilinear` applies any such coordinates, with or
without added displacements. Every picture has its own deformation, made from draws that are
arguments.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Int, Namespace, UInt8

    Images = Float[Array, "n height width"]
    Pixels = UInt8[Array, "n height width"]
    Coordinates = Float[Array, "n 2 rows columns"]
    Matrices = Float[Array, "n 2 2"]
    Places = Int[Array, " places"]


def rotation(xp: Namespace, angle: Float[Array, " n"]) -> Matrices:
    """Return [[cos α, -sin α], [sin α, cos α]]: counter-clockwise with row 0 at the top.

    The matrix acts on (row, column). At 90° what lies to the right of the center, (0, 1), comes
    to lie above it, (-1, 0).

    Args:
        xp: the array namespace.
        angle: α in radians.
    """
    cosine, sine = xp.cos(angle), xp.sin(angle)
    upper, lower = xp.stack([cosine, -sine], axis=-1), xp.stack([sine, cosine], axis=-1)
    return xp.stack([upper, lower], axis=-2)


def linear_map(
    xp: Namespace,
    angle: Float[Array, " n"],
    stretch: Float[Array, "n 2"],
    shear: Float[Array, " n"],
) -> Matrices:
    """Return M = R·S·H: a shear, then a stretch along each axis, then a rotation.

    With H = [[1, 0], [k, 1]], which moves what lies a row further down k columns to the right,
    S = [[s₀, 0], [0, s₁]] and R = `rotation`,

        M = [[s₀·cos α - k·s₁·sin α, -s₁·sin α], [s₀·sin α + k·s₁·cos α, s₁·cos α]].

    Args:
        xp: the array namespace.
        angle: α in radians.
        stretch: s, the factors on rows and columns; a negative one also mirrors.
        shear: k.
    """
    cosine, sine = xp.cos(angle), xp.sin(angle)
    tall, wide = stretch[:, 0], stretch[:, 1]
    upper = xp.stack([tall * cosine - shear * wide * sine, -wide * sine], axis=-1)
    lower = xp.stack([tall * sine + shear * wide * cosine, wide * cosine], axis=-1)
    return xp.stack([upper, lower], axis=-2)


def affine_coordinates(
    xp: Namespace, matrix: Matrices, shift: Float[Array, "n 2"], height: int, width: int
) -> Coordinates:
    """Return the source coordinates of pictures that are mapped by M and then moved by s.

    What lies at q in the input comes to lie at p = c + M·(q - c) + s in the output, where
    c = ((height - 1)/2, (width - 1)/2) is the picture's center. So output pixel p shows

        q = c + M⁻¹·(p - c - s).

    Args:
        xp: the array namespace.
        matrix: M, acting on (row, column); invertible.
        shift: s, in pixels: downwards, to the right.
        height: the rows of the pictures.
        width: the columns of the pictures.
    """
    dtype = matrix.dtype
    center = xp.asarray([(height - 1) / 2, (width - 1) / 2], dtype=dtype)
    down, right = (
        xp.arange(size, dtype=dtype) - middle
        for size, middle in ((height, center[0]), (width, center[1]))
    )
    places = xp.stack(xp.meshgrid(down, right, indexing="ij"))
    inverse = _inverse(xp, matrix)
    moved = xp.sum(inverse * shift[:, None, :], axis=2)
    # One product: written as sums, XLA recomputes every matrix for every pixel.
    turned = xp.matmul(xp.reshape(inverse, (-1, 2)), xp.reshape(places, (2, -1)))
    offset = (center - moved)[:, :, None, None]
    return xp.reshape(turned, (-1, 2, height, width)) + offset


def _inverse(xp: Namespace, matrix: Matrices) -> Matrices:
    """Return [[d, -b], [-c, a]] / (ad - bc) for every [[a, b], [c, d]]."""
    a, b, c, d = (matrix[:, i, j] for i in (0, 1) for j in (0, 1))
    upper, lower = xp.stack([d, -b], axis=-1), xp.stack([-c, a], axis=-1)
    return xp.stack([upper, lower], axis=-2) / (a * d - b * c)[:, None, None]


def bilinear(
    xp: Namespace, images: Images | Pixels, coordinates: Coordinates
) -> Float[Array, "n rows columns"]:
    """Return the pictures' brightness at coordinates between their pixels.

    With (y, x) the pixel up and left of a point and (u, v) the rest of the way, in [0, 1],

        (1-u)·((1-v)·I[y, x] + v·I[y, x+1]) + u·((1-v)·I[y+1, x] + v·I[y+1, x+1]).

    Every pixel outside a picture is 0, so brightness fades from the border pixel to 0 one pixel
    further out, and never jumps. (SciPy's `map_coordinates` with order=1 calls this
    "grid-constant"; its "constant" cuts off right at the border pixel.)

    Args:
        xp: the array namespace.
        images: I, floating or uint8; at a whole coordinate it comes back exactly.
        coordinates: finite; the output has as many rows and columns as these have, and their
            type.
    """
    n, height, width = images.shape
    shape = (n, *coordinates.shape[2:])
    y, y_next, above, below = _neighbors(xp, xp.reshape(coordinates[:, 0, ...], (-1,)), height)
    x, x_next, left, right = _neighbors(xp, xp.reshape(coordinates[:, 1, ...], (-1,)), width)
    pixels, each = xp.reshape(images, (-1,)), math.prod(shape[1:])
    first = xp.arange(n, dtype=xp.int32)[:, None] * (height * width)
    first = xp.reshape(xp.broadcast_to(first, (n, each)), (-1,))

    def brightness(row: Places, column: Places) -> Float[Array, " places"]:
        return xp.astype(xp.take(pixels, first + row * width + column), coordinates.dtype)

    upper = left * brightness(y, x) + right * brightness(y, x_next)
    lower = left * brightness(y_next, x) + right * brightness(y_next, x_next)
    return xp.reshape(above * upper + below * lower, shape)


def _neighbors(
    xp: Namespace, coordinate: Float[Array, " places"], size: int
) -> tuple[Places, Places, Float[Array, " places"], Float[Array, " places"]]:
    """Return the pixels before and after each point along an axis, and their shares in it.

    One that lies outside the picture has no share, and any index will do for it.
    """
    inside = xp.clip(coordinate, -1.0, float(size))
    before = xp.clip(xp.floor(inside), max=float(size - 1))
    rest, index = inside - before, xp.astype(before, xp.int32)
    share = (1.0 - rest) * xp.astype(index >= 0, rest.dtype)
    share_next = rest * xp.astype(index < size - 1, rest.dtype)
    return xp.clip(index, min=0), xp.clip(index + 1, max=size - 1), share, share_next
