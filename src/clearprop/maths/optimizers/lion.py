"""Lion: the sign of an average of gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.optimizers.optimizer import Optimizer
from clearprop.maths.settings import Setting, decay

if TYPE_CHECKING:
    from clearprop.maths.optimizers.optimizer import Row, Slots, Tensor
    from clearprop.maths.types import Namespace


def lion(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·sign(β₁·m + (1 - β₁)·g), then m ← β₂·m + (1 - β₂)·g (Chen et al. 2023).

    Every parameter moves by η at every step, so η is a third to a tenth of Adam's, and the weight
    decay as many times larger.
    """
    direction = row["beta1"] * slots["mean"] + row["rest_of_beta1"] * gradient
    mean = row["beta2"] * slots["mean"] + row["rest_of_beta2"] * gradient
    return -row["learning_rate"] * xp.sign(direction), {"mean": mean}


LION = Optimizer(
    lion, ("mean",), {"beta1": decay(0.9), "beta2": decay(0.99), "weight_decay": Setting(0.1)}
)
