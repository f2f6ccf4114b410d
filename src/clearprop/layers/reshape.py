"""Rows of one shape as rows of another; no number changes."""

from __future__ import annotations

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
        """The shape of one row of its result."""
        return self.shape

    def infer(self, xp: Any, params: Arrays, stats: Arrays, x: Array) -> Array:
        """Return the rows in their new shape."""
        return xp.reshape(x, (x.shape[0], *self.shape))

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        """Return the rows in their new shape."""
        return xp.reshape(x, (x.shape[0], *self.shape)), None

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        """Return g in the old shape: each number went on to one place."""
        return xp.reshape(g, (g.shape[0], *self.at.shape)), {}

    def formula(self) -> str:
        """Return the new shape."""
        return f"{self.at.source}, each row as {'×'.join(map(str, self.shape))}"

    def way_back(self, g: str) -> str:
        """Return the old shape."""
        return f"{g}, each row as {'×'.join(map(str, self.at.shape))}"
