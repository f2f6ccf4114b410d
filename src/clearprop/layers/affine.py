"""The affine map of a layer, x·W + b."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearprop.layers.operation import Array, Arrays, Operation, Parameter, Pass, Shape
from clearprop.maths.affine import affine, affine_vjp


@dataclass(frozen=True, eq=False)
class Affine(Operation):
    """Z = X·W + b, from rows of any length to rows of `units` numbers.

    Attributes:
        units: how many.
        biased: whether there is a b.
    """

    units: int
    biased: bool = True
    letter = "Z"

    @property
    def out_shape(self) -> Shape:
        return (self.units,)

    @property
    def work(self) -> int:
        return self.at.size * self.units

    @cached_property
    def _keys(self) -> tuple[str, str]:
        return self.key("weight"), self.key("bias")

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        (weight, bias), fans = self._keys, (self.at.size, self.units)
        made = {weight: Parameter(fans, None, fans, matrix=True, decay=1.0)}
        return made | ({bias: Parameter((self.units,))} if self.biased else {})

    def infer(self, xp: Any, params: Arrays, stats: Arrays, x: Array) -> Array:
        weight, bias = self._keys
        return affine(xp, x, params[weight], params.get(bias))[0]

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        weight, bias = self._keys
        return affine(xp, x, now.params[weight], now.params.get(bias))

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        g_input, *learned = affine_vjp(xp, saved, g, input_gradient=need)
        return g_input, dict(zip(self.parameters, learned, strict=False))

    def formula(self) -> str:
        n = self.at.number
        return f"{self.at.source}·W{n}" + (f" + b{n}" if self.biased else "")

    def backward_formula(self, g: str) -> str:
        return f"{g}·W{self.at.number}ᵀ"

    def learned(self, g: str) -> dict[str, tuple[str, str]]:
        n, (weight, bias) = self.at.number, self._keys
        return {
            weight: (f"dW{n}", f"{self.at.source}ᵀ·{g}"),
            bias: (f"db{n}", f"the sum of {g} over the rows"),
        }
