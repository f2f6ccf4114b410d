"""RMSprop: every parameter by its own recent gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.optimizers.optimizer import Optimizer
from clearprop.maths.settings import Setting, decay

if TYPE_CHECKING:
    from clearprop.maths.optimizers.optimizer import Row, Slots, Tensor
    from clearprop.maths.types import Namespace


def rmsprop(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·g/(√s + ε) with s ← ρ·s + (1 - ρ)·g² (Tieleman & Hinton 2012)."""
    square = row["decay"] * slots["square"] + row["rest_of_decay"] * gradient * gradient
    step = -row["learning_rate"] * gradient / (xp.sqrt(square) + row["epsilon"])
    return step, {"square": square}


RMSPROP = Optimizer(
    rmsprop, ("square",), {"decay": decay(0.9), "epsilon": Setting(1e-8, positive=True)}
)
