"""One batch, step by step: every value of the way forward and back, with its formula.

Nothing is computed a second way for the show: the trace is the one that training makes, and
its gradients are the loss's own, before a penalty is added or they are clipped. Adversarial
training takes the mean of these and of a second gradient, where every row is moved up the loss; the
second one is not shown. In the formulas · is the matrix product and ∘ the product element by
element.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from clearprop.data.batches import order
from clearprop.maths.metrics import hits
from clearprop.network import (
    Batch,
    Network,
    Preparation,
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
from clearprop.network.backward import backward
from clearprop.network.forward import Pass, Traced, forward_training
from clearprop.network.gradient import wanted
from clearprop.network.objective import objective_vjp
from clearprop.network.operations import Operation


class Explained(NamedTuple):
    """One value of the way.

    Attributes:
        name: as lessons call it: Z1, A1, S, loss, dW1.
        formula: how it comes about.
        value: the array, or the number.
    """

    name: str
    formula: str
    value: np.ndarray | float


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
    """Return every step of one batch by name: forward, loss, accuracy, backward.

    Args:
        network: the architecture.
        params: the parameters by name.
        batch: prepared rows.
        values: the step's settings, as the training step has them.
    """
    trace = forward_training(np, Pass(network, params, batch.real, values), batch.x)
    logits = trace[-1].out
    y = wanted(np, network, batch, values)
    loss, saved = objective(np, network, logits, y, batch.share(np))
    labels = batch.y if batch.y.ndim == 1 else np.argmax(batch.y, axis=-1)
    steps = [Explained("X", "the batch, one row an image", batch.x)]
    steps += _forward(trace, params)
    steps.append(Explained("S", _output_formula(network, trace), outputs(np, network, logits)))
    given = "the labels, one-hot" if batch.y.ndim == 1 else "the targets"
    given += ", smoothed" if "label_smoothing" in values else ""
    given += ", mixed as X is" if batch.mixed is not None else ""
    steps.append(Explained("Y", given, y))
    steps.append(Explained("loss", LOSS_FORMULAS[network.loss], float(loss)))
    accuracy = float(np.mean(hits(np, logits, labels)))
    steps.append(Explained("accuracy", "rows whose largest S is at the label / m", accuracy))
    return steps + list(_backward(network, trace, objective_vjp(np, network, saved)))


def _forward(trace: list[Traced], params: Mapping[str, Any]) -> list[Explained]:
    names = _input_names(trace)
    return [
        Explained(op.name, _formula(op, names[op], op.parameter("bias") in params), out)
        for op, _, out in trace
    ]


def _backward(network: Network, trace: list[Traced], g: np.ndarray) -> Iterator[Explained]:
    names = _input_names(trace)
    formula, name = _loss_gradient(network, trace[-1].operation.name), "dS"
    for op, flowing, gradients, _ in backward(np, trace, g):
        if op is not trace[-1].operation:
            name = f"d{op.name}"
        yield Explained(name, formula, flowing)
        for key, value in gradients.items():
            yield _parameter_gradient(op, key, names[op], name, value)
        formula = _way_back(op, names[op], name)


def _input_names(trace: list[Traced]) -> dict[Operation, str]:
    names = ["X", *(step.operation.name for step in trace)]
    return {step.operation: name for step, name in zip(trace, names, strict=False)}


def _formula(op: Operation, source: str, biased: bool) -> str:
    n = op.layer + 1
    return {
        "affine": f"{source}·W{n}" + (f" + b{n}" if biased else ""),
        "batch_norm": f"γ{n}·({source} - mean)/√(variance + ε) + β{n}, over the batch",
        "activation": f"{op.activation}({source})",
        "dropout": f"{source}∘mask/(1 - rate)",
        "noise": f"{source} + σ·ε, ε drawn from N(0, 1)",
    }[op.kind]


def _way_back(op: Operation, source: str, g: str) -> str:
    n = op.layer + 1
    return {
        "affine": f"{g}·W{n}ᵀ",
        "batch_norm": f"({g}∘γ{n} less its part along 1 and along the normalized {source})/√(…)",
        "activation": f"{g}∘{op.activation}′({source})",
        "dropout": f"{g}∘mask/(1 - rate)",
        "noise": g,
    }[op.kind]


def _parameter_gradient(
    op: Operation, key: str, source: str, g: str, value: np.ndarray
) -> Explained:
    n = op.layer + 1
    kind = key.rsplit(".", 1)[1]
    symbol, formula = {
        "weight": (f"dW{n}", f"{source}ᵀ·{g}"),
        "bias": (f"db{n}", f"the sum of {g} over the rows"),
        "gamma": (f"dγ{n}", f"the sum of {g}·normalized {source} over the rows"),
        "beta": (f"dβ{n}", f"the sum of {g} over the rows"),
    }[kind]
    return Explained(symbol, formula, value)


def _output_formula(network: Network, trace: list[Traced]) -> str:
    return f"{network.layers[-1].activation}({trace[-1].operation.name})"


def _loss_gradient(network: Network, logits: str) -> str:
    if network.loss == "squared_error":
        return f"(S - Y)/m, back through {network.layers[-1].activation} to {logits}"
    return f"(S - Y)/m, the loss and {network.layers[-1].activation} taken together, at {logits}"


LOSS_FORMULAS = {
    "cross_entropy": "-Σ Y·log S / m",
    "sigmoid_cross_entropy": "-Σ (Y·log S + (1 - Y)·log(1 - S)) / m",
    "squared_error": "½·Σ (S - Y)² / m",
}
