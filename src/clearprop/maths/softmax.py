"""Softmax and its logarithm: numbers to probabilities, along the last axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace


def softmax(xp: Namespace, z: Float[Array, "batch classes"]) -> Float[Array, "batch classes"]:
    """Return s_k = exp(z_k) / Σ_j exp(z_j) for every row.

    The row's maximum is taken from each z first: it cancels in the quotient, and no
    exponential can overflow.
    """
    e = xp.exp(_below_maximum(xp, z))
    return e / xp.sum(e, axis=-1, keepdims=True)


def softmax_vjp(
    xp: Namespace, z: Float[Array, "batch classes"], g: Float[Array, "batch classes"]
) -> Float[Array, "batch classes"]:
    """Return s·(g - Σ_j g_j·s_j).

    ∂s_j/∂z_k = s_j·(δ_jk - s_k), so Σ_j g_j·∂s_j/∂z_k = s_k·g_k - s_k·Σ_j g_j·s_j.
    """
    s = softmax(xp, z)
    return s * (g - xp.sum(g * s, axis=-1, keepdims=True))


def log_softmax(xp: Namespace, z: Float[Array, "batch classes"]) -> Float[Array, "batch classes"]:
    """Return log s_k = z_k - log Σ_j exp(z_j), exact also where s_k rounds to zero."""
    shifted = _below_maximum(xp, z)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def log_softmax_vjp(
    xp: Namespace, z: Float[Array, "batch classes"], g: Float[Array, "batch classes"]
) -> Float[Array, "batch classes"]:
    """Return g - s·Σ_j g_j.

    ∂(log s_j)/∂z_k = δ_jk - s_k, so Σ_j g_j·∂(log s_j)/∂z_k = g_k - s_k·Σ_j g_j.
    """
    return g - softmax(xp, z) * xp.sum(g, axis=-1, keepdims=True)


def _below_maximum(xp: Namespace, z: Float[Array, "batch classes"]) -> Array:
    return z - xp.max(z, axis=-1, keepdims=True)
