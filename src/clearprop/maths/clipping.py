"""Gradient clipping: a step in the same direction, of bounded length."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar


def global_norm(xp: Namespace, gradients: dict[str, Array]) -> Float[Array, ""]:
    """Return √(Σ g²) over all elements of all gradients."""
    total = sum(xp.sum(g * g) for g in gradients.values())
    return xp.sqrt(total)


def clip_by_norm(
    xp: Namespace, gradients: dict[str, Array], limit: Scalar
) -> dict[str, Float[Array, "..."]]:
    """Return the gradients, all scaled by limit/norm where their norm exceeds the limit.

    One factor for the whole network keeps the direction (Pascanu et al. 2013).
    """
    norm = global_norm(xp, gradients)
    # The larger of the two in the denominator: at most 1, and no division by a zero norm.
    factor = limit / xp.where(norm > limit, norm, xp.ones_like(norm) * limit)
    return {name: g * factor for name, g in gradients.items()}
