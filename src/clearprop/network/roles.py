"""What each parameter is to an optimizer: a weight or not, hidden or not, and what it remembers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clearprop.maths.optimizers import OPTIMIZERS, Optimizer
from clearprop.network.spec import Network


def is_weight(name: str) -> bool:
    """Return whether a parameter is a weight matrix, the kind that penalties apply to."""
    return name.endswith("weight")


def is_hidden_weight(network: Network, name: str) -> bool:
    """Return whether a parameter is a weight matrix of a layer that is not the last."""
    return is_weight(name) and name != f"layers.{len(network.layers) - 1}.weight"


def updater(network: Network, optimizer: str, name: str) -> Optimizer:
    """Return what updates a parameter: the optimizer, or its own rule for hidden weights."""
    chosen = OPTIMIZERS[optimizer]
    if chosen.hidden is not None and is_hidden_weight(network, name):
        return chosen.hidden
    return chosen


def memory(network: Network, optimizer: str, names: Iterable[str]) -> dict[str, str]:
    """Return by name, as `layers.0.weight/mean`, each slot's parameter."""
    return {
        f"{name}/{slot}": name for name in names for slot in updater(network, optimizer, name).slots
    }


def row_of(
    own: Optimizer, values: Mapping[str, Any], shape: tuple[int, ...], incoming: int = 0
) -> Mapping[str, Any]:
    """Return a step's values as one parameter's update takes them.

    Args:
        own: what updates the parameter.
        values: the settings and the step's own row.
        shape: the parameter's.
        incoming: the axis of a weight along which its inputs lie.
    """
    found = dict(values)
    if own.factor:
        found["learning_rate"] = values["learning_rate"] * values[own.factor]
    if len(shape) == 2:
        found |= {"inputs": shape[incoming], "units": shape[1 - incoming]}
    return found
