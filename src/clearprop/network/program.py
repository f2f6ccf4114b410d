"""A program: what is fixed while a network learns, apart from the numbers that are fed in.

Which settings exist decides the program; their values are data. So one compiled program serves all
values of a setting, and a schedule never recompiles.
"""

import msgspec

from clearprop.errors import SettingError
from clearprop.maths.optimizers import OPTIMIZERS
from clearprop.network.choices import optimizer_settings
from clearprop.network.deformation import Plan, constants, plan
from clearprop.network.operations import every_operation
from clearprop.network.spec import Network, Training

# Settings of `Training` that are in the step only where they are not zero.
OPTIONAL = ("l1", "l2", "clip_norm", "max_norm", "moving_average", "label_smoothing", "adversarial")


class Program(msgspec.Struct, frozen=True):
    """The static part of a training step; hashable, so engines keep compiled ones by it."""

    network: Network
    optimizer: str
    options: tuple[str, ...]
    dtype: str
    gradients: str
    deformation: Plan | None = None


def program(network: Network, training: Training) -> Program:
    """Return the program that trains `network` under these settings."""
    options = tuple(name for name in OPTIONAL if getattr(training, name))
    _check_task(network, training)
    name, dtype, deformation = training.optimizer.name, training.dtype, training.deformation
    fixed = plan(deformation, network.input_shape, network.outputs) if deformation else None
    return Program(outline(network), name, options, dtype, training.gradients, fixed)


def _check_task(network: Network, training: Training) -> None:
    """Raise SettingError where a setting means nothing under the network's task."""
    if training.label_smoothing and not network.task_type.possible_answers(network.outputs):
        raise SettingError(
            f"label_smoothing is for answers of which there are a few; the task is {network.task}: "
            "leave it away"
        )
    if training.deformation and training.deformation.strength and network.task != "classes":
        raise SettingError(
            f"deformation.strength is for classes, and the task is {network.task}: leave it out"
        )


def hyper(network: Network, training: Training) -> dict[str, float]:
    """Return the values of the settings in the program, by name."""
    values = {name: getattr(training, name) for name in OPTIONAL if getattr(training, name)}
    settings = optimizer_settings(training.optimizer)
    values |= settings | OPTIMIZERS[training.optimizer.name].complements(settings)
    values |= constants(training.deformation) if training.deformation else {}
    for one in every_operation(network):
        values |= one.settings
    return {name: float(value) for name, value in values.items()}


def outline(network: Network) -> Network:
    """Return the network without the values that are fed in: rates, noise, initializer."""
    return msgspec.structs.replace(
        network,
        layers=tuple(layer.outline() for layer in network.layers),
        input_dropout=0.5 if network.input_dropout else 0.0,
        input_noise=0.5 if network.input_noise else 0.0,
        initializer="he_normal",
    )
