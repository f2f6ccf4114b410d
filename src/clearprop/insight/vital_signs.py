"""Vital signs: what a few rows show about a network in training, and how far a step moves it.

The rows go forward and backward on NumPy, without dropout and noise, which would hide units.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from clearprop.engines.blas_threads import one_blas_thread
from clearprop.inputs import Preparation
from clearprop.layers import Operation, OperationGradients, Pass, Traced, passes
from clearprop.network import (
    Batch,
    Network,
    Outcome,
    Rows,
    State,
    StepParts,
    Training,
    every_operation,
    gather,
    hyper,
    matrices,
    objective,
    program,
    step,
    targets,
)
from clearprop.network.forward import forward_training
from clearprop.network.objective import objective_vjp

Arrays = dict[str, np.ndarray]


class Signs(NamedTuple):
    """What some rows show of a network; layers are called by their numbers, from "1" on.

    Attributes:
        rows: how many rows.
        loss: their mean loss.
        dead: by layer of ReLU units, the share of those that are 0 for every row.
        flat: by layer of sigmoid or tanh units, the share of values where the slope is less than
            a twentieth of the steepest.
        signal: ‖∂L/∂Z‖ at the first layer over that at the last; NaN where the last is 0.
        answer: the class that is predicted most often; 0 for other tasks.
        answered: the share of rows for which it is; 0 for other tasks.
        labeled: the share of rows whose label it is.
    """

    rows: int
    loss: float
    dead: dict[str, float]
    flat: dict[str, float]
    signal: float
    answer: int
    answered: float
    labeled: float


def some_rows(rows: Rows, most: int) -> Rows:
    """Return a copy of at most this many rows, from all parts of the data set."""
    index = np.linspace(0, len(rows.x) - 1, min(len(rows.x), most)).astype(int)
    return Rows(*(None if column is None else column[index] for column in rows))


def vital_signs(
    network: Network, params: Arrays, rows: Rows, preparation: Preparation
) -> tuple[Signs, Arrays]:
    """Return what two or more training rows show of a network, and the gradient of their loss.

    What overflows is infinite or NaN in them, without an error.
    """
    layers = tuple(layer.quiet() for layer in network.layers)
    network = msgspec.structs.replace(network, layers=layers, input_dropout=0.0, input_noise=0.0)
    dtype = next(iter(params.values())).dtype
    batch = gather(np, rows, np.arange(len(rows.x)), preparation, dtype)
    # A second thread gains nothing on so few rows, and waits where the cores are busy.
    with np.errstate(all="ignore"), one_blas_thread():
        trace = forward_training(np, network, Pass(params, batch.real, {}), batch.x)
        wanted = targets(np, network, batch.y, dtype)
        loss, saved = objective(np, network, trace[-1].out, wanted, batch.share(np))
        returned = passes.backward(np, trace, objective_vjp(np, network, saved))
        gradients = {name: g for one in returned for name, g in one.gradients.items()}
        return _signs(network, trace, returned, batch, float(loss)), gradients


def _signs(
    network: Network,
    trace: list[Traced],
    returned: list[OperationGradients],
    batch: Batch,
    loss: float,
) -> Signs:
    found: dict[str, dict[str, float]] = {"dead": {}, "flat": {}}
    for operation, out in _results(trace):
        for sign, share in operation.signs(out).items():
            found.setdefault(sign, {})[operation.at.number] = share
    weights = matrices(network)
    flowing = [_norm(one.g) for one in returned if weights & one.operation.parameters.keys()]
    signal = flowing[-1] / flowing[0] if flowing[0] > 0.0 else float("nan")
    rows, answered = len(batch.x), _answered(network, trace[-1].out, batch.y)
    return Signs(rows, loss, found["dead"], found["flat"], signal, *answered)


def _answered(network: Network, logits: np.ndarray, y: np.ndarray) -> tuple[int, float, float]:
    """Return the most frequent answer, how often it is given, and how often it would be right."""
    answers = network.task_type.numbers(logits)
    if answers is None:
        return 0, 0.0, 0.0
    # The class of each target: one-hot rows and yes or no work like logits.
    labels = y if y.ndim == 1 else network.task_type.numbers(y if y.shape[1] > 1 else y - 0.5)
    counts = np.bincount(answers)
    answer = int(counts.argmax())
    return answer, float(counts[answer] / len(answers)), float(np.mean(labels == answer))


def _results(trace: Sequence[Traced]) -> Iterator[tuple[Operation, np.ndarray]]:
    for operation, saved, out in trace:
        yield from _results(operation.inside(saved))
        yield operation, out


def update_sizes(
    network: Network, training: Training, state: State, gradients: Arrays, row: dict[str, Any]
) -> dict[str, float]:
    """Return by layer, from "1" on, ‖ΔW‖/‖W‖ of a training step with this gradient.

    The step is the training's own, with the optimizer's memory, penalty and clipping; it is made
    on copies and thrown away. Layers whose weights are all 0 are left out. `row` has the step's
    values by name, as floats: learning rate and corrections.
    """
    parts = StepParts(lambda *_: (dict(gradients), Outcome(0.0, {}, state.stats)))
    nothing: Any = None
    # The gradients are given, so the step computes none.
    training = msgspec.structs.replace(training, adversarial=0.0)
    values = hyper(network, training) | row
    with np.errstate(all="ignore"):
        made = program(network, training)
        after, _ = step(np, made, parts, state._replace(average={}), nothing, values)
        before, now = state.params, after.params
        changes = {
            one.at.number: (_norm(now[name] - before[name]), _norm(before[name]))
            for one in every_operation(network)
            if not one.parts
            for name, role in one.parameters.items()
            if role.matrix
        }
        return {layer: change / size for layer, (change, size) in changes.items() if size > 0.0}


def _norm(a: np.ndarray) -> float:
    return float(np.linalg.norm(a))
