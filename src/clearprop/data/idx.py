"""The IDX format, in which MNIST and its relatives are published.

A file is a header of big-endian words and then the values, rows first: two zero bytes, a
type code, the number of dimensions, and one signed 32-bit size for each dimension. Only
unsigned bytes occur in these sets, so only they are read.

Nothing in a file is believed: its sizes are multiplied as Python integers, which cannot
overflow, and compared with what is really there before memory is taken for them.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clearprop.errors import DataError

UNSIGNED_BYTE = 0x08
_OTHER_TYPES = {
    0x09: "signed bytes",
    0x0B: "16-bit integers",
    0x0C: "32-bit integers",
    0x0D: "32-bit floats",
    0x0E: "64-bit floats",
}
MOST_DIMENSIONS = 4
LIMIT = 2**31
"""The largest file that `read` unpacks, in bytes: far above any set of small images."""

_GZIP_MAGIC = b"\x1f\x8b"


def encode(array: NDArray[np.uint8]) -> bytes:
    """Return an array as the bytes of an IDX file.

    Args:
        array: uint8, with one to four dimensions.

    Returns:
        The header and the values, rows first.

    Raises:
        DataError: another type, or a number of dimensions that the format's readers refuse.

    >>> encode(np.array([7, 2], np.uint8)).hex(" ")
    '00 00 08 01 00 00 00 02 07 02'
    """
    if array.dtype != np.uint8 or not 1 <= array.ndim <= MOST_DIMENSIONS:
        raise DataError(
            f"An IDX file is written from unsigned bytes in 1 to {MOST_DIMENSIONS} dimensions, "
            f"not from {array.dtype} in {array.ndim}; convert the array first."
        )
    header = bytes([0, 0, UNSIGNED_BYTE, array.ndim])
    return header + struct.pack(f">{array.ndim}i", *array.shape) + array.tobytes()


def decode(data: bytes, name: str = "IDX data") -> NDArray[np.uint8]:
    """Return the array that the bytes of an IDX file hold.

    Args:
        data: a whole file, already decompressed.
        name: what to call it in an error message.

    Returns:
        uint8, of the shape that the header gives, read-only: a view of `data`.

    Raises:
        DataError: a wrong magic number, an impossible size, too few or too many bytes.
    """
    shape = _shape(data, name)
    start, size = header_size(len(shape)), math.prod(shape)
    if len(data) != start + size:
        fault = "is cut short" if len(data) < start + size else "has bytes after its end"
        raise _fault(
            name,
            min(len(data), start + size),
            f"the file {fault}: {'×'.join(map(str, shape))} values take {start + size:,} bytes, "
            f"there are {len(data):,}",
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def read(path: Path) -> NDArray[np.uint8]:
    """Return the array in an IDX file, plain or gzip-compressed.

    Args:
        path: the file; whether it is compressed is seen from its first bytes.

    Returns:
        uint8, of the shape that the header gives, read-only.

    Raises:
        DataError: the file cannot be read, is not IDX, or would unpack to over `LIMIT` bytes.
    """
    try:
        if path.stat().st_size > LIMIT:
            raise DataError(f"{path} is larger than {LIMIT:,} bytes, too large to be images.")
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    return decode(unpack(data, str(path)), str(path))


def unpack(data: bytes, name: str, size: int | None = None) -> bytes:
    """Return the bytes of an IDX file that may be gzip-compressed, decompressed.

    Args:
        data: the file as it is stored.
        name: what to call it in an error message.
        size: how many bytes it must unpack to; without it, what its own header asks for.

    Returns:
        The plain file. What is not compressed comes back as it is.

    Raises:
        DataError: damaged compression, or more or fewer bytes than `size`.
    """
    if not data.startswith(_GZIP_MAGIC):
        return data
    return inflate(data, _claimed_size(data, name) if size is None else size, name)


def inflate(data: bytes, size: int, name: str, *, at_most: bool = False) -> bytes:
    """Decompress gzip, never beyond the size that is expected.

    A few kilobytes of gzip can unpack to gigabytes, so one byte more than `size` is asked
    for and the rest is never made.

    Args:
        data: one gzip member, the whole of it.
        size: the number of bytes that it must hold.
        name: what to call it in an error message.
        at_most: whether fewer bytes than `size` are right too.

    Returns:
        The decompressed bytes, their CRC checked.

    Raises:
        DataError: damaged or truncated data, another size, or bytes after the end.
    """
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(data, size + 1)
    except zlib.error as error:
        raise DataError(f"{name}: the gzip compression is damaged ({error}).") from error
    if len(plain) > size:
        raise DataError(f"{name}: unpacks to more than the {size:,} bytes that belong in it.")
    if not stream.eof or stream.unused_data:
        fault = "has bytes after its end" if stream.eof else "is cut short"
        raise DataError(f"{name}: the gzip compression {fault}.")
    if len(plain) < size and not at_most:
        raise DataError(f"{name}: unpacks to {len(plain):,} bytes, not to {size:,}.")
    return plain


def header_size(dimensions: int) -> int:
    """Return how many bytes the header of a file with so many dimensions takes."""
    return 4 + 4 * dimensions


def _claimed_size(data: bytes, name: str) -> int:
    """Return how large a compressed file says it is, having unpacked its header only."""
    try:
        header = zlib.decompressobj(wbits=31).decompress(data, header_size(MOST_DIMENSIONS))
    except zlib.error as error:
        raise DataError(f"{name}: the gzip compression is damaged ({error}).") from error
    shape = _shape(header, name)
    size = header_size(len(shape)) + math.prod(shape)
    if size > LIMIT:
        raise _fault(name, 4, f"the header asks for {size:,} bytes, more than {LIMIT:,}")
    return size


def _shape(data: bytes, name: str) -> tuple[int, ...]:
    """Return the sizes in a header, each checked to be possible."""
    dimensions = _dimensions(data, name)
    if len(data) < header_size(dimensions):
        raise _fault(name, len(data), f"the header is cut short: {dimensions} sizes are due")
    shape = struct.unpack_from(f">{dimensions}i", data, 4)
    for axis, size in enumerate(shape):
        if size < 0:
            raise _fault(name, 4 + 4 * axis, f"the size of dimension {axis} is {size}")
    return shape


def _dimensions(data: bytes, name: str) -> int:
    """Return the number of dimensions from the magic number, having checked the rest of it."""
    if len(data) < 4:
        raise _fault(name, len(data), "the file is cut short: the first four bytes are missing")
    if data[:2] != b"\0\0":
        raise _fault(name, 0, f"an IDX file begins with 00 00, this with {data[:2].hex(' ')}")
    if data[2] != UNSIGNED_BYTE:
        found = _OTHER_TYPES.get(data[2], f"the unknown type {data[2]:#04x}")
        raise _fault(name, 2, f"the file holds {found}; only unsigned bytes (0x08) are read")
    if not 1 <= data[3] <= MOST_DIMENSIONS:
        raise _fault(name, 3, f"{data[3]} dimensions; 1 to {MOST_DIMENSIONS} are read")
    return data[3]


def _fault(name: str, place: int, fault: str) -> DataError:
    """Return the error that names the file, the place in it and the fault."""
    return DataError(f"{name}, byte {place:,}: {fault}.")
