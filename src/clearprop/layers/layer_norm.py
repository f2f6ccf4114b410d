"""Layer normalization: every row by itself, over its last axis."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearprop.layers.layer import Layer
from clearprop.layers.operation import Array, Arrays, Operation, Parameter, Pass, Place
from clearprop.maths.layer_norm import layer_norm, layer_norm_vjp


class LayerNorm(Layer, frozen=True, tag="layer_norm"):
    """Every row to mean 0 and standard deviation 1, then a learned scale and shift."""

    def operations(self, at: Place) -> Iterator[Operation]:
        yield NormalizeRows(at)


@dataclass(frozen=True, eq=False)
class NormalizeRows(Operation):
    """L = γ∘(A - mean)/√(variance + ε) + β, over the units of each row."""

    letter = "L"

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        units = self.at.shape[-1:]
        return {self.key("gamma"): Parameter(units, 1.0), self.key("beta"): Parameter(units)}

    def infer(self, xp: Any, params: Arrays, stats: Arrays, x: Array) -> Array:
        gamma, beta = params[self.key("gamma")], params[self.key("beta")]
        return layer_norm(xp, x, gamma, beta, self.at.epsilon)[0]

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        gamma, beta = now.params[self.key("gamma")], now.params[self.key("beta")]
        return layer_norm(xp, x, gamma, beta, self.at.epsilon)

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        g_input, g_gamma, g_beta = layer_norm_vjp(xp, saved, g)
        return g_input, {self.key("gamma"): g_gamma, self.key("beta"): g_beta}

    def formula(self) -> str:
        n = self.at.number
        return f"γ{n}∘({self.at.source} - mean)/√(variance + ε) + β{n}, over each row"

    def backward_formula(self, g: str) -> str:
        n, z = self.at.number, self.at.source
        return f"({g}∘γ{n} less its part along 1 and along the normalized {z}, row by row)/√(…)"

    def learned(self, g: str) -> dict[str, tuple[str, str]]:
        n, z = self.at.number, self.at.source
        return {
            self.key("gamma"): (f"dγ{n}", f"the sum of {g}∘normalized {z} over the rows"),
            self.key("beta"): (f"dβ{n}", f"the sum of {g} over the rows"),
        }
