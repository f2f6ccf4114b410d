"""The affine map of a layer: a weighted sum of the inputs for every unit, plus a bias."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace

    Saved = tuple[Float[Array, "batch inputs"], Float[Array, "inputs units"], bool]


def affine(
    xp: Namespace,
    x: Float[Array, "batch inputs"],
    weight: Float[Array, "inputs units"],
    bias: Float[Array, " units"] | None,
) -> tuple[Float[Array, "batch units"], Saved]:
    """Return z = x·W + b and what the VJP needs.

    Args:
        xp: the array namespace.
        x: the layer's inputs.
        weight: W; column j holds the incoming weights of unit j.
        bias: b, or None for a layer without one (as before batch normalization).

    Returns:
        z, and the saved (x, W, whether there is a bias).
    """
    z = x @ weight
    return (z if bias is None else z + bias), (x, weight, bias is not None)


def affine_vjp(
    xp: Namespace, saved: Saved, g: Float[Array, "batch units"], *, input_gradient: bool = True
) -> tuple[
    Float[Array, "batch inputs"] | None, Float[Array, "inputs units"], Float[Array, " units"] | None
]:
    """Return the gradients with respect to x, W and b, given g = ∂L/∂z.

    From z_ij = Σ_k x_ik·W_kj + b_j follow, by the chain rule,

        ∂L/∂x_ik = Σ_j g_ij·∂z_ij/∂x_ik = Σ_j g_ij·W_kj,   that is g·Wᵀ,
        ∂L/∂W_kj = Σ_i g_ij·∂z_ij/∂W_kj = Σ_i x_ik·g_ij,   that is xᵀ·g,
        ∂L/∂b_j  = Σ_i g_ij·∂z_ij/∂b_j  = Σ_i g_ij,        one sum for each unit.

    Args:
        xp: the array namespace.
        saved: what `affine` saved.
        g: the gradient with respect to z.
        input_gradient: False leaves out the first product; the data need no gradient.

    Returns:
        The three gradients; None for the one left out and for a bias that is not there.
    """
    x, weight, has_bias = saved
    g_input = g @ weight.T if input_gradient else None
    return g_input, x.T @ g, (xp.sum(g, axis=0) if has_bias else None)
