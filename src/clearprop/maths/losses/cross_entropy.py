"""Softmax and cross-entropy, taken together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.losses.loss import Loss
from clearprop.maths.softmax import log_softmax

if TYPE_CHECKING:
    from clearprop.maths.losses.loss import Rows, Saved
    from clearprop.maths.types import Array, Float, Namespace, Scalar


def cross_entropy(
    xp: Namespace, logits: Rows, targets: Rows, weight: Float[Array, " batch"]
) -> tuple[Float[Array, ""], Saved]:
    """Return the softmax cross-entropy L = -Σ_i w_i Σ_k t_ik·log softmax(z_i)_k.

    With integer labels this is the negative log-likelihood of the true class. Saved are the
    logarithms of the probabilities, which the way back needs again.
    """
    log_probabilities = log_softmax(xp, logits)
    rows = -xp.sum(targets * log_probabilities, axis=-1)
    return xp.sum(weight * rows), (log_probabilities, targets, weight)


def cross_entropy_vjp(xp: Namespace, saved: Saved, g: Scalar) -> Rows:
    """Return ∂L/∂z = g·w_i·(softmax(z_i)·Σ_j t_ij - t_i).

    ∂(log s_j)/∂z_k = δ_jk - s_k, hence -Σ_j t_j·(δ_jk - s_k) = s_k·Σ_j t_j - t_k. Targets
    that are probabilities sum to 1, which leaves the well-known s - t.
    """
    log_probabilities, targets, weight = saved
    total = xp.sum(targets, axis=-1, keepdims=True)
    return (g * weight)[:, None] * (xp.exp(log_probabilities) * total - targets)


CROSS_ENTROPY = Loss(
    cross_entropy,
    cross_entropy_vjp,
    ("softmax",),
    "-Σ Y·log S / m",
    "(S - Y)/m",
    least=0.0,
    most=1.0,
    shares=True,
)
