"""Penalties on large weights. Biases and normalization parameters are never penalized."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar


def l1(xp: Namespace, weight: Float[Array, "*shape"], amount: Scalar) -> Float[Array, ""]:
    """Return λ·Σ|W|, written as λ·Σ W·sign(W), which has the slope 0 at 0."""
    return amount * xp.sum(weight * xp.sign(weight))


def l1_vjp(xp: Namespace, weight: Float[Array, "*shape"], amount: Scalar) -> Array:
    """Return λ·sign(W), with sign(0) = 0: the slope of |W| on either side of zero."""
    return amount * xp.sign(weight)


def l2(xp: Namespace, weight: Float[Array, "*shape"], amount: Scalar) -> Float[Array, ""]:
    """Return λ/2·ΣW²."""
    return 0.5 * amount * xp.sum(weight * weight)


def l2_vjp(xp: Namespace, weight: Float[Array, "*shape"], amount: Scalar) -> Array:
    """Return λ·W: the ½ cancels the exponent's 2."""
    return amount * weight
