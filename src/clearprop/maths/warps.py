"""Image deformations: from which point of the input each output pixel takes its brightness.

A deformation is an array of source coordinates, (n, 2, height, width): the row and the column,
counted from 0 at the middle of the first pixel. Whatever makes such coordinates, or adds a
displacement to them, can be followed by `bilinear`. Every picture has a deformation of its own,
made from draws that are arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Int, Namespace, UInt8

    Images = Float[Array, "n height width"]
    Pixels = UInt8[Array, "n height width"]
    Coordinates = Float[Array, "n 2 rows columns"]
    Matrices = Float[Array, "n 2 2"]
    Places = Int[Array, "n places"]


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
    rows, columns = coordinates.shape[2:]
    y, u = _split(xp, xp.reshape(coordinates[:, 0, ...], (n, rows * columns)), height)
    x, v = _split(xp, xp.reshape(coordinates[:, 1, ...], (n, rows * columns)), width)
    corners = _corners_of_bytes if images.dtype == xp.uint8 else _corners
    above, above_next, below, below_next = corners(xp, _framed(xp, images), y, x, u.dtype)
    upper = above + v * (above_next - above)
    lower = below + v * (below_next - below)
    return xp.reshape(upper + u * (lower - upper), (n, rows, columns))


def _corners(xp: Namespace, framed: Images, y: Places, x: Places, dtype: object) -> list[Array]:
    """Return the four pixels around each point: up left, up right, down left, down right."""
    pixels = xp.reshape(framed, (len(framed), -1))
    width = framed.shape[2]
    corner = y * width + x
    return [xp.take_along_axis(pixels, corner + step, axis=1) for step in (0, 1, width, width + 1)]


def _corners_of_bytes(
    xp: Namespace, framed: Pixels, y: Places, x: Places, dtype: object
) -> list[Array]:
    """Return what `_corners` returns, with one look-up for all four.

    Looking up is the dear part. Four bytes fit in a word: every pixel is packed with its three
    neighbors, which costs a few operations a pixel, and a word is taken in place of each byte.
    """
    words = xp.astype(framed, xp.uint32)
    byte = xp.asarray([8, 16, 24, 255], dtype=xp.uint32)
    packed = (words[:, :-1, :-1] | (words[:, :-1, 1:] << byte[0])) | (
        (words[:, 1:, :-1] << byte[1]) | (words[:, 1:, 1:] << byte[2])
    )
    n, height, width = packed.shape
    first = xp.arange(n, dtype=y.dtype)[:, None] * (height * width)
    taken = xp.take(xp.reshape(packed, (-1,)), xp.reshape(first + y * width + x, (-1,)))
    taken = xp.reshape(taken, y.shape)
    parts = (taken, taken >> byte[0], taken >> byte[1], taken >> byte[2])
    return [xp.astype(part & byte[3], dtype) for part in parts]


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
