"""Momentum that looks one step ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.optimizers.optimizer import Optimizer
from clearprop.maths.settings import share

if TYPE_CHECKING:
    from clearprop.maths.optimizers.optimizer import Row, Slots, Tensor
    from clearprop.maths.types import Namespace


def nesterov(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·(g + μ·v) with v ← μ·v + g: momentum that looks one step ahead.

    The form of Sutskever et al. 2013, with the parameters stored at the looked-ahead point.
    """
    velocity = row["momentum"] * slots["velocity"] + gradient
    ahead = gradient + row["momentum"] * velocity
    return -row["learning_rate"] * ahead, {"velocity": velocity}


NESTEROV = Optimizer(nesterov, ("velocity",), {"momentum": share(0.9)})
