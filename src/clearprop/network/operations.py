"""The road through a network: its operations in order, with the names that lessons use.

Layer 1 gives Z1, A1 and so on, layer 2 goes on from there; on the inputs noise gives E0 and
dropout D0. The output activation belongs to the loss: see `objective`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from clearprop.errors import SettingError
from clearprop.layers.dropout import Drop
from clearprop.layers.layer import chain
from clearprop.layers.noise import AddNoise
from clearprop.layers.operation import Operation, Parameter, Place
from clearprop.layers.reshape import Reshape

if TYPE_CHECKING:
    from clearprop.network.spec import Network, Training


@lru_cache(maxsize=256)
def layer_operations(network: Network) -> tuple[tuple[Operation, ...], ...]:
    """Return the operations on the inputs, and then those of every layer.

    Raises:
        SettingError: a layer cannot stand where it does.
    """
    place = Place("input", "0", (network.features,), epsilon=network.norm_epsilon)
    parts, stream = [tuple(_on_inputs(network, place))], 1
    for i, layer in enumerate(network.layers):
        for operation in parts[-1]:
            place = place.behind(operation)
        place = place.of(f"layers.{i}", str(i + 1), stream)
        expanded = network.output.logits if i == len(network.layers) - 1 else layer.operations
        try:
            parts.append(tuple(expanded(place)))
        except SettingError as error:
            raise SettingError(f"layers.{i}: {error}") from error
        stream += layer.streams
    return tuple(parts)


def _on_inputs(network: Network, place: Place) -> Iterator[Operation]:
    kinds: list[Callable[[Place], Operation]] = []
    kinds += [partial(AddNoise, deviation=network.input_noise)] if network.input_noise else []
    # Behind the noise, so that an input that is silenced stays 0.
    kinds += [partial(Drop, rate=network.input_dropout)] if network.input_dropout else []
    # Rows come flat, whatever they are pictures of.
    kinds += [partial(Reshape, shape=network.input_shape)] if len(network.input_shape) > 1 else []
    return chain(place, kinds)


@lru_cache(maxsize=256)
def operations(network: Network) -> tuple[Operation, ...]:
    """Return the operations from the input to the logits."""
    return tuple(one for part in layer_operations(network) for one in part)


@lru_cache(maxsize=256)
def every_operation(network: Network) -> tuple[Operation, ...]:
    """Return the operations with those that run inside of them."""
    return tuple(_with_parts(operations(network)))


def _with_parts(road: tuple[Operation, ...]) -> Iterator[Operation]:
    for one in road:
        yield one
        yield from _with_parts(tuple(one.parts))


@lru_cache(maxsize=256)
def roles(network: Network) -> dict[str, Parameter]:
    """Return what each parameter is, by name, in their order."""
    return {name: p for one in operations(network) for name, p in one.parameters.items()}


def uses(network: Network, training: Training) -> list[str]:
    """Return what a network and its training stand on that people may register."""
    learned = [f"loss {network.loss}", f"optimizer {training.optimizer.name}"]
    return [what for layer in network.layers for what in layer.uses()] + learned


def symbols(network: Network) -> dict[str, str]:
    """Return what lessons call each parameter, as W1, by name."""
    learned = [one.learned("") for one in every_operation(network)]
    return {name: symbol[1:] for one in learned for name, (symbol, _) in one.items()}


@lru_cache(maxsize=256)
def work(network: Network) -> int:
    """Return how many multiplications the products of a forward pass make for a row."""
    return sum(one.work for one in operations(network))


def streams(network: Network) -> int:
    """Return how many streams of draws there are: one on the inputs, then those of the layers."""
    return 1 + sum(layer.streams for layer in network.layers[:-1])
