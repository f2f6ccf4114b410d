"""Dropout: units set to zero at random while training."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearprop.layers.operation import Array, Operation, Pass, drawn
from clearprop.maths.dropout import dropout, dropout_vjp
from clearprop.maths.noise import uniform


@dataclass(frozen=True, eq=False)
class Drop(Operation):
    """D = A∘mask/(1 - rate) while training.

    Attributes:
        rate: the share that falls silent; a step is fed the number.
    """

    rate: float
    letter = "D"
    draws = "noise"

    @cached_property
    def _rate(self) -> str:
        return self.key("dropout")

    @cached_property
    def settings(self) -> dict[str, float]:
        return {self._rate: self.rate}

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        rate, key = now.values[self._rate], now.values[self.draws][self.at.stream, :]
        keep = drawn(xp, uniform, key, x) >= rate
        return dropout(xp, x, keep, rate), (keep, rate)

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        return dropout_vjp(xp, saved, g), {}

    def formula(self) -> str:
        return f"{self.at.source}∘mask/(1 - rate)"

    def backward_formula(self, g: str) -> str:
        return f"{g}∘mask/(1 - rate)"
