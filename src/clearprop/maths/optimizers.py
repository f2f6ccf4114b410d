"""Optimizers: pure updates of one parameter, (gradient, slots, row) -> (step, slots).

The new parameter is the old one plus the step. `slots` are the optimizer's memory of this
parameter, arrays of its shape that begin at zero. `row` holds the settings and the numbers
of the current step, made on the host: `learning_rate` (η), what is left of 1 beside each decay
(`rests`), and for Adam the `corrections`; of a matrix also how many `inputs` and `units` it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from clearprop.maths.muon import muon

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace, Scalar

    Tensor = Float[Array, "*shape"]
    Slots = dict[str, Float[Array, "*shape"]]
    Row = Mapping[str, Scalar]


def sgd(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·g."""
    return -row["learning_rate"] * gradient, {}


def momentum(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·v with the velocity v ← μ·v + g (Polyak 1964)."""
    velocity = row["momentum"] * slots["velocity"] + gradient
    return -row["learning_rate"] * velocity, {"velocity": velocity}


def nesterov(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·(g + μ·v) with v ← μ·v + g: momentum that looks one step ahead.

    The form of Sutskever et al. 2013, with the parameters stored at the looked-ahead point.
    """
    velocity = row["momentum"] * slots["velocity"] + gradient
    ahead = gradient + row["momentum"] * velocity
    return -row["learning_rate"] * ahead, {"velocity": velocity}


def rmsprop(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·g/(√s + ε) with s ← ρ·s + (1 - ρ)·g² (Tieleman & Hinton 2012)."""
    square = row["decay"] * slots["square"] + row["rest_of_decay"] * gradient * gradient
    step = -row["learning_rate"] * gradient / (xp.sqrt(square) + row["epsilon"])
    return step, {"square": square}


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


def lion(xp: Namespace, gradient: Tensor, slots: Slots, row: Row) -> tuple[Tensor, Slots]:
    """Return -η·sign(β₁·m + (1 - β₁)·g), then m ← β₂·m + (1 - β₂)·g (Chen et al. 2023).

    Every parameter moves by η at every step, so η is a third to a tenth of Adam's, and the weight
    decay as many times larger.
    """
    direction = row["beta1"] * slots["mean"] + row["rest_of_beta1"] * gradient
    mean = row["beta2"] * slots["mean"] + row["rest_of_beta2"] * gradient
    return -row["learning_rate"] * xp.sign(direction), {"mean": mean}


def decoupled_decay(xp: Namespace, weight: Tensor, row: Row) -> Tensor:
    """Return -η·λ·W, a step toward zero of its own (Loshchilov & Hutter 2019).

    It stands beside the optimizer's step and never enters its averages, which is what tells it
    from an L2 penalty. Like a penalty it is for weights only.
    """
    return -row["learning_rate"] * row["weight_decay"] * weight


def rests(settings: Mapping[str, float]) -> dict[str, float]:
    """Return 1 - ρ, 1 - β₁ and 1 - β₂, taken in double precision, for settings that have them.

    A compiled step may hold the settings in single precision, where 1 - 0.999 is off by 1e-5
    of its size.
    """
    averaged = ("decay", "beta1", "beta2")
    return {f"rest_of_{name}": 1.0 - settings[name] for name in averaged if name in settings}


def corrections(settings: Mapping[str, float], step: int) -> dict[str, float]:
    """Return Adam's 1 - β₁ᵗ and 1 - β₂ᵗ for step t, counted from 1, where there are β₁ and β₂."""
    if "beta1" not in settings:
        return {}
    return {
        "correction1": 1.0 - settings["beta1"] ** step,
        "correction2": 1.0 - settings["beta2"] ** step,
    }


class Optimizer(NamedTuple):
    """A way to update parameters.

    Attributes:
        update: the pure update.
        slots: the names of what it remembers.
        settings: with their defaults; one called weight_decay switches `decoupled_decay` on.
        factor: the setting that multiplies the learning rate, or "".
        hidden: the way of the hidden layers' weight matrices, where they have one of their own.
    """

    update: Callable
    slots: tuple[str, ...]
    settings: Mapping[str, float]
    factor: str = ""
    hidden: Optimizer | None = None


ADAM = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
MUON = {"momentum": 0.95, "weight_decay": 0.01, "adam_factor": 0.1, **ADAM}
OPTIMIZERS = {
    "adam": Optimizer(adam, ("mean", "square"), ADAM),
    "adamw": Optimizer(adam, ("mean", "square"), {**ADAM, "weight_decay": 0.01}),
    "lion": Optimizer(lion, ("mean",), {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1}),
    "momentum": Optimizer(momentum, ("velocity",), {"momentum": 0.9}),
    "muon": Optimizer(
        adam, ("mean", "square"), MUON, "adam_factor", Optimizer(muon, ("velocity",), MUON)
    ),
    "nesterov": Optimizer(nesterov, ("velocity",), {"momentum": 0.9}),
    "rmsprop": Optimizer(rmsprop, ("square",), {"decay": 0.9, "epsilon": 1e-8}),
    "sgd": Optimizer(sgd, (), {}),
}
