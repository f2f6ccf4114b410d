"""The activation of every unit, one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clearprop.layers.operation import Array, Arrays, Operation, Pass
from clearprop.maths.activations import ACTIVATIONS

# The slope of an activation with two flat ends, from its value, as a share of the steepest.
SLOPES: dict[str, Callable] = {
    "sigmoid": lambda a: 4.0 * a * (1.0 - a),
    "tanh": lambda a: 1.0 - a * a,
}
FLAT = 0.05


@dataclass(frozen=True, eq=False)
class Activate(Operation):
    """A = f(Z).

    Attributes:
        function: the activation's name.
    """

    function: str
    letter = "A"

    def infer(self, xp: Any, params: Arrays, stats: Arrays, x: Array) -> Array:
        return ACTIVATIONS[self.function].forward(xp, x)

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        return ACTIVATIONS[self.function].forward(xp, x), x

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        return ACTIVATIONS[self.function].vjp(xp, saved, g), {}

    def signs(self, out: Array) -> dict[str, float]:
        if self.function == "relu":
            return {"dead": float((out <= 0.0).all(axis=0).mean())}
        if self.function in SLOPES:
            return {"flat": float((SLOPES[self.function](out) < FLAT).mean())}
        return {}

    def formula(self) -> str:
        return f"{self.function}({self.at.source})"

    def backward_formula(self, g: str) -> str:
        return f"{g}∘{self.function}′({self.at.source})"
