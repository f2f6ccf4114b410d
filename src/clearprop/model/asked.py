"""How a model is asked for, checked, as one value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any, NamedTuple

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


class Asked(NamedTuple):
    """What was asked for beside the network and its training.

    Attributes:
        layers: as they were written.
        words: the settings that make the network of these layers.
        task: what it shall be asked for, or "auto".
        preparation: the kind of preparation.
        engine: which engine, or "auto".
        lmbda: λ of Nielsen's book, in place of l2.
    """

    layers: Any
    words: Mapping[str, Any]
    task: str = AUTO
    preparation: str = "unit"
    engine: str = "numpy"
    lmbda: float | None = None

    def network(self, task: str) -> Network:
        """Return the network under a task."""
        return build_network(self.layers, **self.words, task=task)


def asked(layers: Any, settings: Mapping[str, Any]) -> tuple[Asked, Card]:
    """Return what settings ask for, and the card of the model before it has met any rows.

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
    made = Asked(layers, words, task, preparation, engine, None if lmbda is None else float(lmbda))
    network, training = made.network(task), build_training(**rest)
    program(network, training)
    inputs = Inputs(network.input_shape, build_pictures(pictures))
    return made, Card(network, inputs, network.asked.unnamed(network.outputs), training)


def taken_up(card: Card, engine: str) -> Asked:
    """Return what a model that a card describes is asked for: what it was, on this engine."""
    choose(engine, visits=1, steps=1, work=1)
    return Asked((), {}, card.network.task, engine=engine)


def training_for(asked: Asked, training: Training, rows: int, **words: Any) -> Training:
    """Return training settings with some changed, and λ of Nielsen's book for so many rows."""
    import msgspec

    before = msgspec.structs.asdict(training)
    l2 = training.l2 if asked.lmbda is None else asked.lmbda / rows
    return build_training(**(before | {"l2": l2} | words))
