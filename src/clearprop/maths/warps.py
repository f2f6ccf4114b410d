"""Image deformations: from which point of the input each output pixel takes its brightness.

A deformation is an array of source coordinates, (n, 2, height, width): the row and the column,
counted from 0 at the middle of the first pixel. Whatever makes such coordinates, or adds a
displacement to them, can be followed by `bilinear`. Every picture has a deformation of its own,
made from draws that are arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Int, Namespace

    Images = Float[Array, "n height width"]
    Coordinates = Float[Array, "n 2 rows columns"]
    Matrices = Float[Array, "n 2 2"]


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
    center = [(height - 1) / 2, (width - 1) / 2]
    down, right = (
        xp.arange(size, dtype=matrix.dtype) - middle - shift[:, i : i + 1]
        for i, (size, middle) in enumerate(zip((height, width), center, strict=True))
    )
    inverse = _inverse(xp, matrix)
    # Sums of two products, not matmul: accelerators may do that in half precision.
    from_center = (
        inverse[:, :, 0, None, None] * down[:, None, :, None]
        + inverse[:, :, 1, None, None] * right[:, None, None, :]
    )
    return from_center + xp.asarray(center, dtype=matrix.dtype)[:, None, None]


def _inverse(xp: Namespace, matrix: Matrices) -> Matrices:
    """Return [[d, -b], [-c, a]] / (ad - bc) for every [[a, b], [c, d]]."""
    a, b, c, d = (matrix[:, i, j] for i in (0, 1) for j in (0, 1))
    upper, lower = xp.stack([d, -b], axis=-1), xp.stack([-c, a], axis=-1)
    return xp.stack([upper, lower], axis=-2) / (a * d - b * c)[:, None, None]


def bilinear(
    xp: Namespace, images: Images, coordinates: Coordinates
) -> Float[Array, "n rows columns"]:
    """Return the pictures' brightness at coordinates between their pixels.

    With (y, x) the pixel up and left of a point and (u, v) the rest of the way, in [0, 1],

        (1-u)·((1-v)·I[y, x] + v·I[y, x+1]) + u·((1-v)·I[y+1, x] + v·I[y+1, x+1]).

    Every pixel outside a picture is 0, so brightness fades from the border pixel to 0 one pixel
    further out, and never jumps. (SciPy's `map_coordinates` with order=1 calls this
    "grid-constant"; its "constant" cuts off right at the border pixel.)

    Args:
        xp: the array namespace.
        images: I; at a whole coordinate it comes back exactly.
        coordinates: finite; the output has as many rows and columns as these have.
    """
    n, height, width = images.shape
    rows, columns = coordinates.shape[2:]
    y, u = _split(xp, xp.reshape(coordinates[:, 0, ...], (n, rows * columns)), height)
    x, v = _split(xp, xp.reshape(coordinates[:, 1, ...], (n, rows * columns)), width)
    pixels = xp.reshape(_framed(xp, images), (n, (height + 2) * (width + 2)))
    corner, below = y * (width + 2) + x, width + 2

    def brightness(places: Int[Array, "n places"]) -> Float[Array, "n places"]:
        return xp.take_along_axis(pixels, places, axis=1)

    upper = (1.0 - v) * brightness(corner) + v * brightness(corner + 1)
    lower = (1.0 - v) * brightness(corner + below) + v * brightness(corner + below + 1)
    return xp.reshape((1.0 - u) * upper + u * lower, (n, rows, columns))


def _split(
    xp: Namespace, coordinate: Float[Array, "n places"], size: int
) -> tuple[Int[Array, "n places"], Float[Array, "n places"]]:
    """Return the index into the framed picture of the pixel before a point, and the rest.

    What is further out than the frame shows the same as the frame: nothing.
    """
    inside = xp.clip(coordinate, -1.0, float(size))
    # On the far side of the frame there is no next pixel: it is the rest of the one before.
    before = xp.clip(xp.floor(inside), max=float(size - 1))
    return xp.astype(before, xp.int32) + 1, inside - before


def _framed(xp: Namespace, images: Images) -> Float[Array, "n framed_rows framed_columns"]:
    """Return the pictures with a pixel of 0 all around, so that no index has to be tested."""
    n, height, width = images.shape
    side = xp.zeros((n, height, 1), dtype=images.dtype)
    cover = xp.zeros((n, 1, width + 2), dtype=images.dtype)
    return xp.concat([cover, xp.concat([side, images, side], axis=2), cover], axis=1)
