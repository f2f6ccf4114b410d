"""A file of tensors with a card: a safetensors file with one JSON text of ours.

Model files, committees and checkpoints are such files. The card is read and checked before any
tensor; it decides the tensors' names and shapes, which are checked before memory is allocated.

The safetensors library is not used: it would open the file a second time, when the name may belong
to another file, and it accepts a key that occurs twice. Here exactly the checked bytes are read,
from the same open file.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

import msgspec
import numpy as np

from clearprop import atomic
from clearprop.errors import ModelFileError, NewerFormatError, UnreadableError, in_one_line
from clearprop.models import NAMES
from clearprop.registered import MODULES
from clearprop.storage import header, packing, strict_json
from clearprop.version import __version__

# Far more than any multilayer perceptron that an ordinary computer trains.
LARGEST_FILE = 8 * 2**30
# Formats before it were never released.
OLDEST = 2

Card = TypeVar("Card", bound=msgspec.Struct)
Tensors = dict[str, np.ndarray]


def _of_its_training(card: Any, name: str) -> str:
    return card.training.dtype


@dataclass(frozen=True)
class Kind(Generic[Card]):
    """A kind of file.

    Attributes:
        key: the key of its card in the file's metadata.
        words: what messages call it.
        card: the type of its card, which has `made_with` and `format`.
        version: the newest format that can be read.
        shapes: card -> the shape of every tensor, by name.
        fault: card -> what in it does not fit together, or ""; called before `shapes`.
        dtype: (card, name) -> the type of the tensor of that name.
    """

    key: str
    words: str
    card: type[Card]
    version: int
    shapes: Callable[[Any], dict[str, tuple[int, ...]]]
    fault: Callable[[Any], str]
    dtype: Callable[[Any, str], str] = _of_its_training


def write(kind: Kind[Card], path: str | os.PathLike[str], card: Any, tensors: Tensors) -> Path:
    """Write a file, whole or not at all.

    Raises:
        ModelFileError: the file cannot be written there, or could not be read back.
    """
    parts = packed(kind, path, card, tensors)
    try:
        return atomic.write(_path(path), *parts)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelFileError(f"{path} cannot be written: {reason}") from error


def packed(
    kind: Kind[Card], path: str | os.PathLike[str], card: Any, tensors: Tensors
) -> list[memoryview]:
    """Return the bytes of a file to be written to `path`, in parts.

    Raises:
        ModelFileError: it could not be read back.
    """
    made_with = {"numpy": np.__version__} | card.made_with | {"clearprop": __version__}
    card = msgspec.structs.replace(card, made_with=made_with)
    text = msgspec.json.encode(card).decode()
    # What could not be read back is not written in the first place.
    card = _card(kind, path, text)
    _check_names(path, kind.shapes(card), tensors)
    for name, shape in kind.shapes(card).items():
        _check_shape(path, name, tensors[name].shape, shape)
        _check_type(path, name, tensors[name].dtype, kind.dtype(card, name))
        _check_finite(path, name, tensors[name])
    parts = packing.packed({kind.key: text}, tensors)
    size = sum(map(len, parts))
    _check_size(path, size)
    _header(kind.words, path, io.BytesIO(parts[0]), size)
    return parts


def read(
    kind: Kind[Card], path: str | os.PathLike[str], *, allow_nonfinite: bool = False
) -> tuple[Any, Tensors]:
    """Read a file of one kind and check that its tensors are those that its card calls for.

    `allow_nonfinite` lets tensors hold NaN and infinite values.

    Raises:
        ModelFileError: the file is missing, damaged, not of this kind, or of a newer version.
    """
    return read_one_of([kind], path, allow_nonfinite=allow_nonfinite)


def read_one_of(
    kinds: Sequence[Kind], path: str | os.PathLike[str], *, allow_nonfinite: bool = False
) -> tuple[Any, Tensors]:
    """Read a file of one of several kinds, as its card says; see `read`."""
    path = _path(path)
    words = " or ".join(kind.words for kind in kinds)
    try:
        _check_ordinary(path)
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            _check_size(path, size)
            found = _header(words, path, file, size)
            kind = _kind(kinds, words, path, found.metadata)
            card = _card(kind, path, found.metadata[kind.key])
            tensors = _tensors(kind, path, file, found, card)
    except FileNotFoundError as error:
        shipped = f"; the models that ship are {', '.join(NAMES)}" if "model" in words else ""
        raise ModelFileError(f"there is no file {path}{shipped}") from error
    except MemoryError as error:
        raise UnreadableError(f"{path} holds more than this machine's memory does") from error
    except (OSError, ValueError) as error:
        if isinstance(error, ModelFileError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise UnreadableError(f"{path} cannot be read: {reason}") from error
    if not allow_nonfinite:
        for name, tensor in tensors.items():
            _check_finite(path, name, tensor)
    return card, tensors


def _path(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise ModelFileError(f"{path!r} is not a file name; give one such as 'digits.safetensors'")
    return Path(path)


def _check_ordinary(path: Path) -> None:
    # Before it is opened: opening a pipe may wait forever.
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise ModelFileError(f"{path} is a folder; name the file in it")
    if not stat.S_ISREG(mode):
        raise ModelFileError(f"{path} is not a regular file; name one that Clearprop wrote")


def _check_size(path: Any, size: int) -> None:
    if size > LARGEST_FILE:
        raise ModelFileError(
            f"{path} has {size:,} bytes; a file of Clearprop's has {LARGEST_FILE:,} at most"
        )


def _header(words: str, path: Any, file: IO[bytes], size: int) -> header.Header:
    try:
        return header.read(file, size)
    except ValueError as error:
        raise ModelFileError(
            f"{path} is damaged or not a {words} ({error}); get it again from its source"
        ) from error


def _kind(kinds: Sequence[Kind], words: str, path: Path, metadata: dict[str, str]) -> Kind:
    cards = [key for key in metadata if key.startswith("clearprop")]
    if len(cards) > 1:
        raise ModelFileError(f"{path} has {len(cards)} cards, and a file of Clearprop's has one")
    for kind in kinds:
        if kind.key in cards:
            return kind
    if cards:
        raise ModelFileError(f"{path} is a file of Clearprop's, but not a {words}; name another")
    raise ModelFileError(f"{path} is a safetensors file, but not one that Clearprop wrote")


def _card(kind: Kind[Card], path: str | os.PathLike[str], text: str) -> Any:
    try:
        version = strict_json.format_of(text.encode())
        if version > kind.version:
            raise NewerFormatError(
                f"{path} has format {version}, this Clearprop reads up to {kind.version}: "
                "upgrade it"
            )
        if version < OLDEST:
            raise ModelFileError(
                f"{path} has format {version}, from before Clearprop's first release, and is no "
                "longer read: make it again"
            )
        card = strict_json.decode(text.encode(), kind.card)
    except ValueError as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(
            f"{path} describes itself wrongly: {error}; {_remedy(text)}"
        ) from error
    if fault := kind.fault(card):
        raise ModelFileError(f"{path} {fault}")
    return card


class _Needs(msgspec.Struct):
    # Of a card that cannot be read whole.
    needs: dict[str, str] = {}
    members: tuple[_Needs, ...] = ()


def _remedy(text: str) -> str:
    """Return a remedy for a card that cannot be read: it may need something registered."""
    try:
        card = strict_json.glance(text.encode(), _Needs)
    except ValueError:
        card = _Needs()
    needed = {what: m for one in (card, *card.members) for what, m in one.needs.items()}
    missing = [
        f"the {in_one_line(what, 60)} of the module {in_one_line(module, 60)}"
        for what, module in needed.items()
        if what not in MODULES
    ]
    if missing:
        return f"it needs {', '.join(missing[:5])}: import that first, so that it is registered"
    return "get it from its source"


def _tensors(
    kind: Kind, path: Path, file: io.BufferedReader, found: header.Header, card: Any
) -> Tensors:
    wanted = kind.shapes(card)
    _check_names(path, wanted, found.tensors)
    for name, shape in wanted.items():
        _check_shape(path, name, found.tensors[name].shape, shape)
        _check_type(path, name, found.tensors[name].dtype, kind.dtype(card, name))
    return {name: _tensor(path, file, found.tensors[name]) for name in wanted}


def _tensor(path: Path, file: io.BufferedReader, place: header.Tensor) -> np.ndarray:
    values = np.empty(place.shape, place.dtype)
    file.seek(place.start)
    if file.readinto(values.reshape(-1).view(np.uint8).data) != values.nbytes:
        raise ModelFileError(f"{path} was cut short while it was read; read it again")
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _check_names(path: Any, wanted: Any, found: Any) -> None:
    for name in sorted(set(wanted) ^ set(found)):
        fault = "lacks" if name in wanted else "has an unknown"
        raise ModelFileError(f"{path} {fault} tensor {name!r}")


def _check_shape(path: Any, name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if shape != wanted:
        raise ModelFileError(f"{path}: {name} has shape {shape}, not {wanted}")


def _check_type(path: Any, name: str, found: np.dtype, wanted: str) -> None:
    if found.newbyteorder("=") != wanted:
        raise ModelFileError(f"{path}: {name} is {found.name}, not {wanted}")


def _check_finite(path: Any, name: str, tensor: np.ndarray) -> None:
    if not np.isfinite(tensor).all():
        raise ModelFileError(f"{path}: {name} holds NaN or infinite values")
