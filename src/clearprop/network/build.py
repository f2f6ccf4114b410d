"""Build a checked `Network` and `Training` from settings."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clearprop.errors import SettingError, in_one_line, known
from clearprop.layers.layer import MOST_LAYERS
from clearprop.maths.losses import LOSSES
from clearprop.network.choices import Choice
from clearprop.network.schedule import schedule_of
from clearprop.network.spec import Network, Training
from clearprop.network.written import dense_among, fill, tables
from clearprop.plain import converted, plain
from clearprop.tasks import AUTO, TASKS

# Activations that pass about half of their input need He's doubled variance.
RECTIFIERS = ("elu", "gelu", "leaky_relu", "relu", "silu", "softplus")
OPTIONS = {"precision": ("float32", "float64"), "gradients": ("auto", "derived")}


def build_network(
    layers: Sequence[Any],
    activation: str | Sequence[str] = "relu",
    loss: str | None = None,
    output: str | None = None,
    batch_norm: bool = False,
    dropout: float | Sequence[float] = 0.0,
    input_dropout: float = 0.0,
    initializer: str | None = None,
    noise: float | Sequence[float] = 0.0,
    input_noise: float = 0.0,
    task: str = AUTO,
) -> Network:
    """Return the network that these settings describe; `MLP` documents them.

    Args:
        layers: from the inputs to the outputs, at least two.
        activation: of the hidden layers; one for all or one for each dense layer among them.
        loss: by default the task's own.
        output: the output activation; by default that of task and loss.
        batch_norm: whether hidden layers are normalized.
        dropout: rate on the hidden layers; one for all or one for each.
        input_dropout: rate on the inputs.
        initializer: of the weights; by default He for rectifiers and Glorot for others.
        noise: standard deviation of Gaussian noise before hidden activations; one or one for each.
        input_noise: the same on the inputs.
        task: "auto" stands for classes, or for labels with one output, until targets are known.

    Raises:
        SettingError: a setting that does not exist or does not fit.
    """
    try:
        layers = plain(layers)
    except RecursionError as error:
        raise SettingError("layers nest without end; write residual blocks less deep") from error
    written = list(layers) if isinstance(layers, Sequence) and not isinstance(layers, str) else []
    if len(written) < 2:
        raise SettingError(f"layers is {layers!r}; give sizes from input to output: [784, 30, 10]")
    if len(written) > MOST_LAYERS + 1:
        raise SettingError(f"layers has {len(written):,} entries; give at most {MOST_LAYERS + 1:,}")
    if loss is not None:
        known("loss", loss, LOSSES)
    known("task", task, [AUTO, *TASKS])
    shape = [written[0]] if isinstance(written[0], int | float) else written[0]
    if isinstance(shape, str) or not isinstance(shape, Sequence):
        raise SettingError(
            f"layers begins with {in_one_line(repr(written[0]), 100)}; give the size of an input, "
            "as 784, or its shape, as (28, 28)"
        )
    *hidden, answers = tables(written[1:])
    dense = list(dense_among(hidden))
    fill(
        dense,
        activation=plain(activation),
        batch_norm=batch_norm,
        dropout=plain(dropout),
        noise=plain(noise),
    )
    task = _likely(answers, loss, output) if task == AUTO else task
    loss = loss or TASKS[task].loss
    usual_output = TASKS[task].output(LOSSES[loss]) or LOSSES[loss].outputs[0]
    fill(list(dense_among([answers])), activation=output or usual_output)
    first = next(dense_among([*hidden, answers]), {}).get("activation")
    usual = "he_normal" if first in RECTIFIERS else "glorot_uniform"
    words = {
        "input_shape": shape,
        "layers": [*hidden, answers],
        "loss": loss,
        "task": task,
        "input_dropout": input_dropout,
        "initializer": initializer or usual,
        "input_noise": input_noise,
    }
    return converted(words, Network)


def _likely(answers: Any, loss: str | None, output: str | None) -> str:
    """Return the initial task; the first targets decide it."""
    if not isinstance(answers, Mapping) or answers.get("units") != 1:
        return "classes"
    return "values" if loss == "squared_error" and output != "sigmoid" else "labels"


def build_training(
    optimizer: str | Mapping | None = None,
    schedule: str | Mapping | Sequence | None = None,
    **words: Any,
) -> Training:
    """Return the training settings; `words` are the other fields of `Training`.

    Raises:
        SettingError: a setting that does not exist or does not fit.
    """
    chosen = {
        "optimizer": msgspec.to_builtins(Choice.of(plain(optimizer), "adam")),
        "schedule": msgspec.to_builtins(schedule_of(plain(schedule))),
    }
    for name, options in OPTIONS.items():
        if isinstance(own := plain(words.get(name)), str):
            known(name, own, options)
    deformation = words.get("deformation")
    if isinstance(deformation, Mapping) and isinstance(deformation.get("strength"), Mapping):
        # Class numbers are texts in TOML and JSON.
        strength = {str(label): factor for label, factor in deformation["strength"].items()}
        words["deformation"] = {**deformation, "strength": strength}
    return converted(chosen | words, Training)
