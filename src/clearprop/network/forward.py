"""Forward: from inputs to logits, at prediction and while training."""

from typing import Any

from clearprop.layers import Pass, Traced, passes
from clearprop.layers.operation import Array, Arrays
from clearprop.network.operations import operations
from clearprop.network.spec import Network


def forward(xp: Any, network: Network, params: Arrays, stats: Arrays, x: Array) -> Array:
    """Return the logits (batch, outputs) at prediction: running statistics, no dropout, no noise.

    Args:
        xp: the array namespace.
        network: the architecture.
        params: the parameters by name.
        stats: the running statistics by name.
        x: prepared inputs (batch, features).
    """
    return passes.infer(xp, operations(network), params, stats, x)


def hidden(xp: Any, network: Network, params: Arrays, stats: Arrays, x: Array) -> Array:
    """Return the output of the last hidden layer at prediction (batch, units).

    The arguments are those of `forward`; without hidden layers it is the inputs.
    """
    return passes.infer(xp, operations(network)[:-1], params, stats, x)


def forward_training(xp: Any, network: Network, now: Pass, x: Array) -> list[Traced]:
    """Return the trace of a training pass over prepared inputs; its last result is the logits."""
    return passes.train(xp, operations(network), now, x)
