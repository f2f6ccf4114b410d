"""Checkpoints: everything that a training needs to go on as if it had never stopped."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.network import Network, State, Training, shapes, statistics_shapes
from clearprop.storage import tensor_file
from clearprop.storage.tensor_file import Kind

FORMAT = 1
# Beyond 2^53 a step number is no longer exact as a float, and no training comes near.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Checkpoint(NamedTuple):
    """Where a training stood.

    Attributes:
        network: the architecture.
        training: the settings of the fit.
        state: parameters, statistics, the optimizer's memory and moving averages.
        steps: how many were made since the network began.
        epochs: how many of them were whole epochs.
        series: what was measured on the way, by name, one value an epoch.
    """

    network: Network
    training: Training
    state: State
    steps: int
    epochs: int
    series: dict[str, list[float]]


class _Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    network: Network
    training: Training
    steps: Count
    epochs: Count
    series: dict[str, list[float]]
    made_with: dict[str, str] = msgspec.field(default_factory=dict)
    format: int = FORMAT


def write_checkpoint(path: str | os.PathLike[str], checkpoint: Checkpoint) -> Path:
    """Write a checkpoint, whole or not at all.

    Its tensors are named `params/layers.0.weight`, `stats/...`, `slots/layers.0.weight/mean`
    and `average/...`.

    Raises:
        ModelFileError: the file cannot be written there, or could not be read back: a value
            is not finite, or the state is not one of this network and these settings.
    """
    network, training, state, steps, epochs, series = checkpoint
    tensors = {f"{part}/{n}": t for part, own in state._asdict().items() for n, t in own.items()}
    return tensor_file.write(KIND, path, _Card(network, training, steps, epochs, series), tensors)


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint and check that its state is one of its network and settings.

    Raises:
        ModelFileError: the file is missing, damaged, no checkpoint, or of a newer version.
    """
    card, tensors = tensor_file.read(KIND, path)
    parts: dict[str, dict] = {part: {} for part in State._fields}
    for name, tensor in tensors.items():
        part, _, own = name.partition("/")
        parts[part][own] = tensor
    state = State(**parts)
    return Checkpoint(card.network, card.training, state, card.steps, card.epochs, card.series)


def _shapes(card: _Card) -> dict[str, tuple[int, ...]]:
    """Return the shapes that `initial_state` gives, without taking its memory."""
    params, stats = shapes(card.network), statistics_shapes(card.network)
    memory = OPTIMIZERS[card.training.optimizer.name].slots
    slots = {f"{name}/{slot}": shape for name, shape in params.items() for slot in memory}
    average = {**params, **stats} if card.training.moving_average else {}
    parts = State(params, stats, slots, average)._asdict()
    return {f"{part}/{name}": s for part, own in parts.items() for name, s in own.items()}


def _fault(card: _Card) -> str:
    return f"has {card.epochs} epochs in {card.steps} steps" if card.epochs > card.steps else ""


KIND = Kind("clearprop_checkpoint", "checkpoint", _Card, FORMAT, _shapes, _fault)
