"""Attacks on IDX files, plain and gzip-compressed: sizes that lie, and bombs."""

import gzip
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from attacks.attack import Attack, Generator, named

IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
MIB = 2**20


def idx(sizes: tuple[int, ...], data: bytes = b"", kind: int = 8, dimensions: int = -1) -> bytes:
    """Return an IDX file whose header says this, whatever is in it."""
    count = len(sizes) if dimensions < 0 else dimensions
    return bytes([0, 0, kind, count]) + struct.pack(f">{len(sizes)}I", *sizes) + data


def deflated(begin: bytes, count: int) -> bytes:
    """Return some bytes and then so many mebibytes of zeros, deflated to a thousandth of them.

    Every mebibyte is a piece of its own, so that one serves for all. What follows in a file is
    its checksum, which is left out: a reader that comes so far has taken the memory.
    """
    stream = zlib.compressobj(9, wbits=-15)
    first = stream.compress(begin) + stream.flush(zlib.Z_FULL_FLUSH)
    piece = stream.compress(bytes(MIB)) + stream.flush(zlib.Z_FULL_FLUSH)
    return first + piece * (count // MIB) + stream.flush()


def zeros(begin: bytes, count: int) -> bytes:
    """Return a gzip file of some bytes and then so many zeros."""
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + deflated(begin, count) + bytes(8)


def images(make: Callable[[], bytes], labels: Callable[[], bytes] | None = None) -> Generator:
    """Return the writer of a folder of images, and of labels for four of them."""

    def write(path: Path) -> None:
        path.mkdir()
        (path / IMAGES).write_bytes(make())
        (path / LABELS).write_bytes(labels() if labels else idx((4,), b"\0\1\0\1"))

    return write


def good() -> bytes:
    """Return the file of four good images."""
    return idx((4, 2, 3), bytes(range(24)))


HEADERS = {
    "four bytes": lambda: bytes([0, 0, 8, 3]),
    "a header cut short": lambda: good()[:9],
    "one byte short": lambda: good()[:-1],
    "one byte long": lambda: good() + b"\0",
    "2^31 - 1 in every dimension": lambda: idx((2**31 - 1,) * 3),
    "2^31 - 1 in four dimensions": lambda: idx((2**31 - 1,) * 4),
    "2^32 - 1 images": lambda: idx((2**32 - 1, 2, 3), bytes(24)),
    "minus four by minus six": lambda: idx((2**32 - 4, 2**32 - 6, 1), bytes(24)),
    "sizes that wrap to nothing": lambda: idx((2**16, 2**16, 2**16, 2**16)),
    "sizes that wrap to 24": lambda: idx((2**31 - 1, 2**31 - 1, 24), bytes(24)),
    "no images of 2^31 - 1 rows": lambda: idx((0, 2**31 - 1, 2**31 - 1)),
    "images of no size": lambda: idx((4, 0, 0)),
    "255 dimensions": lambda: idx((1,) * 255, b"\0", dimensions=255),
    "no dimension": lambda: idx((), b"\0"),
    "doubles": lambda: idx((4, 2, 3), bytes(192), kind=0x0E),
    "an unknown type": lambda: idx((4, 2, 3), bytes(24), kind=0x0A),
    "labels for images": lambda: idx((4,), b"\0\1\0\1"),
}
GZIP = {
    "a bomb of 1,000 to 1": lambda: zeros(good(), 2**28),
    "a bomb whose header asks for it": lambda: zeros(idx((2**21 - 1, 32, 32)), 2**31 - 2**10),
    "a bomb of a gigabyte whose header asks for it": lambda: zeros(idx((2**20, 32, 32)), 2**30),
    "a gzip within a gzip": lambda: gzip.compress(gzip.compress(good())),
    "a gzip whose header asks for more": lambda: gzip.compress(idx((2**20, 32, 32), bytes(24))),
    "a gzip of two members": lambda: gzip.compress(good()) + gzip.compress(good()),
    "a gzip with something after it": lambda: gzip.compress(good()) + bytes(64),
    "a gzip cut short": lambda: gzip.compress(good())[:-9],
    "a gzip with a wrong checksum": lambda: gzip.compress(good())[:-8] + bytes(8),
    "a gzip with a name of a megabyte": lambda: (
        b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * MIB + gzip.compress(good())[10:]
    ),
    "a gzip header only": lambda: gzip.compress(b"")[:10],
}


def _a_sparse_file_of_two_gigabytes(path: Path) -> None:
    size = 2**31 - 2**10
    images(lambda: idx((size // 2**10 - 1, 32, 32)))(path)
    with (path / IMAGES).open("r+b") as file:
        file.truncate(16 + (size // 2**10 - 1) * 2**10)


def _a_sparse_file_of_three_gigabytes(path: Path) -> None:
    images(good)(path)
    with (path / IMAGES).open("r+b") as file:
        file.truncate(3 * 2**30)


def _labels_that_are_a_pipe(path: Path) -> None:
    images(good)(path)
    (path / LABELS).unlink()
    os.mkfifo(path / LABELS)


def _labels_that_are_a_device_without_end(path: Path) -> None:
    images(good)(path)
    (path / LABELS).unlink()
    (path / LABELS).symlink_to("/dev/zero")


def _no_labels(path: Path) -> None:
    images(good)(path)
    (path / LABELS).unlink()


ATTACKS = [
    *(Attack(name, "", "data", images(make)) for name, make in (HEADERS | GZIP).items()),
    Attack("a bomb of labels", "", "data", images(good, lambda: zeros(idx((4,)), 2**28))),
    Attack("2^32 - 1 labels", "", "data", images(good, lambda: idx((2**32 - 1,)))),
    Attack("images for labels", "", "data", images(good, good)),
    Attack("a label too few", "", "data", images(good, lambda: idx((3,), b"\0\1\0"))),
    *named(
        "",
        "data",
        _a_sparse_file_of_two_gigabytes,
        _a_sparse_file_of_three_gigabytes,
        _labels_that_are_a_pipe,
        _labels_that_are_a_device_without_end,
        _no_labels,
    ),
]
