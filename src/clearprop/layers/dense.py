"""The dense layer: every unit is connected to every input."""

from collections.abc import Callable, Iterator
from functools import partial

from clearprop.errors import SettingError, known
from clearprop.layers.activation import Activate
from clearprop.layers.affine import Affine
from clearprop.layers.batch_norm import BatchNorm
from clearprop.layers.dropout import Drop
from clearprop.layers.layer import MOST_NOISE, Layer, chain, within
from clearprop.layers.noise import AddNoise
from clearprop.layers.operation import Operation, Place
from clearprop.layers.reshape import Reshape
from clearprop.maths.activations import ACTIVATIONS

REGISTER = "; one of your own must be registered first: see clearprop.register_activation"


class Dense(Layer, frozen=True, tag="dense"):
    """Units: affine, then batch normalization, noise, activation and dropout.

    Layer 1 gives Z1 = X·W1 + b1, then (with batch normalization) N1, then (with noise) E1, then
    A1, then (with dropout) D1. As the last layer it is the affine map alone: its activation
    belongs to the loss.

    Attributes:
        units: how many.
        activation: its name; of the last layer the output's.
        batch_norm: whether Z is normalized; then β takes the place of the bias.
        dropout: rate, while training.
        noise: standard deviation of Gaussian noise, while training.
    """

    units: int
    activation: str
    batch_norm: bool = False
    dropout: float = 0.0
    noise: float = 0.0
    fed = ("dropout", "noise")

    def __post_init__(self) -> None:
        known("activation", self.activation, {*ACTIVATIONS, "softmax"}, REGISTER)
        within("layer size", self.units, 1, 1_000_000)
        within("dropout rate", self.dropout, 0.0, 0.99)
        within("noise", self.noise, 0.0, MOST_NOISE)

    def logits(self, at: Place) -> Iterator[Operation]:
        """Yield the affine map alone, as in the last layer, after flattening its input."""
        flat = [partial(Reshape, shape=(at.size,))] if len(at.shape) > 1 else []
        return chain(at, [*flat, partial(Affine, units=self.units, biased=not self.batch_norm)])

    def operations(self, at: Place) -> Iterator[Operation]:
        """Yield affine, batch normalization, noise, activation and dropout, those that are on.

        Raises:
            SettingError: there is no such activation.
        """
        if self.activation == "softmax":
            raise SettingError("softmax is an output; take another activation for a hidden layer")
        for operation in self.logits(at):
            yield operation
            at = at.after(operation)
        kinds: list[Callable[[Place], Operation]] = [BatchNorm] if self.batch_norm else []
        kinds += [partial(AddNoise, deviation=self.noise)] if self.noise else []
        kinds += [partial(Activate, function=self.activation)]
        kinds += [partial(Drop, rate=self.dropout)] if self.dropout else []
        yield from chain(at, kinds)

    def uses(self) -> list[str]:
        """Return which registrable parts it uses, such as "activation relu"."""
        return [*super().uses(), f"activation {self.activation}"]

    def words(self) -> str:
        norm = "batch norm" if self.batch_norm else ""
        noise = f"noise {self.noise:g}" if self.noise else ""
        dropout = f"dropout {self.dropout:g}" if self.dropout else ""
        return ", ".join(filter(None, [norm, noise, self.activation, dropout]))

    @property
    def label(self) -> str:
        return self.activation

    @classmethod
    def examples(cls) -> tuple[Layer, ...]:
        return cls(5, "tanh"), cls(5, "silu", True, 0.25, 0.1)
