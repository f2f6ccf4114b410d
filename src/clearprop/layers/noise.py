"""Gaussian noise that is added while training."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearprop.layers.operation import Array, Operation, Pass, drawn
from clearprop.maths.gaussian_noise import gaussian_noise, gaussian_noise_vjp, normal


@dataclass(frozen=True, eq=False)
class AddNoise(Operation):
    """E = Z + σ·ε while training, ε drawn from N(0, 1).

    Attributes:
        deviation: σ; a step is fed the number.
    """

    deviation: float
    letter = "E"
    draws = "gaussian"

    @cached_property
    def _deviation(self) -> str:
        return self.key("noise")

    @cached_property
    def settings(self) -> dict[str, float]:
        return {self._deviation: self.deviation}

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        deviation, key = now.values[self._deviation], now.values[self.draws][self.at.stream, :]
        return gaussian_noise(xp, x, drawn(xp, normal, key, x), deviation), None

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        return gaussian_noise_vjp(xp, g), {}

    def formula(self) -> str:
        return f"{self.at.source} + σ·ε, ε drawn from N(0, 1)"

    def backward_formula(self, g: str) -> str:
        return g
