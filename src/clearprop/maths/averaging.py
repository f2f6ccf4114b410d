"""The exponential moving average of parameters, which evaluation may use in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar


def moving_average(
    xp: Namespace, average: Float[Array, "*shape"], value: Float[Array, "*shape"], decay: Scalar
) -> Float[Array, "*shape"]:
    """Return d·average + (1 - d)·value (Polyak & Juditsky 1992, exponentially weighted)."""
    return decay * average + (1.0 - decay) * value


def warmed_decay(decay: float, step: int) -> float:
    """Return min(d, (1 + t)/(10 + t)): early averages must forget the initial parameters.

    Args:
        decay: the decay d that is reached in the end.
        step: t, the number of steps made before this one.
    """
    return min(decay, (1.0 + step) / (10.0 + step))
