"""The settings of a model as a value: what the user requested."""

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any, NamedTuple

import msgspec

from clearprop.engines import choose
from clearprop.errors import SettingError, known
from clearprop.inputs import PREPARATIONS, Inputs, build_pictures
from clearprop.network import Network, Training, program
from clearprop.network.build import build_network, build_training
from clearprop.storage import Card
from clearprop.tasks import AUTO

# Which settings make the network; `Asked` has those that make neither it nor its training.
OF_NETWORK = (
    "activation",
    "loss",
    "output",
    "batch_norm",
    "dropout",
    "input_dropout",
    "initializer",
    "noise",
    "input_noise",
)


class Requested(NamedTuple):
    """What was requested besides the network and its training.

    Attributes:
        layers: as they were written.
        words: the settings that, with the layers, make the network.
        task: the task, or "auto".
        preparation: the kind of preparation.
        engine: the engine, or "auto".
        lmbda: λ of Nielsen's book, in place of l2.
    """

    layers: Any
    words: Mapping[str, Any]
    task: str = AUTO
    preparation: str = "unit"
    engine: str = "numpy"
    lmbda: float | None = None

    def network(self, task: str) -> Network:
        """Return the network for a task."""
        return build_network(self.layers, **self.words, task=task)


def requested(layers: Any, settings: Mapping[str, Any]) -> tuple[Requested, Card]:
    """Return what settings request, and the card of the model before it has seen any rows.

    Args:
        layers: as for `MLP`.
        settings: all keywords of `MLP` by name.

    Raises:
        SettingError: a setting that does not exist or does not fit.
    """
    rest = dict(settings)
    words = {name: rest.pop(name) for name in OF_NETWORK}
    task, pictures, lmbda = (rest.pop(name) for name in ("task", "pictures", "lmbda"))
    preparation, engine = rest.pop("preparation"), rest.pop("engine")
    known("preparation", preparation, PREPARATIONS)
    if lmbda is not None and rest["l2"]:
        raise SettingError("give l2 or lmbda, not both: lmbda is l2 times the training rows")
    if lmbda is not None and not (isinstance(lmbda, Real) and 0.0 <= float(lmbda) < math.inf):
        raise SettingError(f"lmbda is {lmbda!r}; it must be a number from 0 up")
    choose(engine, visits=1, steps=1, work=1)
    made = Requested(
        layers, words, task, preparation, engine, None if lmbda is None else float(lmbda)
    )
    network, training = made.network(task), build_training(**rest)
    program(network, training)
    inputs = Inputs(network.input_shape, build_pictures(pictures))
    return made, Card(network, inputs, network.task_type.unnamed(network.outputs), training)


def as_loaded(card: Card, engine: str) -> Requested:
    """Return the request that a loaded model stands for: its card's task, on this engine."""
    choose(engine, visits=1, steps=1, work=1)
    return Requested((), {}, card.network.task, engine=engine)


def training_for(requested: Requested, training: Training, rows: int, **words: Any) -> Training:
    """Return training settings with some changed; λ of Nielsen's book is l2 times `rows`."""
    before = msgspec.structs.asdict(training)
    l2 = training.l2 if requested.lmbda is None else requested.lmbda / rows
    return build_training(**(before | {"l2": l2} | words))
