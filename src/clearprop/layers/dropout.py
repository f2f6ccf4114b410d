"""Dropout: units that fall silent at random while training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clearprop.layers.operation import Array, Operation, Pass
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

    def settings(self) -> dict[str, float]:
        """Return the rate."""
        return {self.key("dropout"): self.rate}

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        """Return A∘mask/(1 - rate)."""
        rate, key = now.values[self.key("dropout")], now.values[self.draws][self.at.stream, :]
        drawn = uniform(xp, key, (x.shape[0], self.at.size), x.dtype)
        keep = xp.reshape(drawn, x.shape) >= rate
        return dropout(xp, x, keep, rate), (keep, rate)

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        """Return g∘mask/(1 - rate)."""
        return dropout_vjp(xp, saved, g), {}

    def formula(self) -> str:
        """Return A∘mask/(1 - rate)."""
        return f"{self.at.source}∘mask/(1 - rate)"

    def way_back(self, g: str) -> str:
        """Return g∘mask/(1 - rate)."""
        return f"{g}∘mask/(1 - rate)"
