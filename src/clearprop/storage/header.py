"""The header of a safetensors file, checked to the last byte before memory is allocated.

A file is eight bytes with the header's length, the header, and the bytes of the tensors. The
header is one JSON object: the type, shape and byte range of each tensor, and under `__metadata__`
a table of texts.
"""

import math
from typing import IO, Annotated, Any, Literal, NamedTuple, TypeVar

import msgspec
import numpy as np

from clearprop.errors import in_one_line
from clearprop.storage import strict_json

# A checkpoint's card holds some 120 bytes for each epoch, so this is 140,000 epochs; all else in
# it, and what a model file holds, is far below a megabyte.
LONGEST = 16 * 2**20
# A network of a thousand layers, with batch normalization, Adam and moving averages, has 18,000.
MOST_TENSORS = 65_536
METADATA = "__metadata__"
Made = TypeVar("Made")

DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}
Name = Annotated[str, msgspec.Meta(max_length=200)]
Size = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Sizes = Annotated[tuple[Size, ...], msgspec.Meta(max_length=8)]
# The metadata and the tensors' entries share a type until they are separated.
Parts = dict[Name, dict[str, str | Sizes]]


class Tensor(NamedTuple):
    """What a header says of a tensor.

    Attributes:
        dtype: of its numbers, in the file's byte order.
        shape: of the tensor.
        start: the offset of its first byte in the file.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int


class Header(NamedTuple):
    """The contents of a header: the metadata, and each tensor's place by name."""

    metadata: dict[str, str]
    tensors: dict[str, Tensor]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dtype: Literal["F32", "F64"]
    shape: Sizes
    data_offsets: tuple[Size, Size]


def read(file: IO[bytes], size: int) -> Header:
    """Read the header of a file of `size` bytes, and check that the tensors fill the rest exactly.

    The file is open at its beginning; afterwards it is at the end of the header.

    Raises:
        ValueError: what is wrong, in a few words.
    """
    if size < 8:
        raise ValueError(f"{size} bytes are too few for a header")
    length = int.from_bytes(file.read(8), "little")
    if length > min(size - 8, LONGEST):
        raise ValueError(f"a header of {length:,} bytes does not fit into {size:,}, or is too long")
    text = file.read(length)
    if len(text) < length or not text.startswith(b"{"):
        raise ValueError("its header is cut short, or does not begin with a brace")
    parts = strict_json.decode(text, Parts)
    metadata = _converted(METADATA, parts.pop(METADATA, {}), dict[str, str])
    if len(parts) > MOST_TENSORS:
        raise ValueError(f"it has {len(parts):,} tensors, more than {MOST_TENSORS:,}")
    tensors = {name: _converted(name, part, _Entry) for name, part in parts.items()}
    _check_spans(tensors, size - 8 - length)
    return Header(metadata, _places(tensors, 8 + length))


def _converted(name: str, part: object, kind: type[Made]) -> Made:
    try:
        return msgspec.convert(part, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"in {name!r}: {in_one_line(error)}") from error


def _check_spans(tensors: dict[str, _Entry], size: int) -> None:
    """Refuse spans that do not fit a tensor, and bytes that are in none of them or in two."""
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].data_offsets):
        start, stop = tensor.data_offsets
        due = math.prod(tensor.shape) * DTYPES[tensor.dtype].itemsize
        if stop - start != due:
            raise ValueError(f"{name!r} takes {due:,} bytes, not those from {start:,} to {stop:,}")
        if start != end:
            fault = "overlap" if start < end else "leave a gap"
            raise ValueError(f"the tensors {fault} at byte {start:,}, before {name!r}")
        end = stop
    if end != size:
        raise ValueError(f"the tensors take {end:,} bytes, but there are {size:,}")


def _places(tensors: dict[str, _Entry], start: int) -> dict[str, Tensor]:
    return {
        name: Tensor(DTYPES[tensor.dtype], tensor.shape, start + tensor.data_offsets[0])
        for name, tensor in tensors.items()
    }
