"""A learned factor for every unit."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearprop.layers.layer import Layer
from clearprop.layers.operation import Array, Arrays, Operation, Parameter, Pass, Place
from clearprop.maths.scale import scale, scale_vjp


class Scale(Layer, frozen=True, tag="scale"):
    """A learned factor for every unit on the last axis, initially 1."""

    def operations(self, at: Place) -> Iterator[Operation]:
        yield Factor(at)


@dataclass(frozen=True, eq=False)
class Factor(Operation):
    """C = A∘c."""

    letter = "C"

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        return {self.key("factor"): Parameter(self.at.shape[-1:], 1.0)}

    def infer(self, xp: Any, params: Arrays, stats: Arrays, x: Array) -> Array:
        return scale(xp, x, params[self.key("factor")])[0]

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        return scale(xp, x, now.params[self.key("factor")])

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        g_input, g_factor = scale_vjp(xp, saved, g)
        return g_input, {self.key("factor"): g_factor}

    def formula(self) -> str:
        return f"{self.at.source}∘c{self.at.number}"

    def backward_formula(self, g: str) -> str:
        return f"{g}∘c{self.at.number}"

    def learned(self, g: str) -> dict[str, tuple[str, str]]:
        formula = f"the sum of {g}∘{self.at.source} over the rows"
        return {self.key("factor"): (f"dc{self.at.number}", formula)}
