"""A layer, a loss and an optimizer as somebody outside the package writes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from clearprop import register_layer, register_loss, register_optimizer
from clearprop.layers import Layer, Operation, Parameter, Place
from clearprop.maths.losses import Loss
from clearprop.maths.optimizers import Optimizer
from clearprop.maths.settings import Setting


class Tilt(Layer, frozen=True, tag="tilt"):
    """A number that is learned is added to all units alike, and one that is given."""

    by: float = 0.5

    def operations(self, at: Place) -> Iterator[Operation]:
        yield Tilting(at, self.by)


@dataclass(frozen=True, eq=False)
class Tilting(Operation):
    by: float
    letter = "T"

    @cached_property
    def parameters(self):
        return {self.key("offset"): Parameter((1,), 0.25, rate=2.0, decay=0.5)}

    def infer(self, xp, params, stats, x):
        return x + params[self.key("offset")] + self.by

    def train(self, xp, now, x):
        return self.infer(xp, now.params, {}, x), None

    def vjp(self, xp, saved, g, need):
        return g, {self.key("offset"): xp.reshape(xp.sum(g), (1,))}

    def formula(self):
        return f"{self.at.source} + t{self.at.number}"

    def backward_formula(self, g):
        return g

    def learned(self, g):
        return {self.key("offset"): (f"dt{self.at.number}", f"the sum of {g}")}


def quartic(xp, outputs, targets, weight):
    difference = outputs - targets
    return xp.sum(weight * xp.sum(difference**4, axis=-1)), (difference, weight)


def quartic_vjp(xp, saved, g):
    difference, weight = saved
    return (g * weight)[:, None] * (4.0 * difference**3)


def normalized(xp, gradient, slots, row):
    """A step of fixed length along a velocity: it looks at a whole parameter."""
    velocity = row["momentum"] * slots["velocity"] + gradient
    length = xp.sqrt(xp.sum(velocity * velocity)) + 1e-8
    return -row["learning_rate"] * velocity / length, {"velocity": velocity}


def register() -> None:
    """Register all three."""
    register_layer(Tilt)
    outputs = ("sigmoid", "identity")
    register_loss("quartic", Loss(quartic, quartic_vjp, outputs, "Σ (S - Y)⁴ / m", on_outputs=True))
    register_optimizer(
        "normalized",
        Optimizer(normalized, ("velocity",), {"momentum": Setting(0.9, 1.0, below=True)}),
    )
