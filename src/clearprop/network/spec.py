"""What a network is and how it learns: frozen data, read from TOML, JSON or Python.

`Network` is what a model file needs to run; `Training` is what made it. Both hold plain
values of a closed vocabulary, so nothing that is read from a file can name code.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from clearprop.errors import SettingError
from clearprop.maths.activations import ACTIVATIONS
from clearprop.maths.initializers import INITIALIZERS
from clearprop.network.choices import Choice, check_optimizer, known
from clearprop.network.deformation import Deformation
from clearprop.network.schedule import Schedule, check_schedule

# The output activations that each loss is defined on; the first is its default.
LOSSES = {
    "cross_entropy": ("softmax",),
    "sigmoid_cross_entropy": ("sigmoid",),
    "squared_error": ("identity", "sigmoid", "softmax"),
}

# Far above what can be trained; a file from elsewhere may ask for a million.
MOST_LAYERS = 1000
MOST_NOISE = 1000.0
REGISTER = "; one of your own must be registered first: see clearprop.register_activation"


class Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A layer of units: affine, then batch normalization, noise, activation and dropout.

    `noise` is the standard deviation of Gaussian noise; like dropout it is there while training.
    """

    units: int
    activation: str
    batch_norm: bool = False
    dropout: float = 0.0
    noise: float = 0.0


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The architecture: inputs, layers (the last gives the output), and the loss.

    `norm_momentum` is the share of the old value that batch normalization's running
    statistics keep at each step; `norm_epsilon` is added to its variances.
    """

    inputs: int
    layers: tuple[Layer, ...]
    loss: str = "cross_entropy"
    input_dropout: float = 0.0
    initializer: str = "he_normal"
    norm_momentum: float = 0.9
    norm_epsilon: float = 1e-5
    input_noise: float = 0.0

    def __post_init__(self) -> None:
        known("loss", self.loss, LOSSES)
        known("initializer", self.initializer, INITIALIZERS)
        if not self.layers:
            raise SettingError("a network needs at least an output layer")
        _within("number of layers", len(self.layers), 1, MOST_LAYERS)
        for size in (self.inputs, *(layer.units for layer in self.layers)):
            _within("layer size", size, 1, 1_000_000)
        for layer in self.layers[:-1]:
            known("activation", layer.activation, ACTIVATIONS, REGISTER)
            _within("dropout rate", layer.dropout, 0.0, 0.99)
            _within("noise", layer.noise, 0.0, MOST_NOISE)
        _within("input dropout rate", self.input_dropout, 0.0, 0.99)
        _within("input_noise", self.input_noise, 0.0, MOST_NOISE)
        _within("norm_momentum", self.norm_momentum, 0.0, 1.0)
        _within("norm_epsilon", self.norm_epsilon, 1e-12, 1.0)
        self._check_output(self.layers[-1])

    def _check_output(self, output: Layer) -> None:
        if output.activation not in LOSSES[self.loss]:
            allowed = " or ".join(LOSSES[self.loss])
            raise SettingError(f"{self.loss} needs a {allowed} output, not {output.activation!r}")
        if output.units < 2:
            raise SettingError("give one output for each class: yes and no are two, as in [9, 2]")
        if output.batch_norm or output.dropout or output.noise:
            raise SettingError(
                "the output layer takes neither batch normalization nor dropout nor noise"
            )

    @property
    def sizes(self) -> list[int]:
        """The layer sizes from the inputs to the output, for example [784, 128, 10]."""
        return [self.inputs, *(layer.units for layer in self.layers)]

    @property
    def classes(self) -> int:
        """The number of outputs."""
        return self.layers[-1].units

    @property
    def normalized(self) -> bool:
        """Whether any layer has batch normalization."""
        return any(layer.batch_norm for layer in self.layers)

    @property
    def noisy(self) -> bool:
        """Whether there is Gaussian noise anywhere."""
        return bool(self.input_noise) or any(layer.noise for layer in self.layers)


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a network learns. A penalty, clipping, bound or average of 0 is off.

    `l1` and `l2` are λ of the penalties λ·Σ|W| and λ/2·ΣW² beside the mean loss of a batch.
    `max_norm` is the largest norm of a unit's incoming weights, hidden units and outputs alike.
    `moving_average` is the decay of the averaged weights that evaluation uses when it is on.
    `deformation` gives fresh pictures at every step. `adversarial` is the length of the step, in
    the units of the prepared inputs, by which every row is moved up the loss; the gradient is the
    mean of the one there and the one where the row is, and the figures are of where it is.
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
    dtype: Literal["float32", "float64"] = "float32"
    gradients: Literal["auto", "derived"] = "auto"
    deformation: Deformation | None = None
    max_norm: float = 0.0
    adversarial: float = 0.0

    @property
    def passes(self) -> int:
        """How many gradients a step takes."""
        return 2 if self.adversarial else 1

    def __post_init__(self) -> None:
        check_optimizer(self.optimizer)
        check_schedule(self.schedule)
        _within("seed", self.seed, -(2**63), 2**64)
        _within("learning_rate", self.learning_rate, 1e-12, 1e6)
        _within("batch_size", self.batch_size, 1, 10_000_000)
        _within("epochs", self.epochs, 0, 10_000_000)
        for name in ("l1", "l2", "clip_norm", "max_norm", "adversarial"):
            _within(name, getattr(self, name), 0.0, 1e12)
        _within("moving_average", self.moving_average, 0.0, 0.999999)
        _within("label_smoothing", self.label_smoothing, 0.0, 0.99)


def _within(name: str, value: float, low: float, high: float) -> None:
    # Written so that NaN is refused too.
    if not low <= value <= high:
        # A number of thousands of digits cannot even be printed.
        shown = "far beyond" if isinstance(value, int) and abs(value) > 2**100 else value
        raise SettingError(f"{name} is {shown}; it must lie between {low:g} and {high:g}")
