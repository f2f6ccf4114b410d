"""A residual block (He et al. 2016): what a block makes of its input is added to the input."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace

    Rows = Float[Array, "*shape"]


def residual(xp: Namespace, x: Rows, made: Rows) -> Rows:
    """Return x + F(x), where `made` is F(x): a block of zeros changes nothing."""
    return x + made


def residual_vjp(xp: Namespace, g: Rows, through: Rows) -> Rows:
    """Return ∂L/∂x, given g = ∂L/∂(x + F(x)).

    x reaches the sum by two ways, ∂(x + F(x))/∂x = 1 + F′(x), so

        ∂L/∂x = g + g·F′(x):

    the gradient itself, whatever the block does, plus `through`, which is g backpropagated through
    the block.
    """
    return g + through
