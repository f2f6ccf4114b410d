"""Elastic deformation: every pixel is displaced at random, its neighbors nearly as it is.

Simard, Steinkraus & Platt 2003 smooth a field of independent draws with a Gaussian. A Gaussian of
two dimensions is one along the columns after one along the rows, and each of them is a product
with a small matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar

REACH = 4
"""How many times a picture's size its kernel reaches: further than is ever useful."""


def smoothing(xp: Namespace, size: int, sigma: Scalar, dtype: object) -> Float[Array, "size size"]:
    """Return K with K_ij = k(i - j): K·x is x smoothed by the Gaussian k of `kernel`.

    What lies outside counts as 0 (SciPy's `gaussian_filter` with mode="constant").

    Args:
        xp: the array namespace.
        size: of the axis that is smoothed.
        sigma: σ in pixels, positive.
        dtype: the floating type of K.
    """
    return _matrix(xp, size, kernel(xp, size, sigma, dtype))


def kernel(xp: Namespace, size: int, sigma: Scalar, dtype: object) -> Float[Array, " reach"]:
    """Return k(d) = exp(-d²/2σ²)/Σ for the whole distances d from -4·size to 4·size.

    Args:
        xp: the array namespace.
        size: of the axis that is smoothed.
        sigma: σ in pixels, positive.
        dtype: the floating type of k.
    """
    distance = xp.arange(-REACH * size, REACH * size + 1, dtype=dtype)
    bell = xp.exp(-0.5 * (distance / sigma) ** 2)
    return bell / xp.sum(bell)


def displacements(
    xp: Namespace, draws: Float[Array, "n 2 width height"], deviation: Scalar, sigma: Scalar
) -> Float[Array, "n 2 height width"]:
    """Return smooth displacements, in pixels, with a standard deviation of δ.

    A draw that is uniform on [-1, 1) has the variance 1/3. Smoothed along the rows with the kernel
    k and along the columns with l, it has (Σ_j k_j²)·(Σ_j l_j²)/3, away from the borders. So

        D = δ·√(3/(Σk²·Σl²)) · (U·Kᵀ)ᵀ·Lᵀ

    has the deviation δ there; toward the borders it fades, since nothing comes in from outside.
    (Simard's α is the factor before K: 24.6·δ where σ = 4.)

    Args:
        xp: the array namespace.
        draws: U, independent, a field for rows and one for columns; they come on their side, which
            spares a turn.
        deviation: δ in pixels.
        sigma: σ of the smoothing in pixels.
    """
    width, height = draws.shape[2:]
    # K and L are symmetric.
    rows = xp.matmul(draws, _even(xp, height, sigma, draws.dtype))
    made = xp.matmul(xp.matrix_transpose(rows), _even(xp, width, sigma, draws.dtype))
    return made * (deviation * 3.0**0.5)


def _even(xp: Namespace, size: int, sigma: Scalar, dtype: object) -> Float[Array, "size size"]:
    """Return K/√Σk², which leaves the variance of independent draws as it is."""
    line = kernel(xp, size, sigma, dtype)
    return _matrix(xp, size, line / xp.sqrt(xp.sum(line * line)))


def _matrix(xp: Namespace, size: int, line: Float[Array, " reach"]) -> Float[Array, "size size"]:
    """Return the matrix with l(i - j) at i, j, for l of the distances that `kernel` has."""
    places = xp.arange(size, dtype=xp.int32)
    distances = places[:, None] - places[None, :] + REACH * size
    return xp.reshape(xp.take(line, xp.reshape(distances, (-1,))), (size, size))
