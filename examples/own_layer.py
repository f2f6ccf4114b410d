"""A layer of one's own in fifty lines: every input is bent by a power that is learned.

Run it with .venv/bin/python examples/own_layer.py
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from clearprop import MLP, datasets, register_layer
from clearprop.layers import Layer, Operation, Parameter, Place


@dataclass(frozen=True, eq=False)
class Bending(Operation):
    """B = A∘(1 + p∘tanh A)."""

    letter = "B"

    @cached_property
    def parameters(self):
        """One p for every input, from 0 on."""
        return {self.key("power"): Parameter(self.at.shape)}

    def infer(self, xp, params, stats, x):
        """Return B."""
        return x * (1.0 + params[self.key("power")] * xp.tanh(x))

    def train(self, xp, now, x):
        """Return B, and keep A and p for the way back."""
        return self.infer(xp, now.params, {}, x), (x, now.params[self.key("power")])

    def vjp(self, xp, saved, g, need):
        """Return g∘(1 + p∘(t + A∘(1 - t²))) and the sum of g∘A∘t over the rows, t = tanh A."""
        x, p = saved
        t = xp.tanh(x)
        slope = 1.0 + p * (t + x * (1.0 - t * t))
        return g * slope, {self.key("power"): xp.sum(g * x * t, axis=0)}

    def formula(self):
        """Return B in words of A."""
        return f"{self.at.source}∘(1 + p{self.at.number}∘tanh {self.at.source})"

    def backward_formula(self, g):
        """Return how g goes on."""
        return f"{g}∘(1 + p∘(t + A∘(1 - t²)))"

    def learned(self, g):
        """Return the gradient of p."""
        return {self.key("power"): (f"dp{self.at.number}", f"the sum of {g}∘A∘t over the rows")}


@register_layer
class Bend(Layer, frozen=True, tag="bend"):
    """y = x·(1 + p·tanh x), with one p for every input: 0 leaves the input as it is."""

    def operations(self, at: Place) -> Iterator[Operation]:
        """Yield the one operation."""
        yield Bending(at)


if __name__ == "__main__":
    digits = datasets.load("digits")
    model = MLP([64, "bend", 32, "layer_norm", 10], learning_rate=0.01, batch_norm=True)
    model.fit(digits.train, epochs=20, batch_size=32)
    print(model.summary())
    print(f"test accuracy: {100 * model.evaluate(digits.test).accuracy:.1f} %")
