"""What runs: an operation in a network, its parameters and its statistics."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

Array = Any
Arrays = Mapping[str, Array]
Shape = tuple[int, ...]


class Parameter(NamedTuple):
    """A tensor that an operation learns.

    Attributes:
        shape: its shape.
        first: its initial value; None where the network's initializer draws it.
        fans: how many inputs and units it connects, for the initializer.
        matrix: whether its last two axes are the inputs and the units of a product, as W in x·W:
            max-norm bounds it, an optimizer may have a rule of its own for it, and an engine may
            keep these axes transposed.
        decay: the factor on penalties and weight decay; 0 leaves it alone.
        rate: the factor on the learning rate.
    """

    shape: Shape
    first: float | None = 0.0
    fans: tuple[int, int] = (1, 1)
    matrix: bool = False
    decay: float = 0.0
    rate: float = 1.0


class Statistic(NamedTuple):
    """A running statistic: its shape and its initial value."""

    shape: Shape
    first: float


@dataclass(frozen=True)
class Place:
    """The place of an operation in a network.

    Attributes:
        key: the beginning of the names of its parameters, such as "layers.0".
        number: the layer's number in textbook names, the 1 of Z1.
        shape: of one row of its input.
        source: the name of its input, such as "X" or "A1".
        stream: the stream of its draws.
        epsilon: what normalization adds to variances.
    """

    key: str
    number: str
    shape: Shape
    source: str = "X"
    stream: int = 0
    epsilon: float = 1e-5

    @property
    def size(self) -> int:
        """How many numbers one row holds."""
        return math.prod(self.shape)

    def of(self, key: str, number: str, stream: int) -> Place:
        """Return the place of another layer with the same input."""
        return replace(self, key=key, number=number, stream=stream)

    def after(self, operation: Operation) -> Place:
        """Return the place after an operation of the same layer."""
        return replace(self, shape=operation.out_shape, source=operation.name)


class Pass(NamedTuple):
    """What one training pass shares among its operations.

    Attributes:
        params: the parameters by name.
        real: 1 for every real row of the batch, 0 for padding.
        values: the step's settings by name, as rates and deviations, and the keys of its draws.
    """

    params: Arrays
    real: Array
    values: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation, from one array to the next.

    A kind of operation is a subclass: what it learns, its forward at prediction (`infer`) and in
    training (`train`), its backward pass (`vjp`), and how it is explained. The first axis of every
    array is the rows of the batch.

    Attributes:
        at: its place.
        letter: the first letter of its result's name, the Z of Z1.
        draws: the purpose of its random draws, or "".
    """

    at: Place
    letter: ClassVar[str]
    draws: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The name of its result, such as Z1."""
        return f"{self.letter}{self.at.number}"

    @property
    def out_shape(self) -> Shape:
        """The shape of one row of its result."""
        return self.at.shape

    @property
    def work(self) -> int:
        """How many multiplications its products make for a row."""
        return 0

    @property
    def over_batch(self) -> bool:
        """Whether a row's result depends on the other rows of a batch in training."""
        return False

    def key(self, name: str) -> str:
        """Return the full name of its parameter, statistic or setting `name`."""
        return f"{self.at.key}.{name}"

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Its parameters, by full name."""
        return {}

    @cached_property
    def statistics(self) -> dict[str, Statistic]:
        """Its running statistics, by full name."""
        return {}

    @cached_property
    def settings(self) -> dict[str, float]:
        """The settings that are fed to a step, by full name."""
        return {}

    @property
    def parts(self) -> Sequence[Operation]:
        """The operations inside it."""
        return ()

    def infer(self, xp: Any, params: Arrays, stats: Arrays, x: Array) -> Array:
        """Return the result at prediction.

        Args:
            xp: the array namespace.
            params: the network's parameters by name.
            stats: the network's running statistics by name.
            x: what it is given (batch, *shape).
        """
        return x

    def train(self, xp: Any, now: Pass, x: Array) -> tuple[Array, Any]:
        """Return the result in training, and what the VJP and the statistics need."""
        raise NotImplementedError

    def vjp(self, xp: Any, saved: Any, g: Array, need: bool) -> tuple[Array, dict[str, Array]]:
        """Return the gradients with respect to its input and its parameters.

        Args:
            xp: the array namespace.
            saved: what `train` saved.
            g: the gradient with respect to the result.
            need: whether the first is needed; if not, it may be None.
        """
        raise NotImplementedError

    def observed(self, saved: Any) -> dict[str, Array]:
        """Return this batch's own statistics, by full name."""
        return {}

    def inside(self, saved: Any) -> Sequence[Traced]:
        """Return the trace of the operations inside it."""
        return ()

    def signs(self, out: Array) -> dict[str, float]:
        """Return vital signs of its units from a result, each a share of them."""
        return {}

    def formula(self) -> str:
        """Return the formula of the result, in terms of `at.source`."""
        raise NotImplementedError

    def backward_formula(self, g: str) -> str:
        """Return the formula of the gradient with respect to `at.source`, in terms of g."""
        raise NotImplementedError

    def learned(self, g: str) -> dict[str, tuple[str, str]]:
        """Return the name and the formula of the gradient of each parameter."""
        return {}


def drawn(xp: Any, draw: Callable, key: Array, x: Array) -> Array:
    """Return draws of the shape and type of x, each row's independent of how many there are.

    Args:
        xp: the array namespace.
        draw: `maths.noise.uniform` or `maths.gaussian_noise.normal`.
        key: two words.
        x: (batch, *shape).
    """
    if x.ndim == 2:
        return draw(xp, key, x.shape, x.dtype)
    made = draw(xp, key, (x.shape[0], math.prod(x.shape[1:])), x.dtype)
    return xp.reshape(made, x.shape)


class Traced(NamedTuple):
    """An operation that has run: what its VJP needs, and its result."""

    operation: Operation
    saved: Any
    out: Array
