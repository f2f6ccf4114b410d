"""Adam, and AdamW, which adds decoupled weight decay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from clearprop.maths.optimizers.optimizer import Optimizer
from clearprop.maths.settings import Setting, decay

if TYPE_CHECKING:
    from clearprop.maths.optimizers.optimizer import Row, Slots, Tensor
    from clearprop.maths.types import Namespace


def adam(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·m̂/(√v̂ + ε) (Kingma & Ba 2015, algorithm 1).

    m ← β₁·m + (1 - β₁)·g and v ← β₂·v + (1 - β₂)·g² begin at zero and are too small at
    first; m̂ = m/(1 - β₁ᵗ) and v̂ = v/(1 - β₂ᵗ) undo it. The divisors come with the row.
    """
    mean = row["beta1"] * slots["mean"] + row["rest_of_beta1"] * gradient
    square = row["beta2"] * slots["square"] + row["rest_of_beta2"] * gradient * gradient
    root = xp.sqrt(square / row["correction2"])
    step = -row["learning_rate"] * (mean / row["correction1"]) / (root + row["epsilon"])
    return step, {"mean": mean, "square": square}


def corrections(settings: Mapping[str, float], step: int) -> dict[str, float]:
    """Return 1 - β₁ᵗ and 1 - β₂ᵗ for step t, counted from 1."""
    return {
        "correction1": 1.0 - settings["beta1"] ** step,
        "correction2": 1.0 - settings["beta2"] ** step,
    }


SETTINGS = {"beta1": decay(0.9), "beta2": decay(0.999), "epsilon": Setting(1e-8, positive=True)}
ADAM = Optimizer(adam, ("mean", "square"), SETTINGS, columns=corrections)
# Loshchilov & Hutter 2019: see `decoupled_decay`.
ADAMW = ADAM._replace(settings={**SETTINGS, "weight_decay": Setting(0.01)})
