"""The exponential moving average of parameters, which evaluation may use in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar


def moving_average(
    xp: Namespace, average: Float[Array, "*shape"], value: Float[Array, "*shape"], share: Scalar
) -> Float[Array, "*shape"]:
    """Return average + s·(value - average) (Polyak & Juditsky 1992, exponentially weighted).

    That is d·average + (1 - d)·value with the decay d = 1 - s, written so that the average of
    a constant is that constant, and with the share s given, since 1 - 0.9999 taken in single
    precision is wrong in its fourth digit.
    """
    return average + share * (value - average)


def warmed_decay(decay: float, step: int) -> float:
    """Return min(d, (1 + t)/(10 + t)): early averages must forget the initial parameters.

    Args:
        decay: the decay d that is reached in the end.
        step: t, the number of steps made before this one.
    """
    return min(decay, (1.0 + step) / (10.0 + step))
