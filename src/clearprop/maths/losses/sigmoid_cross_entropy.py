"""Sigmoid and binary cross-entropy of every output, taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.activations import sigmoid, softplus
from clearprop.maths.losses.loss import Loss

if TYPE_CHECKING:
    from clearprop.maths.losses.loss import Rows, Saved
    from clearprop.maths.types import Array, Float, Namespace, Scalar


def sigmoid_cross_entropy(
    xp: Namespace, logits: Rows, targets: Rows, weight: Float[Array, " batch"]
) -> tuple[Float[Array, ""], Saved]:
    """Return L = -Σ_i w_i Σ_k (t·log σ(z) + (1 - t)·log(1 - σ(z))).

    Since log σ(z) = z - softplus(z) and log(1 - σ(z)) = -softplus(z), each term is
    softplus(z) - t·z, which is finite for every z.
    """
    rows = xp.sum(softplus(xp, logits) - targets * logits, axis=-1)
    return xp.sum(weight * rows), (logits, targets, weight)


def sigmoid_cross_entropy_vjp(xp: Namespace, saved: Saved, g: Scalar) -> Rows:
    """Return ∂L/∂z = g·w_i·(σ(z) - t), the derivative of softplus(z) - t·z."""
    logits, targets, weight = saved
    return (g * weight)[:, None] * (sigmoid(xp, logits) - targets)


SIGMOID_CROSS_ENTROPY = Loss(
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_vjp,
    ("sigmoid",),
    "-Σ (Y·log S + (1 - Y)·log(1 - S)) / m",
    "(S - Y)/m",
    least=0.0,
    most=1.0,
)
