"""Checkpoints: everything that a training needs to resume as if it had never stopped."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

import msgspec
import numpy as np

from clearprop.inputs import Inputs
from clearprop.network import Network, State, Training, memory, shapes, statistics_shapes
from clearprop.network.operations import uses
from clearprop.registered import needs
from clearprop.storage import header, tensor_file
from clearprop.storage.tensor_file import Kind
from clearprop.tasks import Targets

FORMAT = 2
MEASURED = "measured"
# Each may keep a state as large as the network's: a file must not ask for thousands.
MOST_CALLBACKS = 100
# Beyond 2^53 a step number is no longer exact as a float, and no training comes near.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
# JSON has no NaN and no infinity, but a validation loss may be one.
Figure = float | Literal["nan", "inf", "-inf"]


class Progress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the fit of a checkpoint had come.

    Attributes:
        first_steps: steps made before the fit began.
        first_epochs: epochs before the fit began.
        planned_steps: steps this fit makes unless something ends it early.
        epoch: its current epoch, from 1.
        step_in_epoch: steps made in this epoch.
        rate_factor: the callbacks' factor on the scheduled learning rate.
        epoch_rate_factor: that factor when the current epoch began.
        stopped: why the fit ended early, or "".
        first_loss: the fit's first.
        seconds: of the current epoch so far.
        memories: the numbers that each callback remembers, in their order.
        keeps: which callbacks remember a state too.
        callbacks: the class names of the callbacks, in the same order.
        rows: a fingerprint of the training and validation rows and of their preparation.
        engine: what ran the steps, and the versions on which their last bits depend.
    """

    first_steps: Count
    first_epochs: Count
    planned_steps: Count
    epoch: Count
    step_in_epoch: Count
    rate_factor: float
    epoch_rate_factor: float
    stopped: str
    first_loss: float
    seconds: float
    memories: tuple[dict[str, Figure | None], ...]
    keeps: tuple[bool, ...]
    callbacks: tuple[str, ...]
    rows: str
    engine: dict[str, str]


class Checkpoint(NamedTuple):
    """A training between two steps.

    Attributes:
        network: the architecture.
        training: the settings of the fit.
        inputs: the shape, range and preparation of one input.
        targets: what the outputs stand for.
        state: parameters, statistics, the optimizer's memory and moving averages.
        steps: steps made since the network began.
        epochs: whole epochs among them.
        series: the history, by name, one value an epoch.
        progress: of the fit; None where it cannot be resumed exactly.
        measured: loss and the task's sums of each step of the current epoch, by name.
        kept: the states that callbacks remember.
    """

    network: Network
    training: Training
    inputs: Inputs
    targets: Targets
    state: State
    steps: int
    epochs: int
    series: dict[str, list[float]]
    progress: Progress | None = None
    measured: Mapping[str, np.ndarray] = MappingProxyType({})
    kept: tuple[State, ...] = ()


class _Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    network: Network
    training: Training
    inputs: Inputs
    targets: Targets
    steps: Count
    epochs: Count
    series: dict[str, list[Figure]]
    progress: Progress | None = None
    made_with: dict[str, str] = msgspec.field(default_factory=dict)
    needs: dict[str, str] = msgspec.field(default_factory=dict)
    format: Annotated[int, msgspec.Meta(ge=1)] = FORMAT


def figure(x: float) -> Figure:
    """Return a number as JSON can hold it: NaN and infinity as words."""
    words: dict[str, Literal["nan", "inf", "-inf"]] = {"nan": "nan", "inf": "inf", "-inf": "-inf"}
    return words.get(str(float(x)), float(x))


def write_checkpoint(path: str | os.PathLike[str], checkpoint: Checkpoint) -> Path:
    """Write a checkpoint, whole or not at all.

    Its tensors are named `params/layers.0.weight`, `stats/...`, `slots/layers.0.weight/mean` and
    `average/...`; the states that callbacks remember are numbered, `0/params/...`.

    Raises:
        ModelFileError: the file cannot be written there, or could not be read back: a value is not
            finite, or the state is not one of this network and these settings.
    """
    return tensor_file.write(KIND, path, _card(checkpoint), _tensors(checkpoint))


def packed_checkpoint(path: str | os.PathLike[str], checkpoint: Checkpoint) -> list[memoryview]:
    """Return the bytes of a checkpoint to be written to `path`, in parts.

    Raises:
        ModelFileError: it could not be read back.
    """
    return tensor_file.packed(KIND, path, _card(checkpoint), _tensors(checkpoint))


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint and check that its state is one of its network and settings.

    Raises:
        ModelFileError: the file is missing, damaged, not a checkpoint, or of a newer version.
    """
    card, tensors = tensor_file.read(KIND, path)
    state = _state(tensors, "")
    measured = {name: tensors[f"{MEASURED}/{name}"] for name in _measured(card)}
    kept = tuple(_state(tensors, f"{i}/") for i in range(_kept(card)))
    series = {name: [float(x) for x in values] for name, values in card.series.items()}
    return Checkpoint(
        network=card.network,
        training=card.training,
        inputs=card.inputs,
        targets=card.targets,
        state=state,
        steps=card.steps,
        epochs=card.epochs,
        series=series,
        progress=card.progress,
        measured=measured,
        kept=kept,
    )


def _card(made: Checkpoint) -> _Card:
    series = {name: [figure(x) for x in values] for name, values in made.series.items()}
    return _Card(
        network=made.network,
        training=made.training,
        inputs=made.inputs,
        targets=made.targets,
        steps=made.steps,
        epochs=made.epochs,
        series=series,
        progress=made.progress,
        needs=needs(uses(made.network, made.training)),
    )


def _tensors(made: Checkpoint) -> dict[str, np.ndarray]:
    states = {"": made.state, **{f"{i}/": state for i, state in enumerate(made.kept)}}
    named = {
        f"{before}{part}/{name}": tensor
        for before, state in states.items()
        for part, own in state._asdict().items()
        for name, tensor in own.items()
    }
    return named | {f"{MEASURED}/{name}": values for name, values in made.measured.items()}


def _state(tensors: dict[str, np.ndarray], before: str) -> State:
    parts = {part: f"{before}{part}/" for part in State._fields}
    return State(
        **{
            part: {n.removeprefix(start): t for n, t in tensors.items() if n.startswith(start)}
            for part, start in parts.items()
        }
    )


def _measured(card: _Card) -> tuple[str, ...]:
    """Return the names of the series of steps in it."""
    return ("loss", *card.network.task_type.sums) if card.progress else ()


def _kept(card: _Card) -> int:
    return sum(card.progress.keeps) if card.progress else 0


def _shapes_of_a_state(card: _Card) -> dict[str, tuple[int, ...]]:
    """Return the shapes of `initial_state` without allocating it."""
    params, stats = shapes(card.network), statistics_shapes(card.network)
    kept = memory(card.network, card.training.optimizer.name, params)
    slots = {slot: params[name] for slot, name in kept.items()}
    average = {**params, **stats} if card.training.moving_average else {}
    parts = State(params, stats, slots, average)._asdict()
    return {f"{part}/{name}": s for part, own in parts.items() for name, s in own.items()}


def _shapes(card: _Card) -> dict[str, tuple[int, ...]]:
    one = _shapes_of_a_state(card)
    before = ("", *(f"{i}/" for i in range(_kept(card))))
    made = {start + name: shape for start in before for name, shape in one.items()}
    if card.progress is not None:
        steps = card.progress.step_in_epoch
        made |= {f"{MEASURED}/{name}": (steps,) for name in _measured(card)}
    return made


def _fault(card: _Card) -> str:
    if fault := card.inputs.fault(card.network.features):
        return fault
    if fault := card.network.task_type.fault_of(card.targets, card.network.outputs):
        return fault
    if card.epochs > card.steps:
        return f"has {card.epochs} epochs in {card.steps} steps"
    if card.progress and len(card.progress.keeps) != len(card.progress.memories):
        return "has another number of callbacks in one place than in another"
    if card.progress and len(card.progress.keeps) > MOST_CALLBACKS:
        return f"has more than {MOST_CALLBACKS} callbacks"
    if (1 + _kept(card)) * len(_shapes_of_a_state(card)) > header.MOST_TENSORS:
        return f"keeps {_kept(card)} states of {len(card.network.layers)} layers: too many tensors"
    return ""


KIND = Kind(
    key="clearprop_checkpoint",
    words="checkpoint",
    card=_Card,
    version=FORMAT,
    shapes=_shapes,
    fault=_fault,
)
