"""One batch, step by step: every value, forward and backward, with its formula.

Nothing is computed in another way for display: the trace is the one that training makes, and
its gradients are the loss's own, before a penalty is added or they are clipped. Adversarial
training takes the mean of these and of a second gradient, where every row is moved up the loss; the
second one is not shown. In the formulas · is the matrix product and ∘ the product element by
element.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from clearprop.data.batches import order
from clearprop.inputs import Preparation
from clearprop.layers import Pass, Traced, passes
from clearprop.maths.losses import LOSSES
from clearprop.network import (
    Batch,
    Network,
    Rows,
    Training,
    gather,
    gather_deformed,
    hyper,
    objective,
    outputs,
    program,
    table,
)
from clearprop.network.forward import forward_training
from clearprop.network.gradient import wanted
from clearprop.network.objective import objective_vjp


class Explained(NamedTuple):
    """One value on the way through a batch.

    Attributes:
        name: as textbooks call it: Z1, A1, S, loss, dW1.
        formula: how it is computed.
        value: the array, or the number.
        of_rows: whether its first axis is the rows of the batch.
    """

    name: str
    formula: str
    value: np.ndarray | float
    of_rows: bool = True


def first_batch(
    network: Network, training: Training, preparation: Preparation, rows: Rows
) -> tuple[Batch, dict[str, Any]]:
    """Return the batch and the settings of the first step that training would make."""
    size = training.batch_size
    index = order(training.seed, 0, len(rows.x), size, balanced=network.normalized)[0]
    row = table(network, training, first=0, fit_first=0, steps=1, per_epoch=1)
    values: dict[str, Any] = hyper(network, training)
    values |= {name: column[0] for name, column in row.items()}
    index, dtype = index[index >= 0], np.dtype(training.dtype)
    if plan := program(network, training).deformation:
        return gather_deformed(np, plan, rows, index, preparation, dtype, values), values
    return gather(np, rows, index, preparation, dtype), values


def explain(
    network: Network, params: dict[str, np.ndarray], batch: Batch, values: Mapping[str, Any]
) -> list[Explained]:
    """Return every step of one prepared batch by name: forward, loss, accuracy, backward.

    `values` are the step's settings, as the training step has them.
    """
    trace = forward_training(np, network, Pass(params, batch.real, values), batch.x)
    last, logits = trace[-1].operation.name, trace[-1].out
    y = wanted(np, network, batch, values)
    loss, saved = objective(np, network, logits, y, batch.share(np))
    steps = [Explained("X", "the batch, one row an input", batch.x)]
    steps += _forward(trace)
    formula = f"{network.output.activation}({last})"
    steps.append(Explained("S", formula, outputs(np, network, logits)))
    task = network.task_type
    given = "the targets" if network.task == "classes" and batch.y.ndim > 1 else task.target_words
    given += ", smoothed" if "label_smoothing" in values else ""
    given += ", mixed as X is" if batch.mixed is not None else ""
    steps.append(Explained("Y", given, y))
    steps.append(Explained("loss", LOSSES[network.loss].formula, float(loss)))
    sums = {name: float(a) for name, a in task.measure(np, logits, batch.y, batch.real).items()}
    for name, value in task.running(sums, len(logits)).items():
        steps.append(Explained(name, task.formula, value))
    how = _loss_gradient(network, last)
    return steps + list(_backward(trace, objective_vjp(np, network, saved), "dS", how))


def _forward(trace: Sequence[Traced]) -> Iterator[Explained]:
    for operation, saved, out in trace:
        yield from _forward(operation.inside(saved))
        yield Explained(operation.name, operation.formula(), out)


def _backward(
    trace: Sequence[Traced], g: np.ndarray, name: str, formula: str, *, inputs: bool = False
) -> Iterator[Explained]:
    """Yield the gradients at each operation, with their names and formulas."""
    for traced, (operation, flowing, gradients, _) in zip(
        reversed(trace), passes.backward(np, trace, g, inputs=inputs), strict=False
    ):
        yield Explained(name, formula, flowing)
        if inner := operation.inside(traced.saved):
            first = f"d{inner[-1].operation.name}"
            yield from _backward(inner, flowing, first, name, inputs=True)
        for key, (symbol, how) in operation.learned(name).items():
            if key in gradients:
                yield Explained(symbol, how, gradients[key], of_rows=False)
        name, formula = f"d{operation.at.source}", operation.backward_formula(name)


def _loss_gradient(network: Network, logits: str) -> str:
    loss, output = LOSSES[network.loss], network.output.activation
    if loss.on_outputs:
        return f"{loss.gradient}, back through {output} to {logits}"
    return f"{loss.gradient}, the loss and {output} taken together, at {logits}"
