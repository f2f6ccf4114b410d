"""From the words that people write to a `Network` and a `Training`, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np

from clearprop.errors import SettingError, in_one_line, known
from clearprop.layers import Layer
from clearprop.layers.layer import MOST_LAYERS
from clearprop.maths.losses import LOSSES
from clearprop.network.choices import Choice
from clearprop.network.schedule import schedule_of
from clearprop.network.spec import Network, Training

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
        activation: of the hidden layers; one for all or one for each number among them.
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
    layers = _plain(layers)
    written = list(layers) if isinstance(layers, Sequence) and not isinstance(layers, str) else []
    if len(written) < 2:
        raise SettingError(f"layers is {layers!r}; give sizes from input to output: [784, 30, 10]")
    if len(written) > MOST_LAYERS + 1:
        raise SettingError(f"layers has {len(written):,} entries; give at most {MOST_LAYERS + 1:,}")
    known("loss", loss, LOSSES)
    hidden, answers = written[1:-1], written[-1]
    dense = _dense_words(hidden, activation, batch_norm, dropout, noise)
    made = _expanded(hidden, dense)
    if isinstance(answers, int):
        answers = {
            "name": "dense",
            "units": answers,
            "activation": output or LOSSES[loss].outputs[0],
        }
    made.append(answers)
    first = next((one["activation"] for one in made if "activation" in one), None)
    usual = "he_normal" if first in RECTIFIERS else "glorot_uniform"
    words = {
        "input_shape": written[0] if isinstance(written[0], Sequence) else [written[0]],
        "layers": made,
        "loss": loss,
        "input_dropout": input_dropout,
        "initializer": initializer or usual,
        "input_noise": input_noise,
    }
    return converted(words, Network)


def _dense_words(
    hidden: list, activation: Any, batch_norm: bool, dropout: Any, noise: Any
) -> Iterator[dict[str, Any]]:
    """Yield the settings of each dense layer that is given by its number of units alone."""
    count = sum(_numbers(hidden))
    activations = _one_each("activation", _plain(activation), count)
    rates = _one_each("dropout", _plain(dropout), count)
    deviations = _one_each("noise", _plain(noise), count)
    for name, rate, deviation in zip(activations, rates, deviations, strict=True):
        yield {
            "name": "dense", "activation": name, "batch_norm": batch_norm, "dropout": rate,
            "noise": deviation,
        }  # fmt: skip


def _numbers(layers: list) -> Iterator[int]:
    for one in layers:
        if isinstance(one, Mapping) and isinstance(one.get("layers"), Sequence):
            yield from _numbers(one["layers"])
        elif isinstance(one, int | float):
            yield 1


def _expanded(layers: Sequence, dense: Iterator[dict[str, Any]]) -> list[Any]:
    """Return layers as tables, each number with the next of the settings of dense layers."""
    made: list[Any] = []
    for one in layers:
        if isinstance(one, int | float):
            made.append({"units": one, **next(dense)})
        elif isinstance(one, str):
            made.append({"name": one})
        elif isinstance(one, Mapping) and isinstance(one.get("layers"), Sequence):
            made.append({**one, "layers": _expanded(one["layers"], dense)})
        else:
            made.append(one)
    return made


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
        raise SettingError(_in_words(error)) from error
    except UnicodeEncodeError as error:
        # JSON and the command line can bring one half of a pair of surrogates.
        raise SettingError(
            f"{in_one_line(ascii(error.object))} holds half a character; write it as UTF-8"
        ) from error


def _in_words(error: msgspec.ValidationError) -> str:
    # "Expected `int`, got `str` - at `$.fit.epochs`" becomes "fit.epochs: expected int, got str".
    text, _, place = str(error).replace("`", "").partition(" - at $")
    place = place.strip().lstrip(".")
    return f"{place}: {text[0].lower()}{text[1:]}" if place else text


def _one_each(name: str, value: Any, hidden: int) -> list:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [value] * hidden
    if len(value) != hidden:
        raise SettingError(f"{name} has {len(value)} entries for {hidden} hidden layers")
    return list(value)


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
        return _plain(msgspec.to_builtins(value))
    return value
