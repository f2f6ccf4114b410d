"""Which optimizer updates each parameter, and its memory of it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from clearprop.layers import Parameter
from clearprop.maths.optimizers import OPTIMIZERS, Optimizer
from clearprop.network.operations import layer_operations, roles
from clearprop.network.spec import Network


@lru_cache(maxsize=256)
def matrices(network: Network) -> frozenset[str]:
    """Return the names of the parameters whose last two axes are (inputs, units)."""
    return frozenset(name for name, role in roles(network).items() if role.matrix)


@lru_cache(maxsize=256)
def hidden_matrices(network: Network) -> frozenset[str]:
    """Return the names of those that are two-dimensional and not in the last layer."""
    last = {name for one in layer_operations(network)[-1] for name in one.parameters}
    return frozenset(
        name for name in matrices(network) - last if len(roles(network)[name].shape) == 2
    )


def updater(network: Network, optimizer: str, name: str) -> Optimizer:
    """Return what updates a parameter: the optimizer, or its own rule for hidden weights."""
    chosen = OPTIMIZERS[optimizer]
    if chosen.hidden is not None and name in hidden_matrices(network):
        return chosen.hidden
    return chosen


def memory(network: Network, optimizer: str, names: Iterable[str]) -> dict[str, str]:
    """Return by name, as `layers.0.weight/mean`, each slot's parameter."""
    return {
        f"{name}/{slot}": name for name in names for slot in updater(network, optimizer, name).slots
    }


def row_of(own: Optimizer, values: Mapping[str, Any], role: Parameter) -> Mapping[str, Any]:
    """Return a step's values as one parameter's update takes them."""
    found = dict(values)
    if own.factor:
        found["learning_rate"] = values["learning_rate"] * values[own.factor]
    if role.rate != 1.0:
        found["learning_rate"] *= role.rate
    if role.matrix:
        found["inputs"], found["units"] = role.shape[-2:]
    return found
