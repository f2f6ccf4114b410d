"""Activations, elementwise: each forward with its vector-Jacobian product below it.

An elementwise a_i = f(z_i) has a diagonal Jacobian, so every VJP here is g·f′(z): the
docstring derives f′. Kinks take the left derivative (f′(0) of ReLU is 0). Nothing overflows:
every exponential has an argument that is at most zero, and gates are written with `where`,
whose branches are finite everywhere, so that automatic differentiation of the forward gives
the same finite numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from clearprop.maths.types import Array, Float, Namespace

LEAK = 0.01
GELU_SCALE = math.sqrt(2.0 / math.pi)
GELU_CUBIC = 0.044715


def identity(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return a = z."""
    return z


def identity_vjp(
    xp: Namespace, z: Float[Array, "*shape"], g: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Return g, since f′(z) = 1."""
    return g


def relu(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return a = max(z, 0) (Nair & Hinton 2010)."""
    return xp.where(z > 0, z, 0.0)


def relu_vjp(
    xp: Namespace, z: Float[Array, "*shape"], g: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Return g where z > 0, else 0: f′(z) is 1 on the right of the kink and 0 on its left."""
    return xp.where(z > 0, g, 0.0)


def leaky_relu(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return a = z where z > 0, else 0.01·z (Maas et al. 2013)."""
    return xp.where(z > 0, z, LEAK * z)


def leaky_relu_vjp(
    xp: Namespace, z: Float[Array, "*shape"], g: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Return g where z > 0, else 0.01·g: the slopes of the two straight pieces."""
    return xp.where(z > 0, g, LEAK * g)


def elu(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return a = z where z > 0, else eᶻ - 1 (Clevert et al. 2016, with α = 1)."""
    return xp.where(z > 0, z, xp.expm1(_negative_part(xp, z)))


def elu_vjp(
    xp: Namespace, z: Float[Array, "*shape"], g: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Return g where z > 0, else g·eᶻ, the derivative of eᶻ - 1."""
    return xp.where(z > 0, g, g * xp.exp(_negative_part(xp, z)))


def sigmoid(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return a = σ(z) = 1/(1 + e⁻ᶻ).

    With e = exp(-|z|) this is 1/(1 + e) on the right and e/(1 + e) on the left.
    """
    e = xp.exp(_minus_magnitude(xp, z))
    return xp.where(z > 0, 1.0, e) / (1.0 + e)


def sigmoid_vjp(
    xp: Namespace, z: Float[Array, "*shape"], g: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Return g·σ(z)·(1 - σ(z)).

    σ′ = e⁻ᶻ/(1 + e⁻ᶻ)² = σ·(1 - σ). It is even in z, so with e = exp(-|z|) it is
    e/(1 + e)², which keeps its digits where σ is close to 1.
    """
    e = xp.exp(_minus_magnitude(xp, z))
    return g * e / ((1.0 + e) * (1.0 + e))


def tanh(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return a = tanh(z)."""
    return xp.tanh(z)


def tanh_vjp(
    xp: Namespace, z: Float[Array, "*shape"], g: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Return g·(1 - tanh²(z)).

    tanh = sinh/cosh, so tanh′ = (cosh² - sinh²)/cosh² = 1 - tanh².
    """
    a = xp.tanh(z)
    return g * (1.0 - a * a)


def softplus(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return a = log(1 + eᶻ) (Dugas et al. 2001), as max(z, 0) + log(1 + exp(-|z|))."""
    return relu(xp, z) + xp.log1p(xp.exp(_minus_magnitude(xp, z)))


def softplus_vjp(
    xp: Namespace, z: Float[Array, "*shape"], g: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Return g·σ(z), since d log(1 + eᶻ)/dz = eᶻ/(1 + eᶻ) = σ(z)."""
    return g * sigmoid(xp, z)


def silu(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return a = z·σ(z) (Elfwing et al. 2018; also called swish)."""
    return z * sigmoid(xp, z)


def silu_vjp(
    xp: Namespace, z: Float[Array, "*shape"], g: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Return g·(σ + z·σ′), by the product rule on z·σ(z)."""
    return g * sigmoid(xp, z) + sigmoid_vjp(xp, z, g * z)


def gelu(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return a = z/2·(1 + tanh u), u = √(2/π)·(z + 0.044715·z³) (Hendrycks & Gimpel 2016)."""
    return 0.5 * z * (1.0 + xp.tanh(GELU_SCALE * (z + GELU_CUBIC * z * z * z)))


def gelu_vjp(
    xp: Namespace, z: Float[Array, "*shape"], g: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """Return g·((1 + t)/2 + z/2·(1 - t²)·u′) with t = tanh u.

    The product rule on z/2·(1 + tanh u), with tanh′u = 1 - t² and
    u′ = √(2/π)·(1 + 3·0.044715·z²).
    """
    t = xp.tanh(GELU_SCALE * (z + GELU_CUBIC * z * z * z))
    inner = GELU_SCALE * (1.0 + 3.0 * GELU_CUBIC * z * z)
    return g * (0.5 * (1.0 + t) + 0.5 * z * (1.0 - t * t) * inner)


def _negative_part(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    return xp.where(z > 0, 0.0, z)


def _minus_magnitude(xp: Namespace, z: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    # -abs(z) would lose the slope at 0 under automatic differentiation.
    return xp.where(z > 0, -z, z)


class Activation(NamedTuple):
    """A forward, `f(xp, z) -> a`, and its VJP, `f_vjp(xp, z, g) -> gradient`."""

    forward: Callable
    vjp: Callable


ACTIVATIONS = {
    "elu": Activation(elu, elu_vjp),
    "gelu": Activation(gelu, gelu_vjp),
    "identity": Activation(identity, identity_vjp),
    "leaky_relu": Activation(leaky_relu, leaky_relu_vjp),
    "relu": Activation(relu, relu_vjp),
    "sigmoid": Activation(sigmoid, sigmoid_vjp),
    "silu": Activation(silu, silu_vjp),
    "softplus": Activation(softplus, softplus_vjp),
    "tanh": Activation(tanh, tanh_vjp),
}
# Before users register their own.
BUILT_IN = tuple(ACTIVATIONS)
