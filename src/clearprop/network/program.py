"""A program: what is fixed while a network learns, apart from the numbers that are fed in.

Which settings exist decides the program; their values are data. One compiled program then
serves every value of a setting, and a schedule never recompiles.
"""

from __future__ import annotations

import msgspec

from clearprop.maths.optimizers import rests
from clearprop.network.choices import optimizer_settings
from clearprop.network.deformation import Plan, constants, plan
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
    name, dtype, deformation = training.optimizer.name, training.dtype, training.deformation
    fixed = plan(deformation, network.inputs, network.classes) if deformation else None
    return Program(outline(network), name, options, dtype, training.gradients, fixed)


def hyper(network: Network, training: Training) -> dict[str, float]:
    """Return the values of the settings in the program, by name."""
    values = {name: getattr(training, name) for name in OPTIONAL if getattr(training, name)}
    settings = optimizer_settings(training.optimizer)
    values |= settings | rests(settings)
    values |= constants(training.deformation) if training.deformation else {}
    values["layers.-1.dropout"] = network.input_dropout
    values |= {f"layers.{i}.dropout": layer.dropout for i, layer in enumerate(network.layers)}
    values |= _noise(network)
    return {name: float(value) for name, value in values.items()}


def outline(network: Network) -> Network:
    """Return the network with every value blanked that is fed in: rates, noise, initializer."""
    layers = tuple(
        msgspec.structs.replace(
            layer, dropout=_presence(layer.dropout), noise=_presence(layer.noise)
        )
        for layer in network.layers
    )
    return msgspec.structs.replace(
        network,
        layers=layers,
        input_dropout=_presence(network.input_dropout),
        input_noise=_presence(network.input_noise),
        initializer="he_normal",
    )


def _noise(network: Network) -> dict[str, float]:
    # Only where there is some: a program without it takes the values that it always took.
    found = {f"layers.{i}.noise": layer.noise for i, layer in enumerate(network.layers)}
    return {"layers.-1.noise": network.input_noise, **found} if network.noisy else {}


def _presence(rate: float) -> float:
    return 0.5 if rate else 0.0
