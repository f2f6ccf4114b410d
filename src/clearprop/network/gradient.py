"""Loss and gradient of one batch: the function that a training step is built around.

`batch_loss` is the forward alone, which automatic differentiation differentiates;
`derived_gradient` adds the derived backward pass. Both return the same things.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from clearprop.layers import Pass, Traced, passes
from clearprop.maths.mixing import blended
from clearprop.network.batch import Batch
from clearprop.network.forward import forward_training
from clearprop.network.objective import objective, objective_vjp, targets
from clearprop.network.spec import Network

Array = Any
Arrays = dict[str, Array]


class Outcome(NamedTuple):
    """What a batch showed besides its gradient.

    Attributes:
        loss: the mean loss of the batch's real rows, without penalties.
        sums: what the task adds up over the real rows, by name, such as "correct".
        stats: the batch's own means and variances, for the running statistics.
    """

    loss: Array
    sums: Arrays
    stats: Arrays


def batch_loss(
    xp: Any, network: Network, params: Mapping[str, Array], batch: Batch, values: Mapping[str, Any]
) -> tuple[Array, Outcome]:
    """Return the loss of a batch (mean over its real rows) and the outcome.

    Args:
        xp: the array namespace.
        network: the architecture.
        params: the parameters by name.
        batch: the rows, prepared.
        values: the step's settings: dropout rates, smoothing and noise keys.
    """
    trace, loss, _ = _forward(xp, network, params, batch, values)
    return loss, _outcome(xp, network, trace, loss, batch)


def derived_gradient(
    xp: Any,
    network: Network,
    params: Mapping[str, Array],
    batch: Batch,
    values: Mapping[str, Any],
    rules: Mapping[type, Callable] = passes.NO_RULES,
    inputs: bool = False,
) -> tuple[Arrays, Outcome]:
    """Return the gradient of the batch's loss by the hand-derived VJPs, and the outcome.

    The arguments are those of `batch_loss`; `rules` are those of `passes.backward`. With `inputs`
    there is one more gradient, "inputs", with respect to the batch's x.
    """
    trace, loss, saved = _forward(xp, network, params, batch, values)
    returned = passes.backward(xp, trace, objective_vjp(xp, network, saved), rules, inputs)
    *_, first = returned
    gradients = {name: g for step in returned for name, g in step.gradients.items()}
    made = {name: gradients[name] for name in params}
    if inputs:
        made["inputs"] = first.g_input
    return made, _outcome(xp, network, trace, loss, batch)


def _forward(
    xp: Any, network: Network, params: Mapping[str, Array], batch: Batch, values: Mapping[str, Any]
) -> tuple[list[Traced], Array, Any]:
    trace = forward_training(xp, network, Pass(params, batch.real, values), batch.x)
    logits = trace[-1].out
    return trace, *objective(
        xp, network, logits, wanted(xp, network, batch, values), batch.share(xp)
    )


def wanted(xp: Any, network: Network, batch: Batch, values: Mapping[str, Any]) -> Array:
    """Return the targets of a batch (batch, outputs): smoothed, and mixed as its inputs are."""
    dtype, smoothing = batch.x.dtype, values.get("label_smoothing")
    own = targets(xp, network, batch.y, dtype, smoothing)
    if batch.mixed is None:
        return own
    others, share = batch.mixed
    return blended(xp, own, targets(xp, network, others, dtype, smoothing), share)


def _outcome(xp: Any, network: Network, trace: list[Traced], loss: Array, batch: Batch) -> Outcome:
    sums = network.task_type.measure(xp, trace[-1].out, batch.y, batch.real)
    return Outcome(loss, sums, passes.observed(trace))
