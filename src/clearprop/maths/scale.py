"""A learned factor for every input, so that a network can weigh what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace

    Rows = Float[Array, "batch *places units"]
    Units = Float[Array, " units"]


def scale(xp: Namespace, x: Rows, factor: Units) -> tuple[Rows, tuple[Rows, Units]]:
    """Return x∘s, and what the VJP needs.

    With the factors of one learning rate a network learns which columns matter before it learns
    what to do with them (Holzmüller et al. 2024, §3).

    Args:
        xp: the array namespace.
        x: what comes in.
        factor: s, one for every unit on the last axis.
    """
    return x * factor, (x, factor)


def scale_vjp(xp: Namespace, saved: tuple[Rows, Units], g: Rows) -> tuple[Rows, Units]:
    """Return the gradients with respect to x and s, given g = ∂L/∂(x∘s).

    From y_ij = x_ij·s_j follow

        ∂L/∂x_ij = g_ij·s_j   and   ∂L/∂s_j = Σ_i g_ij·x_ij,

    the sum over the rows and all places of unit j.
    """
    x, factor = saved
    return g * factor, xp.sum(g * x, axis=tuple(range(x.ndim - 1)))
