"""Model files: what prediction needs, tensors in safetensors' format beside a card.

A model file is data. Nothing in it names code, and everything in it is checked against the
network that it claims to hold before it is used.
"""

import os
from pathlib import Path
from typing import Annotated

import msgspec

from clearprop.errors import in_one_line
from clearprop.inputs import Inputs
from clearprop.models import located
from clearprop.network import Network, Training, shapes, statistics_shapes
from clearprop.storage import tensor_file
from clearprop.storage.tensor_file import Kind, Tensors
from clearprop.tasks import METRICS, Targets

FORMAT = 2


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model file says beside its tensors.

    Attributes:
        network: the architecture and the task.
        inputs: the shape, range and preparation of one input.
        targets: what the outputs stand for.
        training: the settings that made it.
        epochs: how many epochs it learned.
        dataset: the name of the data it learned from, or "".
        metrics: on the validation rows, with these weights; empty without such rows.
        made_with: the engine, versions and processor that its weights were learned with, and the
            version of Clearprop that wrote it.
        needs: the module of each layer, activation, loss or optimizer in it that does not come
            with Clearprop, as {"layer tilt": "my_layers"}; nothing is imported because of it.
        format: the version of this format.
    """

    network: Network
    inputs: Inputs
    targets: Targets
    training: Training
    epochs: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    dataset: str = ""
    metrics: dict[str, float] = msgspec.field(default_factory=dict)
    made_with: dict[str, str] = msgspec.field(default_factory=dict)
    needs: dict[str, str] = msgspec.field(default_factory=dict)
    format: Annotated[int, msgspec.Meta(ge=1)] = FORMAT


def write(path: str | os.PathLike[str], card: Card, tensors: Tensors) -> Path:
    """Write a model file, parameters and running statistics by name, whole or not at all.

    Raises:
        ModelFileError: the file cannot be written there, or could not be read back.
    """
    return tensor_file.write(KIND, path, card, tensors)


def read(path: str | os.PathLike[str], *, allow_nonfinite: bool = False) -> tuple[Card, Tensors]:
    """Read a model file and check that its tensors are those that its network needs.

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
    network = card.network
    if fault := card.inputs.fault(network.features):
        return fault
    if fault := network.task_type.fault_of(card.targets, network.outputs):
        return fault
    for name, value in card.metrics.items():
        if name not in METRICS or not METRICS[name].least <= value <= METRICS[name].most:
            return f"has {in_one_line(name, 60)} = {value:g} among its metrics"
    return ""


KIND = Kind(
    key="clearprop",
    words="model file",
    card=Card,
    version=FORMAT,
    shapes=_shapes,
    fault=_fault,
)
