"""A residual block: the output of its layers is added to its input."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from clearprop.errors import SettingError
from clearprop.layers import passes
from clearprop.layers.dense import Dense
from clearprop.layers.layer import Layer, Layers, expanded_by, layers_of
from clearprop.layers.operation import (
    Array,
    Arrays,
    Operation,
    Parameter,
    Pass,
    Place,
    Statistic,
    Traced,
)
from clearprop.maths.residual import residual, residual_vjp

# As deep as a committee's file may nest them.
DEEPEST = 4


class Residual(Layer, frozen=True, tag="residual"):
    """Layers whose result is added to what they were given; both have one shape.

    Attributes:
        layers: the layers inside.
    """

    layers: Layers

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "layers", layers_of(self.layers))
        if self.depth > DEEPEST:
            raise SettingError(f"residual blocks nest {self.depth} deep; {DEEPEST} is the most")

    @property
    def depth(self) -> int:
        """How deep residual blocks are nested, including this one."""
        return 1 + max(one.depth if isinstance(one, Residual) else 0 for one in self.layers)

    def operations(self, at: Place) -> Iterator[Operation]:
        """Yield the one operation, which holds the others.

        Raises:
            SettingError: the layers make another shape than they are given.
        """
        inner: list[Operation] = []
        place, stream = at, at.stream
        for j, layer in enumerate(self.layers):
            place = place.of(f"{at.key}.layers.{j}", f"{at.number}.{j + 1}", stream)
            for operation in expanded_by(layer, place):
                inner.append(operation)
                place = place.after(operation)
            stream += layer.streams
        if place.shape != at.shape:
            raise SettingError(
                f"a residual block turns rows of shape {at.shape} into rows of shape "
                f"{place.shape}; it must return the shape that it receives, and a dense layer "
                "returns flat rows"
            )
        yield Block(at, tuple(inner))

    @property
    def streams(self) -> int:
        return sum(layer.streams for layer in self.layers)

    def outline(self) -> Layer:
        return Residual(tuple(layer.outline() for layer in self.layers))

    def quiet(self) -> Layer:
        return Residual(tuple(layer.quiet() for layer in self.layers))

    def uses(self) -> list[str]:
        return [super().uses()[0], *(what for layer in self.layers for what in layer.uses())]

    def words(self) -> str:
        words = (
            f"{one.units} {one.words()}" if isinstance(one, Dense) else one.words()
            for one in self.layers
        )
        return f"residual ({'; '.join(words)})"

    @property
    def label(self) -> str:
        return self.kind

    @classmethod
    def examples(cls) -> tuple[Layer, ...]:
        return (cls((Dense(3, "tanh", True, 0.25, 0.1), Dense(4, "silu"))),)


@dataclass(frozen=True, eq=False)
class Block(Operation):
    """H = A + F(A), where F is the operations inside."""

    inner: tuple[Operation, ...]
    letter = "H"

    @property
    def work(self) -> int:
        return sum(one.work for one in self.inner)

    @property
    def over_batch(self) -> bool:
        return any(one.over_batch for one in self.inner)

    @property
    def parts(self) -> Sequence[Operation]:
        return self.inner

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        return {name: p for one in self.inner for name, p in one.parameters.items()}

    @cached_property
    def statistics(self) -> dict[str, Statistic]:
        return {name: s for one in self.inner for name, s in one.statistics.items()}

    def infer(self, xp: Any, params: Arrays, stats: Arrays, x: Array) -> Array:
        return residual(xp, x, passes.infer(xp, self.inner, params, stats, x))

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        trace = passes.train(xp, self.inner, now, x)
        return residual(xp, x, trace[-1].out), trace

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        returned = passes.backward(xp, saved, g, inputs=need)
        gradients = {name: a for one in returned for name, a in one.gradients.items()}
        through = returned[-1].g_input if need else None
        return (residual_vjp(xp, g, through) if need else None), gradients

    def observed(self, saved: Any) -> dict[str, Array]:
        return passes.observed(saved)

    def inside(self, saved: Any) -> Sequence[Traced]:
        return saved

    def formula(self) -> str:
        return f"{self.at.source} + {self.inner[-1].name}"

    def backward_formula(self, g: str) -> str:
        first = self.inner[0]
        return f"{g} + {first.backward_formula(f'd{first.name}')}"
