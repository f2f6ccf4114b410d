"""Inverted dropout (Srivastava et al. 2014): units fall silent at random while training."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Bool, Float, Namespace, Scalar


def dropout(
    xp: Namespace, x: Float[Array, "*shape"], keep: Bool[Array, "*shape"], rate: Scalar
) -> Float[Array, "*shape"]:
    """Return x/(1 - rate) where `keep`, else 0.

    Dividing by the share that is kept leaves the expectation as it was, so that nothing has
    to be rescaled at prediction.

    Args:
        xp: the array namespace.
        x: activations.
        keep: which of them stay; true with probability 1 - rate.
        rate: the share that falls silent, in [0, 1).
    """
    return xp.where(keep, x / (1.0 - rate), 0.0)


def dropout_vjp(
    xp: Namespace,
    saved: tuple[Bool[Array, "*shape"], Scalar],
    g: Float[Array, "*shape"],
) -> Float[Array, "*shape"]:
    """Return g/(1 - rate) where `keep`, else 0: with the mask fixed, the map is linear.

    Args:
        xp: the array namespace.
        saved: (keep, rate) of the forward.
        g: the gradient with respect to the output.
    """
    keep, rate = saved
    return xp.where(keep, g / (1.0 - rate), 0.0)
