"""Stochastic gradient descent: a step against the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.optimizers.optimizer import Optimizer

if TYPE_CHECKING:
    from clearprop.maths.optimizers.optimizer import Row, Slots, Tensor
    from clearprop.maths.types import Namespace


def sgd(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·g."""
    return -row["learning_rate"] * gradient, {}


SGD = Optimizer(sgd, (), {})
