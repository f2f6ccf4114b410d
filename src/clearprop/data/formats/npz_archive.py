"""Arrays from an untrusted `.npz` file, a zip archive of `.npy` files.

`numpy.load` allocates whatever a header asks for. Here the archive's directory and every header
are checked first; then memory grows only as bytes are read.
"""

import contextlib
import io
import itertools
import math
import warnings
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from clearprop.data.formats.gzip_data import MOST_GROWTH, most_unpacked
from clearprop.data.formats.own_file import LIMIT, size_of
from clearprop.errors import DataError, in_one_line

_CHUNK = 2**16
_LONGEST_HEADER = 4096
_LONGEST_NUMBER = 8  # bytes; what longdouble means differs from machine to machine
_LOCAL_HEADER = 30  # bytes before a member's name and its own
_DEFLATE_AT_MOST = 1032  # bytes that deflate can make of one


class _ShortReads(io.FileIO):
    """A file that limits each read, so that no number in it can claim much memory."""

    _most = 2 * _CHUNK

    def read(self, size: int | None = -1, /) -> bytes:
        beyond = self._most + 1
        data = super().read(beyond if size is None or size < 0 else min(size, beyond))
        if len(data) > self._most:
            raise DataError(f"its directory takes more than {self._most:,} bytes")
        return data


@dataclass(frozen=True)
class _Member:
    """One array of the archive, as its header describes it."""

    info: zipfile.ZipInfo
    start: int
    shape: tuple[int, ...]
    by_column: bool
    dtype: np.dtype[Any]


def arrays(path: Path, names: Collection[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of an `.npz` file that have these names; others are not read.

    Raises:
        DataError: not an archive, or a damaged, encrypted or oversized one; two arrays of one name;
            an array of anything but numbers; or a header that does not match its data.
    """
    size_of(path)
    with _damage(path), _ShortReads(path) as file, zipfile.ZipFile(file) as archive:
        members = {
            name: _member(archive, info) for name, info in _directory(archive, names).items()
        }
        _check_apart([member.info for member in members.values()])
        total = sum(member.info.file_size for member in members.values())
        if total > LIMIT:
            raise DataError(f"its arrays take {total:,} bytes, more than {LIMIT:,}")
        return {name: _read(archive, member) for name, member in members.items()}


def names_in(path: Path) -> list[str]:
    """Return the names of all members of a zip archive.

    Raises:
        DataError: not an archive, or a damaged one.
    """
    size_of(path)
    with _damage(path), _ShortReads(path) as file, zipfile.ZipFile(file) as archive:
        return archive.namelist()


@contextlib.contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Name the file in every fault; a damaged archive fails in as many ways as it has bytes."""
    try:
        with warnings.catch_warnings():  # NumPy warns of headers that Python 2 wrote
            warnings.simplefilter("ignore")
            yield
    except DataError as error:
        raise DataError(f"{path}: {error}.") from error
    except Exception as error:
        reason = in_one_line(error) or type(error).__name__
        raise DataError(f"{path}: the archive is damaged or cut short ({reason}).") from error


def _directory(archive: zipfile.ZipFile, names: Collection[str]) -> dict[str, zipfile.ZipInfo]:
    """Return the members that hold the arrays, each checked to be what can be read."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if name not in names or name == info.filename:
            continue
        if name in found:
            raise DataError(f"it holds two arrays called {name}")
        _check(info)
        found[name] = info
    return found


def _check_apart(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse members that overlap."""
    infos = sorted(infos, key=lambda info: info.header_offset)
    for one, next_one in itertools.pairwise(infos):
        if next_one.header_offset < one.header_offset + _LOCAL_HEADER + one.compress_size:
            raise DataError(f"{one.filename} and {next_one.filename} lie within each other")


def _check(info: zipfile.ZipInfo) -> None:
    """Refuse a member that cannot be read, or whose sizes cannot both be true."""
    if info.flag_bits & 1:
        raise DataError(f"{info.filename} is encrypted; save the arrays without a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(
            f"{info.filename} is compressed by method {info.compress_type}; save the arrays with "
            "numpy.savez or numpy.savez_compressed"
        )
    if info.orig_filename != info.filename:
        raise DataError(f"{info.filename} has a second name; write the archive again")
    growth = _DEFLATE_AT_MOST if info.compress_type == zipfile.ZIP_DEFLATED else 1
    if info.file_size > info.compress_size * growth:
        raise DataError(
            f"{info.filename} cannot be {info.file_size:,} bytes made of {info.compress_size:,}"
        )
    if info.file_size > most_unpacked(info.compress_size):
        raise DataError(
            f"{info.filename} unpacks to over {MOST_GROWTH} times its size, more than real data do"
        )


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Member:
    """Return a member as its `.npy` header describes it, checked against the member's size."""
    with archive.open(info) as stream:
        head = io.BytesIO(stream.read(_LONGEST_HEADER))
    try:
        version = npy.read_magic(head)
        if version not in ((1, 0), (2, 0)):
            raise DataError(f"{info.filename} is of npy version {version}; 1.0 and 2.0 are read")
        reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_column, dtype = reader(head, max_header_size=_LONGEST_HEADER)
    except DataError:
        raise
    except Exception as error:
        # The header is a Python literal, which fails in as many ways as there are.
        reason = in_one_line(error)
        raise DataError(f"{info.filename}: the npy header is damaged ({reason})") from error
    if dtype.kind not in "iuf":
        raise DataError(f"{info.filename} holds {dtype}; only arrays of numbers are read")
    if dtype.itemsize > _LONGEST_NUMBER:
        raise DataError(f"{info.filename} holds {dtype}; save its numbers as float64 or float32")
    start, size = head.tell(), math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or start + size != info.file_size:
        raise DataError(
            f"{info.filename}: an array of shape {in_one_line(shape)} and type {dtype} takes "
            f"{in_one_line(f'{size:,}', 40)} bytes, but there are {info.file_size - start:,}"
        )
    return _Member(info, start, shape, by_column, dtype)


def _read(archive: zipfile.ZipFile, member: _Member) -> NDArray[Any]:
    """Return the array of a member, reading to its end, where zipfile checks the CRC."""
    data = bytearray()
    with archive.open(member.info) as stream:
        stream.read(member.start)
        while piece := stream.read(_CHUNK):
            data += piece
    due = member.info.file_size - member.start
    if len(data) != due:
        raise DataError(f"{member.info.filename} is cut short: {len(data):,} bytes of {due:,}")
    values = np.frombuffer(data, member.dtype)
    # By column: the first axis runs fastest, as the last one does in the transposed array.
    return (
        values.reshape(member.shape[::-1]).T if member.by_column else values.reshape(member.shape)
    )
