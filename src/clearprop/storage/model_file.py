"""Model files: tensors in safetensors' format, beside them one JSON text of a closed vocabulary.

A model file is data. Nothing in it names code, and everything in it is checked against the
network that it claims to hold before it is used.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from clearprop import atomic
from clearprop.errors import ModelFileError
from clearprop.network import Network, Preparation, Training, shapes, statistics_shapes
from clearprop.version import __version__

FORMAT = 1
KEY = "clearprop"
# Far above any multilayer perceptron that an ordinary computer trains.
LARGEST_FILE = 8 * 2**30


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model file says beside its tensors.

    Attributes:
        network: the architecture.
        preparation: how uint8 inputs become numbers; None where it learned from floats.
        classes: the name of each output.
        input_shape: the shape of one input, (28, 28) for a picture, (features,) otherwise.
        training: the settings that made it.
        epochs: how many epochs it learned.
        dataset: the name of the data it learned from, or "".
        validation_accuracy: at the weights that are saved; None without validation rows.
        made_with: versions of Clearprop and NumPy.
        format: the version of this format.
    """

    network: Network
    preparation: Preparation | None
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    training: Training
    epochs: int = 0
    dataset: str = ""
    validation_accuracy: float | None = None
    made_with: dict[str, str] = msgspec.field(default_factory=dict)
    format: int = FORMAT


def write(path: str | os.PathLike[str], card: Card, tensors: dict[str, np.ndarray]) -> Path:
    """Write a model file, whole or not at all.

    Args:
        path: the file.
        card: what it says.
        tensors: parameters and running statistics by name.

    Raises:
        ModelFileError: the file cannot be written there.
    """
    import safetensors.numpy

    card = msgspec.structs.replace(
        card, made_with={"clearprop": __version__, "numpy": np.__version__}
    )
    text = msgspec.json.encode(card).decode()
    # What could not be read back is not written in the first place.
    _card(path, text)
    contiguous = {name: np.ascontiguousarray(t) for name, t in tensors.items()}
    try:
        return atomic.write(_path(path), safetensors.numpy.save(contiguous, {KEY: text}))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelFileError(f"{path} cannot be written: {reason}") from error


def read(path: str | os.PathLike[str]) -> tuple[Card, dict[str, np.ndarray]]:
    """Read a model file and check that its tensors are the ones its network needs.

    Raises:
        ModelFileError: the file is missing, damaged, not one of ours, or of a newer version.
    """
    path = _path(path)
    text, tensors = _parts(path)
    card = _card(path, text)
    _check_tensors(path, card, tensors)
    return card, tensors


def _path(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise ModelFileError(f"{path!r} is no name of a file; give one as 'digits.safetensors'")
    return Path(path)


def _parts(path: Path) -> tuple[str, dict[str, np.ndarray]]:
    from safetensors import SafetensorError, safe_open

    try:
        if path.is_dir():
            raise ModelFileError(f"{path} is a folder; name the model file in it")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise ModelFileError(f"{path} has {size:,} bytes: that is no multilayer perceptron")
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            # The file is no dictionary: it cannot be iterated over without keys().
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise ModelFileError(f"there is no file {path}") from error
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror or error}") from error
    except (SafetensorError, TypeError, ValueError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(
            f"{path} is damaged or no model file ({error}); Clearprop's end in .safetensors"
        ) from error
    if KEY not in metadata:
        raise ModelFileError(f"{path} is a safetensors file, but not one that Clearprop wrote")
    return metadata[KEY], tensors


def _card(path: str | os.PathLike[str], text: str) -> Card:
    try:
        version = msgspec.json.decode(text, type=dict[str, Any]).get("format")
        if isinstance(version, int) and version > FORMAT:
            raise ModelFileError(
                f"{path} has format {version}, this Clearprop reads up to {FORMAT}: upgrade it"
            )
        card = msgspec.json.decode(text, type=Card)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ModelFileError(f"{path} describes itself wrongly: {error}") from error
    if math.prod(card.input_shape) != card.network.inputs:
        raise ModelFileError(
            f"{path} has inputs of shape {card.input_shape} for a network of {card.network.inputs}"
        )
    if len(card.classes) != card.network.classes:
        raise ModelFileError(
            f"{path} names {len(card.classes)} classes for {card.network.classes} outputs"
        )
    return card


def _check_tensors(path: Path, card: Card, tensors: dict[str, np.ndarray]) -> None:
    wanted = {**shapes(card.network), **statistics_shapes(card.network)}
    for name in sorted(wanted.keys() ^ tensors.keys()):
        fault = "lacks" if name in wanted else "has an unknown"
        raise ModelFileError(f"{path} {fault} tensor {name!r}")
    for name, shape in wanted.items():
        tensor = tensors[name]
        if tensor.shape != shape:
            raise ModelFileError(f"{path}: {name} has shape {tensor.shape}, not {shape}")
        if tensor.dtype != card.training.dtype:
            raise ModelFileError(f"{path}: {name} is {tensor.dtype}, not {card.training.dtype}")
        if not np.isfinite(tensor).all():
            raise ModelFileError(f"{path}: {name} holds NaN or infinite values")
