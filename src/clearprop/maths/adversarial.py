"""Adversarial training: the inputs a little way toward where the loss grows fastest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar


def steepest_step(
    xp: Namespace, g: Float[Array, "batch inputs"], radius: Scalar
) -> Float[Array, "batch inputs"]:
    """Return ε·g/‖g‖ for every row: of all steps of length ε the one that raises a loss most.

    Goodfellow et al. 2015, in the Euclidean norm of Miyato et al. 2017; the loss counts as linear.
    By Cauchy and Schwarz g·r ≤ ‖g‖·‖r‖, and r along g is where they are equal. A row without a
    slope stays where it is. Rows are divided by their largest entry first, since the square of a
    gradient can be too small for single precision.

    Args:
        xp: the array namespace.
        g: the loss's gradient with respect to the inputs.
        radius: ε, in the units of the prepared inputs.
    """
    largest = xp.max(xp.abs(g), axis=1, keepdims=True)
    scaled = g / xp.where(largest > 0, largest, xp.ones_like(largest))
    norm = xp.sqrt(xp.sum(scaled * scaled, axis=1, keepdims=True))
    return radius * scaled / xp.where(norm > 0, norm, xp.ones_like(norm))
