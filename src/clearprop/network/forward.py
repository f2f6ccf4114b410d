"""Forward: from inputs to logits, at prediction and while training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from clearprop.maths.activations import ACTIVATIONS
from clearprop.maths.affine import affine
from clearprop.maths.dropout import dropout
from clearprop.maths.gaussian_noise import gaussian_noise, normal
from clearprop.maths.noise import uniform
from clearprop.maths.normalization import batch_norm, batch_norm_inference
from clearprop.network.operations import Operation, operations
from clearprop.network.spec import Network

Array = Any
Arrays = Mapping[str, Array]


class Traced(NamedTuple):
    """An operation that was run: what its VJP needs, and its result."""

    operation: Operation
    saved: Any
    out: Array


def forward(xp: Any, network: Network, params: Arrays, stats: Arrays, x: Array) -> Array:
    """Return the logits (batch, outputs) at prediction: running statistics, no dropout, no noise.

    Args:
        xp: the array namespace.
        network: the architecture.
        params: the parameters by name.
        stats: batch normalization's running statistics by name.
        x: prepared inputs (batch, inputs).
    """
    return _through(xp, operations(network), network, params, stats, x)


def hidden(xp: Any, network: Network, params: Arrays, stats: Arrays, x: Array) -> Array:
    """Return what the last hidden layer hands on at prediction (batch, units).

    The arguments are those of `forward`; a network without hidden layers hands on its inputs.
    """
    return _through(xp, operations(network)[:-1], network, params, stats, x)


def _through(
    xp: Any,
    road: Sequence[Operation],
    network: Network,
    params: Arrays,
    stats: Arrays,
    x: Array,
) -> Array:
    for op in road:
        if op.kind == "affine":
            bias = params.get(op.parameter("bias"))
            x, _ = affine(xp, x, params[op.parameter("weight")], bias)
        elif op.kind == "activation":
            x = ACTIVATIONS[op.activation].forward(xp, x)
        elif op.kind == "batch_norm":
            gamma, beta = params[op.parameter("gamma")], params[op.parameter("beta")]
            mean, variance = stats[op.parameter("mean")], stats[op.parameter("variance")]
            x = batch_norm_inference(xp, x, gamma, beta, mean, variance, network.norm_epsilon)
    return x


class Pass(NamedTuple):
    """What one training pass shares among its operations.

    Attributes:
        network: the architecture.
        params: the parameters by name.
        real: 1 for every real row of the batch, 0 for padding.
        values: the step's settings: dropout rates, noise deviations and the keys.
    """

    network: Network
    params: Arrays
    real: Array
    values: Mapping[str, Any]


def forward_training(xp: Any, now: Pass, x: Array) -> list[Traced]:
    """Return the trace of a training pass over prepared inputs; its last result is the logits."""
    trace = []
    for op in operations(now.network):
        x, saved = FORWARD[op.kind](xp, op, now, x)
        trace.append(Traced(op, saved, x))
    return trace


def _affine(xp: Any, op: Operation, now: Pass, x: Array) -> tuple[Array, Any]:
    bias = now.params.get(op.parameter("bias"))
    return affine(xp, x, now.params[op.parameter("weight")], bias)


def _batch_norm(xp: Any, op: Operation, now: Pass, x: Array) -> tuple[Array, Any]:
    gamma, beta = now.params[op.parameter("gamma")], now.params[op.parameter("beta")]
    return batch_norm(xp, x, gamma, beta, now.real, now.network.norm_epsilon)


def _activation(xp: Any, op: Operation, now: Pass, x: Array) -> tuple[Array, Any]:
    return ACTIVATIONS[op.activation].forward(xp, x), x


def _dropout(xp: Any, op: Operation, now: Pass, x: Array) -> tuple[Array, Any]:
    rate = now.values[op.parameter("dropout")]
    keep = uniform(xp, now.values["noise"][op.stream, :], x.shape, x.dtype) >= rate
    return dropout(xp, x, keep, rate), (keep, rate)


def _noise(xp: Any, op: Operation, now: Pass, x: Array) -> tuple[Array, Any]:
    draw = normal(xp, now.values["gaussian"][op.stream, :], x.shape, x.dtype)
    return gaussian_noise(xp, x, draw, now.values[op.parameter("noise")]), None


FORWARD = {
    "affine": _affine,
    "batch_norm": _batch_norm,
    "activation": _activation,
    "dropout": _dropout,
    "noise": _noise,
}
