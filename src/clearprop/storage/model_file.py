"""Model files: what prediction needs, tensors in safetensors' format beside a card.

A model file is data. Nothing in it names code, and everything in it is checked against the
network that it claims to hold before it is used.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Annotated

import msgspec

from clearprop.data.arrays import Reading
from clearprop.models import located
from clearprop.network import (
    Network,
    Pictures,
    Preparation,
    Training,
    shapes,
    statistics_shapes,
)
from clearprop.storage import tensor_file
from clearprop.storage.tensor_file import Kind, Tensors

FORMAT = 2
# More dimensions than any input has; a product over thousands of sizes would take hours.
Sizes = Annotated[
    tuple[Annotated[int, msgspec.Meta(ge=1, le=2**53)], ...], msgspec.Meta(max_length=8)
]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model file says beside its tensors.

    Attributes:
        network: the architecture.
        preparation: how uint8 inputs become numbers; None where it learned from floats.
        classes: the name of each output.
        input_shape: the shape of one input, (28, 28) for a picture, (features,) otherwise.
        training: the settings that made it.
        epochs: how many epochs it learned.
        dataset: the name of the data it learned from, or "".
        validation_accuracy: at the weights that are saved; None without validation rows.
        reading: how a picture of one's own becomes an input.
        made_with: the engine, versions and processor that its weights were learned with, and the
            version of Clearprop that wrote it.
        pictures: how they are redrawn before that, step by step.
        needs: the module of each layer, activation, loss or optimizer in it that does not come
            with Clearprop, as {"layer tilt": "my_layers"}; nothing is imported because of it.
        format: the version of this format.
    """

    network: Network
    preparation: Preparation | None
    classes: tuple[str, ...]
    input_shape: Sizes
    training: Training
    epochs: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    dataset: str = ""
    validation_accuracy: Share | None = None
    reading: Reading = "digit"
    made_with: dict[str, str] = msgspec.field(default_factory=dict)
    pictures: Pictures = ()
    needs: dict[str, str] = msgspec.field(default_factory=dict)
    format: Annotated[int, msgspec.Meta(ge=1)] = FORMAT


def write(path: str | os.PathLike[str], card: Card, tensors: Tensors) -> Path:
    """Write a model file, whole or not at all.

    Args:
        path: the file.
        card: what it says.
        tensors: parameters and running statistics by name.

    Raises:
        ModelFileError: the file cannot be written there, or could not be read back.
    """
    return tensor_file.write(KIND, path, card, tensors)


def read(path: str | os.PathLike[str], *, allow_nonfinite: bool = False) -> tuple[Card, Tensors]:
    """Read a model file and check that its tensors are the ones its network needs.

    Args:
        path: the file, or the name of a model that ships.
        allow_nonfinite: whether tensors may hold NaN and infinite values.

    Raises:
        ModelFileError: the file is missing, damaged, not one of ours, or of a newer version.
    """
    return tensor_file.read(KIND, located(path), allow_nonfinite=allow_nonfinite)


def _shapes(card: Card) -> dict[str, tuple[int, ...]]:
    return {**shapes(card.network), **statistics_shapes(card.network)}


def _fault(card: Card) -> str:
    if math.prod(card.input_shape) != card.network.features:
        return f"has inputs of shape {card.input_shape} for a network of {card.network.features}"
    if len(card.classes) != card.network.classes:
        return f"names {len(card.classes)} classes for {card.network.classes} outputs"
    return ""


KIND = Kind("clearprop", "model file", Card, FORMAT, _shapes, _fault)
