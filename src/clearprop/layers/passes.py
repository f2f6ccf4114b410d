"""Passes through operations: forward at prediction, forward in training, and backward."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from clearprop.layers.operation import Array, Arrays, Operation, Pass, Traced

NO_RULES: Mapping[type, Callable] = {}


class OperationGradients(NamedTuple):
    """The gradients at one operation.

    Attributes:
        operation: the operation.
        g: the gradient with respect to its result.
        gradients: the gradients with respect to its parameters, by name.
        g_input: the gradient with respect to its input; None where it is not needed.
    """

    operation: Operation
    g: Array
    gradients: dict[str, Array]
    g_input: Array | None


def infer(
    xp: Any, operations: Sequence[Operation], params: Arrays, stats: Arrays, x: Array
) -> Array:
    """Return the last result at prediction: running statistics, no dropout, no noise."""
    for operation in operations:
        x = operation.infer(xp, params, stats, x)
    return x


def train(xp: Any, operations: Sequence[Operation], now: Pass, x: Array) -> list[Traced]:
    """Return the trace of a training pass, an entry for every operation."""
    trace = []
    for operation in operations:
        x, saved = operation.train(xp, now, x)
        trace.append(Traced(operation, saved, x))
    return trace


def backward(
    xp: Any,
    trace: Sequence[Traced],
    g: Array,
    rules: Mapping[type, Callable] = NO_RULES,
    inputs: bool = False,
) -> list[OperationGradients]:
    """Return the gradients at every operation, from the last to the first that has parameters.

    Args:
        xp: the array namespace.
        trace: what `train` returned.
        g: the gradient with respect to the last result.
        rules: an engine's own versions of `Operation.vjp`, by kind of operation.
        inputs: whether to return the gradient with respect to the first input too.
    """
    returned: list[OperationGradients] = []
    first = 0
    while not inputs and first < len(trace) and not trace[first].operation.parameters:
        first += 1
    for operation, saved, _ in reversed(trace[first:]):
        kind, need = type(operation), inputs or operation is not trace[first].operation
        rule = rules[kind] if kind in rules else kind.vjp  # noqa: SIM401 - `get` is a call
        g_input, gradients = rule(operation, xp, saved, g, need)
        returned.append(OperationGradients(operation, g, gradients, g_input))
        g = g_input
    return returned


def observed(trace: Sequence[Traced]) -> dict[str, Array]:
    """Return a batch's own statistics, by name."""
    found: dict[str, Array] = {}
    for operation, saved, _ in trace:
        if operation.statistics:
            found |= operation.observed(saved)
    return found
