"""The IDX format, in which MNIST and its relatives are published.

A file is a header of big-endian words and then the values, rows first: two zero bytes, a
type code, the number of dimensions, and one signed 32-bit size for each dimension. Only
unsigned bytes occur in these sets, so only they are read.

A file's sizes are multiplied as Python integers, which cannot overflow, and compared with its
length before memory is allocated.
"""

import math
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clearprop.data.formats.gzip_data import MAGIC, beginning_of, inflate
from clearprop.data.formats.own_file import LIMIT, beginning, size_of, whole
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

_BEGINNING = 4096  # bytes: gzip's own header with a file's name, and then the first of IDX


def encode(array: NDArray[np.uint8]) -> bytes:
    """Return a uint8 array of one to four dimensions as the bytes of an IDX file.

    Raises:
        DataError: another type or number of dimensions.

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


def decode(data: bytes | memoryview, name: str = "IDX data") -> NDArray[np.uint8]:
    """Return the array in the bytes of a decompressed IDX file: uint8, a read-only view.

    Raises:
        DataError: a wrong magic number, an impossible size, too few or too many bytes; the
            message begins with `name`.
    """
    shape = _shape(data, name)
    _check_length(shape, len(data), name)
    return np.frombuffer(data, np.uint8, offset=header_size(len(shape))).reshape(shape)


def read(path: Path) -> NDArray[np.uint8]:
    """Return the array in an IDX file, plain or gzip-compressed: uint8, read-only.

    Raises:
        DataError: the file cannot be read, is not IDX, or would unpack to over `LIMIT` bytes.
    """
    name = str(path)
    stored, start = size_of(path, LIMIT), beginning(path, _BEGINNING)
    if not start.startswith(MAGIC):
        # The whole file is read only once its length is known to be the header's.
        _check_length(_shape(start, name), stored, name)
        return decode(whole(path, LIMIT), name)
    size = _claimed_size(start, name)
    if stored > size + size // 100 + _BEGINNING:
        raise DataError(
            f"{name}: unpacks to more than the {size:,} bytes that belong in it, for it has "
            f"{stored:,} bytes itself."
        )
    return decode(inflate(whole(path, LIMIT), size, name), name)


def dimensions(path: Path) -> int:
    """Return the number of dimensions of an IDX file, reading only its beginning.

    Raises:
        DataError: the file cannot be read or is not IDX.
    """
    return len(_shape(_header(beginning(path, _BEGINNING), str(path)), str(path)))


def unpack(data: bytes, name: str, size: int | None = None) -> bytes:
    """Return the bytes of an IDX file decompressed, or as they are if they are not compressed.

    Args:
        data: the file as it is stored.
        name: what to call it in an error message.
        size: its decompressed size; by default as its own header says.

    Raises:
        DataError: damaged compression, or more or fewer bytes than `size`.
    """
    if not data.startswith(MAGIC):
        return data
    return inflate(data, _claimed_size(data, name) if size is None else size, name)


def header_size(dimensions: int) -> int:
    """Return the number of bytes of a header."""
    return 4 + 4 * dimensions


def _claimed_size(data: bytes, name: str) -> int:
    """Return the size that a compressed file's header claims, unpacking only the header."""
    shape = _shape(_header(data, name), name)
    size = header_size(len(shape)) + math.prod(shape)
    if size > LIMIT:
        raise _fault(name, 4, f"the header asks for {size:,} bytes, more than {LIMIT:,}")
    return size


def _header(data: bytes, name: str) -> bytes:
    """Return the first bytes of a file that may be compressed, enough for any header."""
    return beginning_of(data, header_size(MOST_DIMENSIONS), name)


def _check_length(shape: tuple[int, ...], length: int, name: str) -> None:
    """Refuse a file that is shorter or longer than its header says."""
    due = header_size(len(shape)) + math.prod(shape)
    if length != due:
        fault = "is cut short" if length < due else "has bytes after its end"
        raise _fault(
            name,
            min(length, due),
            f"the file {fault}: {'×'.join(map(str, shape))} values take {due:,} bytes, "
            f"there are {length:,}",
        )


def _shape(data: bytes | memoryview, name: str) -> tuple[int, ...]:
    """Return the checked sizes in a header."""
    dimensions = _dimensions(data, name)
    if len(data) < header_size(dimensions):
        raise _fault(name, len(data), f"the header is cut short: {dimensions} sizes are due")
    shape = struct.unpack_from(f">{dimensions}i", data, 4)
    for axis, size in enumerate(shape):
        if size < 0:
            raise _fault(name, 4 + 4 * axis, f"the size of dimension {axis} is {size}")
    return shape


def _dimensions(data: bytes | memoryview, name: str) -> int:
    """Check the magic number and return its number of dimensions."""
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
