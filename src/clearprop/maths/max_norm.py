"""Max-norm: a bound on how strongly a unit can listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar


def max_norm(
    xp: Namespace, weight: Float[Array, "rows columns"], limit: Scalar, *, incoming: int = 0
) -> Float[Array, "rows columns"]:
    """Return W, with every unit's incoming weights wⱼ scaled by c/‖wⱼ‖ where ‖wⱼ‖ exceeds c.

    It is done after the update (Srivastava et al. 2014, §5.1): large steps can then not make
    weights explode, and the direction of wⱼ stays as it was learned.

    Args:
        xp: the array namespace.
        weight: W.
        limit: c, the largest norm.
        incoming: the axis along which a unit's incoming weights lie; 0 in (in, out).
    """
    norm = xp.sqrt(xp.sum(weight * weight, axis=incoming, keepdims=True))
    # The larger of the two in the denominator: at most 1, and no division by a norm of zero.
    return weight * (limit / xp.where(norm > limit, norm, xp.ones_like(norm) * limit))
