"""Layer normalization (Ba et al. 2016): every row to mean 0 and standard deviation 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar

    Rows = Float[Array, "batch *places units"]
    Units = Float[Array, " units"]


class Saved(NamedTuple):
    """What the VJP needs."""

    normalized: Rows
    gamma: Units
    deviation: Float[Array, "batch *places 1"]


def layer_norm(
    xp: Namespace, z: Rows, gamma: Units, beta: Units, epsilon: Scalar
) -> tuple[Rows, Saved]:
    """Return γ∘ẑ + β, ẑ = (z - μ)/√(v + ε), with μ and v over the units of each row.

    A row is normalized by itself, so it is the same in training and at prediction.

    Args:
        xp: the array namespace.
        z: what comes in; the last axis is normalized.
        gamma: γ, one for every unit.
        beta: β, likewise.
        epsilon: ε, so that a row of equal numbers stays finite.
    """
    centered = z - xp.mean(z, axis=-1, keepdims=True)
    variance = xp.mean(centered * centered, axis=-1, keepdims=True)
    deviation = xp.sqrt(variance + epsilon)
    normalized = centered / deviation
    return gamma * normalized + beta, Saved(normalized, gamma, deviation)


def layer_norm_vjp(xp: Namespace, saved: Saved, g: Rows) -> tuple[Rows, Units, Units]:
    """Return the gradients with respect to z, γ and β.

    β and γ: Σ_i g_i and Σ_i g_i∘ẑ_i over the rows. For z take one row of K units, write
    d = √(v + ε) and h = g∘γ = ∂L/∂ẑ. Unit k moves the row in three ways, through itself, through
    μ and through v:

        ∂ẑ_j/∂z_k = δ_jk/d - (∂μ/∂z_k)/d - ẑ_j·(∂v/∂z_k)/(2d²),
        ∂μ/∂z_k = 1/K,   ∂v/∂z_k = 2·(z_k - μ)/K = 2·d·ẑ_k/K

    (through μ, v does not move: Σ_j (z_j - μ) = 0). Summed against h:

        ∂L/∂z_k = (h_k - mean(h) - ẑ_k·mean(h∘ẑ)) / d.
    """
    normalized, gamma, deviation = saved
    rows = tuple(range(g.ndim - 1))
    h = g * gamma
    along = xp.mean(h * normalized, axis=-1, keepdims=True)
    g_z = (h - xp.mean(h, axis=-1, keepdims=True) - normalized * along) / deviation
    return g_z, xp.sum(g * normalized, axis=rows), xp.sum(g, axis=rows)
