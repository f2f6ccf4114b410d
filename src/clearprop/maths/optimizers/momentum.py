"""Momentum: a velocity that past gradients have built up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.optimizers.optimizer import Optimizer
from clearprop.maths.settings import share

if TYPE_CHECKING:
    from clearprop.maths.optimizers.optimizer import Row, Slots, Tensor
    from clearprop.maths.types import Namespace


def momentum(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·v with the velocity v ← μ·v + g (Polyak 1964)."""
    velocity = row["momentum"] * slots["velocity"] + gradient
    return -row["learning_rate"] * velocity, {"velocity": velocity}


MOMENTUM = Optimizer(momentum, ("velocity",), {"momentum": share(0.9)})
