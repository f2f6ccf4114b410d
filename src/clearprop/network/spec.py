"""What a network is and how it learns: frozen data, read from TOML, JSON or Python.

`Network` is what a model file needs to run; `Training` is what made it. Both hold plain values and
names that this program knows, so nothing that is read from a file can name code.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from clearprop.errors import SettingError, known
from clearprop.layers import Dense, Layer, Operation, layers_of
from clearprop.layers.expansion import expanded
from clearprop.layers.layer import MOST_NOISE, Layers, within
from clearprop.maths.initializers import INITIALIZERS
from clearprop.maths.losses import LOSSES
from clearprop.network.choices import Choice, check_optimizer
from clearprop.network.deformation import Deformation
from clearprop.network.schedule import Schedule, check_schedule
from clearprop.tasks import TASKS, Task

MOST_AXES, MOST_FEATURES = 8, 1_000_000


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The architecture: the shape of one input, layers (the last gives the output), loss and task.

    `norm_momentum` is the share of the old value that batch normalization's running statistics
    keep at each step; `norm_epsilon` is added to variances, also by layer normalization.
    """

    input_shape: tuple[int, ...]
    layers: Layers
    loss: str = "cross_entropy"
    input_dropout: float = 0.0
    initializer: str = "he_normal"
    norm_momentum: float = 0.9
    norm_epsilon: float = 1e-5
    input_noise: float = 0.0
    task: str = "classes"

    def __post_init__(self) -> None:
        known("loss", self.loss, LOSSES)
        known("task", self.task, TASKS)
        known("initializer", self.initializer, INITIALIZERS)
        if not self.layers:
            raise SettingError("a network needs at least an output layer")
        msgspec.structs.force_setattr(self, "layers", layers_of(self.layers))
        msgspec.structs.force_setattr(self, "input_shape", _shape(self.input_shape))
        within("number of axes of an input", len(self.input_shape), 1, MOST_AXES)
        for size in self.input_shape:
            within("input size", size, 1, MOST_FEATURES)
        within("number of inputs", self.features, 1, MOST_FEATURES)
        within("input dropout rate", self.input_dropout, 0.0, 0.99)
        within("input_noise", self.input_noise, 0.0, MOST_NOISE)
        within("norm_momentum", self.norm_momentum, 0.0, 1.0)
        within("norm_epsilon", self.norm_epsilon, 1e-12, 1.0)
        self._check_output(self.layers[-1])
        self.expanded()

    def _check_output(self, output: Layer) -> None:
        if not isinstance(output, Dense):
            raise SettingError(
                f"the last layer is {output.kind!r}; it gives the answers and must be a number "
                "of units, as the 10 in [784, 128, 10]"
            )
        if output.activation not in LOSSES[self.loss].outputs:
            allowed = " or ".join(LOSSES[self.loss].outputs)
            raise SettingError(f"{self.loss} needs a {allowed} output, not {output.activation!r}")
        if fault := self.task_type.fault(output.units, LOSSES[self.loss], output.activation):
            raise SettingError(fault)
        if output.batch_norm or output.dropout or output.noise:
            raise SettingError(
                "the output layer takes neither batch normalization nor dropout nor noise"
            )

    @property
    def sizes(self) -> list[int]:
        """The layer sizes from the inputs to the output, for example [784, 128, 10]."""
        made = (part[-1].out_shape for part in self.expanded()[1:])
        return [self.features, *map(math.prod, made)]

    @property
    def features(self) -> int:
        """How many numbers one input holds."""
        return math.prod(self.input_shape)

    @property
    def output(self) -> Dense:
        """The last layer."""
        return self.layers[-1]  # type: ignore[return-value]  # _check_output says so

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return self.output.units

    @property
    def task_type(self) -> Task:
        """The object of the task."""
        return TASKS[self.task]

    @property
    def normalized(self) -> bool:
        """Whether any layer normalizes over the rows of a batch."""
        return any(one.over_batch for part in self.expanded() for one in part)

    def expanded(self) -> tuple[tuple[Operation, ...], ...]:
        """Return the operations on the inputs, and then those of every layer.

        Raises:
            SettingError: a layer cannot stand where it does.
        """
        return expanded(
            self.layers, self.input_shape, self.norm_epsilon, self.input_noise, self.input_dropout
        )


def _shape(shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, Sequence) or isinstance(shape, str):
        raise SettingError(f"input_shape is {shape!r}; give a tuple, as (784,) or (28, 28)")
    return tuple(shape)


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a network learns. A penalty, clipping, bound or average of 0 is off.

    `l1` and `l2` are λ of the penalties λ·Σ|W| and λ/2·ΣW² added to the mean loss of a batch.
    `max_norm` is the largest norm of a unit's incoming weights, hidden units and outputs alike.
    `moving_average` is the decay of the averaged weights that evaluation uses when it is on.
    `deformation` gives fresh pictures at every step. `adversarial` is the length of the step, in
    the units of the prepared inputs, by which every row is moved up the loss; the gradient is the
    mean of those at both places, and the figures are of the row as it is.
    """

    optimizer: Choice = Choice("adam")
    learning_rate: float = 1e-3
    schedule: Schedule = Choice("constant")
    batch_size: int = 128
    epochs: int = 5
    seed: int = 0
    l1: float = 0.0
    l2: float = 0.0
    clip_norm: float = 0.0
    moving_average: float = 0.0
    label_smoothing: float = 0.0
    precision: Literal["float32", "float64"] = "float32"
    gradients: Literal["auto", "derived"] = "auto"
    deformation: Deformation | None = None
    max_norm: float = 0.0
    adversarial: float = 0.0

    @property
    def dtype(self) -> str:
        """The type of the parameters."""
        return self.precision

    @property
    def passes(self) -> int:
        """How many gradients a step takes."""
        return 2 if self.adversarial else 1

    def __post_init__(self) -> None:
        check_optimizer(self.optimizer)
        check_schedule(self.schedule)
        within("seed", self.seed, -(2**63), 2**64)
        within("learning_rate", self.learning_rate, 1e-12, 1e6)
        within("batch_size", self.batch_size, 1, 10_000_000)
        within("epochs", self.epochs, 0, 10_000_000)
        for name in ("l1", "l2", "clip_norm", "max_norm", "adversarial"):
            within(name, getattr(self, name), 0.0, 1e12)
        within("moving_average", self.moving_average, 0.0, 0.999999)
        within("label_smoothing", self.label_smoothing, 0.0, 0.99)
