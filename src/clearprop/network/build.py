"""From the words that people write to a `Network` and a `Training`, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np

from clearprop.errors import SettingError, in_one_line, known
from clearprop.layers import Layer
from clearprop.layers.layer import MOST_LAYERS, in_words
from clearprop.maths.losses import LOSSES
from clearprop.network.choices import Choice
from clearprop.network.schedule import schedule_of
from clearprop.network.spec import Network, Training
from clearprop.network.written import dense_among, fill, tables

Made = TypeVar("Made")

# Gates that pass about half of their input want He's doubled variance.
RECTIFIERS = ("elu", "gelu", "leaky_relu", "relu", "silu", "softplus")


def build_network(
    layers: Sequence[Any],
    activation: str | Sequence[str] = "relu",
    loss: str = "cross_entropy",
    output: str | None = None,
    batch_norm: bool = False,
    dropout: float | Sequence[float] = 0.0,
    input_dropout: float = 0.0,
    initializer: str | None = None,
    noise: float | Sequence[float] = 0.0,
    input_noise: float = 0.0,
) -> Network:
    """Return the network that these words describe.

    Args:
        layers: from the inputs to the outputs, at least two. The first is the size of an input,
            or its shape, as (28, 28). A number behind it is a dense layer of so many units; all
            other layers are given by their name, as "scale", or by a table with a name, as
            {"name": "residual", "layers": [64, 64]}.
        activation: of the hidden layers; one for all or one for each dense layer among them.
        loss: the loss.
        output: the output activation; without it the loss's own.
        batch_norm: whether hidden layers are normalized.
        dropout: rate on the hidden layers; one for all or one for each.
        input_dropout: rate on the inputs.
        initializer: of the weights; without it He for rectifiers and Glorot for the rest.
        noise: deviation of Gaussian noise before hidden activations; one for all or one for each.
        input_noise: deviation of Gaussian noise on the inputs.

    Raises:
        SettingError: a word that does not exist or does not fit.
    """
    try:
        layers = _plain(layers)
    except RecursionError as error:
        raise SettingError("layers nest without end; write residual blocks less deep") from error
    written = list(layers) if isinstance(layers, Sequence) and not isinstance(layers, str) else []
    if len(written) < 2:
        raise SettingError(f"layers is {layers!r}; give sizes from input to output: [784, 30, 10]")
    if len(written) > MOST_LAYERS + 1:
        raise SettingError(f"layers has {len(written):,} entries; give at most {MOST_LAYERS + 1:,}")
    known("loss", loss, LOSSES)
    shape = [written[0]] if isinstance(written[0], int | float) else written[0]
    if isinstance(shape, str) or not isinstance(shape, Sequence):
        raise SettingError(
            f"layers begins with {in_one_line(repr(written[0]), 100)}; give the size of an input, "
            "as 784, or its shape, as (28, 28)"
        )
    *hidden, answers = tables(written[1:])
    dense = list(dense_among(hidden))
    fill(dense, activation=_plain(activation), batch_norm=batch_norm, dropout=_plain(dropout),
         noise=_plain(noise))  # fmt: skip
    fill(list(dense_among([answers])), activation=output or LOSSES[loss].outputs[0])
    first = next(dense_among([*hidden, answers]), {}).get("activation")
    usual = "he_normal" if first in RECTIFIERS else "glorot_uniform"
    words = {
        "input_shape": shape,
        "layers": [*hidden, answers],
        "loss": loss,
        "input_dropout": input_dropout,
        "initializer": initializer or usual,
        "input_noise": input_noise,
    }
    return converted(words, Network)


def build_training(
    optimizer: str | Mapping | None = None,
    schedule: str | Mapping | Sequence | None = None,
    **words: Any,
) -> Training:
    """Return the training settings; `words` are the other fields of `Training`.

    Raises:
        SettingError: a word that does not exist or does not fit.
    """
    chosen = {
        "optimizer": msgspec.to_builtins(Choice.of(_plain(optimizer), "adam")),
        "schedule": msgspec.to_builtins(schedule_of(_plain(schedule))),
    }
    deformation = words.get("deformation")
    if isinstance(deformation, Mapping) and isinstance(deformation.get("strength"), Mapping):
        # Class numbers are texts in TOML and JSON.
        strength = {str(label): factor for label, factor in deformation["strength"].items()}
        words["deformation"] = {**deformation, "strength": strength}
    return converted(chosen | words, Training)


def converted(words: Any, kind: type[Made]) -> Made:
    """Return plain values as a struct of that kind, with every type checked.

    Raises:
        SettingError: says which value is wrong, and where it stands.
    """
    try:
        return msgspec.convert(_plain(words), kind)
    except msgspec.ValidationError as error:
        raise SettingError(in_words(error)) from error
    except UnicodeEncodeError as error:
        # JSON and the command line can bring one half of a pair of surrogates.
        raise SettingError(
            f"{in_one_line(ascii(error.object))} holds half a character; write it as UTF-8"
        ) from error


def _plain(value: Any) -> Any:
    # NumPy's numbers, arrays and types as Python's, also inside lists and tables.
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value).name
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, Layer):
        return {"name": value.kind, **_plain(msgspec.structs.asdict(value))}
    return value
