"""The objective: the loss of the outputs, and the gradient that starts the backward pass."""

from typing import Any

from clearprop.maths.activations import Activation, identity, identity_vjp, sigmoid, sigmoid_vjp
from clearprop.maths.losses import LOSSES, one_hot, smooth
from clearprop.maths.softmax import softmax, softmax_vjp
from clearprop.network.spec import Network

Array = Any

OUTPUTS = {
    "identity": Activation(identity, identity_vjp),
    "sigmoid": Activation(sigmoid, sigmoid_vjp),
    "softmax": Activation(softmax, softmax_vjp),
}


def outputs(xp: Any, network: Network, logits: Array) -> Array:
    """Return the output layer's activations: probabilities under softmax and sigmoid."""
    return OUTPUTS[network.output.activation].forward(xp, logits)


def targets(xp: Any, network: Network, y: Array, dtype: Any, smoothing: Any = None) -> Array:
    """Return a row of targets for each sample, from class numbers (batch,) or rows of numbers.

    Args:
        xp: the array namespace.
        network: says how many outputs there are, and the task.
        y: class numbers (batch,), or one-hot, soft or real targets (batch, outputs).
        dtype: the floating type of the result.
        smoothing: ε of label smoothing, or None.
    """
    rows = y if y.ndim == 2 else one_hot(xp, y, network.outputs, dtype)
    if smoothing is None:
        return rows
    return smooth(xp, rows, smoothing, network.task_type.possible_answers(network.outputs))


def objective(
    xp: Any, network: Network, logits: Array, wanted: Array, weight: Array
) -> tuple[Array, Any]:
    """Return the loss of a batch, and what its VJP needs.

    Args:
        xp: the array namespace.
        network: says which loss, on which output activation.
        logits: the last affine map's result (batch, outputs).
        wanted: targets (batch, outputs).
        weight: each row's share in the loss (batch,): 1/batch each for the mean.
    """
    loss = LOSSES[network.loss]
    if not loss.on_outputs:
        return loss.forward(xp, logits, wanted, weight)
    value, saved = loss.forward(xp, outputs(xp, network, logits), wanted, weight)
    return value, (logits, saved)


def objective_vjp(xp: Any, network: Network, saved: Any, g: Any = 1.0) -> Array:
    """Return g·∂L/∂logits.

    The cross-entropies are functions of the logits. The gradient of a loss of the outputs, such as
    the squared error, goes back through the output activation.
    """
    loss = LOSSES[network.loss]
    if not loss.on_outputs:
        return loss.vjp(xp, saved, g)
    logits, on_outputs = saved
    g_outputs = loss.vjp(xp, on_outputs, g)
    return OUTPUTS[network.output.activation].vjp(xp, logits, g_outputs)
