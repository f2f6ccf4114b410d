"""The operations of a network in order, with the names that textbooks use.

Layer 1 gives Z1, A1 and so on, layer 2 goes on from there; on the inputs noise gives E0 and
dropout D0. The output activation belongs to the loss: see `objective`.
"""

from collections.abc import Iterator
from functools import lru_cache

from clearprop.layers.operation import Operation, Parameter
from clearprop.network.spec import Network, Training


def layer_operations(network: Network) -> tuple[tuple[Operation, ...], ...]:
    """Return the operations on the inputs, and then those of every layer."""
    return network.expanded()


@lru_cache(maxsize=256)
def operations(network: Network) -> tuple[Operation, ...]:
    """Return the operations from the input to the logits."""
    return tuple(one for part in layer_operations(network) for one in part)


@lru_cache(maxsize=256)
def every_operation(network: Network) -> tuple[Operation, ...]:
    """Return the operations and those inside them."""
    return tuple(_with_parts(operations(network)))


def _with_parts(operations: tuple[Operation, ...]) -> Iterator[Operation]:
    for one in operations:
        yield one
        yield from _with_parts(tuple(one.parts))


@lru_cache(maxsize=256)
def roles(network: Network) -> dict[str, Parameter]:
    """Return what each parameter is, by name, in their order."""
    return {name: p for one in operations(network) for name, p in one.parameters.items()}


def uses(network: Network, training: Training) -> list[str]:
    """Return which registrable parts a network and its training use."""
    learned = [f"loss {network.loss}", f"optimizer {training.optimizer.name}"]
    return [what for layer in network.layers for what in layer.uses()] + learned


def symbols(network: Network) -> dict[str, str]:
    """Return the textbook symbol of each parameter, such as W1, by name."""
    learned = [one.learned("") for one in every_operation(network)]
    return {name: symbol[1:] for one in learned for name, (symbol, _) in one.items()}


@lru_cache(maxsize=256)
def work(network: Network) -> int:
    """Return how many multiplications the products of a forward pass make for a row."""
    return sum(one.work for one in operations(network))


def streams(network: Network) -> int:
    """Return how many streams of draws there are: one on the inputs, then those of the layers."""
    return 1 + sum(layer.streams for layer in network.layers[:-1])
