"""Half the squared error, summed over the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.losses.loss import Loss

if TYPE_CHECKING:
    from clearprop.maths.losses.loss import Rows, Saved
    from clearprop.maths.types import Array, Float, Namespace, Scalar


def squared_error(
    xp: Namespace, outputs: Rows, targets: Rows, weight: Float[Array, " batch"]
) -> tuple[Float[Array, ""], Saved]:
    """Return L = Σ_i w_i·½·Σ_k (a_ik - t_ik)²."""
    difference = outputs - targets
    rows = 0.5 * xp.sum(difference * difference, axis=-1)
    return xp.sum(weight * rows), (outputs, targets, weight)


def squared_error_vjp(xp: Namespace, saved: Saved, g: Scalar) -> Rows:
    """Return ∂L/∂a = g·w_i·(a - t): the ½ cancels the exponent's 2."""
    outputs, targets, weight = saved
    return (g * weight)[:, None] * (outputs - targets)


SQUARED_ERROR = Loss(
    squared_error,
    squared_error_vjp,
    ("identity", "sigmoid", "softmax"),
    "½·Σ (S - Y)² / m",
    "(S - Y)/m",
    on_outputs=True,
)
