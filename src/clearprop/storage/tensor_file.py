"""A file of tensors with a card: safetensors, and beside the tensors one JSON text of ours.

Model files and checkpoints are both such files. The card is read and checked before any tensor
is, and the tensors' names and shapes, which it decides, before their memory is taken.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np

from clearprop import atomic
from clearprop.errors import ModelFileError
from clearprop.version import __version__

# Far above any multilayer perceptron that an ordinary computer trains.
LARGEST_FILE = 8 * 2**30

Card = TypeVar("Card", bound=msgspec.Struct)
Tensors = dict[str, np.ndarray]


@dataclass(frozen=True)
class Kind(Generic[Card]):
    """A kind of file.

    Attributes:
        key: where in the file's metadata its card stands.
        words: what it is called.
        card: the type of its card, which has `training`, `made_with` and `format`.
        version: the newest format that is read.
        shapes: card -> the shape of every tensor, by name.
        fault: card -> what in it does not fit together, or "".
    """

    key: str
    words: str
    card: type[Card]
    version: int
    shapes: Callable[[Any], dict[str, tuple[int, ...]]]
    fault: Callable[[Any], str]


def write(kind: Kind[Card], path: str | os.PathLike[str], card: Any, tensors: Tensors) -> Path:
    """Write a file, whole or not at all.

    Raises:
        ModelFileError: the file cannot be written there, or could not be read back.
    """
    data = packed(kind, path, card, tensors)
    try:
        return atomic.write(_path(path), data)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelFileError(f"{path} cannot be written: {reason}") from error


def packed(kind: Kind[Card], path: str | os.PathLike[str], card: Any, tensors: Tensors) -> bytes:
    """Return the bytes of a file that shall have this path.

    Raises:
        ModelFileError: it could not be read back.
    """
    import safetensors.numpy

    card = msgspec.structs.replace(
        card, made_with={"clearprop": __version__, "numpy": np.__version__}
    )
    text = msgspec.json.encode(card).decode()
    # What could not be read back is not written in the first place.
    card = _card(kind, path, text)
    _check_names(path, kind.shapes(card), tensors)
    for name, shape in kind.shapes(card).items():
        _check_shape(path, name, tensors[name].shape, shape)
        _check_values(path, name, tensors[name], card.training.dtype)
    contiguous = {name: np.ascontiguousarray(t) for name, t in tensors.items()}
    return safetensors.numpy.save(contiguous, {kind.key: text})


def read(kind: Kind[Card], path: str | os.PathLike[str]) -> tuple[Any, Tensors]:
    """Read a file and check that its tensors are the ones that its card calls for.

    Raises:
        ModelFileError: the file is missing, damaged, not of this kind, or of a newer version.
    """
    from safetensors import SafetensorError, safe_open

    path = _path(path)
    try:
        _check_size(path)
        with safe_open(path, framework="numpy") as file:
            card = _card(kind, path, _text(kind, path, file.metadata() or {}))
            return card, _tensors(path, file, kind.shapes(card), card.training.dtype)
    except FileNotFoundError as error:
        raise ModelFileError(f"there is no file {path}") from error
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror or error}") from error
    except (SafetensorError, TypeError, ValueError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(
            f"{path} is damaged or no {kind.words} ({error}); Clearprop's end in .safetensors"
        ) from error


def _path(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise ModelFileError(f"{path!r} is no name of a file; give one as 'digits.safetensors'")
    return Path(path)


def _check_size(path: Path) -> None:
    if path.is_dir():
        raise ModelFileError(f"{path} is a folder; name the file in it")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ModelFileError(f"{path} has {size:,} bytes: that is no multilayer perceptron")


def _text(kind: Kind, path: Path, metadata: dict[str, str]) -> str:
    if kind.key in metadata:
        return metadata[kind.key]
    if any(key.startswith("clearprop") for key in metadata):
        raise ModelFileError(f"{path} is a file of Clearprop's, but no {kind.words}; name another")
    raise ModelFileError(f"{path} is a safetensors file, but not one that Clearprop wrote")


def _card(kind: Kind, path: str | os.PathLike[str], text: str) -> Any:
    try:
        version = msgspec.json.decode(text, type=dict[str, Any]).get("format")
        if isinstance(version, int) and version > kind.version:
            raise ModelFileError(
                f"{path} has format {version}, this Clearprop reads up to {kind.version}: "
                "upgrade it"
            )
        card = msgspec.json.decode(text, type=kind.card)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ModelFileError(f"{path} describes itself wrongly: {error}") from error
    if fault := kind.fault(card):
        raise ModelFileError(f"{path} {fault}")
    return card


def _tensors(path: Path, file: Any, wanted: dict[str, tuple[int, ...]], dtype: str) -> Tensors:
    # The file is no dictionary: it cannot be iterated over without keys().
    _check_names(path, wanted, file.keys())
    for name, shape in wanted.items():
        _check_shape(path, name, tuple(file.get_slice(name).get_shape()), shape)
    tensors = {name: file.get_tensor(name) for name in wanted}
    for name, tensor in tensors.items():
        _check_values(path, name, tensor, dtype)
    return tensors


def _check_names(path: Any, wanted: Any, found: Any) -> None:
    for name in sorted(set(wanted) ^ set(found)):
        fault = "lacks" if name in wanted else "has an unknown"
        raise ModelFileError(f"{path} {fault} tensor {name!r}")


def _check_shape(path: Any, name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if shape != wanted:
        raise ModelFileError(f"{path}: {name} has shape {shape}, not {wanted}")


def _check_values(path: Any, name: str, tensor: np.ndarray, dtype: str) -> None:
    if tensor.dtype != dtype:
        raise ModelFileError(f"{path}: {name} is {tensor.dtype}, not {dtype}")
    if not np.isfinite(tensor).all():
        raise ModelFileError(f"{path}: {name} holds NaN or infinite values")
