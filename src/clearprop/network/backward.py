"""Backward: from the loss to every parameter's gradient, by the hand-derived VJPs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from clearprop.maths.activations import ACTIVATIONS
from clearprop.maths.affine import affine_vjp
from clearprop.maths.dropout import dropout_vjp
from clearprop.maths.gaussian_noise import gaussian_noise_vjp
from clearprop.maths.normalization import batch_norm_vjp
from clearprop.network.forward import Traced
from clearprop.network.operations import Operation

Array = Any


class Returned(NamedTuple):
    """What came back at one operation.

    Attributes:
        operation: the operation.
        g: the gradient with respect to its result.
        gradients: the gradients with respect to its parameters, by name.
        g_input: the gradient with respect to its input; None where nobody needs it.
    """

    operation: Operation
    g: Array
    gradients: dict[str, Array]
    g_input: Array | None


def backward(
    xp: Any,
    trace: list[Traced],
    g: Array,
    rules: Mapping[str, Callable] | None = None,
    inputs: bool = False,
) -> list[Returned]:
    """Return what comes back at every operation, from the last to the first with parameters.

    Args:
        xp: the array namespace.
        trace: what `forward_training` returned.
        g: ∂L/∂logits.
        rules: an engine's own ways of the same VJPs, by the operation's kind.
        inputs: whether to go on to the gradient with respect to the network's inputs.
    """
    returned, rules = [], BACKWARD | dict(rules or {})
    affine = partial(rules["affine"], inputs=inputs)
    for op, saved, _ in reversed(trace):
        rule = affine if op.kind == "affine" else rules[op.kind]
        g_input, gradients = rule(xp, op, saved, g)
        returned.append(Returned(op, g, gradients, g_input))
        if g_input is None:
            break
        g = g_input
    return returned


def _affine(
    xp: Any, op: Operation, saved: Any, g: Array, inputs: bool = False
) -> tuple[Array | None, dict[str, Array]]:
    # Mostly the data need no gradient: the last product of the way back would be wasted on them.
    g_input, g_weight, g_bias = affine_vjp(xp, saved, g, input_gradient=inputs or op.layer > 0)
    gradients = {op.parameter("weight"): g_weight}
    if g_bias is not None:
        gradients[op.parameter("bias")] = g_bias
    return g_input, gradients


def _batch_norm(xp: Any, op: Operation, saved: Any, g: Array) -> tuple[Array, dict[str, Array]]:
    g_input, g_gamma, g_beta = batch_norm_vjp(xp, saved, g)
    return g_input, {op.parameter("gamma"): g_gamma, op.parameter("beta"): g_beta}


def _activation(xp: Any, op: Operation, saved: Any, g: Array) -> tuple[Array, dict[str, Array]]:
    return ACTIVATIONS[op.activation].vjp(xp, saved, g), {}


def _dropout(xp: Any, op: Operation, saved: Any, g: Array) -> tuple[Array, dict[str, Array]]:
    return dropout_vjp(xp, saved, g), {}


def _noise(xp: Any, op: Operation, saved: Any, g: Array) -> tuple[Array, dict[str, Array]]:
    return gaussian_noise_vjp(xp, g), {}


BACKWARD: dict[str, Callable] = {
    "affine": _affine,
    "batch_norm": _batch_norm,
    "activation": _activation,
    "dropout": _dropout,
    "noise": _noise,
}
