"""The weighted mean that metrics are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace


def weighted_mean(xp: Namespace, values: Array, weight: Float[Array, " rows"]) -> Array:
    """Return Σ_i w_i·v_i / Σ_i w_i, over the first axis.

    Args:
        xp: the array namespace.
        values: v, (rows,) or (rows, columns).
        weight: w.
    """
    return xp.tensordot(weight, values, axes=1) / xp.sum(weight)
