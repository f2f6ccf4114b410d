"""Batch normalization (Ioffe & Szegedy 2015): every unit to mean 0 and standard deviation 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar

    Rows = Float[Array, "batch units"]
    Units = Float[Array, " units"]


class Saved(NamedTuple):
    """What the VJP needs; `mean` and `variance` also feed the running statistics."""

    normalized: Rows
    gamma: Units
    deviation: Units
    share: Float[Array, "batch 1"]
    mean: Units
    variance: Units


def batch_norm(
    xp: Namespace,
    z: Rows,
    gamma: Units,
    beta: Units,
    real: Float[Array, " batch"],
    epsilon: Scalar,
) -> tuple[Rows, Saved]:
    """Return γ·ẑ + β, ẑ = (z - μ)/√(v + ε), with the statistics of this batch.

    μ and v are each unit's mean and (biased) variance over the real rows; a padded row has
    real = 0, counts nothing, and is normalized with the others' statistics.
    """
    share = (real / xp.sum(real))[:, None]
    mean = xp.sum(share * z, axis=0)
    centered = z - mean
    variance = xp.sum(share * centered * centered, axis=0)
    deviation = xp.sqrt(variance + epsilon)
    normalized = centered / deviation
    return gamma * normalized + beta, Saved(normalized, gamma, deviation, share, mean, variance)


def batch_norm_vjp(xp: Namespace, saved: Saved, g: Rows) -> tuple[Rows, Units, Units]:
    """Return the gradients with respect to z, γ and β.

    β and γ: Σ_i g_i and Σ_i g_i·ẑ_i. For z, write d = √(v + ε), h = g·γ = ∂L/∂ẑ and p_i for
    row i's share in the statistics (1/n, or 0 where padded). Row i moves the output in three
    ways, through itself, through μ and through v:

        ∂ẑ_j/∂z_i = δ_ij/d - (∂μ/∂z_i)/d - ẑ_j·(∂v/∂z_i)/(2d²),
        ∂μ/∂z_i = p_i,   ∂v/∂z_i = 2·p_i·(z_i - μ) = 2·p_i·d·ẑ_i

    (through μ, v does not move: Σ_j p_j·(z_j - μ) = 0). Summed against h:

        ∂L/∂z_i = (h_i - p_i·Σ_j h_j - p_i·ẑ_i·Σ_j h_j·ẑ_j) / d.
    """
    normalized, gamma, deviation, share = saved[:4]
    g_beta = xp.sum(g, axis=0)
    g_gamma = xp.sum(g * normalized, axis=0)
    g_z = (g - share * (g_beta + normalized * g_gamma)) * (gamma / deviation)
    return g_z, g_gamma, g_beta


def batch_norm_inference(
    xp: Namespace, z: Rows, gamma: Units, beta: Units, mean: Units, variance: Units, epsilon: Scalar
) -> Rows:
    """Return γ·(z - μ)/√(v + ε) + β with the running statistics μ and v."""
    return gamma * ((z - mean) / xp.sqrt(variance + epsilon)) + beta
