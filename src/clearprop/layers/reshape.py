"""Rows of one shape as rows of another; no number changes."""

from dataclasses import dataclass
from typing import Any

from clearprop.layers.operation import Array, Arrays, Operation, Pass, Shape


@dataclass(frozen=True, eq=False)
class Reshape(Operation):
    """R: the same numbers, in the same order.

    Attributes:
        shape: of one row of the result.
    """

    shape: Shape
    letter = "R"

    @property
    def out_shape(self) -> Shape:
        return self.shape

    def infer(self, xp: Any, params: Arrays, stats: Arrays, x: Array) -> Array:
        return xp.reshape(x, (x.shape[0], *self.shape))

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        return xp.reshape(x, (x.shape[0], *self.shape)), None

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        return xp.reshape(g, (g.shape[0], *self.at.shape)), {}

    def formula(self) -> str:
        return f"{self.at.source}, each row as {'×'.join(map(str, self.shape))}"

    def backward_formula(self, g: str) -> str:
        return f"{g}, each row as {'×'.join(map(str, self.at.shape))}"
